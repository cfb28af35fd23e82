// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@Suite struct CalendarTimeTests {
    @Test func everyDayOfTheRangeGoesThereAndBack() {
        var (year, month, day) = (1677, 9, 22)
        let first = CalendarTime.daysSinceEpoch(year: year, month: month, day: day)
        for number in first..<first + 213_000 {
            let (y, m, d) = CalendarTime.civil(daysSinceEpoch: number)
            guard (y, m, d) == (year, month, day),
                CalendarTime.daysSinceEpoch(year: y, month: m, day: d) == number
            else {
                Issue.record("day \(number) is \(year)-\(month)-\(day), not \(y)-\(m)-\(d)")
                return
            }
            day += 1
            if day > CalendarTime.daysIn(month, of: year) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (1_798_718_399_999_999_999, "2026-12-31T11:59:59.999Z"),
            (.max, "2262-04-11T23:47:16.854Z"), (.min + 1_000_000_000, "1677-09-21T00:12:44.145Z"),
        ] as [(Int64, String)])
    func timesAreShownInUTC(nanoseconds: Int64, text: String) {
        let time = StreamTime(nanoseconds: nanoseconds)
        #expect(time.description == text)
        #expect(CalendarTime(time).streamTime == time)
    }

    @Test(arguments: [
        (2027, 2, 29, 0, 0, 0), (2028, 13, 1, 0, 0, 0), (2028, 0, 1, 0, 0, 0),
        (2028, 1, 32, 0, 0, 0), (2028, 1, 0, 0, 0, 0), (2028, 1, 1, 24, 0, 0),
        (2028, 1, 1, 0, 60, 0), (2028, 1, 1, 0, 0, 61), (2028, 1, 1, 0, 0, -1),
        (2263, 1, 1, 0, 0, 0), (1600, 1, 1, 0, 0, 0), (Int.max, 1, 1, 0, 0, 0),
        (Int.min, 1, 1, 0, 0, 0),
    ])
    func whatIsNoTimeIsRefused(y: Int, m: Int, d: Int, h: Int, min: Int, s: Int) {
        let time = CalendarTime(year: y, month: m, day: d, hour: h, minute: min, second: s)
        #expect(time.streamTime == nil)
    }

    @Test func aLeapSecondIsTheNextMinutesFirst() {
        let leap = CalendarTime(year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60)
        #expect(leap.streamTime == CalendarTime(year: 2017, month: 1, day: 1).streamTime)
    }

    @Test(
        arguments: [
            (0, "0s"), (5_400_000_000_000, "1h30m"), (-1_500_000, "-1ms500us"),
            (90 * 86_400_000_000_000, "90d"), (1, "1ns"),
            (.min, "-106751d23h47m16s854ms775us808ns"),
        ] as [(Int64, String)])
    func durationsAreShownAsRulesWriteThem(nanoseconds: Int64, text: String) {
        #expect(TimeSpan(nanoseconds: nanoseconds).description == text)
    }
}
