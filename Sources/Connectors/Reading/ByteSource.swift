// SPDX-License-Identifier: Apache-2.0
// Bytes of a file or of standard input, unpacked where they are packed. Exercised by
// ByteSourceTests.

import Glibc

/// The bytes of a path (`-` is standard input), unpacked if they begin as gzip or zstd data does.
///
/// - Shape: reads and unpacks in steps of `chunkByteCount`, in constant memory.
package struct ByteSource: ~Copyable {
    package static let chunkByteCount = 256 * 1024

    package static let gzipBeginning: [UInt8] = [0x1f, 0x8b]
    /// Of a frame, and of those that are passed over, with which what `pzstd` writes begins
    /// (RFC 8878, section 3.1.2). No text begins so: each has a control character or no UTF-8.
    package static let zstdBeginnings: [[UInt8]] =
        [[0x28, 0xb5, 0x2f, 0xfd]] + (0x50...0x5f).map { [$0, 0x2a, 0x4d, 0x18] }

    /// Room to write over: an array made longer with it stays initialised whatever C does.
    static let blankChunk = [UInt8](repeating: 0, count: chunkByteCount)

    package let path: String
    /// The size of the file as it is stored; nil where there is none (a pipe).
    package let totalByteCount: Int64?
    /// When the file was last changed, in seconds since 1970.
    package let modifiedSeconds: Int64?
    /// Bytes taken from the file so far, as it is stored.
    package private(set) var readByteCount: Int64 = 0

    private let descriptor: CInt
    private var unpacking = Unpacking.undecided
    private var packed: [UInt8] = []
    private var packedStart = 0
    private var isAtEnd = false

    private enum Unpacking {
        case undecided
        case none
        case gzip(GzipStream)
        case zstd(ZstdStream)
    }

    /// - Throws: `cannotOpen`.
    package init(path: String) throws(FeedError) {
        self.path = path
        // SAFETY: the path is a C string for the call.
        descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FeedError.cannotOpen(path: path, errno: errno) }
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        let hasStatus = unsafe fstat(descriptor, &status) == 0
        let isFile = hasStatus && status.st_mode & S_IFMT == S_IFREG
        totalByteCount = isFile ? Int64(status.st_size) : nil
        modifiedSeconds = hasStatus ? Int64(status.st_mtim.tv_sec) : nil
    }

    /// The bytes of a file that was read before.
    package init(path: String, bytes: [UInt8]) {
        self.path = path
        descriptor = -1
        totalByteCount = Int64(bytes.count)
        modifiedSeconds = nil
        packed = bytes
    }

    deinit {
        if descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// Appends the next bytes to `bytes`; false: there are no more.
    ///
    /// - Throws: `cannotRead`, `truncated`, `corrupt`; what could be read before was given.
    package mutating func read(appendingTo bytes: inout [UInt8]) throws(FeedError) -> Bool {
        if case .undecided = unpacking { try decide() }
        if case .none = unpacking {
            if packedStart < packed.count {
                bytes.append(contentsOf: packed[packedStart...])
                packed = []
                packedStart = 0
                return true
            }
            return try count(ByteSource.readRaw(descriptor, path, &bytes)) > 0
        }
        let before = bytes.count
        while bytes.count == before {
            if packedStart == packed.count, !isAtEnd {
                packed.removeAll(keepingCapacity: true)
                packedStart = 0
                isAtEnd = try count(ByteSource.readRaw(descriptor, path, &packed)) == 0
            }
            let isDone: Bool
            switch unpacking {
            case .gzip(let stream):
                isDone = try unpack(stream.unpack, into: &bytes)
            case .zstd(let stream):
                isDone = try unpack(stream.unpack, into: &bytes)
            case .none, .undecided: isDone = true
            }
            if isDone { return bytes.count > before }
        }
        return true
    }

    /// True: everything is unpacked.
    private mutating func unpack(
        _ step: (ArraySlice<UInt8>, inout [UInt8]) -> UnpackResult, into bytes: inout [UInt8]
    ) throws(FeedError) -> Bool {
        let before = bytes.count
        let result = step(packed[packedStart...], &bytes)
        packedStart += result.taken
        if let problem = result.problem {
            throw FeedError.corrupt(path: path, detail: problem)
        }
        guard isAtEnd, packedStart == packed.count, bytes.count == before else { return false }
        guard result.isBetweenMembers else { throw FeedError.truncated(path: path) }
        return true
    }

    /// Looks at the first bytes: names lie, magic numbers do not.
    private mutating func decide() throws(FeedError) {
        while packed.count < 4, try count(ByteSource.readRaw(descriptor, path, &packed)) > 0 {}
        if packed.starts(with: ByteSource.gzipBeginning) {
            unpacking = .gzip(GzipStream())
        } else if ByteSource.zstdBeginnings.contains(where: { packed.starts(with: $0) }) {
            unpacking = .zstd(ZstdStream())
        } else {
            unpacking = .none
        }
    }

    /// Appends what one read(2) gives, up to a chunk; 0 at the end.
    private static func readRaw(
        _ descriptor: CInt, _ path: String, _ bytes: inout [UInt8]
    ) throws(FeedError) -> Int {
        // All of it is there.
        if descriptor < 0 { return 0 }
        var count = 0
        var problem: CInt = 0
        bytes.append(addingCapacity: chunkByteCount) { output in
            // SAFETY: the buffer has the room that it says; of that so much is initialised as
            // read(2) says it wrote.
            unsafe output.withUnsafeMutableBufferPointer { room, initializedCount in
                repeat {
                    count = unsafe Glibc.read(descriptor, room.baseAddress, chunkByteCount)
                } while count < 0 && errno == EINTR
                problem = errno
                initializedCount = max(count, 0)
            }
        }
        guard count >= 0 else { throw FeedError.cannotRead(path: path, errno: problem) }
        return count
    }

    private mutating func count(_ byteCount: Int) -> Int {
        readByteCount += Int64(byteCount)
        return byteCount
    }
}
