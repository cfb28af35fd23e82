// SPDX-License-Identifier: Apache-2.0
// The one place where a decoder looks at bytes without a check of bounds in release builds.
// Exercised by PredictedLineTests.

import CByteScan

/// Bytes lent for the length of a closure, read 8 or 16 at a time.
///
/// Whoever asks says a place that is inside: asserted in debug builds, tests and fuzzing.
@safe struct RawText {
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

    /// The first place from `i` on that is not plain inside a string (a quote, a backslash, a
    /// control character, no ASCII), or the end.
    @inline(__always)
    func plainEnd(from i: Int) -> Int {
        assert(i >= 0 && i <= count, "a place in the text")
        // SAFETY: count - i bytes follow.
        return unsafe i &+ Int(martlet_plain_count(base + i, Int64(count &- i)))
    }

    /// The first place from `i` on where no decimal digit stands, or the end.
    @inline(__always)
    func digitsEnd(from i: Int) -> Int {
        assert(i >= 0 && i <= count, "a place in the text")
        // SAFETY: count - i bytes follow.
        return unsafe i &+ Int(martlet_digit_count(base + i, Int64(count &- i)))
    }
}
