// SPDX-License-Identifier: Apache-2.0
// Exercised by FullDiskTests and RulesChangeTests, and by simulated crashes.

/// The parts of a node as its state folder has them: the newest whole checkpoint, and the journal
/// behind it worked in again.
struct RecoveredNode: ~Copyable {
    let letters: DeadLetterFile
    let journal: JournalWriter
    let recovery: Recovery
    let pipeline: LivePipeline

    static func recover(
        _ library: RulesLibrary, in world: NodeSurroundings
    ) throws(StateError) -> RecoveredNode {
        try world.disk.makeFolder(world.checkpointFolder)
        try world.disk.makeFolder(world.journalFolder)
        var restored = try RestoredPipeline(library, in: world)
        var recovery = Recovery()
        recovery.problems = restored.problems
        recovery.checkpoint = restored.checkpoint
        recovery.isOfOtherProgram = restored.isOfOtherProgram
        var letters = try DeadLetterFile(
            world.disk, path: world.letterPath, cursor: restored.cursors[LiveNode.lettersName],
            store: world.store, fileByteCount: world.options.deadLetterByteCount)
        var reader = try JournalReader(
            world.disk, folder: world.journalFolder, from: (restored.checkpoint ?? 0) + 1)
        let eventCount = restored.pipeline.eventCount
        while let entry = try reader.next() {
            try restored.apply(entry)
            recovery.entryCount += 1
            try deliver(restored.pipeline, to: world.store, &letters)
            restored.forgetOutput()
        }
        try letters.goOn(at: restored.pipeline.deadLetters.nextNumber)
        recovery.eventCount = restored.pipeline.eventCount - eventCount
        recovery.tornByteCount = reader.tornByteCount
        recovery.strayLineCount = restored.pipeline.strayLineCount
        recovery.lostHeldCount = restored.pipeline.lostHeldCount
        let journal = try JournalWriter(
            world.disk, goingOnBehind: reader, in: world.journalFolder,
            segmentByteCount: world.options.segmentByteCount)
        let stored = try world.store.nextNumber()
        let next = restored.pipeline.alerts.nextNumber
        if stored > next { recovery.orphanedAlerts = next..<stored }
        if let problem = letters.takeProblem() { recovery.problems.append(problem) }
        return RecoveredNode(
            letters: letters, journal: journal, recovery: recovery,
            pipeline: restored.intoPipeline())
    }

    private static func deliver(
        _ pipeline: borrowing LivePipeline, to store: any AlertStore,
        _ letters: inout DeadLetterFile
    ) throws(StateError) {
        if !pipeline.alerts.isEmpty { try store.append(pipeline.alerts) }
        if !pipeline.deadLetters.isEmpty { try letters.append(pipeline.deadLetters) }
    }
}
