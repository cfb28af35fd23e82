// SPDX-License-Identifier: Apache-2.0
// The wrappers of zlib and libzstd. Exercised by ByteSourceTests.

import CZlib
import CZstd

/// What one step of unpacking did.
package struct UnpackResult {
    /// Packed bytes used up.
    package var taken: Int
    /// Whether the data may end here.
    package var isBetweenMembers: Bool
    package var problem: String?
}

/// A gzip stream of any number of members (RFC 1952, section 2.2); zeros may pad its end.
@safe package final class GzipStream {
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = false
    private var isPadding = false

    package init() {
        // On the heap, because zlib's state points back at the stream.
        unsafe stream = .allocate(capacity: 1)
        // SAFETY: `stream` has room for the one value.
        unsafe stream.initialize(to: z_stream())
        // SAFETY: `stream` is valid and zeroed, which asks for zlib's own allocator.
        let status = unsafe inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(
            status == Z_OK, "zlib has memory for its state and is the one compiled against")
    }

    deinit {
        // SAFETY: `stream` was initialised in `init` and nobody else has it.
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Appends up to one chunk of what `packed` holds to `bytes`.
    package func unpack(_ packed: ArraySlice<UInt8>, into bytes: inout [UInt8]) -> UnpackResult {
        if isBetweenMembers, !packed.isEmpty {
            let padding = packed.prefix { $0 == 0 }.count
            if padding > 0 || isPadding {
                isPadding = true
                let isAll = padding == packed.count
                return UnpackResult(
                    taken: padding, isBetweenMembers: true,
                    problem: isAll ? nil : "something stands behind the padding")
            }
            // SAFETY: `stream` is valid.
            unsafe inflateReset(stream)
            isBetweenMembers = false
        }
        let start = bytes.count
        let room = ByteSource.chunkByteCount
        bytes.append(contentsOf: ByteSource.blankChunk)
        let available = packed.count
        var status = Z_OK
        // SAFETY: zlib reads at most avail_in bytes of `packed`, never writes to them though its
        // interface lacks the const, and writes at most avail_out bytes behind `start`; both
        // buffers live for the closures, and so for the call.
        unsafe packed.withUnsafeBufferPointer { input in
            unsafe bytes.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = CUnsignedInt(available)
                unsafe stream.pointee.next_out = output.baseAddress?.advanced(by: start)
                unsafe stream.pointee.avail_out = CUnsignedInt(room)
                status = unsafe inflate(stream, Z_NO_FLUSH)
            }
        }
        let taken = unsafe available - Int(stream.pointee.avail_in)
        let unused = unsafe Int(stream.pointee.avail_out)
        bytes.removeLast(unused)
        isBetweenMembers = status == Z_STREAM_END
        let isFine = status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR
        return UnpackResult(
            taken: taken, isBetweenMembers: isBetweenMembers, problem: isFine ? nil : problem())
    }

    private func problem() -> String {
        // SAFETY: zlib's message is nil or a static C string.
        unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "not gzip data"
    }
}

/// A zstd stream of any number of frames (RFC 8878).
@safe final class ZstdStream {
    private let stream: OpaquePointer
    private var isBetweenFrames = false

    init() {
        guard let made = unsafe ZSTD_createDStream() else {
            preconditionFailure("libzstd has memory for its state")
        }
        unsafe stream = made
    }

    deinit {
        // SAFETY: `stream` was made in `init` and nobody else has it.
        unsafe ZSTD_freeDStream(stream)
    }

    /// Appends up to one chunk of what `packed` holds to `bytes`.
    func unpack(_ packed: ArraySlice<UInt8>, into bytes: inout [UInt8]) -> UnpackResult {
        let start = bytes.count
        let room = ByteSource.chunkByteCount
        bytes.append(contentsOf: ByteSource.blankChunk)
        var taken = 0
        var made = 0
        var status = 0
        // SAFETY: libzstd reads within `input` and writes within the `room` bytes behind `start`;
        // both buffers live for the closures, and so for the call.
        unsafe packed.withUnsafeBytes { input in
            unsafe bytes.withUnsafeMutableBytes { output in
                var inBuffer = unsafe ZSTD_inBuffer(
                    src: input.baseAddress, size: input.count, pos: 0)
                var outBuffer = unsafe ZSTD_outBuffer(
                    dst: output.baseAddress?.advanced(by: start), size: room, pos: 0)
                status = unsafe ZSTD_decompressStream(stream, &outBuffer, &inBuffer)
                taken = unsafe inBuffer.pos
                made = unsafe outBuffer.pos
            }
        }
        bytes.removeLast(room - made)
        guard ZSTD_isError(status) == 0 else {
            let name = unsafe String(cString: ZSTD_getErrorName(status))
            return UnpackResult(taken: taken, isBetweenMembers: false, problem: name)
        }
        // A call that had nothing to do says how much of the next frame it wants, not where it is.
        if taken > 0 || made > 0 { isBetweenFrames = status == 0 }
        return UnpackResult(taken: taken, isBetweenMembers: isBetweenFrames, problem: nil)
    }
}
