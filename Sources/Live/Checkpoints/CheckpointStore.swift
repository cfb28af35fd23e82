// SPDX-License-Identifier: Apache-2.0
// The form is fixed by docs/reference/state-folder.md. Exercised by CheckpointStoreTests.

/// A moment from which everything can be made again out of the journal.
package struct Checkpoint: Hashable, Sendable {
    /// The last journal entry that is in it.
    package var entryNumber: Int64
    /// What ran: `PipelineState.bytes`.
    package var pipeline: [UInt8]
    /// By name of an output that the node writes itself: where it goes on.
    package var cursors: [String: LineCursor]

    package init(
        entryNumber: Int64, pipeline: [UInt8], cursors: [String: LineCursor] = [:]
    ) {
        self.entryNumber = entryNumber
        self.pipeline = pipeline
        self.cursors = cursors
    }
}

/// The checkpoints in a folder, of which the newest few are kept.
///
/// A checkpoint has its name only once it is whole and there for good, so one that a crash cut off
/// is not met.
package struct CheckpointStore {
    private let disk: any Disk
    private let folder: String
    private let keptCount: Int

    private static let prefix = "checkpoint-"
    private static let digitCount = 20
    private static let magic: [UInt8] = Array("MARTLETC".utf8)
    private static let format: UInt32 = 2

    package init(_ disk: any Disk, folder: String, keptCount: Int = 3) {
        self.disk = disk
        self.folder = folder
        self.keptCount = max(keptCount, 1)
    }

    /// The numbers of the checkpoints that are there, oldest first.
    package func numbers() throws(StateError) -> [Int64] {
        try disk.names(in: folder).compactMap(CheckpointStore.number).sorted()
    }

    /// The size of the newest checkpoint in bytes; 0: there is none.
    package func newestByteCount() throws(StateError) -> Int {
        guard let number = try numbers().last else { return 0 }
        let path = "\(folder)/\(CheckpointStore.name(number))"
        return Int(try disk.byteCount(of: path) ?? 0)
    }

    /// Writes a checkpoint, and removes those that are no longer kept.
    ///
    /// - Returns: its size in bytes.
    @discardableResult
    package func write(_ checkpoint: Checkpoint) throws(StateError) -> Int {
        let path = "\(folder)/\(CheckpointStore.name(checkpoint.entryNumber))"
        let unfinished = "\(folder)/checkpoint.new"
        if try disk.byteCount(of: unfinished) != nil { try disk.remove(unfinished) }
        let bytes = CheckpointStore.encode(checkpoint)
        let file = try disk.openForAppending(unfinished)
        try file.append(bytes)
        try file.sync()
        try file.close()
        try disk.rename(unfinished, to: path)
        try disk.syncFolder(folder)
        for number in try numbers().dropLast(keptCount) {
            try disk.remove("\(folder)/\(CheckpointStore.name(number))")
        }
        return bytes.count
    }

    /// What came of looking for a checkpoint.
    package struct Found: Sendable {
        /// The newest that is whole; nil: there is none.
        package var checkpoint: Checkpoint?
        /// What was wrong with newer ones, which are passed over.
        package var problems: [String] = []
    }

    package func newest() throws(StateError) -> Found {
        var found = Found()
        for number in try numbers().reversed() {
            let path = "\(folder)/\(CheckpointStore.name(number))"
            let bytes = try disk.read(path)
            if let checkpoint = CheckpointStore.decode(bytes), checkpoint.entryNumber == number {
                found.checkpoint = checkpoint
                return found
            }
            found.problems.append("`\(path)` \(CheckpointStore.problem(bytes))")
        }
        return found
    }

    private static func name(_ number: Int64) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: digitCount - digits.count) + digits
    }

    private static func number(_ name: String) -> Int64? {
        guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + digitCount else {
            return nil
        }
        return Int64(name.dropFirst(prefix.count))
    }

    // MARK: Form

    private static func encode(_ checkpoint: Checkpoint) -> [UInt8] {
        var bytes = magic
        bytes.reserveCapacity(checkpoint.pipeline.count + 1024)
        bytes.append(littleEndian: format)
        bytes.append(littleEndian: UInt64(bitPattern: checkpoint.entryNumber))
        bytes.append(littleEndian: UInt64(checkpoint.pipeline.count))
        bytes += checkpoint.pipeline
        bytes.append(littleEndian: UInt32(checkpoint.cursors.count))
        for (name, cursor) in checkpoint.cursors.sorted(by: { $0.key < $1.key }) {
            bytes.append(withCount: Array(name.utf8))
            bytes.append(littleEndian: UInt64(bitPattern: cursor.nextNumber))
            bytes.append(littleEndian: UInt64(bitPattern: cursor.place))
        }
        bytes.append(littleEndian: Checksum.crc32c(bytes.span))
        return bytes
    }

    private static func decode(_ bytes: [UInt8]) -> Checkpoint? {
        guard bytes.starts(with: magic), isWhole(bytes) else { return nil }
        var rest = ByteCursor(bytes[magic.count..<bytes.count - 4])
        guard rest.halfWord() == format, let number = rest.word(), let count = rest.word(),
            let pipeline = rest.take(count), let cursorCount = rest.halfWord()
        else { return nil }
        var checkpoint = Checkpoint(
            entryNumber: Int64(bitPattern: number), pipeline: Array(pipeline))
        for _ in 0..<cursorCount {
            guard let name = rest.counted(), let next = rest.word(), let place = rest.word() else {
                return nil
            }
            checkpoint.cursors[String(decoding: name, as: UTF8.self)] = LineCursor(
                nextNumber: Int64(bitPattern: next), place: Int64(bitPattern: place))
        }
        return rest.rest.isEmpty ? checkpoint : nil
    }

    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= magic.count + 8 else { return false }
        var tail = ByteCursor(bytes.suffix(4))
        return tail.halfWord() == Checksum.crc32c(bytes.span.extracting(0..<bytes.count - 4))
    }

    private static func problem(_ bytes: [UInt8]) -> String {
        guard bytes.starts(with: magic) else { return "is no checkpoint" }
        var rest = ByteCursor(bytes.dropFirst(magic.count))
        if let found = rest.halfWord(), found != format, isWhole(bytes) {
            return "has format \(found), and this version knows \(format)"
        }
        return "is damaged"
    }
}
