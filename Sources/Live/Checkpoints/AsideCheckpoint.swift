// SPDX-License-Identifier: Apache-2.0
// Exercised by AsideCheckpointTests, and by simulated crashes.

/// A checkpoint that is made beside a node that goes on: out of the newest one and the journal
/// behind it, as a start would, up to where the node was when it was asked for.
///
/// What comes of it is compared with what the node was like at that place, so that every
/// checkpoint proves that one can go on from the state folder. It has one caller at a time, on any
/// thread; of a node there may be one at a time.
package struct AsideCheckpoint: ~Copyable {
    private let world: NodeSurroundings
    private let mark: CheckpointMark
    private var restored: RestoredPipeline
    private var reader: JournalReader
    /// Of the alerts so far; nil: where it began is not known.
    private var alertChecksum: UInt32?

    /// Loads the newest checkpoint.
    init(_ mark: CheckpointMark, in world: NodeSurroundings) throws(StateError) {
        let library = try RulesLibrary(
            world.registry, folder: world.folder, configured: nil, known: mark.rules)
        let restored = try RestoredPipeline(library, in: world)
        guard !restored.isOfOtherProgram else {
            throw .unusable(
                path: world.checkpointFolder, reason: "its newest checkpoint is of other rules")
        }
        let first = restored.checkpoint ?? 0
        let reader = try JournalReader(world.disk, folder: world.journalFolder, from: first + 1)
        self.world = world
        self.mark = mark
        self.restored = restored
        self.reader = reader
        alertChecksum = mark.knownChecksums[first]
    }

    /// Works in some entries of the journal; true: all that belong to it.
    package mutating func step(upTo entryCount: Int = 64) throws(StateError) -> Bool {
        for _ in 0..<entryCount where reader.nextNumber <= mark.entryNumber {
            guard let entry = try reader.next() else {
                throw .journalLacks(
                    folder: world.journalFolder, from: reader.nextNumber, to: mark.entryNumber)
            }
            try restored.apply(entry)
            if let alertChecksum {
                self.alertChecksum = Checksum.crc32c(
                    restored.pipeline.alerts.bytes.span, behind: alertChecksum)
            }
            restored.forgetOutput()
        }
        return reader.nextNumber > mark.entryNumber
    }

    /// Writes the checkpoint, and removes what nobody needs any more.
    ///
    /// - Precondition: `step` has come to its end.
    /// - Returns: its size in bytes.
    /// - Throws: `checkpointDiffers` where it is not what the node was like; nothing is written
    ///   then.
    package consuming func finish() throws(StateError) -> Int {
        precondition(reader.nextNumber > mark.entryNumber, "a checkpoint has all that is in it")
        if let difference = mark.difference(
            from: restored.pipeline, alertChecksum: alertChecksum)
        {
            throw .checkpointDiffers(difference)
        }
        // A checkpoint must not be ahead of anything that it stands for.
        try AsideCheckpoint.sync(journalIn: world, upTo: mark.entryNumber)
        try world.store.sync()
        if let letters = try? world.disk.openForAppending(world.letterPath) {
            try? letters.sync()
            try? letters.close()
        }
        return try world.checkpoints.write(
            restored.pipeline, cursors: mark.cursors, removingEntriesIn: world.journalFolder)
    }

    /// Has the journal be there for good as far as a checkpoint goes. Its writer syncs a segment
    /// before it begins the next, so only one can be in question.
    private static func sync(
        journalIn world: NodeSurroundings, upTo entry: Int64
    ) throws(StateError) {
        let segments = try JournalReader.segments(in: world.journalFolder, world.disk)
        guard let segment = segments.last(where: { $0.firstNumber <= entry }) else { return }
        let file = try world.disk.openForAppending("\(world.journalFolder)/\(segment.name)")
        try file.sync()
        try file.close()
    }
}

/// Makes checkpoints beside a node.
package struct CheckpointMaker: Sendable {
    let world: NodeSurroundings

    /// Begins one by loading the newest that there is.
    package func begin(_ mark: CheckpointMark) throws(StateError) -> AsideCheckpoint {
        try AsideCheckpoint(mark, in: world)
    }
}
