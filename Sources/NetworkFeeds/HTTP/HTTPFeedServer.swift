// SPDX-License-Identifier: Apache-2.0
// Exercised by HTTPFeedTests.

internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Live
internal import Logging
internal import NIOCore

/// An HTTP server that events are posted to.
final class HTTPFeedServer: OpenFeed {
    /// Connections beyond those that are served, and are told so; more wait for them.
    private static let refusalCap = 1024
    private static let backlog = 1024
    /// How long it waits before it listens again where the system would not let it.
    private static let restartSpan = Duration.seconds(1)

    private enum Phase {
        case starting
        case listening(any Channel, address: String)
        case failed(any Error)
        case closed
    }

    let address: String
    private let connections: HTTPConnections
    private let phase: Guarded<Phase>

    init(
        _ options: HTTPFeedOptions, _ inlet: FeedInlet, _ group: any EventLoopGroup
    ) throws(StateError) {
        let token: BearerToken? =
            if let token = options.token { try BearerToken(token) } else { nil }
        let cap = inlet.configuration.descriptorCap
        var options = options
        options.maxConnectionCount = DescriptorShares.served(options.maxConnectionCount, of: cap)
        let openCap = min(options.maxConnectionCount + HTTPFeedServer.refusalCap, cap)
        let connections = HTTPConnections(options, inlet.counters)
        let phase = Guarded(Phase.starting)
        let server = try HTTPFeedServer.builder(connections)
        let responder = HTTPFeedResponder(connections: connections, inlet: inlet, token: token)
        let logger = Logger(label: "http") { _ in FeedLogHandler(inlet) }
        /// Where it listens again is where it listened.
        @Sendable func application(_ listen: ListenAddress) -> Application<HTTPFeedResponder> {
            Application(
                responder: responder, server: server,
                configuration: ApplicationConfiguration(
                    address: .hostname(listen.host, port: listen.port),
                    backlog: HTTPFeedServer.backlog,
                    availableConnectionsDelegate: .maximum(openCap, logger: logger)),
                onServerRunning: { channel in
                    let text = channel.localAddress?.listenText ?? ""
                    phase.with { phase in
                        if case .closed = phase {
                            channel.close(promise: nil)
                        } else {
                            phase = .listening(channel, address: text)
                        }
                    }
                }, eventLoopGroupProvider: .shared(group), logger: logger)
        }
        Task {
            await HTTPFeedServer.run(options.listen, phase, inlet, application)
        }
        self.connections = connections
        self.phase = phase
        let outcome: Result<String, any Error>? = phase.wait(upTo: nil) { phase in
            switch phase {
            case .starting: nil
            case .listening(_, let address): .success(address)
            case .failed(let error): .failure(error)
            case .closed: .failure(CancellationError())
            }
        }
        switch outcome {
        case .success(let address): self.address = address
        case .failure(let error): throw StateError(error, listeningOn: options.listen)
        case nil: throw StateError(CancellationError(), listeningOn: options.listen)
        }
    }

    /// Runs the server until it is closed; where the system ends it, for want of sockets, say, it
    /// begins again.
    private static func run(
        _ listen: ListenAddress, _ phase: Guarded<Phase>, _ inlet: FeedInlet,
        _ application: @Sendable (ListenAddress) -> Application<HTTPFeedResponder>
    ) async {
        var listen = listen
        while true {
            var problem = "it ended by itself"
            do {
                try await application(listen).run()
            } catch {
                problem = "\(error)"
                let isBeginning = phase.with { phase in
                    guard case .starting = phase else { return false }
                    phase = .failed(error)
                    return true
                }
                if isBeginning { return }
            }
            let address: String? = phase.with { phase in
                if case .listening(_, let address) = phase { return address }
                return nil
            }
            guard let address else { return }
            listen = ListenAddress(address) ?? listen
            inlet.write(.error, "the server ended (\(problem)) and is started again")
            try? await Task.sleep(for: HTTPFeedServer.restartSpan)
            let isClosed = phase.with { phase in
                if case .closed = phase { return true }
                return false
            }
            if isClosed { return }
        }
    }

    private static func builder(
        _ connections: HTTPConnections
    ) throws(StateError) -> HTTPServerBuilder {
        let server = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [HTTPConnectionGuard(connections)]))
        guard let files = connections.options.tls else { return server }
        _ = try ServerTLS.context(files)
        let configuration = try ServerTLS.configuration(files)
        do {
            return try .tls(server, tlsConfiguration: configuration)
        } catch {
            throw .unusable(path: files.certificate, reason: "\(error)")
        }
    }

    func close() {
        let channel: (any Channel)? = phase.with { phase in
            defer { phase = .closed }
            if case .listening(let channel, _) = phase { return channel }
            return nil
        }
        // Nothing that comes from now on is taken; what was taken is answered.
        connections.close()
        try? channel?.close().wait()
    }
}

/// Has what goes wrong in the server's own machinery be in the log.
private struct FeedLogHandler: LogHandler {
    private let inlet: FeedInlet
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.error

    init(_ inlet: FeedInlet) { self.inlet = inlet }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { inlet.write(.error, "\(event.message)") }
}
