// SPDX-License-Identifier: Apache-2.0
// Exercised by JournalTests.

/// The end of a journal, where entries are added.
package final class JournalWriter {
    /// Bytes after which a segment is full.
    package static let segmentByteCount: Int64 = 64 << 20

    private let disk: any Disk
    package let folder: String
    private let segmentByteCount: Int64
    private var file: (any DiskFile)?
    /// The number of the next entry.
    package private(set) var nextNumber: Int64
    private var scratch: [UInt8] = []
    private var isSynced: Bool
    /// Where the file has to be cut off before anything is added: what is behind that is half of an
    /// entry.
    private var wholeByteCount: Int64?

    /// Goes on behind what `reader` has read to its end, and cuts off what a crash left behind it.
    package init(
        _ disk: any Disk, goingOnBehind reader: JournalReader, in folder: String,
        segmentByteCount: Int64 = JournalWriter.segmentByteCount
    ) throws(StateError) {
        self.disk = disk
        self.folder = folder
        self.segmentByteCount = segmentByteCount
        nextNumber = reader.nextNumber
        // Nobody knows what an earlier life has synced of its last segment.
        isSynced = reader.lastSegment == nil
        guard let segment = reader.lastSegment else { return }
        let file = try disk.openForAppending("\(folder)/\(segment.name)")
        if file.byteCount > reader.wholeByteCount { try file.truncate(to: reader.wholeByteCount) }
        if file.byteCount == 0 {
            try file.append(segment.head)
            try file.sync()
            try disk.syncFolder(folder)
        }
        self.file = file
    }

    /// Adds entries in one write.
    ///
    /// - Throws: where none of them is in the journal: the same can be tried again.
    package func append(_ entries: [JournalEntry]) throws(StateError) {
        if entries.isEmpty { return }
        let file = try fileWithRoom()
        scratch.removeAll(keepingCapacity: true)
        for (k, entry) in entries.enumerated() {
            JournalSegment.appendFrame(entry, number: nextNumber + Int64(k), to: &scratch)
        }
        if let wholeByteCount { try file.truncate(to: wholeByteCount) }
        wholeByteCount = file.byteCount
        try file.append(scratch)
        wholeByteCount = nil
        nextNumber += Int64(entries.count)
        isSynced = false
    }

    /// Comes back when every entry is there for good.
    package func sync() throws(StateError) {
        if isSynced { return }
        try file?.sync()
        isSynced = true
    }

    /// Removes the segments all of whose entries are before a number; the last one stays.
    package static func removeEntries(
        before number: Int64, in folder: String, _ disk: any Disk
    ) throws(StateError) {
        let segments = try JournalReader.segments(in: folder, disk)
        for (segment, next) in zip(segments, segments.dropFirst())
        where next.firstNumber <= number {
            try disk.remove("\(folder)/\(segment.name)")
        }
    }

    private func fileWithRoom() throws(StateError) -> any DiskFile {
        if let file, wholeByteCount != nil || file.byteCount < segmentByteCount { return file }
        if let full = file {
            try sync()
            try full.close()
            file = nil
        }
        let segment = JournalSegment(firstNumber: nextNumber)
        let new = try disk.openForAppending("\(folder)/\(segment.name)")
        // What an earlier try left there is no entry.
        if new.byteCount > 0 { try new.truncate(to: 0) }
        try new.append(segment.head)
        // Before any entry: a head that is not right is then never that of entries.
        try new.sync()
        try disk.syncFolder(folder)
        file = new
        return new
    }
}
