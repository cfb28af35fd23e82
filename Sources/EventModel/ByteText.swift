// SPDX-License-Identifier: Apache-2.0
// Texts straight to bytes, where a `String` for each piece would cost more than the piece.
// Exercised by ValueTextTests.

extension Array where Element == UInt8 {
    /// Appends the bytes; what is no UTF-8 among them is replaced, as in a `String`.
    package mutating func append(repairing bytes: Span<UInt8>) {
        if (try? UTF8Span(validating: bytes)) != nil {
            append(copying: bytes)
        } else {
            append(contentsOf: String(copying: bytes).utf8)
        }
    }

    package mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    package mutating func append(decimal value: UInt64) {
        // 2^64 has 20 digits.
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var rest = value
        repeat {
            start -= 1
            digits[start] = 48 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        append(copying: digits.span.extracting(start..<20))
    }

    /// Appends the two digits of `byte`.
    package mutating func append(hexadecimal byte: UInt8) {
        let (high, low) = (byte >> 4, byte & 15)
        append(high < 10 ? 48 + high : 87 + high)
        append(low < 10 ? 48 + low : 87 + low)
    }
}

extension StreamTime {
    /// Appends the time as `description` has it.
    package func append(to bytes: inout [UInt8]) {
        var writer = StampWriter()
        writer.append(self, to: &bytes)
    }
}

/// Writes times as `StreamTime.description` has them; of times of one day the date is worked out
/// once.
package struct StampWriter: Sendable {
    /// Since the epoch.
    private var day = Int64.min
    private var text = InlineArray<24, UInt8>(repeating: UInt8(ascii: "-"))

    package init() {}

    package mutating func append(_ time: StreamTime, to bytes: inout [UInt8]) {
        let dayLength: Int64 = 86_400_000_000_000
        var day = time.nanoseconds / dayLength
        var rest = time.nanoseconds % dayLength
        if rest < 0 {
            rest += dayLength
            day -= 1
        }
        if day != self.day { put(day: day) }
        // A day has 86,400,000 of them.
        let milliseconds = UInt32(truncatingIfNeeded: rest / 1_000_000)
        let (seconds, thousandths) = (milliseconds / 1000, milliseconds % 1000)
        let minutes = seconds / 60
        put(minutes / 60, at: 11)
        put(minutes % 60, at: 14)
        put(seconds % 60, at: 17)
        put(thousandths / 10, at: 20)
        text[22] = 48 + UInt8(truncatingIfNeeded: thousandths % 10)
        bytes.append(copying: text.span)
    }

    private mutating func put(day: Int64) {
        self.day = day
        let date = CalendarTime.civil(daysSinceEpoch: Int(day))
        // The years of the range have four digits.
        put(UInt32(truncatingIfNeeded: date.year / 100), at: 0)
        put(UInt32(truncatingIfNeeded: date.year % 100), at: 2)
        put(UInt32(truncatingIfNeeded: date.month), at: 5)
        put(UInt32(truncatingIfNeeded: date.day), at: 8)
        text[10] = UInt8(ascii: "T")
        text[13] = UInt8(ascii: ":")
        text[16] = UInt8(ascii: ":")
        text[19] = UInt8(ascii: ".")
        text[23] = UInt8(ascii: "Z")
    }

    /// Two digits.
    @inline(__always)
    private mutating func put(_ number: UInt32, at place: Int) {
        text[place] = 48 + UInt8(truncatingIfNeeded: number / 10)
        text[place + 1] = 48 + UInt8(truncatingIfNeeded: number % 10)
    }
}

extension TimeSpan {
    /// Appends the span as `description` has it.
    package func append(to bytes: inout [UInt8]) {
        if nanoseconds == 0 { return bytes.append(contentsOf: "0s".utf8) }
        var rest = nanoseconds.magnitude
        if nanoseconds < 0 { bytes.append(UInt8(ascii: "-")) }
        for (unit, size) in TimeSpan.units where rest >= size {
            bytes.append(decimal: rest / size)
            bytes.append(contentsOf: unit.utf8)
            rest %= size
        }
    }
}

extension IPAddress {
    /// Appends the address as `description` has it.
    package func append(to bytes: inout [UInt8]) {
        guard isIPv4 else { return bytes.append(contentsOf: description.utf8) }
        bytes.append(decimal: low >> 24 & 255)
        for shift: UInt64 in [16, 8, 0] {
            bytes.append(UInt8(ascii: "."))
            bytes.append(decimal: low >> shift & 255)
        }
    }
}

extension Slot {
    /// Appends what `Value.displayText` says of the value.
    ///
    /// - Parameter payload: the bytes of the symbol that the slot holds; none where it holds none.
    package func appendText(_ payload: Span<UInt8>, to bytes: inout [UInt8]) {
        switch tag {
        case .missing, .excerpt: break
        case .bool: bytes.append(contentsOf: (isTrue ? "true" : "false").utf8)
        case .int: bytes.append(decimal: asInt)
        case .float:
            if let whole = Value.wholeNumber(asFloat) {
                bytes.append(decimal: whole)
            } else {
                bytes.append(contentsOf: asFloat.description.utf8)
            }
        case .string: bytes.append(repairing: payload)
        case .time: StreamTime(nanoseconds: asInt).append(to: &bytes)
        case .duration: TimeSpan(nanoseconds: asInt).append(to: &bytes)
        case .ipv4: IPAddress(ipv4: UInt32(truncatingIfNeeded: bits)).append(to: &bytes)
        case .ipv6, .network:
            bytes.append(contentsOf: Value(self, payload: payload).displayText.utf8)
        case .list:
            var elements = ListReader()
            var isFirst = true
            while let (slot, range) = elements.next(in: payload) {
                if !isFirst { bytes.append(contentsOf: ", ".utf8) }
                isFirst = false
                slot.appendText(payload.extracting(range), to: &bytes)
            }
        }
    }
}

extension SymbolTable {
    /// Appends what `Value.displayText` says of the value that `slot` holds.
    package func appendText(of slot: Slot, to bytes: inout [UInt8]) {
        guard slot.holdsSymbol else { return slot.appendText([UInt8]().span, to: &bytes) }
        withBytes(of: slot.symbol) { slot.appendText($0, to: &bytes) }
    }
}
