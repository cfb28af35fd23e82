// SPDX-License-Identifier: Apache-2.0
// The one place where a decoder looks at bytes without a check of bounds in release builds.
// Exercised by PredictedLineTests.

import CByteScan
import EventModel

/// Bytes lent for the length of a closure, read 8 or more at a time.
///
/// Whoever asks says a place that is inside: asserted in debug builds, tests and fuzzing.
@safe struct RawText {
    /// As many bytes before the end nothing is scanned any more.
    static let margin = Int(MARTLET_SCAN_MARGIN)

    private let base: UnsafePointer<UInt8>
    let count: Int

    /// Nil of no bytes.
    ///
    /// - Precondition: `bytes` are valid as long as this value is used.
    @inline(__always)
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
        // SAFETY: the caller's promise.
        unsafe self.base = base
        count = bytes.count
    }

    @inline(__always)
    subscript(_ i: Int) -> UInt8 {
        assert(i >= 0 && i < count, "a byte of the text")
        // SAFETY: 0 <= i < count.
        return unsafe base[i]
    }

    /// The 8 bytes at `i`, the first the least significant.
    @inline(__always)
    func word(at i: Int) -> UInt64 {
        assert(i >= 0 && i + 8 <= count, "8 bytes of the text")
        // SAFETY: 0 <= i and i + 8 <= count.
        let word = unsafe UnsafeRawPointer(base + i).loadUnaligned(as: UInt64.self)
        return UInt64(littleEndian: word)
    }

    /// The `length` bytes at `i`.
    ///
    /// - Precondition: `length <= ShortBytes.byteCap`, and as many bytes as that are there.
    @inline(__always)
    func shortBytes(at i: Int, _ length: Int) -> ShortBytes {
        assert(length >= 0 && length <= ShortBytes.byteCap, "a short text")
        let lowLength = min(length, 8)
        let highLength = length - lowLength
        return ShortBytes(
            low: word(at: i) & RawText.mask(lowLength),
            high: word(at: i + 8) & RawText.mask(highLength), count: length)
    }

    /// The low `length` bytes of a word: 0 to 8.
    @inline(__always)
    private static func mask(_ length: Int) -> UInt64 {
        length == 0 ? 0 : .max &>> UInt64(truncatingIfNeeded: 64 &- 8 &* length)
    }

    /// The number that the `length` digits before `end` write.
    ///
    /// - Precondition: they are digits, 1 to 16 of them, and 16 bytes stand before `end`.
    @inline(__always)
    func number(before end: Int, _ length: Int) -> UInt64 {
        assert(length > 0 && length <= 16, "digits of a short number")
        let zeros: UInt64 = 0x3030_3030_3030_3030
        let last = word(at: end &- 8) ^ zeros
        if length <= 8 {
            // What stands before the digits becomes zeros.
            let shift = UInt64(truncatingIfNeeded: 64 &- 8 &* length)
            return NumberText.value(ofDigits: (last &>> shift) &<< shift)
        }
        let shift = UInt64(truncatingIfNeeded: 128 &- 8 &* length)
        let first = word(at: end &- 16) ^ zeros
        return NumberText.value(ofDigits: (first &>> shift) &<< shift) &* 100_000_000
            &+ NumberText.value(ofDigits: last)
    }

    /// The double nearest to the decimal number of at most 16 bytes before `end`, with up to 7
    /// digits behind its point; nil where anything else stands there.
    ///
    /// - Precondition: 16 bytes stand before `end`.
    @inline(__always)
    func decimal(before end: Int, _ length: Int) -> Double? {
        assert(length > 0 && length <= 16, "a short number")
        // The point is the last byte that is zero then; no digit becomes a one, which the search
        // for zeros could mistake.
        let last = word(at: end &- 8) ^ 0x2e2e_2e2e_2e2e_2e2e
        let points = (last &- 0x0101_0101_0101_0101) & ~last & 0x8080_8080_8080_8080
        let fractionCount = points.leadingZeroBitCount >> 3
        let wholeCount = length &- fractionCount &- 1
        guard points != 0, fractionCount > 0, wholeCount > 0,
            let fraction = digits(before: end, fractionCount),
            let whole = digits(before: end &- fractionCount &- 1, wholeCount)
        else { return nil }
        return NumberText.decimal(
            whole &* RawText.powersOfTen[fractionCount] &+ fraction, fractionCount: fractionCount)
    }

    private static let powersOfTen: InlineArray<8, UInt64> = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000,
    ]

    /// Like `number`, of up to 8 bytes; nil where one is no digit.
    @inline(__always)
    private func digits(before end: Int, _ length: Int) -> UInt64? {
        if length > 8 { return nil }
        let shift = UInt64(truncatingIfNeeded: 64 &- 8 &* length)
        let bytes = ((word(at: end &- 8) ^ 0x3030_3030_3030_3030) &>> shift) &<< shift
        let isOff = (bytes &+ 0x7676_7676_7676_7676) | bytes
        guard isOff & 0x8080_8080_8080_8080 == 0 else { return nil }
        return NumberText.value(ofDigits: bytes)
    }

    /// Goes on through the members of an object, as `martlet_scan_members` says.
    ///
    /// - Parameter isNarrow: whether to do without what not every processor has.
    @inline(__always)
    func scanMembers(
        _ leads: borrowing RawTable<martlet_lead>, _ spots: borrowing RawTable<martlet_spot>,
        _ generation: UInt64, _ scan: inout martlet_scan, isNarrow: Bool
    ) -> martlet_stop {
        assert(scan.place >= 0 && count <= martlet_spot.lineByteCap, "a place in the text")
        assert(
            scan.place + Int64(RawText.margin / (scan.is_at_value ? 2 : 1)) <= count,
            "room for what is read at once")
        // SAFETY: the numbers in the leads are those of leads and spots; what is read is inside,
        // as was asserted.
        if isNarrow {
            return unsafe martlet_scan_members_narrowly(
                base, Int64(count), leads.rows, spots.rows, generation, &scan)
        }
        return unsafe martlet_scan_members(
            base, Int64(count), leads.rows, spots.rows, generation, &scan)
    }
}
