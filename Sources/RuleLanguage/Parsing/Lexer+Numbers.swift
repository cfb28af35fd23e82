// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// Everything that begins with a digit, and addresses that begin with a letter or a colon.
extension Lexer {
    mutating func number() -> TokenKind {
        if let address = ipv6() { return address }
        if let time = dateOrTime() { return time }
        let start = position
        skip { isDigit($0) || $0 == ascii("_") }
        var dots = 0
        while peek() == ascii("."), isDigit(peek(1)) {
            dots += 1
            position += 1
            skip { isDigit($0) || $0 == ascii("_") }
        }
        if dots > 1 { return ipv4(from: start) }
        if hasExponent {
            position += 1
            if peek() == ascii("+") || peek() == ascii("-") { position += 1 }
            skip { isDigit($0) || $0 == ascii("_") }
            dots = 1
            if isWordStart(peek()) { return withUnits(from: start, hasFraction: true) }
        }
        if isWordStart(peek()) { return withUnits(from: start, hasFraction: dots > 0) }
        return dots > 0 ? float(from: start) : .integer(integer(start..<position))
    }

    private var hasExponent: Bool {
        guard peek() | 0x20 == ascii("e") else { return false }
        let isSigned = peek(1) == ascii("+") || peek(1) == ascii("-")
        return isDigit(peek(isSigned ? 2 : 1))
    }

    /// The number of these digits, held at the largest.
    private func integer(_ range: Range<Int>) -> UInt64 {
        var result: UInt64 = 0
        for byte in bytes[range] where byte != ascii("_") {
            let (scaled, over1) = result.multipliedReportingOverflow(by: 10)
            let (sum, over2) = scaled.addingReportingOverflow(UInt64(byte - 0x30))
            if over1 || over2 { return .max }
            result = sum
        }
        return result
    }

    private mutating func float(from start: Int) -> TokenKind {
        let digits = file.text(start..<position).filter { $0 != "_" }
        if let value = Double(digits), value.isFinite { return .float(value) }
        report(
            .badNumber, "`\(excerpt(start..<position))` is too large for a float",
            at: start..<position)
        return .float(0)
    }

    // MARK: durations and sizes

    /// `1h30m`, `500ms`, `5mb`: digits with a unit behind, the largest first.
    private mutating func withUnits(from start: Int, hasFraction: Bool) -> TokenKind {
        let unitStart = position
        skip(while: isWordPart)
        let range = start..<position
        let unit = file.text(unitStart..<position)
        if hasFraction {
            let isUnit = unitNanoseconds(unit) != nil || sizeBytes(unit) != nil
            report(
                .badUnit,
                isUnit
                    ? "`\(excerpt(range))` has a fraction"
                    : "`\(excerpt(range))` is no number", at: range,
                label: isUnit ? "write whole numbers of a smaller unit, such as `1h30m`" : "")
            return unitNanoseconds(unit) == nil ? .integer(0) : .duration(.zero)
        }
        if let scale = sizeBytes(unit) {
            let (size, overflow) = integer(start..<unitStart).multipliedReportingOverflow(by: scale)
            if !overflow, size <= UInt64(Int64.max) { return .integer(size) }
            report(.badUnit, "`\(excerpt(range))` is too large for a size", at: range)
            return .integer(0)
        }
        return duration(range)
    }

    private mutating func duration(_ range: Range<Int>) -> TokenKind {
        var total: UInt64 = 0
        var previous = UInt64.max
        var overflow = false
        var i = range.lowerBound
        while i < range.upperBound {
            let digits = i
            while i < range.upperBound, !isLetter(bytes[i]) { i += 1 }
            let letters = i
            while i < range.upperBound, isLetter(bytes[i]) { i += 1 }
            let unit = file.text(letters..<i)
            guard digits < letters, let size = unitNanoseconds(unit), size < previous else {
                return badUnit(unit, range)
            }
            previous = size
            let (part, over1) = integer(digits..<letters).multipliedReportingOverflow(by: size)
            let (sum, over2) = total.addingReportingOverflow(part)
            overflow = overflow || over1 || over2
            total = sum
        }
        if overflow || total > UInt64(Int64.max) {
            report(
                .badUnit, "`\(excerpt(range))` is too long for a duration", at: range,
                label: "the longest is about 292 years")
            return .duration(TimeSpan(nanoseconds: .max))
        }
        return .duration(TimeSpan(nanoseconds: Int64(total)))
    }

    private mutating func badUnit(_ unit: String, _ range: Range<Int>) -> TokenKind {
        let text = file.text(range)
        let digits = text.dropLast(unit.count)
        var fix: String?
        if let meant = likelyUnits[unit.lowercased()], digits.utf8.allSatisfy(isDigit) {
            fix = unit.lowercased() == "w" ? Int(digits).flatMap(weeks) : digits + meant
        }
        let label: String
        if let fix {
            label = "write `\(fix)`"
        } else if unitNanoseconds(unit) != nil {
            label = "units go from large to small, each once, as in `1h30m`"
        } else {
            label = "the units are d h m s ms us ns, and kb mb gb tb for sizes"
        }
        report(
            .badUnit, "`\(excerpt(range))` is no number, duration or size", at: range,
            label: label, fix: fix)
        return .duration(.zero)
    }

    private func weeks(_ count: Int) -> String? {
        let (days, overflow) = count.multipliedReportingOverflow(by: 7)
        return overflow ? nil : "\(days)d"
    }

    private func unitNanoseconds(_ unit: String) -> UInt64? {
        TimeSpan.units.first { $0.name == unit }?.nanoseconds
    }

    private func sizeBytes(_ unit: String) -> UInt64? {
        switch unit {
        case "kb": 1 << 10
        case "mb": 1 << 20
        case "gb": 1 << 30
        case "tb": 1 << 40
        default: nil
        }
    }

    // MARK: dates and times

    /// `2027-01-31`, `2027-01-31T12:00:00.5+02:00`; without a zone it is UTC.
    private mutating func dateOrTime() -> TokenKind? {
        guard digitCount(0) == 4, peek(4) == ascii("-") else { return nil }
        let monthDigits = digitCount(5)
        guard (1...2).contains(monthDigits), peek(5 + monthDigits) == ascii("-") else { return nil }
        let dayDigits = digitCount(6 + monthDigits)
        guard (1...2).contains(dayDigits) else { return nil }
        let start = position
        position += 6 + monthDigits + dayDigits
        if peek() == ascii("T"), isDigit(peek(1)) {
            skip { isWordPart($0) || $0 == ascii(":") || $0 == ascii(".") }
            if peek() == ascii("+") || peek() == ascii("-"), isDigit(peek(1)) {
                position += 1
                skip { isDigit($0) || $0 == ascii(":") }
            }
        } else {
            skip(while: isWordPart)
        }
        if let time = TimeLiteral.parse(bytes[start..<position]) { return .time(time) }
        report(
            .badTime, "`\(excerpt(start..<position))` is no date or time", at: start..<position,
            label: "write dates as `2027-01-31`, times as `2027-01-31T12:00:00Z`")
        return .time(.zero)
    }

    private func digitCount(_ ahead: Int) -> Int {
        var count = 0
        while count < 5, isDigit(peek(ahead + count)) { count += 1 }
        return count
    }

    // MARK: addresses

    private mutating func ipv4(from start: Int) -> TokenKind {
        guard let address = IPAddress.parse(bytes[start..<position]) else {
            skip { isWordPart($0) || $0 == ascii(".") }
            let text = excerpt(start..<position)
            report(
                .badAddress, "`\(text)` is no number or address", at: start..<position,
                label: "an address has four numbers up to 255, as in `10.0.0.1`")
            return .invalid
        }
        return network(of: address, from: start)
    }

    /// An IPv6 address, if one stands here; nothing is read otherwise, except of a run that
    /// begins with a digit and can be nothing else.
    mutating func ipv6() -> TokenKind? {
        var length = 0
        var colons = 0
        while length < 64,
            isHexDigit(peek(length)) || peek(length) == ascii(":")
                || peek(length) == ascii(".") && colons > 0
        {
            colons += peek(length) == ascii(":") ? 1 : 0
            length += 1
        }
        guard colons >= 2 else { return nil }
        let start = position
        let run = bytes[start..<start + length]
        if let address = IPAddress.parse(run), !isWordPart(peek(length)) {
            position += length
            return network(of: address, from: start)
        }
        guard isDigit(bytes[start]) else { return nil }
        skip { isWordPart($0) || $0 == ascii(":") || $0 == ascii(".") }
        report(
            .badAddress, "`\(excerpt(start..<position))` is no address", at: start..<position,
            label: "write addresses as `2001:db8::1`")
        return .invalid
    }

    private mutating func network(of address: IPAddress, from start: Int) -> TokenKind {
        guard peek() == ascii("/"), isDigit(peek(1)) else { return .address(address) }
        let digits = position + 1
        position = digits
        skip(while: isWordPart)
        let isShort = position - digits <= 3
        if isShort, bytes[digits..<position].allSatisfy(isDigit),
            let network = IPNetwork(address, prefixLength: Int(integer(digits..<position)))
        {
            return .network(network)
        }
        report(
            .badAddress, "`\(excerpt(start..<position))` is no network", at: start..<position,
            label: "expected a length up to \(address.isIPv4 ? 32 : 128) behind the `/`")
        return .invalid
    }
}

/// What people write for our units.
private let likelyUnits = [
    "w": "d", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "sec": "s", "secs": "s",
    "second": "s", "seconds": "s", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d",
    "days": "d", "b": "", "k": "kb", "g": "gb", "kib": "kb", "mib": "mb", "gib": "gb", "kb": "kb",
    "mb": "mb", "gb": "gb", "tb": "tb",
]
