// SPDX-License-Identifier: Apache-2.0

internal import Engine
internal import Glibc

/// An engine over some key groups, which may have a thread of its own.
// SAFETY: `@unchecked Sendable` because the engine is its thread's while a batch is on its way,
// and otherwise the reader's: ShardedEngine waits before it touches it.
final class Shard: @unchecked Sendable {
    let number: Int
    var engine: RuleEngine
    private var thread: pthread_t?

    init(_ number: Int, _ engine: consuming RuleEngine) {
        self.number = number
        self.engine = engine
    }

    /// Works a batch in on the calling thread.
    func apply(_ job: BatchInFlight, isAlone: Bool) {
        if isAlone {
            engine.apply(job.batch)
        } else {
            engine.apply(job.batch, groups: job.groups)
        }
        engine.drain(into: &job.outputs[number].matches)
        job.outputs[number].settled = engine.settled
    }

    /// Starts a thread that takes batches from `queue` until that is closed.
    ///
    /// - Returns: false where the system has no thread left.
    func start(_ queue: ShardQueue) -> Bool {
        let context = unsafe Unmanaged.passRetained(Context(self, queue))
        var thread = pthread_t()
        // SAFETY: the context is retained for the thread, which takes it over.
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                let context = unsafe Unmanaged<Context>.fromOpaque(context!).takeRetainedValue()
                context.run()
                return nil
            }, context.toOpaque())
        guard result == 0 else {
            unsafe context.release()
            return false
        }
        self.thread = thread
        return true
    }

    /// Waits for the thread to end.
    func join() {
        // Each is started once and joined once.
        if let thread { pthread_join(thread, nil) }
        thread = nil
    }

    private final class Context {
        let shard: Shard
        let queue: ShardQueue

        init(_ shard: Shard, _ queue: ShardQueue) {
            self.shard = shard
            self.queue = queue
        }

        func run() {
            while let job = queue.next(for: shard.number) {
                shard.apply(job, isAlone: false)
                queue.finish(shard.number)
            }
        }
    }
}
