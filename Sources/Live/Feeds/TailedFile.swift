// SPDX-License-Identifier: Apache-2.0
// Exercised by FileTailTests.

internal import Connectors
internal import Glibc

/// What a file is known by, whatever its name becomes: its place on the disk, and its beginning,
/// since places are used again.
struct FileMark: Hashable, Sendable {
    static let beginningByteCap = 256

    var device: UInt64
    var number: UInt64
    /// Bytes of the beginning that `checksum` is of.
    var beginningByteCount = 0
    var checksum: UInt32 = 0
}

/// A file that is followed as it grows.
final class TailedFile {
    /// Where the row of names has its end, at the latest.
    private static let headerByteCap: Int64 = 1 << 20

    let path: String
    private(set) var mark: FileMark
    /// Bytes that have been given out as lines, or passed over.
    private(set) var offset: Int64
    private let descriptor: CInt
    private var cutter: LineCutter
    private var pieces: CSVPieces?
    private var readOffset: Int64
    private var quietLookCount = 0

    /// Opens a file; nil: it has gone, or is none.
    ///
    /// - Parameter pieces: what cuts rows, where the file has any.
    init?(_ path: String, maxLineByteCount: Int, pieces: CSVPieces? = nil) {
        self.path = path
        self.pieces = pieces
        // SAFETY: the path is a C string for the call.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        cutter = LineCutter(maxLineByteCount: maxLineByteCount)
        (offset, readOffset) = (0, 0)
        mark = FileMark(device: 0, number: 0)
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG
        else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
        mark = FileMark(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        noteBeginning()
    }

    deinit { close(descriptor) }

    /// Whether this is the file that was known by a mark: the same place, and at least the same
    /// beginning.
    func fits(_ known: FileMark) -> Bool {
        guard known.device == mark.device, known.number == mark.number else { return false }
        let beginning = bytes(from: 0, count: known.beginningByteCount)
        return beginning.count == known.beginningByteCount
            && Checksum.crc32c(beginning.span) == known.checksum
    }

    /// Goes on at a place.
    func resume(at offset: Int64) {
        self.offset = offset
        readOffset = offset
        if offset > 0, pieces != nil {
            let beginning = bytes(
                from: 0, count: Int(min(offset, TailedFile.headerByteCap)))
            pieces?.meet(beginning: beginning)
        }
    }

    var byteCount: Int64 {
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        return unsafe fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Whether the file was cut off and is written anew: what is known of it is void.
    var wasTruncated: Bool { byteCount < readOffset || !fits(mark) }

    /// The next whole lines; empty: there are none now.
    func nextLines(upTo chunkByteCount: Int) -> [UInt8] {
        var lines: [UInt8] = []
        while lines.isEmpty {
            let chunk = bytes(from: readOffset, count: chunkByteCount)
            if chunk.isEmpty { break }
            readOffset += Int64(chunk.count)
            quietLookCount = 0
            cutter.take(chunk[...], into: &lines)
            if let taken = pieces?.take(lines) { lines = taken }
        }
        offset = readOffset - Int64(cutter.rest.count + (pieces?.restByteCount ?? 0))
        if mark.beginningByteCount < FileMark.beginningByteCap { noteBeginning() }
        return lines
    }

    /// Whether nothing has come since as many calls of this.
    func isQuiet(forLooks count: Int) -> Bool {
        quietLookCount += 1
        return quietLookCount > count
    }

    /// The last line, which nobody will end any more.
    func lastLine() -> [UInt8] {
        var lines: [UInt8] = []
        cutter.finish(into: &lines)
        if let taken = pieces?.take(lines) { lines = taken + (pieces?.finish() ?? []) }
        offset = readOffset
        return lines
    }

    private func noteBeginning() {
        let beginning = bytes(from: 0, count: FileMark.beginningByteCap)
        mark.beginningByteCount = beginning.count
        mark.checksum = Checksum.crc32c(beginning.span)
    }

    private func bytes(from offset: Int64, count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { room, initializedCount in
            // SAFETY: pread(2) fills at most the room that there is.
            let done = unsafe pread(descriptor, room.baseAddress, count, off_t(offset))
            initializedCount = max(done, 0)
        }
    }
}
