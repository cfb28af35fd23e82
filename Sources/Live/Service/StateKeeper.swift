// SPDX-License-Identifier: Apache-2.0
// Exercised by RetentionTests.

internal import EventModel

/// Keeps the state folder from growing, on a thread of its own.
final class StateKeeper: Sendable {
    /// How often it looks, and the pause between two steps: whoever stores alerts comes first.
    private static let lookSpan: Int64 = 1_000_000_000
    private static let pause: Int64 = 5_000_000

    private struct State {
        var figures = RetentionFigures()
        var isOver = false
    }

    private let state = Guarded(State())
    private let options: RetentionOptions
    private let clock: any WallClock
    private let log: LiveLog

    init(_ options: RetentionOptions, _ clock: any WallClock, _ log: LiveLog) {
        self.options = options
        self.clock = clock
        self.log = log
    }

    var figures: RetentionFigures { state.with { $0.figures } }

    func close() { state.with { $0.isOver = true } }

    /// Works until it is closed.
    func run(_ begin: () throws(StateError) -> Retention) {
        var retention: Retention?
        var problem: StateError?
        var wait: Int64 = 0
        while !isOver(waitingUpTo: wait) {
            do throws(StateError) {
                if retention == nil { retention = try begin() }
                let isMore = try retention?.step(at: clock.now) ?? false
                if let figures = retention?.figures { take(figures, isMore: isMore) }
                wait = isMore ? StateKeeper.pause : StateKeeper.lookSpan
                problem = nil
            } catch {
                // What is full or broken is told of once; there may be room later.
                if problem != error { log.write(.warning, "nothing is removed: \(error)") }
                problem = error
                wait = StateKeeper.lookSpan
            }
        }
    }

    private func isOver(waitingUpTo limit: Int64) -> Bool {
        state.wait(upTo: limit) { $0.isOver ? true : nil } ?? false
    }

    private func take(_ figures: RetentionFigures, isMore: Bool) {
        let before = state.with { state in
            defer { state.figures = figures }
            return state.figures
        }
        if before.removedForRoom == 0, figures.removedForRoom > 0 {
            log.write(
                .warning,
                "alerts take more than `keep_alerts_size`: the oldest are removed, and counted")
        }
        if before.removedLetters == 0, figures.removedLetters > 0 {
            log.write(
                .warning,
                "the oldest dead letters are removed, and counted: there are more than "
                    + "`keep_dead_letters` files of them")
        }
    }
}
