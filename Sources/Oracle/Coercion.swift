// SPDX-License-Identifier: Apache-2.0
// From the value that an event carries to the type that the rules give its field.

package import EventModel

extension Value {
    /// This value as one of `type`; missing where it does not fit.
    package func coerced(to type: ValueType) -> Value {
        switch (type, self) {
        case (.any, _), (.erroneous, _): self
        case (.bool, .bool), (.int, .int), (.float, .float), (.string, .string): self
        case (.number, .int), (.number, .float): self
        case (.time, .time), (.duration, .duration), (.ip, .ip), (.network, .network): self
        case (.float, .int(let number)): .float(Double(number))
        case (.int, .float(let number)): Int64(exactly: number).map(Value.int) ?? .missing
        case (.enumeration(let cases), .string(let text)): cases.contains(text) ? self : .missing
        case (.time, .string(let text)): TimeText.time(text).map(Value.time) ?? .missing
        case (.duration, .string(let text)): TimeText.span(text).map(Value.duration) ?? .missing
        case (.ip, .string(let text)): IPAddress(text).map(Value.ip) ?? .missing
        case (.network, .string(let text)): IPNetwork(text).map(Value.network) ?? .missing
        case (.time, .int(let number)):
            TimeText.time(sinceEpoch: number).map(Value.time) ?? .missing
        case (.list(let element), .list(let values)): Value.list(values, of: element)
        default: .missing
        }
    }

    /// A list with an element that does not fit does not fit as a whole.
    private static func list(_ values: [Value], of element: ValueType) -> Value {
        let elements = values.map { $0.coerced(to: element) }
        let fits = zip(values, elements).allSatisfy { $0.isMissing || !$1.isMissing }
        return fits ? .list(elements) : .missing
    }
}

/// Times and durations as events write them.
enum TimeText {
    /// A count since 1970: of seconds, or by its size of milliseconds, microseconds or nanoseconds.
    static func time(sinceEpoch number: Int64) -> StreamTime? {
        let unit: Int64 =
            switch number.magnitude {
            case ..<100_000_000_000: 1_000_000_000
            case ..<100_000_000_000_000: 1_000_000
            case ..<100_000_000_000_000_000: 1_000
            default: 1
            }
        let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : StreamTime(nanoseconds: nanoseconds)
    }

    /// RFC 3339: `2027-01-31`, or with a time of day, a fraction and a zone or none (UTC).
    static func time(_ text: String) -> StreamTime? {
        var rest = Substring(text)
        guard let year = number(&rest, 4), take(&rest, "-"), let month = number(&rest, 2),
            take(&rest, "-"), let day = number(&rest, 2)
        else { return nil }
        var calendar = CalendarTime(year: year, month: month, day: day)
        if rest.isEmpty { return calendar.streamTime }
        guard take(&rest, "T") || take(&rest, "t") || take(&rest, " "),
            let hour = number(&rest, 2), take(&rest, ":"), let minute = number(&rest, 2),
            take(&rest, ":"), let second = number(&rest, 2)
        else { return nil }
        (calendar.hour, calendar.minute, calendar.second) = (hour, minute, second)
        if take(&rest, ".") || take(&rest, ",") {
            let digits = rest.prefix(while: \.isASCIIDigit)
            guard (1...9).contains(digits.count) else { return nil }
            rest.removeFirst(digits.count)
            let padded = digits + String(repeating: "0", count: 9 - digits.count)
            calendar.nanosecond = Int(padded) ?? 0
        }
        guard let offset = offset(&rest), rest.isEmpty, let time = calendar.streamTime else {
            return nil
        }
        return time - offset
    }

    /// `1h30m`, `500ms`, with a sign or none.
    static func span(_ text: String) -> TimeSpan? {
        var rest = Substring(text)
        let isNegative = take(&rest, "-")
        guard !rest.isEmpty else { return nil }
        var total = Int64(0)
        while !rest.isEmpty {
            let digits = rest.prefix(while: \.isASCIIDigit)
            rest.removeFirst(digits.count)
            let letters = rest.prefix { !$0.isASCIIDigit }
            rest.removeFirst(letters.count)
            guard let count = Int64(digits),
                let unit = TimeSpan.units.first(where: { $0.name == letters })
            else { return nil }
            let (part, tooLong) = count.multipliedReportingOverflow(by: Int64(unit.nanoseconds))
            let (sum, tooMuch) = total.addingReportingOverflow(part)
            if tooLong || tooMuch { return nil }
            total = sum
        }
        return TimeSpan(nanoseconds: isNegative ? -total : total)
    }

    private static func offset(_ rest: inout Substring) -> TimeSpan? {
        if rest.isEmpty || take(&rest, "Z") || take(&rest, "z") { return .zero }
        let isWest = take(&rest, "-")
        guard isWest || take(&rest, "+"), let hours = number(&rest, 2), take(&rest, ":"),
            let minutes = number(&rest, 2), hours < 24, minutes < 60
        else { return nil }
        let seconds = Int64(hours * 3600 + minutes * 60)
        return TimeSpan(seconds: isWest ? -seconds : seconds)
    }

    private static func take(_ rest: inout Substring, _ sign: Character) -> Bool {
        guard rest.first == sign else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ rest: inout Substring, _ digits: Int) -> Int? {
        let text = rest.prefix(digits)
        guard text.count == digits, text.allSatisfy(\.isASCIIDigit) else { return nil }
        rest.removeFirst(digits)
        return Int(text)
    }
}

extension Character {
    var isASCIIDigit: Bool { self >= "0" && self <= "9" && isASCII }
}
