// SPDX-License-Identifier: Apache-2.0
// The rule for times after the last transition of a time zone file: `CET-1CEST,M3.5.0,M10.5.0/3`.
// Source: POSIX.1-2024, section 8.3, TZ, with hours to 167 (RFC 9636, section 3.3.2).

/// A standard offset, and summer time between two days of each year.
struct PosixZoneRule: Sendable {
    enum Day: Sendable {
        /// 1...365; 29 February is never counted.
        case julian(Int)
        /// 0...365, 29 February counted.
        case ordinal(Int)
        /// The `week`th (5: last) `weekday` (0: Sunday) of a month.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    struct Change: Sendable {
        var day: Day
        /// Seconds after the day's midnight by the clock before the change.
        var time: Int
    }

    private var standardOffset = 0
    private var summer: (offset: Int, start: Change, end: Change)?

    /// - Unit: `seconds` since the epoch, UTC; the result in seconds east of UTC.
    func offset(at seconds: Int64) -> Int {
        guard let summer else { return standardOffset }
        let local = seconds + Int64(standardOffset)
        let days = TimeFunctions.floorDivide(local, 86_400)
        let year = CalendarTime.civil(daysSinceEpoch: Int(days)).year
        let start = PosixZoneRule.instant(summer.start, year) - Int64(standardOffset)
        let end = PosixZoneRule.instant(summer.end, year) - Int64(summer.offset)
        // South of the equator summer runs over the end of the year.
        let isSummer =
            start < end ? seconds >= start && seconds < end : seconds < end || seconds >= start
        return isSummer ? summer.offset : standardOffset
    }

    private static func instant(_ change: Change, _ year: Int) -> Int64 {
        Int64(day(change.day, year)) * 86_400 + Int64(change.time)
    }

    private static func day(_ day: Day, _ year: Int) -> Int {
        let newYear = CalendarTime.daysSinceEpoch(year: year, month: 1, day: 1)
        switch day {
        case .ordinal(let n): return newYear + n
        case .julian(let n):
            let isLeap = CalendarTime.daysIn(2, of: year) == 29
            return newYear + n - 1 + (isLeap && n >= 60 ? 1 : 0)
        case .weekday(let month, let week, let weekday):
            let first = CalendarTime.daysSinceEpoch(year: year, month: month, day: 1)
            // The epoch was a Thursday, day 4.
            let firstWeekday = ((first + 4) % 7 + 7) % 7
            let day = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            return first + (day < CalendarTime.daysIn(month, of: year) ? day : day - 7)
        }
    }
}

extension PosixZoneRule {
    /// Nil for a text that is not a rule, the empty one included.
    init?(_ text: [UInt8]) {
        var reader = Reader(text: text)
        guard reader.name(), let offset = reader.offset() else { return nil }
        standardOffset = -offset
        if reader.isAtEnd { return }
        guard reader.name() else { return nil }
        var summerOffset = standardOffset + 3600
        if reader.peek != UInt8(ascii: ",") {
            guard let offset = reader.offset() else { return nil }
            summerOffset = -offset
        }
        guard let start = reader.change(), let end = reader.change(), reader.isAtEnd else {
            return nil
        }
        summer = (summerOffset, start, end)
    }

    private struct Reader {
        let text: [UInt8]
        var at = 0

        init(text: [UInt8]) { self.text = text }

        var isAtEnd: Bool { at == text.count }
        var peek: UInt8? { at < text.count ? text[at] : nil }

        mutating func take(_ byte: Unicode.Scalar) -> Bool {
            guard peek == UInt8(ascii: byte) else { return false }
            at += 1
            return true
        }

        /// `CET` or `<+03>`: passed over.
        mutating func name() -> Bool {
            let start = at
            if take("<") {
                while let byte = peek, byte != UInt8(ascii: ">") { at += 1 }
                return take(">")
            }
            while let byte = peek, (byte | 0x20) >= 97, (byte | 0x20) <= 122 { at += 1 }
            return at - start >= 3
        }

        /// Held to a million, so that no sum of these can overflow.
        mutating func number() -> Int? {
            let start = at
            var value = 0
            while let byte = peek, byte >= 48, byte <= 57 {
                value = min(value * 10 + Int(byte) - 48, 1_000_000)
                at += 1
            }
            return at > start ? value : nil
        }

        mutating func number(in range: ClosedRange<Int>) -> Int? {
            guard let value = number(), range.contains(value) else { return nil }
            return value
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func offset() -> Int? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let hours = number(in: 0...167) else { return nil }
            var seconds = hours * 3600
            if take(":") {
                guard let minutes = number(in: 0...59) else { return nil }
                seconds += minutes * 60
                if take(":") {
                    guard let rest = number(in: 0...59) else { return nil }
                    seconds += rest
                }
            }
            return isNegative ? -seconds : seconds
        }

        mutating func change() -> Change? {
            guard take(","), let day = day() else { return nil }
            guard take("/") else { return Change(day: day, time: 7200) }
            guard let time = offset() else { return nil }
            return Change(day: day, time: time)
        }

        private mutating func day() -> Day? {
            if take("J") { return number(in: 1...365).map(Day.julian) }
            guard take("M") else { return number(in: 0...365).map(Day.ordinal) }
            guard let month = number(in: 1...12), take("."), let week = number(in: 1...5),
                take("."), let weekday = number(in: 0...6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
    }
}
