// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A thread that works for the shards of a queue until that is closed.
struct ShardThread {
    private let thread: pthread_t

    /// - Parameter preferred: the shard that it works for where it has the choice.
    /// - Returns: nil where the system has no thread left.
    init?(_ queue: ShardQueue, _ shards: [Shard], preferring preferred: Int) {
        let context = unsafe Unmanaged.passRetained(Context(queue, shards, preferred))
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
            return nil
        }
        self.thread = thread
    }

    /// Waits for it to end.
    func join() { pthread_join(thread, nil) }

    private final class Context {
        let queue: ShardQueue
        let shards: [Shard]
        let preferred: Int

        init(_ queue: ShardQueue, _ shards: [Shard], _ preferred: Int) {
            self.queue = queue
            self.shards = shards
            self.preferred = preferred
        }

        func run() {
            while let task = queue.claim(preferring: preferred) {
                shards[task.shard].apply(task.batch, isAlone: false)
                queue.finish(task)
            }
        }
    }
}
