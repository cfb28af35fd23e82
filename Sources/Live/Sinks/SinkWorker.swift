// SPDX-License-Identifier: Apache-2.0
// Exercised by SinkWorkerTests.

/// Takes alerts from the store to one sink, at the sink's own pace: one that is stuck holds up
/// nobody, and what waits for it waits in the store.
final class SinkWorker: Sendable {
    /// Alerts that are sent at once.
    static let batchCount = 1000
    /// How often it is written down how far the sink has come.
    static let settleSpan: Int64 = 1_000_000_000
    private static let firstDelay: Int64 = 100_000_000
    private static let longestDelay: Int64 = 30_000_000_000

    private struct State {
        /// One more than the last alert that is in the store.
        var availableNumber: Int64
        var isStopping = false
    }

    let name: String
    private let sink: any AlertSink
    private let store: any AlertStore
    private let clock: any WallClock
    private let log: LiveLog
    private let state: Guarded<State>

    init(
        _ name: String, _ sink: any AlertSink, store: any AlertStore, clock: any WallClock,
        log: LiveLog
    ) {
        self.name = name
        self.sink = sink
        self.store = store
        self.clock = clock
        self.log = log
        state = Guarded(State(availableNumber: 0))
    }

    /// Says up to which number alerts are there.
    func announce(upTo nextNumber: Int64) {
        state.with { $0.availableNumber = max($0.availableNumber, nextNumber) }
    }

    /// Has the worker come to its end once everything is sent, or cannot be.
    func stop() { state.with { $0.isStopping = true } }

    /// Works until it is stopped.
    func run(from first: Int64) {
        var next = first
        var delay = SinkWorker.firstDelay
        var settled = first
        var settledAt = clock.nanoseconds
        while true {
            let isDue = next > settled
            let wait = isDue ? settledAt + SinkWorker.settleSpan - clock.nanoseconds : nil
            let (available, isStopping) =
                state.wait(upTo: wait) { state in
                    state.availableNumber > next || state.isStopping
                        ? (state.availableNumber, state.isStopping) : nil
                } ?? (next, false)
            do throws(StateError) {
                if available > next {
                    let alerts = try store.alerts(from: next, limit: SinkWorker.batchCount)
                    try sink.send(alerts)
                    next = alerts.last.map { $0.number + 1 } ?? available
                    delay = SinkWorker.firstDelay
                }
                let isIdle = available <= next
                let isTime = clock.nanoseconds - settledAt >= SinkWorker.settleSpan
                if next > settled, isTime || (isStopping && isIdle) {
                    let cursor = try sink.settle()
                    try store.setCursor(cursor, of: name)
                    settled = next
                    settledAt = clock.nanoseconds
                }
                if isStopping, isIdle { break }
            } catch {
                log.write(.error, "sink `\(name)`: \(error)")
                if isStopping { break }
                _ = state.wait(upTo: delay) { $0.isStopping ? true : nil }
                delay = min(delay * 2, SinkWorker.longestDelay)
            }
            if let problem = sink.takeProblem() {
                log.write(.warning, "sink `\(name)`: \(problem)")
            }
        }
    }
}
