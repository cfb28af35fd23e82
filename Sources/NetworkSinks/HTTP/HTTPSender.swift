// SPDX-License-Identifier: Apache-2.0
// Exercised by WebhookSinkTests.

internal import AsyncHTTPClient
internal import EventModel
internal import Live
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// A request with a body.
struct HTTPMessage {
    var url: String
    var method = "POST"
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]
}

/// What came of a request.
enum HTTPReply {
    case answered(status: Int, retryAfter: String?, text: String)
    case failed(String)

    fileprivate func hiding(_ secrets: SecretEchoes) -> HTTPReply {
        guard case .answered(let status, let retryAfter, let text) = self else { return self }
        return .answered(status: status, retryAfter: retryAfter, text: secrets.hidden(in: text))
    }
}

/// Sends requests one at a time, from a thread that waits for the answer.
final class HTTPSender: Sendable {
    /// How often it is asked whether to leave off.
    private static let lookSpan: Int64 = 50_000_000
    /// Bytes of an answer that are kept.
    static let textCap = 300

    private let timeout: TimeSpan
    private let trustPath: String?
    private let secrets: SecretEchoes
    private let client = Guarded<HTTPClient?>(nil)

    /// - Parameter secrets: what an answer is not to repeat.
    init(timeout: TimeSpan, trustPath: String?, secrets: SecretEchoes) {
        self.timeout = timeout
        self.trustPath = trustPath
        self.secrets = secrets
    }

    func send(_ message: HTTPMessage, until interruption: Interruption) -> HTTPReply {
        let request: HTTPClient.Request
        do {
            request = try HTTPClient.Request(
                url: message.url, method: .init(rawValue: message.method),
                headers: HTTPHeaders(message.headers.map { ($0.name, $0.value) }),
                body: .bytes(message.body))
        } catch {
            return .failed("the address cannot be used: \(HTTPSender.reason(error, timeout, "it"))")
        }
        let reply = Guarded<HTTPReply?>(nil)
        let (timeout, host) = (timeout, request.host)
        let task = open().execute(
            request: request, delegate: ReplyCollector(),
            deadline: .now() + .nanoseconds(timeout.nanoseconds))
        task.futureResult.whenComplete { result in
            reply.with { kept in
                switch result {
                case .success(let answer): kept = answer
                case .failure(let error): kept = .failed(HTTPSender.reason(error, timeout, host))
                }
            }
        }
        while true {
            if let reply = reply.wait(upTo: HTTPSender.lookSpan, until: { $0 }) {
                return reply.hiding(secrets)
            }
            if interruption.isDue {
                task.cancel()
                return .failed("there was no answer before the end")
            }
        }
    }

    /// Ends its connections.
    func close() {
        let client = client.with { client in
            defer { client = nil }
            return client
        }
        try? client?.syncShutdown()
    }

    private func open() -> HTTPClient {
        client.with { known in
            if let known { return known }
            var configuration = HTTPClient.Configuration(
                redirectConfiguration: .disallow,
                timeout: .init(connect: .nanoseconds(timeout.nanoseconds)))
            // What cannot be reached is reported at once, and tried again by whoever sends.
            configuration.connectionPool.retryConnectionEstablishment = false
            if let trustPath {
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.additionalTrustRoots = [.file(trustPath)]
                configuration.tlsConfiguration = tls
            }
            let client = HTTPClient(
                eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
                configuration: configuration)
            known = client
            return client
        }
    }

    /// What went wrong, without the address: it may be a secret.
    private static func reason(
        _ error: any Error, _ timeout: TimeSpan, _ host: String
    ) -> String {
        switch error {
        case let error as IOError: ConnectionFailure.reason(error, host: host)
        case let error as HTTPClientError: reason(error, timeout)
        case let error as NIOConnectionError: ConnectionFailure.reason(error)
        default: TLSFailureText.reason("\(error)", of: "the receiver's certificate")
        }
    }

    private static func reason(_ error: HTTPClientError, _ timeout: TimeSpan) -> String {
        switch error {
        case .deadlineExceeded, .readTimeout: "no answer within \(timeout)"
        case .connectTimeout: "no connection within \(timeout)"
        case .remoteConnectionClosed: "the connection was closed without an answer"
        case .invalidURL, .emptyHost, .emptyScheme: "it is no URL"
        default: error.shortDescription
        }
    }
}

/// Keeps the head of an answer and the beginning of its text.
private final class ReplyCollector: HTTPClientResponseDelegate {
    private struct Kept {
        var status = 0
        var retryAfter: String?
        var text: [UInt8] = []
    }

    private let kept = Guarded(Kept())

    func didReceiveHead(
        task: HTTPClient.Task<HTTPReply>, _ head: HTTPResponseHead
    ) -> EventLoopFuture<Void> {
        kept.with {
            $0.status = Int(head.status.code)
            $0.retryAfter = head.headers.first(name: "Retry-After")
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(
        task: HTTPClient.Task<HTTPReply>, _ buffer: ByteBuffer
    ) -> EventLoopFuture<Void> {
        kept.with { kept in
            let room = HTTPSender.textCap - kept.text.count
            kept.text += Array(buffer.readableBytesView.prefix(max(room, 0)))
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<HTTPReply>) throws -> HTTPReply {
        kept.with {
            .answered(
                status: $0.status, retryAfter: $0.retryAfter,
                text: String(decoding: $0.text, as: UTF8.self))
        }
    }
}
