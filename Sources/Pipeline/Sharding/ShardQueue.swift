// SPDX-License-Identifier: Apache-2.0
// Exercised by ShardedEngineTests.

internal import Glibc

/// Hands batches from one reader to all shards, in order, and tells the reader when they are done.
///
/// Any thread may work for any shard, one at a time: so the reader helps out when it is ahead, and
/// as many threads as there are cores keep all of them busy. Whoever has nothing to do sleeps.
// SAFETY: `@unchecked Sendable` because everything that changes is touched under `mutex` alone.
@safe
final class ShardQueue: @unchecked Sendable {
    // SAFETY: both live as long as the queue and never move.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let work: UnsafeMutablePointer<pthread_cond_t>
    private let progress: UnsafeMutablePointer<pthread_cond_t>

    /// Batch n waits at n modulo the number of places.
    private var places: [BatchInFlight?]
    private var submitted = 0
    /// By shard: how many batches it has done.
    private var done: [Int]
    /// By shard: whether a thread works for it.
    private var isClaimed: [Bool]
    private var isClosed = false

    init(placeCount: Int, shardCount: Int) {
        places = Array(repeating: nil, count: placeCount)
        done = Array(repeating: 0, count: shardCount)
        isClaimed = Array(repeating: false, count: shardCount)
        // SAFETY: room for one each, initialized before use; nil asks for the usual attributes.
        unsafe mutex = .allocate(capacity: 1)
        unsafe work = .allocate(capacity: 1)
        unsafe progress = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(work, nil)
        unsafe pthread_cond_init(progress, nil)
    }

    deinit {
        // SAFETY: no thread waits any more: each holds a reference while it runs.
        unsafe pthread_cond_destroy(progress)
        unsafe pthread_cond_destroy(work)
        unsafe pthread_mutex_destroy(mutex)
        unsafe progress.deallocate()
        unsafe work.deallocate()
        unsafe mutex.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        // SAFETY: the mutex is initialized, and unlocked by whoever locked it.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// The part of one shard in one batch.
    struct Task {
        let batch: BatchInFlight
        let shard: Int
    }

    // MARK: The reader

    /// Hands a batch to the shards.
    ///
    /// - Precondition: fewer batches are on their way than there are places.
    func submit(_ batch: BatchInFlight) {
        locked {
            precondition(submitted - firstUndone < places.count, "there is a place for the batch")
            places[submitted % places.count] = batch
            submitted += 1
            // SAFETY: the condition is initialized and used with this mutex only.
            unsafe pthread_cond_broadcast(work)
        }
    }

    /// Whether all shards have done the batch with this number, from 0.
    func isDone(_ number: Int) -> Bool { locked { firstUndone > number } }

    /// Something to do until the batch with this number is done, waiting where others do what is
    /// left; nil: it is done.
    func claim(untilDone number: Int) -> Task? {
        locked {
            while firstUndone <= number {
                if let task = claimNow(preferring: -1) { return task }
                // SAFETY: the mutex is held.
                unsafe pthread_cond_wait(progress, mutex)
            }
            return nil
        }
    }

    private var firstUndone: Int { done.min() ?? submitted }

    /// Lets the other threads go home once everything that was submitted is done.
    func close() {
        locked {
            isClosed = true
            // SAFETY: as in `submit`.
            unsafe pthread_cond_broadcast(work)
        }
    }

    // MARK: All threads

    /// Something to do, waiting for it; nil: there will be nothing more.
    ///
    /// - Parameter shard: the one that the thread did last, whose state is nearest to it.
    func claim(preferring shard: Int) -> Task? {
        locked {
            while true {
                if let task = claimNow(preferring: shard) { return task }
                if isClosed { return nil }
                // SAFETY: the mutex is held.
                unsafe pthread_cond_wait(work, mutex)
            }
        }
    }

    /// The next batch of the shard that is furthest behind, among those that nobody works for; of
    /// those that are equally far, of the one preferred.
    private func claimNow(preferring preferred: Int) -> Task? {
        var best = -1
        for shard in done.indices where !isClaimed[shard] && done[shard] < submitted {
            if best < 0 || done[shard] < done[best]
                || (shard == preferred && done[shard] == done[best])
            {
                best = shard
            }
        }
        guard best >= 0, let batch = places[done[best] % places.count] else { return nil }
        isClaimed[best] = true
        return Task(batch: batch, shard: best)
    }

    /// Takes note that a task is done.
    func finish(_ task: Task) {
        locked {
            let before = firstUndone
            done[task.shard] += 1
            isClaimed[task.shard] = false
            // SAFETY: as in `submit`.
            if done[task.shard] < submitted { unsafe pthread_cond_signal(work) }
            // The reader may wait for the batch, or for something to do.
            unsafe pthread_cond_signal(progress)
            if firstUndone > before { places[before % places.count] = nil }
        }
    }
}
