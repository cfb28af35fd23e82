// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

internal import AdminServer
internal import Live
internal import Logging
internal import ServiceLifecycle

/// The parts of `run`, which are started together and end in turn: the pipeline first, while the
/// admin server still tells how it ends, then that, and at last what the service manager is told.
struct RunServices {
    let pipeline: PipelineService
    private let group: ServiceGroup

    init(_ service: LiveService, _ admin: AdminServer?, _ manager: ServiceManager?, log: Logger) {
        pipeline = PipelineService(service)
        var services: [any Service] = []
        if let manager {
            services.append(Supervision(manager: manager, control: service.control))
        }
        if let admin { services.append(AdminService(server: admin)) }
        services.append(pipeline)
        // Signals are taken by the thread that waits for them: see `Termination`.
        group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { service in
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, logger: log))
    }

    /// Has everything end, from any thread.
    var stopper: @Sendable () -> Void {
        let group = group
        return { Task { await group.triggerGracefulShutdown() } }
    }

    /// Works on this thread until the pipeline has ended, and then waits for the others, but not
    /// for long.
    func run() throws(StateError) {
        let group = group
        let isOver = Guarded(false)
        Task {
            // How the pipeline ended is told below.
            try? await group.run()
            isOver.with { $0 = true }
        }
        defer { _ = isOver.wait(upTo: 2_000_000_000) { $0 ? true : nil } }
        try pipeline.work()
    }
}

/// The pipeline: its loop runs on the thread that calls `work`.
final class PipelineService: Service {
    private let service: LiveService
    /// What `run` waits with; nil: it has not come so far.
    private let waiting = Guarded<CheckedContinuation<Void, any Error>?>(nil)

    init(_ service: LiveService) { self.service = service }

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiting.with { $0 = continuation }
            }
        } onGracefulShutdown: { [service] in
            service.stopper()
        }
    }

    func work() throws(StateError) {
        let waiting = waiting.wait(upTo: nil) { $0 }
        do throws(StateError) {
            try service.run()
            waiting?.resume()
        } catch {
            waiting?.resume(throwing: error)
            throw error
        }
    }
}

/// The admin server, which has been started.
private struct AdminService: Service {
    let server: AdminServer

    func run() async throws {
        try? await gracefulShutdown()
        await server.end()
    }
}
