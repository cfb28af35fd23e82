// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

/// How others look into a running service, from any thread: what it last told of itself, and
/// requests that its loop takes up between two batches.
///
/// The loop never waits for anybody here, and there are at most so many requests as
/// `LiveControl.requestCap`, so nobody who asks can hold it up for long.
package final class LiveControl: Sendable {
    /// Requests that may wait at once.
    package static let requestCap = 16

    package enum Phase: String, CaseIterable, Sendable {
        /// It goes on from its state folder, and takes nothing yet.
        case starting
        case running
        /// It takes nothing more, and finishes what it has.
        case draining
        case ended
    }

    /// Why a request came to nothing.
    package enum Refusal: Error, Hashable, Sendable {
        /// The service is not running.
        case notRunning
        /// As many requests as may wait are waiting.
        case busy
        /// The loop did not come to it in time.
        case tooLate
        case failed(StateError)
    }

    /// A request that waits.
    struct Request: Sendable {
        enum Wish: Sendable {
            case look(@Sendable (borrowing LiveNode) -> Void)
            case checkpoint(@Sendable (CheckpointStatus) -> Void)
        }

        var deadline: Int64
        var wish: Wish
        var refuse: @Sendable (Refusal) -> Void
    }

    private struct State {
        var phase = Phase.starting
        var status: LiveStatus?
        /// When that was told, by the clock that nobody sets.
        var toldAt: Int64 = 0
        var requests: [Request] = []
        var waitsForRoom = false
    }

    private let state = Guarded(State())
    package let clock: any WallClock
    private let wake: @Sendable () -> Void
    /// Decoded events, for those who want to look at them.
    package let tap = EventTap()

    /// - Parameter wake: has the loop look for requests.
    package init(clock: any WallClock, wake: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.wake = wake
    }

    // MARK: For those who look in

    package var phase: Phase { state.with { $0.phase } }
    /// What the loop last told; nil: it has told nothing yet.
    package var status: LiveStatus? { state.with { $0.status } }
    /// For how long the loop has told nothing, in nanoseconds; nil: it has told nothing yet.
    package var silence: Int64? {
        let now = clock.nanoseconds
        return state.with { $0.status == nil ? nil : now - $0.toldAt }
    }
    /// Whether the disk is full, and records are not accepted until it is not.
    package var waitsForRoom: Bool { state.with { $0.waitsForRoom } }
    /// Whether it takes what comes.
    package var isReady: Bool { state.with { $0.phase == .running && !$0.waitsForRoom } }

    /// What `body` finds in the node, between two batches.
    package func look<Result: Sendable>(
        waitingUpTo span: Int64 = 5_000_000_000,
        _ body: @escaping @Sendable (borrowing LiveNode) -> Result
    ) async throws(Refusal) -> Result {
        try await request(waitingUpTo: span) { finish in
            .look { node in finish(body(node)) }
        }
    }

    /// Writes a checkpoint now.
    package func checkpoint(
        waitingUpTo span: Int64 = 60_000_000_000
    ) async throws(Refusal) -> CheckpointStatus {
        try await request(waitingUpTo: span) { finish in .checkpoint(finish) }
    }

    private func request<Answer: Sendable>(
        waitingUpTo span: Int64,
        _ wish: (_ finish: @escaping @Sendable (Answer) -> Void) -> Request.Wish
    ) async throws(Refusal) -> Answer {
        let deadline = clock.nanoseconds + span
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Answer, Refusal>, Never>) in
            // A request leaves the list once, and whoever takes it off answers it.
            add(
                Request(
                    deadline: deadline, wish: wish { continuation.resume(returning: .success($0)) },
                    refuse: { continuation.resume(returning: .failure($0)) }))
        }
        return try result.get()
    }

    private func add(_ request: Request) {
        let refusal: Refusal? = state.with { state in
            guard state.phase == .running else { return .notRunning }
            guard state.requests.count < LiveControl.requestCap else { return .busy }
            state.requests.append(request)
            return nil
        }
        if let refusal { request.refuse(refusal) } else { wake() }
    }

    /// Refuses the requests whose time is over: to be called now and then by whoever asks.
    package func expireRequests() {
        let now = clock.nanoseconds
        let expired = state.with { state in
            let expired = state.requests.filter { $0.deadline <= now }
            state.requests.removeAll { $0.deadline <= now }
            return expired
        }
        for request in expired { request.refuse(.tooLate) }
    }

    // MARK: For the service

    func publish(_ status: LiveStatus) {
        let now = clock.nanoseconds
        state.with { ($0.status, $0.toldAt) = (status, now) }
    }

    func setWaitsForRoom(_ waits: Bool) {
        state.with { if $0.waitsForRoom != waits { $0.waitsForRoom = waits } }
    }

    /// Goes on to a later phase.
    func enter(_ phase: Phase) {
        let refused = state.with { state -> [Request] in
            if state.phase != .ended { state.phase = phase }
            guard phase == .ended else { return [] }
            defer { state.requests = [] }
            return state.requests
        }
        for request in refused { request.refuse(.notRunning) }
    }

    /// Takes off the requests that wait; each has to be answered.
    func takeRequests() -> [Request] {
        state.with { state in
            defer { if !state.requests.isEmpty { state.requests = [] } }
            return state.requests
        }
    }
}
