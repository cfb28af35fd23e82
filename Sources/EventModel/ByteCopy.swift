// SPDX-License-Identifier: Apache-2.0

extension Array where Element == UInt8 {
    /// Appends the bytes in one move.
    package mutating func append(copying bytes: Span<UInt8>) {
        // SAFETY: the buffer is valid for the closure, which copies out of it and keeps nothing.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
