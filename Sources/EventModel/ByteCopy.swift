// SPDX-License-Identifier: Apache-2.0

extension MutableSpan<UInt8> {
    /// Copies the bytes to `start` in one move.
    package mutating func copy(_ bytes: Span<UInt8>, to start: Int) {
        precondition(start >= 0 && start + bytes.count <= count, "there is room for the bytes")
        if bytes.isEmpty { return }
        // SAFETY: both buffers are valid for the closures, and the bounds have been checked.
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                unsafe target.baseAddress?.advanced(by: start).copyMemory(
                    from: source.baseAddress!, byteCount: source.count)
            }
        }
    }
}

extension Array where Element == UInt8 {
    /// Appends a text of the program's own, of more than one byte.
    package mutating func append(literal text: StaticString) {
        // SAFETY: such a text is there as long as the program, and has that length.
        unsafe append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(copying bytes: [UInt8]) { append(copying: bytes.span) }

    /// Appends the bytes in one move.
    package mutating func append(copying bytes: Span<UInt8>) {
        // SAFETY: the buffer is valid for the closure, which copies out of it and keeps nothing.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
