// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Dates and times as rules write them: RFC 3339, with the time of day or parts of it left out.
enum TimeLiteral {
    /// `2027-01-31`, `2027-01-31T12:00`, `2027-01-31T12:00:00.123456789+02:00`; UTC without a zone.
    static func parse(_ bytes: ArraySlice<UInt8>) -> StreamTime? {
        var scanner = Scanner(rest: bytes)
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2),
            scanner.take("-"), let day = scanner.digits(2)
        else { return nil }
        var calendar = CalendarTime(year: year, month: month, day: day)
        if scanner.rest.isEmpty { return calendar.streamTime }
        guard scanner.take("T"), let hour = scanner.digits(2), scanner.take(":"),
            let minute = scanner.digits(2)
        else { return nil }
        calendar.hour = hour
        calendar.minute = minute
        if scanner.take(":") {
            guard let second = scanner.digits(2) else { return nil }
            calendar.second = second
            if scanner.take(".") {
                guard let nanosecond = scanner.fraction() else { return nil }
                calendar.nanosecond = nanosecond
            }
        }
        guard let offset = scanner.offset(), scanner.rest.isEmpty, let time = calendar.streamTime
        else { return nil }
        let (shifted, overflow) = time.nanoseconds.subtractingReportingOverflow(offset)
        return overflow ? nil : StreamTime(nanoseconds: shifted)
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func take(_ sign: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: sign) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard rest.count >= count, rest.prefix(count).allSatisfy(isDigit) else { return nil }
            let value = rest.prefix(count).reduce(0) { $0 * 10 + Int($1 - 0x30) }
            rest = rest.dropFirst(count)
            return value
        }

        /// One to nine digits, as nanoseconds.
        mutating func fraction() -> Int? {
            let count = rest.prefix(while: isDigit).count
            guard (1...9).contains(count), var value = digits(count) else { return nil }
            for _ in count..<9 { value *= 10 }
            return value
        }

        /// `Z`, `+02:00` or nothing, in nanoseconds.
        mutating func offset() -> Int64? {
            if rest.isEmpty || take("Z") { return 0 }
            let sign: Int64 = take("-") ? -1 : 1
            guard sign < 0 || take("+"), let hours = digits(2), take(":"),
                let minutes = digits(2), hours < 24, minutes < 60
            else { return nil }
            return sign * Int64(hours * 60 + minutes) * 60_000_000_000
        }
    }
}
