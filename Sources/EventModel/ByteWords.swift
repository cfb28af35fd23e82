// SPDX-License-Identifier: Apache-2.0
// Bytes read 8 at a time. Exercised by SymbolTableTests and SlotConversionTests.

extension Span where Element == UInt8 {
    /// The 8 bytes at `offset`, the first the least significant.
    ///
    /// - Precondition: they are inside.
    @inlinable
    package func word(at offset: Int) -> UInt64 {
        assert(offset >= 0 && offset + 8 <= count, "8 bytes of the span")
        // SAFETY: 0 <= offset and offset + 8 <= count, which each caller sees to.
        return unsafe UInt64(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The 4 bytes at `offset`, like `word`.
    @inlinable
    package func halfWord(at offset: Int) -> UInt64 {
        assert(offset >= 0 && offset + 4 <= count, "4 bytes of the span")
        // SAFETY: 0 <= offset and offset + 4 <= count, which each caller sees to.
        return unsafe UInt64(
            UInt32(
                littleEndian: bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: offset, as: UInt32.self)))
    }
}

/// A byte string of at most 16 bytes as three numbers: its length, and the bytes themselves, from
/// the least significant on, with zeros behind them.
package struct ShortBytes: Equatable, BitwiseCopyable, Sendable {
    package static let byteCap = 16

    package var low: UInt64
    package var high: UInt64
    package var count: Int

    /// Of no bytes.
    @inlinable
    package init() {
        low = 0
        high = 0
        count = 0
    }

    /// - Precondition: beyond the first `count` bytes all are zero.
    @inlinable
    @inline(__always)
    package init(low: UInt64, high: UInt64, count: Int) {
        self.low = low
        self.high = high
        self.count = count
    }

    /// - Precondition: `bytes.count <= byteCap`.
    @inlinable
    package init(_ bytes: Span<UInt8>) {
        let n = bytes.count
        count = n
        if n >= 8 {
            // The two words overlap or touch, and together they are all of the bytes.
            low = bytes.word(at: 0)
            high = bytes.word(at: n - 8) >> UInt64(truncatingIfNeeded: 8 * (16 - n))
        } else if n >= 4 {
            low =
                bytes.halfWord(at: 0)
                | bytes.halfWord(at: n - 4) &<< UInt64(truncatingIfNeeded: 8 * (n - 4))
            high = 0
        } else if n > 0 {
            low =
                UInt64(bytes[0])
                | UInt64(bytes[n >> 1]) &<< UInt64(truncatingIfNeeded: 8 * (n >> 1))
                | UInt64(bytes[n - 1]) &<< UInt64(truncatingIfNeeded: 8 * (n - 1))
            high = 0
        } else {
            low = 0
            high = 0
        }
    }

    @inlinable
    package static func == (a: ShortBytes, b: ShortBytes) -> Bool {
        a.low == b.low && a.high == b.high && a.count == b.count
    }
}
