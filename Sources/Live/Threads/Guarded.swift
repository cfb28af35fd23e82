// SPDX-License-Identifier: Apache-2.0
// Exercised by AcceptQueueTests.

internal import Glibc

/// A value that threads share: one at a time, and each may wait until another has changed it.
// SAFETY: `@unchecked Sendable` because the value is touched under the mutex alone.
@safe
package final class Guarded<Value>: @unchecked Sendable {
    // SAFETY: both live as long as the object and never move.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let change: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    package init(_ value: Value) {
        self.value = value
        // SAFETY: room for one each, initialized before use; the condition counts monotonic time.
        unsafe mutex = .allocate(capacity: 1)
        unsafe change = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(change, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        // SAFETY: no thread waits any more: each holds a reference while it does.
        unsafe pthread_cond_destroy(change)
        unsafe pthread_mutex_destroy(mutex)
        unsafe change.deallocate()
        unsafe mutex.deallocate()
    }

    /// Looks at the value, or changes it and wakes up whoever waits.
    package func with<Result>(_ body: (inout Value) -> Result) -> Result {
        // SAFETY: the mutex is initialized, and unlocked by whoever locked it.
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(change)
            unsafe pthread_mutex_unlock(mutex)
        }
        return body(&value)
    }

    /// Waits until `body` gives something, or for as many nanoseconds; nil then.
    ///
    /// - Parameter limit: nil: as long as it takes.
    package func wait<Result>(
        upTo limit: Int64?, until body: (inout Value) -> Result?
    ) -> Result? {
        var end = timespec()
        if let limit {
            // SAFETY: `end` is valid for the call, which fills it.
            unsafe clock_gettime(CLOCK_MONOTONIC, &end)
            let nanoseconds = Int64(end.tv_nsec) + max(limit, 0)
            end.tv_sec += Int(nanoseconds / 1_000_000_000)
            end.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        // SAFETY: the mutex is locked whenever the value is touched and whenever a wait begins.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) {
                unsafe pthread_cond_broadcast(change)
                return result
            }
            let status =
                limit == nil
                ? unsafe pthread_cond_wait(change, mutex)
                : unsafe pthread_cond_timedwait(change, mutex, &end)
            if status == ETIMEDOUT { return body(&value) }
        }
    }
}
