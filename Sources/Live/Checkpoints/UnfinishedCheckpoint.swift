// SPDX-License-Identifier: Apache-2.0
// Exercised by CheckpointStoreTests.

internal import Glibc

/// A checkpoint on its way into its file, piece by piece; what goes wrong is told at the end.
package final class UnfinishedCheckpoint {
    /// Bytes that are written between two syncs: a whole checkpoint at once would hold up the sync
    /// of anything else on the disk, be it for a second.
    private static let pieceByteCount = 1 << 20

    package let entryNumber: Int64
    private let file: any DiskFile
    private let tail: [UInt8]
    private var checksum: UInt32 = 0
    private var unsyncedByteCount = 0
    private var failure: StateError?

    init(_ file: any DiskFile, _ entryNumber: Int64, head: [UInt8], tail: [UInt8]) {
        self.file = file
        self.entryNumber = entryNumber
        self.tail = tail
        append(head)
    }

    var path: String { file.path }
    var byteCount: Int { Int(file.byteCount) }

    /// Appends a piece of the pipeline; nothing any more once something has gone wrong.
    package func append(_ bytes: [UInt8]) {
        if failure != nil { return }
        do throws(StateError) {
            // What was before it: the last piece is synced with the tail.
            if unsyncedByteCount >= UnfinishedCheckpoint.pieceByteCount { try sync() }
            checksum = Checksum.crc32c(bytes.span, behind: checksum)
            unsyncedByteCount += bytes.count
            try file.append(bytes)
        } catch {
            failure = error
        }
    }

    /// Appends the rest, and comes back when all of it is there for good.
    func finish() throws(StateError) {
        if let failure { throw failure }
        var tail = tail
        checksum = Checksum.crc32c(tail.span, behind: checksum)
        tail.append(littleEndian: checksum)
        try file.append(tail)
        try sync()
        try file.close()
    }

    /// That there is no room may be found out only here; nobody has relied on the file yet.
    private func sync() throws(StateError) {
        unsyncedByteCount = 0
        do throws(StateError) {
            try file.sync()
        } catch {
            guard case .system(_, let path, let errno) = error else { throw error }
            throw .system(errno == ENOSPC || errno == EDQUOT ? "write" : "sync", path, errno: errno)
        }
    }
}
