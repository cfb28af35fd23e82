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

/// A file that is followed as it grows. Of a packed one, lines and places are those of what it
/// holds.
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
    /// Whether it is known if it is packed.
    private var isDecided = false
    private(set) var packed: PackedContent?
    /// Whether it is known where a packed file begins; until then there are no lines of it.
    private(set) var isMet = false
    /// The file that was packed, as long as that is there.
    var origin: TailedFile?
    private var end: (offset: Int64, checksum: UInt32)?

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
        // From here on `deinit` closes it, also where this is none.
        guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        mark = FileMark(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        noteBeginning()
    }

    var isPacked: Bool { packed != nil }

    /// Looks whether it is packed, unless that is known.
    func decide() {
        if isDecided { return }
        let beginning = bytes(from: 0, count: PackedContent.beginningByteCap)
        guard let isPacked = PackedContent.isPacked(beginning) else { return }
        isDecided = true
        if isPacked { packed = PackedContent(descriptor: descriptor) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

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
        (isMet, origin) = (true, nil)
        self.offset = offset
        readOffset = offset
        packed?.passOver(to: offset)
        if offset > 0, pieces != nil {
            let count = min(offset, TailedFile.headerByteCap)
            pieces?.meet(beginning: packed?.beginning(count) ?? bytes(from: 0, count: Int(count)))
        }
    }

    /// Goes on at its end, however far that is.
    func resumeAtEnd() {
        guard let packed else { return resume(at: byteCount) }
        isMet = true
        packed.passOverAll()
    }

    /// Whether nothing of it is to come: of a packed file alone that is known.
    var isOver: Bool { packed?.isAtEnd ?? false }

    /// Of up to 256 bytes before `offset`; nil: what they are is not known here.
    var endChecksum: UInt32? {
        if isPacked { return nil }
        if let end, end.offset == offset { return end.checksum }
        let count = min(offset, Int64(FileMark.beginningByteCap))
        let checksum = Checksum.crc32c(bytes(from: offset - count, count: Int(count)).span)
        end = (offset, checksum)
        return checksum
    }

    func takeProblem() -> String? { packed?.takeProblem() }

    var byteCount: Int64 {
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        return unsafe fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Whether the file was cut off and is written anew: what is known of it is void.
    var wasTruncated: Bool { !isPacked && byteCount < readOffset || !fits(mark) }

    /// The next whole lines; empty: there are none now.
    func nextLines(upTo chunkByteCount: Int) -> [UInt8] {
        decide()
        guard isDecided, !isPacked || isMet else { return [] }
        var lines: [UInt8] = []
        let known = readOffset
        while lines.isEmpty {
            let chunk = packed?.next() ?? bytes(from: readOffset, count: chunkByteCount)
            if chunk.isEmpty { break }
            // Cut off and written anew since the last look, further than it was: what has been read
            // begins in the middle of something.
            if !isPacked, !fits(mark) { return [] }
            readOffset += Int64(chunk.count)
            quietLookCount = 0
            cutter.take(chunk[...], into: &lines)
            if let taken = pieces?.take(lines) { lines = taken }
        }
        if lines.isEmpty, isOver { return lastLine() }
        offset = readOffset - Int64(cutter.rest.count + (pieces?.restByteCount ?? 0))
        // Only of what has been read: where that was written anew as far as it was, the next look
        // has to find out.
        if readOffset > known, mark.beginningByteCount < FileMark.beginningByteCap {
            noteBeginning()
        }
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
