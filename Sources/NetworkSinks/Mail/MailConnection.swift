// SPDX-License-Identifier: Apache-2.0
// Exercised by MailSinkTests.

internal import EventModel
internal import Live
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Why a session ended before its end.
struct MailProblem: Error {
    var reason: String
}

/// A connection to a mail server, for a thread that waits for each answer.
final class MailConnection: Sendable {
    private static let lookSpan: Int64 = 50_000_000

    private struct State {
        var replies: [MailReply] = []
        var reader = MailReplyReader()
        var failure: String?
    }

    private let state: Guarded<State>
    private let channel: any Channel
    /// When everything has to be done, by the clock that nobody sets.
    private let end: Int64
    private let timeout: TimeSpan
    private let interruption: Interruption

    init(
        host: String, port: Int, tls: NIOSSLContext?, timeout: TimeSpan,
        until interruption: Interruption
    ) throws(MailProblem) {
        let state = Guarded(State())
        self.state = state
        self.timeout = timeout
        self.interruption = interruption
        end = SystemClock().nanoseconds + timeout.nanoseconds
        let made = Guarded<Result<any Channel, any Error>?>(nil)
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.nanoseconds(timeout.nanoseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            try MailConnection.handler(tls, host))
                    }
                    try channel.pipeline.syncOperations.addHandler(Handler(state))
                }
            }.connect(host: host, port: port).whenComplete { result in
                made.with { $0 = result }
            }
        let end = end
        let result = MailConnection.wait(for: made, upTo: end, interruption)
        switch result {
        case .success(let channel): self.channel = channel
        case .failure(let error):
            throw MailProblem(reason: MailConnection.reason(error))
        case nil:
            // What comes of it later is not wanted.
            made.with { if case .success(let channel)? = $0 { channel.close(promise: nil) } }
            throw MailProblem(reason: "no connection within \(timeout)")
        }
    }

    private static func handler(
        _ tls: NIOSSLContext, _ host: String
    ) throws -> NIOSSLClientHandler {
        // A certificate for an address is one without a name of a server.
        do {
            return try NIOSSLClientHandler(context: tls, serverHostname: host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            return try NIOSSLClientHandler(context: tls, serverHostname: nil)
        }
    }

    private static func wait<Content>(
        for content: Guarded<Content?>, upTo end: Int64, _ interruption: Interruption
    ) -> Content? {
        while true {
            let left = end - SystemClock().nanoseconds
            if left <= 0 || interruption.isDue { return nil }
            if let found = content.wait(upTo: min(left, lookSpan), until: { $0 }) { return found }
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: return ConnectionFailure.reason(error)
        default: return TLSFailureText.reason("\(error)", of: "the server's certificate")
        }
    }

    /// Its own address, as a server is greeted with.
    var name: String {
        guard let address = channel.localAddress?.ipAddress else { return "localhost" }
        return address.contains(":") ? "[IPv6:\(address)]" : "[\(address)]"
    }

    // MARK: Talking

    /// Waits for the next answer.
    func reply() throws(MailProblem) -> MailReply {
        while true {
            let left = end - SystemClock().nanoseconds
            if left <= 0 { throw MailProblem(reason: "no answer within \(timeout)") }
            if interruption.isDue { throw MailProblem(reason: "no answer before the end") }
            let found = state.wait(upTo: min(left, MailConnection.lookSpan)) {
                state -> Result<MailReply, MailProblem>? in
                if !state.replies.isEmpty { return .success(state.replies.removeFirst()) }
                return state.failure.map { .failure(MailProblem(reason: $0)) }
            }
            switch found {
            case .success(let reply): return reply
            case .failure(let problem): throw problem
            case nil: continue
            }
        }
    }

    func write(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Says a line and waits for the answer.
    func say(_ line: String) throws(MailProblem) -> MailReply {
        write(Array("\(line)\r\n".utf8))
        return try reply()
    }

    /// Encrypts what comes from now on. What has come before the server could know of it is not
    /// believed.
    func encrypt(_ tls: NIOSSLContext, _ host: String) throws(MailProblem) {
        let hasMore = state.with { !$0.replies.isEmpty || $0.reader.isInside }
        if hasMore { throw MailProblem(reason: "the server spoke between STARTTLS and TLS") }
        let done = Guarded<Result<Void, any Error>?>(nil)
        let channel = channel
        channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(
                try MailConnection.handler(tls, host), position: .first)
        }.whenComplete { result in done.with { $0 = result } }
        switch MailConnection.wait(for: done, upTo: end, interruption) {
        case .success: return
        case .failure(let error): throw MailProblem(reason: "\(error)")
        case nil: throw MailProblem(reason: "no answer within \(timeout)")
        }
    }

    func close() { channel.close(promise: nil) }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let state: Guarded<State>

        init(_ state: Guarded<State>) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data).readableBytesView
            state.with { state in
                if let replies = state.reader.take(bytes) {
                    state.replies += replies
                } else {
                    state.failure = state.failure ?? "this is no mail server"
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            state.with { $0.failure = $0.failure ?? "the connection was closed" }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            state.with { $0.failure = $0.failure ?? Handler.reason(error) }
            context.close(promise: nil)
        }

        private static func reason(_ error: any Error) -> String {
            let reason = TLSFailureText.reason("\(error)", of: "the server's certificate")
            if case NIOSSLError.handshakeFailed = error {
                return "there is no trust in the connection: \(reason)"
            }
            return reason
        }
    }
}
