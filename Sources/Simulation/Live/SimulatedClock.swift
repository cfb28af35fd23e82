// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Live

/// A clock that goes on when it is told to, and never back.
// SAFETY: `@unchecked Sendable`: a simulation has one thread.
@safe
final class SimulatedClock: WallClock, @unchecked Sendable {
    private(set) var now: StreamTime

    init(at time: StreamTime) { now = time }

    var nanoseconds: Int64 { now.nanoseconds }

    func advance(to time: StreamTime) { now = max(now, time) }
    func advance(toNanoseconds time: Int64) { advance(to: StreamTime(nanoseconds: time)) }
}
