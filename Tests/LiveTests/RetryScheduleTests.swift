// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

@Suite struct RetryScheduleTests {
    private static let second: Int64 = 1_000_000_000

    private var options: DeliveryOptions {
        var options = DeliveryOptions()
        options.breakerFailureCount = 4
        options.probeSpan = TimeSpan(seconds: 30)
        return options
    }

    private func waits(_ count: Int, jitter: Double) -> [Int64] {
        var schedule = RetrySchedule(options)
        return (0..<count).map { _ in schedule.fail(at: 0, asked: nil, jitter: jitter) }
    }

    @Test func eachWaitIsTwiceTheOneBeforeUntilTheReceiverIsDown() {
        let seconds = waits(6, jitter: 1).map { $0 / Self.second }
        #expect(seconds == [1, 2, 4, 30, 30, 30])
        #expect(waits(6, jitter: 0) == waits(6, jitter: 1).map { $0 / 2 })
    }

    @Test func aSuccessBeginsAnew() {
        var schedule = RetrySchedule(options)
        for _ in 0..<4 { _ = schedule.fail(at: 7, asked: nil, jitter: 1) }
        #expect(schedule.isDown)
        #expect(schedule.failingSince == 7)
        schedule.succeed()
        #expect(!schedule.isDown)
        #expect(schedule.fail(at: 9, asked: nil, jitter: 1) == Self.second)
    }

    @Test func aReceiverMayAskForALongerWaitWithinReason() {
        var schedule = RetrySchedule(options)
        #expect(schedule.fail(at: 0, asked: 90 * Self.second, jitter: 0) == 90 * Self.second)
        #expect(schedule.fail(at: 0, asked: 1, jitter: 1) == 2 * Self.second)
        #expect(schedule.fail(at: 0, asked: .max, jitter: 1) == 3600 * Self.second)
    }

    @Test func alertsAgeFromWhenTheyCame() {
        var marks = ArrivalMarks(giveUpAfter: 6400)
        marks.note(before: 5, at: 1000)
        marks.note(before: 7, at: 1050)
        marks.note(before: 9, at: 2000)
        #expect(marks.age(of: 4, at: 3000) == 2000)
        #expect(marks.age(of: 6, at: 3000) == 2000)
        #expect(marks.age(of: 7, at: 3000) == 1000)
        #expect(marks.age(of: 9, at: 3000) == 0)
        marks.drop(before: 7)
        #expect(marks.age(of: 4, at: 3000) == 1000)
    }
}
