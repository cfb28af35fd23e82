// SPDX-License-Identifier: Apache-2.0
// Decimal text to numbers. The fast way to a double is William D. Clinger, "How to Read Floating
// Point Numbers Accurately" (PLDI 1990), section 3: up to 53 bits of digits and a power of ten up
// to 22 are both exact, so one multiplication or division rounds right. All else goes to the
// standard library. Exercised by SlotConversionTests.

/// Readers of decimal numbers out of bytes.
package enum NumberText {
    /// The integer that `bytes` write, with a sign or without; nil for anything else and beyond 64
    /// bits.
    package static func int64(_ bytes: Span<UInt8>) -> Int64? {
        guard bytes.count > 0 else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        var i = isNegative || bytes[0] == UInt8(ascii: "+") ? 1 : 0
        guard i < bytes.count else { return nil }
        // 18 digits cannot overflow.
        if bytes.count - i <= 18 {
            var value: Int64 = 0
            while i < bytes.count {
                let digit = bytes[i] &- 48
                guard digit < 10 else { return nil }
                value = value &* 10 &+ Int64(digit)
                i += 1
            }
            return isNegative ? -value : value
        }
        var value: Int64 = 0
        while i < bytes.count {
            let digit = bytes[i] &- 48
            guard digit < 10 else { return nil }
            let (scaled, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative
                ? scaled.subtractingReportingOverflow(Int64(digit))
                : scaled.addingReportingOverflow(Int64(digit))
            guard !over, !carry else { return nil }
            value = sum
            i += 1
        }
        return value
    }

    /// The double nearest to the decimal number that `bytes` write; nil for anything that is not
    /// digits, with an optional sign, fraction and exponent, and for what no double can hold.
    package static func double(_ bytes: Span<UInt8>) -> Double? {
        guard let parts = DecimalParts(bytes) else { return nil }
        let power = parts.exponent
        if parts.isExact, parts.digits <= 1 << 53, power >= -22, power <= 22 {
            let digits = Double(parts.digits)
            let magnitude = power < 0 ? digits / powersOfTen[-power] : digits * powersOfTen[power]
            return parts.isNegative ? -magnitude : magnitude
        }
        guard let value = Double(String(copying: bytes)), value.isFinite else { return nil }
        return value
    }

    /// Whether a number is written without a fraction and an exponent.
    static func isInteger(_ bytes: Span<UInt8>) -> Bool {
        for i in bytes.indices {
            if bytes[i] == UInt8(ascii: ".") || bytes[i] | 0x20 == UInt8(ascii: "e") {
                return false
            }
        }
        return true
    }

    /// The integer that equals `value`, if one of 64 bits does.
    ///
    /// `Int64(exactly:)` would need the C mathematics library at link time.
    static func exactInt64(_ value: Double) -> Int64? {
        guard value >= -0x1p63, value < 0x1p63 else { return nil }
        let int = Int64(value)
        return Double(int) == value ? int : nil
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    static func isEqual(_ text: String, _ bytes: Span<UInt8>) -> Bool {
        let text = text.utf8
        guard text.count == bytes.count else { return false }
        var i = 0
        for byte in text {
            guard byte == bytes[i] else { return false }
            i += 1
        }
        return true
    }
}

/// A decimal number taken apart: ± digits × 10^exponent.
struct DecimalParts {
    var isNegative = false
    /// The first 19 significant digits.
    var digits: UInt64 = 0
    var exponent = 0
    /// Whether `digits` and `exponent` are the whole number.
    var isExact = true

    init?(_ bytes: Span<UInt8>) {
        var i = 0
        if bytes.count > 0, bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            isNegative = bytes[0] == UInt8(ascii: "-")
            i = 1
        }
        let whole = i
        while i < bytes.count, bytes[i] &- 48 < 10 {
            take(bytes[i] &- 48, isFraction: false)
            i += 1
        }
        guard i > whole else { return nil }
        if i < bytes.count, bytes[i] == UInt8(ascii: ".") {
            i += 1
            let fraction = i
            while i < bytes.count, bytes[i] &- 48 < 10 {
                take(bytes[i] &- 48, isFraction: true)
                i += 1
            }
            guard i > fraction else { return nil }
        }
        if i < bytes.count, bytes[i] | 0x20 == UInt8(ascii: "e") {
            guard takeExponent(bytes.extracting((i + 1)...)) else { return nil }
            i = bytes.count
        }
        guard i == bytes.count else { return nil }
    }

    private mutating func take(_ digit: UInt8, isFraction: Bool) {
        if digits < 1_000_000_000_000_000_000 {
            digits = digits * 10 + UInt64(digit)
            if isFraction { exponent -= 1 }
        } else {
            if digit != 0 { isExact = false }
            if !isFraction { exponent += 1 }
        }
    }

    /// Adds a written exponent; one of more than 6 digits is held at the end of its range, which
    /// is beyond any double.
    private mutating func takeExponent(_ bytes: Span<UInt8>) -> Bool {
        var i = 0
        var isDown = false
        if bytes.count > 0, bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            isDown = bytes[0] == UInt8(ascii: "-")
            i = 1
        }
        guard i < bytes.count else { return false }
        var written = 0
        while i < bytes.count {
            let digit = bytes[i] &- 48
            guard digit < 10 else { return false }
            written = min(written * 10 + Int(digit), 999_999)
            i += 1
        }
        exponent += isDown ? -written : written
        return true
    }
}

extension Array where Element == UInt8 {
    package init(copying bytes: Span<UInt8>) {
        self = []
        append(copying: bytes)
    }
}

extension String {
    /// The text of UTF-8 bytes; what is no UTF-8 is replaced.
    package init(copying bytes: Span<UInt8>) {
        self.init(decoding: Array(copying: bytes), as: UTF8.self)
    }
}
