// SPDX-License-Identifier: Apache-2.0

import CZlib

/// One gzip member of `bytes`.
package func gzip(_ bytes: [UInt8]) -> [UInt8] {
    // SAFETY: zlib gets a stream that is zeroed, and buffers with the room that it is told.
    var stream = unsafe z_stream()
    unsafe deflateInit2_(
        &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        CInt(MemoryLayout<z_stream>.size))
    var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + 1024))
    // SAFETY: both buffers have the room that the stream is told.
    unsafe input.withUnsafeMutableBufferPointer { source in
        unsafe output.withUnsafeMutableBufferPointer { target in
            unsafe stream.next_in = source.baseAddress
            unsafe stream.avail_in = CUnsignedInt(source.count)
            unsafe stream.next_out = target.baseAddress
            unsafe stream.avail_out = CUnsignedInt(target.count)
            unsafe deflate(&stream, Z_FINISH)
        }
    }
    let made = unsafe Int(stream.total_out)
    unsafe deflateEnd(&stream)
    return Array(output[..<made])
}
