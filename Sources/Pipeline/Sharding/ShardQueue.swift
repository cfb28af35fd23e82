// SPDX-License-Identifier: Apache-2.0
// Exercised by ShardedEngineTests.

internal import Glibc

/// Hands batches from one reader to all shards, in order, and tells the reader when they are done.
///
/// Whoever has nothing to do sleeps; nobody spins.
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
    private var isClosed = false

    init(placeCount: Int, shardCount: Int) {
        places = Array(repeating: nil, count: placeCount)
        done = Array(repeating: 0, count: shardCount)
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

    /// Waits until all shards have done the batch with this number, from 0, or until the queue is
    /// closed; false: `waits` is false, and they have not.
    func isDone(_ number: Int, waits: Bool) -> Bool {
        locked {
            while waits, firstUndone <= number {
                // SAFETY: the mutex is held.
                unsafe pthread_cond_wait(progress, mutex)
            }
            return firstUndone > number
        }
    }

    private var firstUndone: Int { done.min() ?? submitted }

    /// Lets the shards go home once they have done what was submitted.
    func close() {
        locked {
            isClosed = true
            // SAFETY: as in `submit`.
            unsafe pthread_cond_broadcast(work)
        }
    }

    // MARK: A shard

    /// The next batch for `shard`, waiting for it; nil: there are no more.
    func next(for shard: Int) -> BatchInFlight? {
        locked {
            while done[shard] == submitted {
                if isClosed { return nil }
                // SAFETY: the mutex is held.
                unsafe pthread_cond_wait(work, mutex)
            }
            return places[done[shard] % places.count]
        }
    }

    /// Takes note that `shard` has done its part of the batch that it was given last.
    func finish(_ shard: Int) {
        locked {
            let before = firstUndone
            done[shard] += 1
            if firstUndone == before { return }
            places[before % places.count] = nil
            // SAFETY: as in `submit`.
            unsafe pthread_cond_signal(progress)
        }
    }
}
