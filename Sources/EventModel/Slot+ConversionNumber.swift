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

    /// The integer of the up to 18 digits in `start..<end`; nil where there are more, a sign or
    /// anything else.
    @inlinable
    package static func plainInteger(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64? {
        precondition(start >= 0 && start <= end && end <= bytes.count, "a range of the bytes")
        guard end > start, end - start <= 18 else { return nil }
        var i = start
        var value: UInt64 = 0
        let firstCount = (end - start) & 7
        if firstCount > 0, start + firstCount >= 8 {
            // The bytes before the digits, the least significant of the word, become zeros.
            let zeros = 0x3030_3030_3030_3030 as UInt64
            let others = (1 as UInt64) << UInt64(64 - 8 * firstCount) &- 1
            let word = bytes.word(at: start + firstCount - 8)
            guard let digits = eightDigits(word & ~others | zeros & others) else { return nil }
            value = digits
            i += firstCount
        }
        while i + 8 <= end {
            guard let eight = eightDigits(bytes.word(at: i)) else { return nil }
            value = value &* 100_000_000 &+ eight
            i += 8
        }
        while i < end {
            let digit = bytes[i] &- 48
            guard digit < 10 else { return nil }
            value = value &* 10 &+ UInt64(digit)
            i += 1
        }
        return value
    }

    /// The number that 8 digits write, the first in the least significant byte: pairs of digits,
    /// then pairs of these, then of those, each by one multiplication (Daniel Lemire, "Quickly
    /// parsing eight digits", 2018).
    @inlinable
    static func eightDigits(_ word: UInt64) -> UInt64? {
        let low = word &- 0x3030_3030_3030_3030
        // No byte is below the zero, which would borrow, nor above the nine.
        let isOff = (word &+ 0x4646_4646_4646_4646) | low
        return isOff & 0x8080_8080_8080_8080 == 0 ? value(ofDigits: low) : nil
    }

    /// Like `eightDigits`, of bytes that are numbers from 0 to 9.
    @inlinable
    @inline(__always)
    package static func value(ofDigits bytes: UInt64) -> UInt64 {
        let pairs = bytes &* 10 &+ (bytes >> 8)
        let mask: UInt64 = 0x0000_00ff_0000_00ff
        let upper = (pairs & mask) &* 0x000f_4240_0000_0064
        let lower = ((pairs >> 16) & mask) &* 0x0000_2710_0000_0001
        return (upper &+ lower) >> 32
    }

    /// The double nearest to the digits, with at most one point in them, in `start..<end`: exact,
    /// as of up to 15 digits; nil where there are more, or anything else.
    @inlinable
    package static func plainDecimal(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Double? {
        precondition(start >= 0 && start <= end && end <= bytes.count, "a range of the bytes")
        guard end > start, end - start <= 16 else { return nil }
        var i = start
        var digits: UInt64 = 0
        var point = end
        while i < end {
            let digit = bytes[i] &- 48
            if digit < 10 {
                digits = digits &* 10 &+ UInt64(digit)
            } else if bytes[i] == UInt8(ascii: "."), point == end, i > start, i + 1 < end {
                point = i
            } else {
                return nil
            }
            i += 1
        }
        guard digits <= 1 << 53 else { return nil }
        return point == end ? Double(digits) : Double(digits) / powersOfTen[end - point - 1]
    }

    /// The double nearest to a decimal number of up to 15 digits, so many of them behind the point.
    @inlinable
    @inline(__always)
    package static func decimal(_ digits: UInt64, fractionCount: Int) -> Double {
        Double(digits) / powersOfTen[fractionCount]
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

    @usableFromInline
    static let powersOfTen: [Double] = [
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
