// SPDX-License-Identifier: Apache-2.0
// Exercised by JournalTests.

internal import CByteScan

/// CRC-32C, which finds every burst of up to 32 wrong bits.
enum Checksum {
    static func crc32c(_ bytes: Span<UInt8>, behind checksum: UInt32 = 0) -> UInt32 {
        // SAFETY: the call reads the bytes of the span and keeps nothing.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return checksum }
            return unsafe martlet_crc32c(checksum, base, Int64(buffer.count))
        }
    }

    /// The same without what not every processor has, for tests.
    static func plainCRC32C(_ bytes: Span<UInt8>) -> UInt32 {
        // SAFETY: the call reads the bytes of the span and keeps nothing.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            return unsafe martlet_crc32c_plain(0, base, Int64(buffer.count))
        }
    }
}
