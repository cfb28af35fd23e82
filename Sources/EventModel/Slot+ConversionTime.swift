// SPDX-License-Identifier: Apache-2.0
// Texts and numbers to points in time. Exercised by SlotConversionTests.

/// What came of reading a time.
package enum TimeReading: Hashable, Sendable {
    case time(StreamTime)
    case malformed
    /// A time, but outside of what `StreamTime` can hold.
    case outOfRange
}

/// How a source writes its times.
///
/// - Shape: as `time path "FORMAT"` writes it: `s`, `ms`, `us`, `ns` (a number of that unit since
///   1970), `rfc3339`, or a pattern of `%Y %y %m %b %d %e %H %M %S %f %z %a %%`, where `%f` is a
///   fraction of a second, `%z` an offset (`Z`, `+01:00`, `+0100`; UTC without one), `%b` and `%a`
///   English names of three letters and a blank any number of blanks.
package enum TimeFormat: Hashable, Sendable {
    /// A text is read as RFC 3339 and a number as the time since 1970 in the unit that its size
    /// suggests: below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds, else
    /// nanoseconds. (1e11 s is the year 5138; 1e11 ms is 1973.)
    case automatic
    /// Nanoseconds in the unit that numbers count.
    case unit(Int64)
    case pattern([UInt8])

    /// Nil where `text` is no format.
    package init?(_ text: String) {
        switch text {
        case "s": self = .unit(1_000_000_000)
        case "ms": self = .unit(1_000_000)
        case "us": self = .unit(1_000)
        case "ns": self = .unit(1)
        case "rfc3339": self = .automatic
        default:
            let pattern = Array(text.utf8)
            guard TimeFormat.isComplete(pattern) else { return nil }
            self = .pattern(pattern)
        }
    }

    /// - Parameter isTextual: whether a text of digits may be a number since 1970; under a unit it
    ///   always is.
    package func read(text bytes: Span<UInt8>, isTextual: Bool = false) -> TimeReading {
        switch self {
        case .automatic:
            let reading = TimeFormat.rfc3339(bytes)
            return reading == .malformed && isTextual ? read(number: bytes) : reading
        case .unit: return read(number: bytes)
        case .pattern(let pattern): return TimeFormat.read(bytes, by: pattern)
        }
    }

    package func read(number bytes: Span<UInt8>) -> TimeReading {
        guard let parts = DecimalParts(bytes) else { return .malformed }
        switch self {
        case .automatic: return TimeFormat.sinceEpoch(parts, unit: nil)
        case .unit(let unit): return TimeFormat.sinceEpoch(parts, unit: unit)
        case .pattern(let pattern): return TimeFormat.read(bytes, by: pattern)
        }
    }

    /// The time that a whole number since 1970 counts; `unit` 0: that which its size suggests. Nil
    /// where it is out of range.
    package static func time(sinceEpoch number: UInt64, unit: Int64) -> StreamTime? {
        let unit = UInt64(unit == 0 ? TimeFormat.unit(of: number) : unit)
        let (nanoseconds, over) = number.multipliedReportingOverflow(by: unit)
        guard !over, nanoseconds <= UInt64(Int64.max) else { return nil }
        return StreamTime(nanoseconds: Int64(nanoseconds))
    }

    /// Digits below a nanosecond are cut off, towards the past.
    private static func sinceEpoch(_ parts: DecimalParts, unit: Int64?) -> TimeReading {
        guard parts.exponent > -40, parts.exponent < 20 else {
            return parts.exponent < 0 || parts.digits == 0 ? .time(.zero) : .outOfRange
        }
        var whole = parts.digits
        var rest: UInt64 = 0
        var restScale: UInt64 = 1
        if parts.exponent >= 0 {
            for _ in 0..<parts.exponent {
                let (scaled, over) = whole.multipliedReportingOverflow(by: 10)
                guard !over else { return .outOfRange }
                whole = scaled
            }
        } else {
            // Nine digits of the fraction are all that a nanosecond of a second can need.
            var digits = parts.digits
            for _ in 0..<max(0, -parts.exponent - 9) { digits /= 10 }
            for _ in 0..<min(9, -parts.exponent) { restScale *= 10 }
            whole = digits / restScale
            rest = digits % restScale
        }
        let unit = UInt64(unit ?? TimeFormat.unit(of: whole))
        let (scaled, over) = whole.multipliedReportingOverflow(by: unit)
        let part = rest * unit / restScale
        let (sum, carry) = scaled.addingReportingOverflow(part)
        guard !over, !carry, let nanoseconds = Int64(exactly: sum) else { return .outOfRange }
        let isCut = parts.isNegative && rest * unit % restScale != 0
        return .time(
            StreamTime(nanoseconds: parts.isNegative ? -nanoseconds - (isCut ? 1 : 0) : nanoseconds)
        )
    }

    private static func unit(of magnitude: UInt64) -> Int64 {
        if magnitude < 100_000_000_000 { return 1_000_000_000 }
        if magnitude < 100_000_000_000_000 { return 1_000_000 }
        return magnitude < 100_000_000_000_000_000 ? 1_000 : 1
    }

    /// `2027-01-31T12:00:00.123+01:00`; also with a blank or a small `t` and `z`, a comma before
    /// the fraction, an offset without its colon or minutes, no offset (UTC) or the date alone.
    private static func rfc3339(_ bytes: Span<UInt8>) -> TimeReading {
        var fields = TimeFields()
        var cursor = TextCursor(at: 0)
        guard let year = cursor.digits(4, in: bytes), cursor.take("-", in: bytes),
            let month = cursor.digits(2, in: bytes), cursor.take("-", in: bytes),
            let day = cursor.digits(2, in: bytes)
        else { return .malformed }
        (fields.year, fields.month, fields.day) = (year, month, day)
        if cursor.position == bytes.count { return fields.reading }
        guard cursor.take("T", or: "t", in: bytes) || cursor.take(" ", in: bytes),
            let hour = cursor.digits(2, in: bytes), cursor.take(":", in: bytes),
            let minute = cursor.digits(2, in: bytes), cursor.take(":", in: bytes),
            let second = cursor.digits(2, in: bytes)
        else { return .malformed }
        (fields.hour, fields.minute, fields.second) = (hour, minute, second)
        if cursor.take(".", or: ",", in: bytes) {
            guard let fraction = cursor.fraction(in: bytes) else { return .malformed }
            fields.nanosecond = fraction
        }
        guard cursor.position < bytes.count else { return fields.reading }
        _ = cursor.take(" ", in: bytes)
        guard let offset = cursor.offset(in: bytes), cursor.position == bytes.count else {
            return .malformed
        }
        fields.offsetSeconds = offset
        return fields.reading
    }

    private static func isComplete(_ pattern: [UInt8]) -> Bool {
        var seen: Set<UInt8> = []
        var i = 0
        while i < pattern.count {
            defer { i += 1 }
            guard pattern[i] == UInt8(ascii: "%") else { continue }
            i += 1
            guard i < pattern.count, "YymbdeHMSfza%".utf8.contains(pattern[i]) else { return false }
            seen.insert(pattern[i])
        }
        let has = { (letters: String) in letters.utf8.contains { seen.contains($0) } }
        return has("Yy") && has("mb") && has("de")
    }

    private static func read(_ bytes: Span<UInt8>, by pattern: [UInt8]) -> TimeReading {
        var fields = TimeFields()
        var cursor = TextCursor(at: 0)
        var i = 0
        while i < pattern.count {
            let letter = pattern[i]
            i += 1
            if letter == UInt8(ascii: "%"), i < pattern.count {
                let isTaken = cursor.take(directive: pattern[i], in: bytes, into: &fields)
                guard isTaken else { return .malformed }
                i += 1
            } else if letter == UInt8(ascii: " ") {
                cursor.skipBlanks(in: bytes)
            } else {
                guard cursor.take(letter, in: bytes) else { return .malformed }
            }
        }
        return cursor.position == bytes.count ? fields.reading : .malformed
    }
}

/// The fields of a written time, with its distance from UTC.
package struct TimeFields: Sendable {
    package var year = 1970
    package var month = 1
    package var day = 1
    package var hour = 0
    package var minute = 0
    package var second = 0
    package var nanosecond = 0
    package var offsetSeconds = 0

    package init() {}

    package var reading: TimeReading {
        guard (1...12).contains(month), day >= 1, day <= CalendarTime.daysIn(month, of: year),
            hour < 24, minute < 60, second <= 60
        else { return .malformed }
        let local = CalendarTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second,
            nanosecond: nanosecond
        ).streamTime
        guard let local else { return .outOfRange }
        let (utc, over) = local.nanoseconds.subtractingReportingOverflow(
            Int64(offsetSeconds) * 1_000_000_000)
        return over ? .outOfRange : .time(StreamTime(nanoseconds: utc))
    }
}

/// A position in a text that is read from left to right.
package struct TextCursor: Sendable {
    package var position: Int

    package init(at position: Int) { self.position = position }

    package mutating func take(_ letter: UInt8, in bytes: Span<UInt8>) -> Bool {
        guard position < bytes.count, bytes[position] == letter else { return false }
        position += 1
        return true
    }

    package mutating func take(_ letter: Unicode.Scalar, in bytes: Span<UInt8>) -> Bool {
        take(UInt8(ascii: letter), in: bytes)
    }

    mutating func take(
        _ letter: Unicode.Scalar, or other: Unicode.Scalar, in bytes: Span<UInt8>
    ) -> Bool {
        take(letter, in: bytes) || take(other, in: bytes)
    }

    package mutating func skipBlanks(in bytes: Span<UInt8>) {
        while position < bytes.count, bytes[position] == 0x20 { position += 1 }
    }

    /// Just `count` digits.
    package mutating func digits(_ count: Int, in bytes: Span<UInt8>) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for i in position..<position + count {
            let digit = bytes[i] &- 48
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        position += count
        return value
    }

    /// The digits of a fraction of a second, as nanoseconds; digits beyond the ninth are cut off.
    package mutating func fraction(in bytes: Span<UInt8>) -> Int? {
        let start = position
        var value = 0
        while position < bytes.count, bytes[position] &- 48 < 10 {
            if position - start < 9 { value = value * 10 + Int(bytes[position] - 48) }
            position += 1
        }
        guard position > start else { return nil }
        for _ in 0..<max(0, 9 - (position - start)) { value *= 10 }
        return value
    }

    /// `Z`, `z`, `±hh`, `±hhmm` or `±hh:mm`, in seconds east of UTC.
    package mutating func offset(in bytes: Span<UInt8>) -> Int? {
        if take("Z", or: "z", in: bytes) { return 0 }
        let isWest = take("-", in: bytes)
        guard isWest || take("+", in: bytes), let hours = digits(2, in: bytes) else { return nil }
        var minutes = 0
        if take(":", in: bytes) {
            guard let written = digits(2, in: bytes) else { return nil }
            minutes = written
        } else if let written = digits(2, in: bytes) {
            minutes = written
        }
        guard hours < 24, minutes < 60 else { return nil }
        return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// The number (from 1) of the month whose English name begins with the next three letters.
    package mutating func monthName(in bytes: Span<UInt8>) -> Int? {
        guard position + 3 <= bytes.count else { return nil }
        let name = bytes.extracting(position..<position + 3)
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        for i in months.indices where NumberText.isEqual(months[i], name) {
            position += 3
            return i + 1
        }
        return nil
    }

    fileprivate mutating func take(
        directive: UInt8, in bytes: Span<UInt8>, into fields: inout TimeFields
    ) -> Bool {
        switch directive {
        case UInt8(ascii: "Y"): return set(&fields.year, digits(4, in: bytes))
        case UInt8(ascii: "y"):
            return set(&fields.year, digits(2, in: bytes).map { $0 < 69 ? 2000 + $0 : 1900 + $0 })
        case UInt8(ascii: "m"): return set(&fields.month, digits(2, in: bytes))
        case UInt8(ascii: "b"): return set(&fields.month, monthName(in: bytes))
        case UInt8(ascii: "d"): return set(&fields.day, digits(2, in: bytes))
        case UInt8(ascii: "e"):
            skipBlanks(in: bytes)
            return set(&fields.day, digits(2, in: bytes) ?? digits(1, in: bytes))
        case UInt8(ascii: "H"): return set(&fields.hour, digits(2, in: bytes))
        case UInt8(ascii: "M"): return set(&fields.minute, digits(2, in: bytes))
        case UInt8(ascii: "S"): return set(&fields.second, digits(2, in: bytes))
        case UInt8(ascii: "f"): return set(&fields.nanosecond, fraction(in: bytes))
        case UInt8(ascii: "z"): return set(&fields.offsetSeconds, offset(in: bytes))
        case UInt8(ascii: "a"):
            guard position + 3 <= bytes.count else { return false }
            position += 3
            return true
        default: return take(directive, in: bytes)
        }
    }

    private func set(_ field: inout Int, _ value: Int?) -> Bool {
        guard let value else { return false }
        field = value
        return true
    }
}
