// SPDX-License-Identifier: Apache-2.0
// Exact sums of floats: a window takes values in and out, and what it then gives must not depend on
// what has been in it. So sums are kept as whole numbers of as many bits as they need, and rounded
// once when they are read (the idea: U. Kulisch, "Computer Arithmetic and Validity", 2008, ch. 8;
// ours grows by limbs). Exercised by WindowStructureTests and the differential tests.

internal import EventModel

/// A whole number in two's complement, the least limb first.
struct WideNumber {
    /// Bit 0 of limb 0 is worth 2^-`unitBits`: the squares of the least floats are whole numbers.
    static let unitBits = 2176
    private static let oneLimb = unitBits / 64

    /// The place of the first limb.
    private(set) var first = 0
    private(set) var limbs: [UInt64] = []

    private var isNegative: Bool { (limbs.last ?? 0) >> 63 == 1 }

    mutating func reset() {
        limbs.removeAll(keepingCapacity: true)
        first = 0
    }

    /// Adds ± `magnitude` × 2^(bit − `unitBits`).
    mutating func add(_ magnitude: UInt128, isNegative: Bool, at bit: Int) {
        let shift = UInt64(bit & 63)
        let low = UInt64(truncatingIfNeeded: magnitude)
        let high = UInt64(truncatingIfNeeded: magnitude >> 64)
        let middle = shift == 0 ? high : high << shift | low >> (64 - shift)
        let top = shift == 0 ? 0 : high >> (64 - shift)
        let place = bit >> 6
        makeRoom(place)
        let at = place - first
        if isNegative {
            subtract(low << shift, middle, top, at)
        } else {
            add(low << shift, middle, top, at)
        }
    }

    /// Makes the limbs from `place` on be there, with one on top that holds nothing but the sign.
    private mutating func makeRoom(_ place: Int) {
        if limbs.isEmpty { first = place }
        if place < first {
            limbs.insert(contentsOf: repeatElement(0, count: first - place), at: 0)
            first = place
        }
        let sign: UInt64 = isNegative ? .max : 0
        while first + limbs.count <= place + 3 { limbs.append(sign) }
        if limbs[limbs.count - 1] != sign { limbs.append(sign) }
    }

    private mutating func add(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ at: Int) {
        var carry = WideNumber.add(a, to: &limbs[at], 0)
        carry = WideNumber.add(b, to: &limbs[at + 1], carry)
        carry = WideNumber.add(c, to: &limbs[at + 2], carry)
        var place = at + 3
        while carry != 0, place < limbs.count {
            carry = WideNumber.add(0, to: &limbs[place], carry)
            place += 1
        }
    }

    private mutating func subtract(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ at: Int) {
        var borrow = WideNumber.subtract(a, from: &limbs[at], 0)
        borrow = WideNumber.subtract(b, from: &limbs[at + 1], borrow)
        borrow = WideNumber.subtract(c, from: &limbs[at + 2], borrow)
        var place = at + 3
        while borrow != 0, place < limbs.count {
            borrow = WideNumber.subtract(0, from: &limbs[place], borrow)
            place += 1
        }
    }

    @inline(__always)
    private static func add(_ a: UInt64, to limb: inout UInt64, _ carry: UInt64) -> UInt64 {
        let (sum, isOver) = limb.addingReportingOverflow(a)
        let (whole, isOverToo) = sum.addingReportingOverflow(carry)
        limb = whole
        return isOver || isOverToo ? 1 : 0
    }

    @inline(__always)
    private static func subtract(
        _ a: UInt64, from limb: inout UInt64, _ borrow: UInt64
    ) -> UInt64 {
        let (rest, isOver) = limb.subtractingReportingOverflow(a)
        let (whole, isOverToo) = rest.subtractingReportingOverflow(borrow)
        limb = whole
        return isOver || isOverToo ? 1 : 0
    }

    /// Adds a whole number.
    mutating func add(_ number: Int128) {
        guard number != 0 else { return }
        add(number.magnitude, isNegative: number < 0, at: WideNumber.unitBits)
    }

    /// The limbs of the absolute value.
    private var magnitude: [UInt64] {
        guard isNegative else { return limbs }
        var result = limbs
        var carry: UInt64 = 1
        for i in result.indices {
            let (limb, isOver) = (~result[i]).addingReportingOverflow(carry)
            result[i] = limb
            carry = isOver ? 1 : 0
        }
        return result
    }

    // MARK: Rounding

    /// A number from 1 up to and with 2, and the exponent of the power of two that it is times.
    struct Rounded {
        var significand: Double
        var exponent: Int

        var float: Double {
            significand == 2
                ? Double(sign: .plus, exponent: exponent + 1, significand: 1)
                : Double(sign: .plus, exponent: exponent, significand: significand)
        }

        /// √(self / divisor), without leaving the range of floats on the way.
        func squareRoot(over divisor: Double) -> Double {
            let isOdd = exponent % 2 != 0
            let significand = isOdd ? significand * 2 : significand
            return Double(
                sign: .plus, exponent: (isOdd ? exponent - 1 : exponent) / 2,
                significand: (significand / divisor).squareRoot())
        }
    }

    /// The nearest number of 53 bits, of two equally near the even one; nil for zero.
    ///
    /// - Parameter unit: what bit 0 of limb 0 is worth, as an exponent.
    private static func round(_ magnitude: [UInt64], unit: Int) -> Rounded? {
        guard let top = magnitude.lastIndex(where: { $0 != 0 }) else { return nil }
        let below = top > 0 ? magnitude[top - 1] : 0
        let hasRest = top > 1 && magnitude[..<(top - 1)].contains { $0 != 0 }
        return round(magnitude[top], below, hasRest: hasRest, unit: unit + 64 * top)
    }

    /// - Parameter unit: what bit 0 of `high`, which is not 0, is worth, as an exponent.
    private static func round(
        _ high: UInt64, _ low: UInt64, hasRest: Bool, unit: Int
    ) -> Rounded {
        let zeros = UInt64(high.leadingZeroBitCount)
        let head = zeros == 0 ? high : high << zeros | low >> (64 - zeros)
        let rest = zeros == 0 ? low : low << zeros
        var significand = head >> 11
        let half: UInt64 = 1 << 10
        let cut = head & (half * 2 - 1)
        let isOverHalf = cut > half || (cut == half && (rest != 0 || hasRest))
        if isOverHalf || (cut == half && significand & 1 == 1) { significand += 1 }
        return Rounded(
            significand: Double(significand) * 0x1p-52, exponent: unit + 63 - Int(zeros))
    }

    private static func round(_ magnitude: UInt128) -> Rounded? {
        let (high, low) = (
            UInt64(truncatingIfNeeded: magnitude >> 64), UInt64(truncatingIfNeeded: magnitude)
        )
        if high != 0 { return round(high, low, hasRest: false, unit: 64) }
        return low == 0 ? nil : round(low, 0, hasRest: false, unit: 0)
    }

    /// The nearest float; infinite where there is none.
    static func float(_ number: Int128) -> Double {
        let float = round(number.magnitude)?.float ?? 0
        return number < 0 ? -float : float
    }

    var float: Double {
        let unit = 64 * first - WideNumber.unitBits
        let float = WideNumber.round(magnitude, unit: unit)?.float ?? 0
        return isNegative ? -float : float
    }

    // MARK: Deviation

    /// √((n Σx² − (Σx)²) / (n (n − 1))); the numerator is exact, then rounded to 53 bits. Nil
    /// where 128 bits do not hold it.
    static func deviation(_ count: Int64, sum: Int128, squares: Int128) -> Double? {
        let (left, isOver) = squares.multipliedReportingOverflow(by: Int128(count))
        let (right, isOverToo) = sum.multipliedReportingOverflow(by: sum)
        if isOver || isOverToo { return nil }
        return round((left &- right).magnitude)?.squareRoot(over: divisor(count)) ?? 0
    }

    static func deviation(_ count: Int64, sum: WideNumber, squares: WideNumber) -> Double {
        let right = square(sum.magnitude)
        let left = product(squares.magnitude, UInt64(count))
        // Places are now counted in units of 2^-(2 × unitBits).
        let (leftFirst, rightFirst) = (squares.first + oneLimb, 2 * sum.first)
        let start = min(leftFirst, rightFirst)
        var rest = [UInt64](repeating: 0, count: max(leftFirst - start, 0)) + left
        let length = rightFirst - start + right.count
        while rest.count < length { rest.append(0) }
        var borrow: UInt64 = 0
        for place in rest.indices {
            let index = place - (rightFirst - start)
            let limb = right.indices.contains(index) ? right[index] : 0
            borrow = subtract(limb, from: &rest[place], borrow)
        }
        let unit = 64 * start - 2 * unitBits
        return round(rest, unit: unit)?.squareRoot(over: divisor(count)) ?? 0
    }

    private static func divisor(_ count: Int64) -> Double { Double(count) * (Double(count) - 1) }

    private static func product(_ a: [UInt64], _ factor: UInt64) -> [UInt64] {
        var result: [UInt64] = []
        var carry: UInt64 = 0
        for limb in a {
            let (high, low) = limb.multipliedFullWidth(by: factor)
            let (sum, isOver) = low.addingReportingOverflow(carry)
            result.append(sum)
            carry = high + (isOver ? 1 : 0)
        }
        return result + [carry]
    }

    private static func square(_ a: [UInt64]) -> [UInt64] {
        var result = [UInt64](repeating: 0, count: 2 * a.count + 1)
        for (i, limb) in a.enumerated() where limb != 0 {
            var carry: UInt64 = 0
            for (j, other) in a.enumerated() {
                let wide =
                    UInt128(limb) * UInt128(other) + UInt128(result[i + j]) + UInt128(carry)
                result[i + j] = UInt64(truncatingIfNeeded: wide)
                carry = UInt64(truncatingIfNeeded: wide >> 64)
            }
            result[i + a.count] = carry
        }
        return result
    }

    // MARK: Snapshots

    func write(to writer: inout SnapshotWriter) {
        writer.write(first)
        writer.write(limbs.count)
        for limb in limbs { writer.write(Int64(bitPattern: limb)) }
    }

    init() {}

    init(_ reader: inout SnapshotReader) throws(SnapshotError) {
        // Of the squares of the largest floats, and of as many of them as memory holds.
        first = try reader.int(below: 70)
        for _ in 0..<(try reader.int(below: 80)) {
            limbs.append(UInt64(bitPattern: try reader.int64()))
        }
    }
}

extension Double {
    /// The whole number and the power of two that it is times; its sign apart.
    ///
    /// - Precondition: it is finite.
    var parts: (significand: UInt64, exponent: Int) {
        let bits = bitPattern & 0xf_ffff_ffff_ffff
        let exponent = Int(exponentBitPattern)
        return exponent == 0 ? (bits, -1074) : (bits | 1 << 52, exponent - 1075)
    }
}
