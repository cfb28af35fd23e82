// SPDX-License-Identifier: Apache-2.0
// Conversions between days since the epoch and the proleptic Gregorian calendar.
// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and
// civil_from_days. Exercised by CalendarTimeTests.

/// A date and time of day in UTC.
package struct CalendarTime: Hashable, Sendable {
    package var year: Int
    package var month: Int
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int
    package var nanosecond: Int

    package init(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
        nanosecond: Int = 0
    ) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.nanosecond = nanosecond
    }

    /// The calendar fields of `time` in UTC.
    package init(_ time: StreamTime) {
        let dayLength: Int64 = 86_400_000_000_000
        var days = time.nanoseconds / dayLength
        var rest = time.nanoseconds % dayLength
        if rest < 0 {
            rest += dayLength
            days -= 1
        }
        let (y, m, d) = CalendarTime.civil(daysSinceEpoch: Int(days))
        let seconds = Int(rest / 1_000_000_000)
        self.init(
            year: y, month: m, day: d, hour: seconds / 3600, minute: seconds / 60 % 60,
            second: seconds % 60, nanosecond: Int(rest % 1_000_000_000))
    }

    /// The instant these fields name in UTC, or nil where a field is out of range or the instant
    /// cannot be represented. A second of 60 (a leap second) is taken as the next minute's first.
    package var streamTime: StreamTime? {
        guard (1...12).contains(month), day >= 1, day <= CalendarTime.daysIn(month, of: year),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second),
            (0...999_999_999).contains(nanosecond), (-300_000...300_000).contains(year)
        else { return nil }
        let days = CalendarTime.daysSinceEpoch(year: year, month: month, day: day)
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        let (scaled, over1) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, over2) = scaled.addingReportingOverflow(Int64(nanosecond))
        return over1 || over2 ? nil : StreamTime(nanoseconds: sum)
    }

    package static func daysIn(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package static func civil(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * monthIndex + 2) / 5 + 1
        )
    }
}

extension StreamTime: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2027-01-31T12:00:00.000Z`. Digits below a millisecond
    /// are cut off.
    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
