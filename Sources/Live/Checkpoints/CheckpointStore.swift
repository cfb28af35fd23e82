// SPDX-License-Identifier: Apache-2.0
// The form is fixed by docs/reference/state-folder.md. Exercised by CheckpointStoreTests.

/// A moment from which everything can be made again out of the journal.
package struct Checkpoint: Hashable, Sendable {
    /// The last journal entry that is in it.
    package var entryNumber: Int64
    /// What ran: `PipelineState.bytes`; as it was read, a part of the file's bytes.
    package var pipeline: ArraySlice<UInt8>
    /// By name of an output that the node writes itself: where it goes on.
    package var cursors: [String: LineCursor]

    package init(
        entryNumber: Int64, pipeline: ArraySlice<UInt8>, cursors: [String: LineCursor] = [:]
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
package struct CheckpointStore: Sendable {
    private let disk: any Disk
    private let folder: String
    private let keptCount: Int

    private static let prefix = "checkpoint-"
    private static let digitCount = 20
    private static let magic: [UInt8] = Array("MARTLETC".utf8)
    private static let format: UInt32 = 4

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

    /// Writes the checkpoint of a pipeline, whose state is never in memory as a whole.
    ///
    /// - Parameter journal: like that of `finish`.
    /// - Returns: its size in bytes.
    func write(
        _ pipeline: borrowing LivePipeline, cursors: [String: LineCursor],
        removingEntriesIn journal: String?
    ) throws(StateError) -> Int {
        let measured = pipeline.measuredState
        let checkpoint = try begin(
            entryNumber: pipeline.entryNumber, cursors: cursors,
            pipelineByteCount: measured.byteCount)
        pipeline.write(measured) { checkpoint.append($0) }
        return try finish(checkpoint, removingEntriesIn: journal)
    }

    /// Begins to write a checkpoint.
    ///
    /// - Parameter pipelineByteCount: bytes of its pipeline, which are appended next.
    package func begin(
        entryNumber: Int64, cursors: [String: LineCursor], pipelineByteCount: Int
    ) throws(StateError) -> UnfinishedCheckpoint {
        let path = "\(folder)/checkpoint.new"
        if try disk.byteCount(of: path) != nil { try disk.remove(path) }
        return UnfinishedCheckpoint(
            try disk.openForAppending(path), entryNumber,
            head: CheckpointStore.head(entryNumber, pipelineByteCount),
            tail: CheckpointStore.tail(cursors))
    }

    /// Gives a checkpoint its name, and removes those that are no longer kept.
    ///
    /// - Parameter journal: the folder whose entries up to the oldest checkpoint are removed too;
    ///   nil: none are.
    /// - Returns: its size in bytes.
    @discardableResult
    package func finish(
        _ checkpoint: UnfinishedCheckpoint, removingEntriesIn journal: String? = nil
    ) throws(StateError) -> Int {
        do throws(StateError) {
            try checkpoint.finish()
        } catch {
            // A full disk is not to be filled by what nobody can use.
            if error.isOutOfSpace { try? disk.remove(checkpoint.path) }
            throw error
        }
        try disk.rename(
            checkpoint.path, to: "\(folder)/\(CheckpointStore.name(checkpoint.entryNumber))")
        try disk.syncFolder(folder)
        let numbers = try numbers()
        for number in numbers.dropLast(keptCount) {
            try disk.remove("\(folder)/\(CheckpointStore.name(number))")
        }
        if let journal, let oldest = numbers.suffix(keptCount).first {
            try JournalWriter.removeEntries(before: oldest + 1, in: journal, disk)
        }
        return checkpoint.byteCount
    }

    /// What came of looking for a checkpoint.
    package struct Found: Sendable {
        /// The newest that is whole; nil: there is none.
        package var checkpoint: Checkpoint?
        /// What was wrong with newer ones, which are passed over.
        package var problems: [String] = []
    }

    /// Looks for the newest that is whole.
    ///
    /// - Throws: `unusable` for one of another version, which is not passed over: what that version
    ///   has written since then may mean something else.
    package func newest() throws(StateError) -> Found {
        var found = Found()
        for number in try numbers().reversed() {
            let path = "\(folder)/\(CheckpointStore.name(number))"
            let bytes = try disk.read(path)
            if let checkpoint = CheckpointStore.decode(bytes), checkpoint.entryNumber == number {
                found.checkpoint = checkpoint
                return found
            }
            if let format = CheckpointStore.format(ofWhole: bytes), format != CheckpointStore.format
            {
                throw .unusable(
                    path: path,
                    reason: "its format is \(format), and this version knows "
                        + "\(CheckpointStore.format)")
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
        let digits = name.dropFirst(prefix.count)
        guard name.hasPrefix(prefix), digits.utf8.count == digitCount, digits.first != "+",
            let number = Int64(digits), number >= 0, number < .max
        else { return nil }
        return number
    }

    // MARK: Form

    /// What stands before the state of the pipeline.
    static func head(_ entryNumber: Int64, _ pipelineByteCount: Int) -> [UInt8] {
        var bytes = magic
        bytes.append(littleEndian: format)
        bytes.append(littleEndian: UInt64(bitPattern: entryNumber))
        bytes.append(littleEndian: UInt64(pipelineByteCount))
        return bytes
    }

    /// What stands behind it, without the checksum.
    private static func tail(_ cursors: [String: LineCursor]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(cursors.count))
        for (name, cursor) in cursors.sorted(by: { $0.key < $1.key }) {
            bytes.append(withCount: Array(name.utf8))
            bytes.append(littleEndian: UInt64(bitPattern: cursor.nextNumber))
            bytes.append(littleEndian: UInt64(bitPattern: cursor.place))
        }
        return bytes
    }

    private static func decode(_ bytes: [UInt8]) -> Checkpoint? {
        guard bytes.starts(with: magic), isWhole(bytes) else { return nil }
        var rest = ByteCursor(bytes[magic.count..<bytes.count - 4])
        guard rest.halfWord() == format, let number = rest.word(), let count = rest.word(),
            let pipeline = rest.take(count), let cursorCount = rest.halfWord()
        else { return nil }
        var checkpoint = Checkpoint(
            entryNumber: Int64(bitPattern: number), pipeline: pipeline)
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

    /// The format of a checkpoint that is as it was written; nil: it is not.
    private static func format(ofWhole bytes: [UInt8]) -> UInt32? {
        guard bytes.starts(with: magic), isWhole(bytes) else { return nil }
        var rest = ByteCursor(bytes.dropFirst(magic.count))
        return rest.halfWord()
    }

    private static func problem(_ bytes: [UInt8]) -> String {
        bytes.starts(with: magic) ? "is damaged" : "is no checkpoint"
    }
}
