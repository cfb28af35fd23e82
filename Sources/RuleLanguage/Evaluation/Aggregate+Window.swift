// SPDX-License-Identifier: Apache-2.0
// Aggregates over a window: sums of floats are exact and rounded once, so that values can leave in
// any order and the result is that of what is left. Done here with whole numbers of any length; the
// engine does it incrementally and must give the same bits. Exercised by the differential tests.

package import EventModel

extension Aggregate {
    /// The aggregate of `values`, those of a window's events in order.
    ///
    /// As `apply`, but for
    ///
    /// - `sum`: with one float or more among the numbers the exact sum of all, rounded to the
    ///   nearest float, of two equally near ones to the even one. `average` divides that.
    /// - `standardDeviation`: the square root of (n Σx² − (Σx)²) / (n (n − 1)), whose numerator is
    ///   exact and then rounded to 53 bits.
    package func applyExactly(_ values: [Value]) -> Value {
        let values = values.filter { !$0.isMissing }
        if values.isEmpty { return apply(values) }
        switch self {
        case .sum: return Aggregate.exactSum(values)
        case .average:
            return ValueOperations.divide(Aggregate.exactSum(values), .int(Int64(values.count)))
        case .standardDeviation: return Aggregate.exactDeviation(values)
        default: return apply(values)
        }
    }

    private static func exactSum(_ values: [Value]) -> Value {
        let hasFloat = values.contains { if case .float = $0 { true } else { false } }
        guard hasFloat else { return Aggregate.sum.apply(values) }
        var sum = ExactNumber()
        for value in values {
            guard ValueOperations.number(value) != nil, let term = ExactNumber(value) else {
                return .missing
            }
            sum.add(term)
        }
        return ValueOperations.finite(sum.asFloat)
    }

    private static func exactDeviation(_ values: [Value]) -> Value {
        let isDuration = values.allSatisfy { if case .duration = $0 { true } else { false } }
        var sum = ExactNumber()
        var squares = ExactNumber()
        for value in values {
            guard isDuration || ValueOperations.number(value) != nil,
                let term = ExactNumber(value)
            else { return .missing }
            sum.add(term)
            squares.add(term.squared)
        }
        if values.count < 2 { return .missing }
        var numerator = squares.times(UInt32(clamping: values.count))
        numerator.subtract(sum.squared)
        let n = Double(values.count)
        let deviation = numerator.squareRoot(over: n * (n - 1))
        return isDuration
            ? ValueOperations.duration(rounding: deviation) : ValueOperations.finite(deviation)
    }
}

/// A whole number of any length, times 2^-`scale`.
private struct ExactNumber {
    private var isNegative = false
    /// The least first; none for zero.
    private var limbs: [UInt32] = []
    private var scale = 1074

    init() {}

    /// Nil for what is no number, nor a duration.
    init?(_ value: Value) {
        switch value {
        case .int(let number): self.init(number.magnitude, number < 0, shift: 1074)
        case .duration(let span):
            self.init(span.nanoseconds.magnitude, span.nanoseconds < 0, shift: 1074)
        case .float(let number):
            guard number.isFinite else { return nil }
            let bits = number.bitPattern & 0xf_ffff_ffff_ffff
            let exponent = Int(number.exponentBitPattern)
            let significand = exponent == 0 ? bits : bits | 1 << 52
            self.init(significand, number < 0, shift: max(exponent - 1, 0))
        default: return nil
        }
    }

    private init(_ magnitude: UInt64, _ isNegative: Bool, shift: Int) {
        self.isNegative = isNegative
        limbs = [UInt32](repeating: 0, count: shift / 32)
        let wide = UInt128(magnitude) << UInt128(shift % 32)
        for part in 0..<4 { limbs.append(UInt32(truncatingIfNeeded: wide >> UInt128(32 * part))) }
        trim()
    }

    private mutating func trim() {
        while limbs.last == 0 { limbs.removeLast() }
    }

    mutating func add(_ other: ExactNumber) {
        if limbs.isEmpty { scale = other.scale }
        if isNegative == other.isNegative {
            limbs = ExactNumber.sum(limbs, other.limbs)
        } else if ExactNumber.isLess(limbs, other.limbs) {
            limbs = ExactNumber.difference(other.limbs, limbs)
            isNegative = other.isNegative
        } else {
            limbs = ExactNumber.difference(limbs, other.limbs)
        }
        trim()
    }

    mutating func subtract(_ other: ExactNumber) {
        var other = other
        other.isNegative.toggle()
        add(other)
    }

    var squared: ExactNumber {
        var result = ExactNumber()
        result.scale = 2 * scale
        result.limbs = [UInt32](repeating: 0, count: 2 * limbs.count)
        for (i, a) in limbs.enumerated() {
            var carry: UInt64 = 0
            for (j, b) in limbs.enumerated() {
                let product = UInt64(a) * UInt64(b) + UInt64(result.limbs[i + j]) + carry
                result.limbs[i + j] = UInt32(truncatingIfNeeded: product)
                carry = product >> 32
            }
            result.limbs[i + limbs.count] = UInt32(truncatingIfNeeded: carry)
        }
        result.trim()
        return result
    }

    func times(_ factor: UInt32) -> ExactNumber {
        var result = self
        var carry: UInt64 = 0
        for i in limbs.indices {
            let product = UInt64(limbs[i]) * UInt64(factor) + carry
            result.limbs[i] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        result.limbs.append(UInt32(truncatingIfNeeded: carry))
        result.trim()
        return result
    }

    private static func sum(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var carry: UInt64 = 0
        for i in 0...max(a.count, b.count) {
            let sum = UInt64(i < a.count ? a[i] : 0) + UInt64(i < b.count ? b[i] : 0) + carry
            result.append(UInt32(truncatingIfNeeded: sum))
            carry = sum >> 32
        }
        return result
    }

    /// - Precondition: `a` is not less than `b`.
    private static func difference(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var borrow: Int64 = 0
        for i in a.indices {
            let rest = Int64(a[i]) - Int64(i < b.count ? b[i] : 0) - borrow
            result.append(UInt32(truncatingIfNeeded: rest))
            borrow = rest < 0 ? 1 : 0
        }
        return result
    }

    private static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        a.count != b.count
            ? a.count < b.count : a.reversed().lexicographicallyPrecedes(b.reversed())
    }

    // MARK: Rounding

    /// The first 53 bits, rounded half to even, as a significand from 1 up to 2 and an exponent;
    /// nil for zero.
    private var rounded: (significand: Double, exponent: Int)? {
        guard let top = limbs.last else { return nil }
        let length = limbs.count * 32 - top.leadingZeroBitCount
        func bit(_ place: Int) -> Bool {
            place >= 0 && limbs[place / 32] & (1 << UInt32(place % 32)) != 0
        }
        var significand: UInt64 = 0
        for place in (length - 53..<length).reversed() {
            significand = significand << 1 | (bit(place) ? 1 : 0)
        }
        let half = length - 54
        if half >= 0, bit(half) {
            let isOverHalf = (0..<half).contains { bit($0) }
            if isOverHalf || significand & 1 == 1 { significand += 1 }
        }
        return (Double(significand) * 0x1p-52, length - 1 - scale)
    }

    /// The nearest float; infinite where there is none.
    var asFloat: Double {
        guard let (significand, exponent) = rounded else { return 0 }
        let isTwo = significand == 2
        let value = Double(
            sign: .plus, exponent: isTwo ? exponent + 1 : exponent,
            significand: isTwo ? 1 : significand)
        return isNegative ? -value : value
    }

    /// √(self / divisor), of a number that is not negative.
    func squareRoot(over divisor: Double) -> Double {
        guard var (significand, exponent) = rounded else { return 0 }
        if exponent % 2 != 0 {
            significand *= 2
            exponent -= 1
        }
        return Double(
            sign: .plus, exponent: exponent / 2,
            significand: (significand / divisor).squareRoot())
    }
}
