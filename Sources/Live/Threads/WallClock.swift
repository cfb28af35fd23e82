// SPDX-License-Identifier: Apache-2.0

package import EventModel
internal import Glibc

/// What time it is outside, for those who bring it in: the pipeline itself reads no clock.
package protocol WallClock: Sendable {
    /// The wall clock's.
    var now: StreamTime { get }
    /// Nanoseconds of a clock that nobody sets.
    var nanoseconds: Int64 { get }
}

/// The machine's clocks.
package struct SystemClock: WallClock {
    package init() {}

    package var now: StreamTime { StreamTime(nanoseconds: SystemClock.read(CLOCK_REALTIME)) }
    package var nanoseconds: Int64 { SystemClock.read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // SAFETY: `time` is valid for the call, which fills it.
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
