// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests.

internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
package import Live
package import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// How the admin server is run.
package struct AdminOptions: Sendable {
    package var listen: ListenAddress
    package var token: String?
    /// Files of PEM; nil: callers need no TLS.
    package var certificate: (chain: String, key: String)?
    /// Nanoseconds that a request may take to come, and that an answer may wait to be taken.
    package var requestSpan: Int64 = 10_000_000_000
    /// Connections that are served at once; some more are told that they are too many.
    package var connectionCap = 256
    /// Sockets that it may have open at once.
    package var descriptorCap = Int.max

    package init(listen: ListenAddress) { self.listen = listen }
}

/// What keeps the admin server from running.
package struct AdminError: Error, CustomStringConvertible {
    package var description: String
}

/// The admin server: HTTP on threads of its own, beside a service that knows nothing of it.
package final class AdminServer: Sendable {
    /// Connections for each that is served; more wait until one is closed.
    private static let waitingFactor = 4
    private static let restartSpan = Duration.seconds(1)

    private let task: Task<Void, Never>
    private let connections: OpenConnections
    private let broadcaster: Task<Void, Never>
    private let services: AdminServices
    /// Where it listens; with the port that it was given where any would do.
    package let address: ListenAddress

    private init(
        _ address: ListenAddress, _ task: Task<Void, Never>, _ connections: OpenConnections,
        _ services: AdminServices
    ) {
        self.address = address
        self.task = task
        self.connections = connections
        self.services = services
        broadcaster = Task {
            var broadcaster = Broadcaster(services)
            await broadcaster.run()
        }
    }

    /// Starts it, and comes back when it listens.
    package static func start(
        _ options: AdminOptions, _ services: AdminServices, log: Logger
    ) async throws(AdminError) -> AdminServer {
        let waiter = Waiter()
        let connections = OpenConnections(
            cap: DescriptorShares.served(options.connectionCap, of: options.descriptorCap))
        services.connections = connections
        let responder = AdminResponder(
            routes: AdminRoutes.all,
            access: AdminAccess(listen: options.listen, token: options.token), services: services)
        let builder = try AdminServer.builder(options, connections)
        let port = Mutex(options.listen.port)
        let task = Task {
            // Where the system ends it, for want of sockets, say, it begins again.
            while true {
                let application = Application(
                    responder: responder, server: builder,
                    configuration: configuration(options, port.withLock { $0 }, log),
                    onServerRunning: { channel in
                        connections.listen(on: channel)
                        let known = channel.localAddress?.port ?? options.listen.port
                        port.withLock { $0 = known }
                        waiter.finish(.success(known))
                    }, logger: log)
                var problem = "it ended by itself"
                do {
                    try await application.run()
                } catch let error as IOError {
                    problem = StateError.reason(errno: error.errnoCode)
                } catch {
                    problem = "\(error)"
                }
                if waiter.finish(.failure(AdminError(description: problem))) { return }
                if connections.isClosing { return }
                log.error("the admin server ended (\(problem)) and is started again")
                try? await Task.sleep(for: restartSpan)
                if connections.isClosing { return }
            }
        }
        do throws(AdminError) {
            let port = try await waiter.result()
            return AdminServer(
                ListenAddress(host: options.listen.host, port: port), task, connections, services)
        } catch {
            throw AdminError(
                description: "the admin server cannot listen on \(options.listen): \(error)")
        }
    }

    /// Ends it: connections are closed, whatever they are at.
    package func stop() {
        broadcaster.cancel()
        services.broadcast.end()
        connections.close()
    }

    /// Comes back when it has ended.
    package func end() async {
        stop()
        await task.value
    }

    private static func configuration(
        _ options: AdminOptions, _ port: Int, _ log: Logger
    ) -> ApplicationConfiguration {
        var configuration = ApplicationConfiguration(
            address: .hostname(options.listen.host, port: port))
        configuration.availableConnectionsDelegate = .maximum(
            min(options.connectionCap * waitingFactor, options.descriptorCap), logger: log)
        return configuration
    }

    private static func builder(
        _ options: AdminOptions, _ connections: OpenConnections
    ) throws(AdminError) -> HTTPServerBuilder {
        var spans = ConnectionLimits.Spans()
        spans.request = .nanoseconds(options.requestSpan)
        spans.stall = .nanoseconds(options.requestSpan)
        let limits = spans
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionLimits(limits, connections)],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024,
                    maxHeaderFieldCount: 100)))
        guard let certificate = options.certificate else { return http }
        let tls = try tls(certificate.chain, certificate.key)
        do {
            return try .tls(http, tlsConfiguration: tls)
        } catch {
            throw AdminError(description: "`\(certificate.chain)` cannot be used: \(error)")
        }
    }

    /// - Throws: with the file that is to blame.
    private static func tls(
        _ chainPath: String, _ keyPath: String
    ) throws(AdminError) -> TLSConfiguration {
        func unusable(_ path: String, _ reason: String) -> AdminError {
            AdminError(description: "`\(path)` cannot be used: \(reason)")
        }
        guard let chain = try? NIOSSLCertificate.fromPEMFile(chainPath) else {
            throw unusable(chainPath, "it has no certificates in PEM form")
        }
        guard let key = try? NIOSSLPrivateKey(file: keyPath, format: .pem) else {
            throw unusable(keyPath, "it is no private key in PEM form")
        }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        guard (try? NIOSSLContext(configuration: tls)) != nil else {
            throw unusable(chainPath, "it does not go with the key `\(keyPath)`")
        }
        return tls
    }
}

/// Somebody who waits for what comes first.
private final class Waiter: Sendable {
    private struct State {
        var result: Result<Int, AdminError>?
        var continuation: CheckedContinuation<Result<Int, AdminError>, Never>?
    }

    private let state = Mutex(State())

    /// False: something came before.
    @discardableResult
    func finish(_ result: Result<Int, AdminError>) -> Bool {
        let (isFirst, continuation) = state.withLock { state in
            let isFirst = state.result == nil
            if isFirst { state.result = result }
            defer { state.continuation = nil }
            return (isFirst, state.continuation)
        }
        continuation?.resume(returning: result)
        return isFirst
    }

    func result() async throws(AdminError) -> Int {
        let result = await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.continuation = continuation }
                return state.result
            }
            if let known { continuation.resume(returning: known) }
        }
        return try result.get()
    }
}
