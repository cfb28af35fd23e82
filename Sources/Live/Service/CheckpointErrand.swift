// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

/// A checkpoint that is made on a thread of its own, while the loop goes on.
final class CheckpointErrand: Sendable {
    enum Outcome: Sendable {
        /// It is there, with so many bytes.
        case written(Int)
        case failed(StateError)
        /// Nobody waited for it.
        case cancelled
    }

    let mark: CheckpointMark
    /// By a clock that nobody sets.
    let begunAt: Int64
    private let progress: Guarded<(outcome: Outcome?, isCancelled: Bool)>
    private let thread: WorkerThread

    /// - Parameter done: is called on the errand's thread at its end.
    /// - Throws: where there is no thread for it.
    init(
        _ mark: CheckpointMark, _ maker: CheckpointMaker, begunAt: Int64,
        done: @escaping @Sendable () -> Void
    ) throws(StateError) {
        self.mark = mark
        self.begunAt = begunAt
        let progress = Guarded<(outcome: Outcome?, isCancelled: Bool)>((nil, false))
        self.progress = progress
        thread = try WorkerThread {
            WorkerThread.stepBack()
            let outcome = CheckpointErrand.make(mark, maker) { progress.with { $0.isCancelled } }
            progress.with { $0.outcome = outcome }
            done()
        }
    }

    private static func make(
        _ mark: CheckpointMark, _ maker: CheckpointMaker, isCancelled: () -> Bool
    ) -> Outcome {
        do throws(StateError) {
            var checkpoint = try maker.begin(mark)
            var isWhole = false
            while !isWhole {
                if isCancelled() { return .cancelled }
                isWhole = try checkpoint.step()
            }
            return .written(try checkpoint.finish())
        } catch {
            return .failed(error)
        }
    }

    /// What came of it; nil: it is under way.
    var outcome: Outcome? { progress.with { $0.outcome } }

    func cancel() { progress.with { $0.isCancelled = true } }

    /// Waits for its end. Once only.
    func join() { thread.join() }
}
