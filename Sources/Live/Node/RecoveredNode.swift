// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveNodeTests, and by simulated crashes.

internal import MatchCore

/// The parts of a node as its state folder has them: the newest whole checkpoint, and the journal
/// behind it worked in again.
struct RecoveredNode: ~Copyable {
    let checkpoints: CheckpointStore
    let letters: LineFile
    let journal: JournalWriter
    let recovery: Recovery
    let pipeline: LivePipeline

    static func recover(
        _ library: RulesLibrary, _ feeds: [LiveFeedOptions], disk: any Disk, folder: String,
        store: any AlertStore, options: LiveNodeOptions
    ) throws(StateError) -> RecoveredNode {
        let checkpointFolder = LiveNode.checkpointFolder(folder)
        let journalFolder = LiveNode.journalFolder(folder)
        try disk.makeFolder(checkpointFolder)
        try disk.makeFolder(journalFolder)
        let checkpoints = CheckpointStore(
            disk, folder: checkpointFolder, keptCount: options.checkpointCount)
        let found = try checkpoints.newest()
        guard found.checkpoint != nil || found.problems.isEmpty else {
            throw .noCheckpoint(folder: checkpointFolder, problems: found.problems)
        }
        var recovery = Recovery()
        recovery.problems = found.problems
        recovery.checkpoint = found.checkpoint?.entryNumber
        let state = try state(found.checkpoint, in: checkpointFolder)
        var letters = try LineFile(
            disk, path: options.deadLetterPath ?? "\(folder)/dead-letters.jsonl",
            cursor: found.checkpoint?.cursors[LiveNode.lettersName], firstNumber: 1)

        var library = library
        let rules = try library.rules(afterChange: state?.rulesChange ?? 0)
        var pipeline = LivePipeline(rules, feeds: all(feeds, behind: state))
        if let state {
            recovery.isOfOtherProgram = !(try restore(state, into: &pipeline, checkpointFolder))
        }
        if let state, recovery.isOfOtherProgram {
            pipeline = LivePipeline(rules, feeds: all(feeds, behind: state))
            try learn(&pipeline, behind: state, disk, journalFolder)
        }
        var reader = try JournalReader(
            disk, folder: journalFolder, from: (state?.entryNumber ?? 0) + 1)
        let eventCount = pipeline.eventCount
        while let entry = try reader.next() {
            try apply(entry, to: &pipeline, &library, journalFolder)
            recovery.entryCount += 1
            try deliver(&pipeline, to: store, &letters)
        }
        recovery.eventCount = pipeline.eventCount - eventCount
        recovery.tornByteCount = reader.tornByteCount
        recovery.strayLineCount = pipeline.strayLineCount
        recovery.lostHeldCount = pipeline.lostHeldCount
        let journal = try JournalWriter(
            disk, goingOnBehind: reader, in: journalFolder,
            segmentByteCount: options.segmentByteCount)
        let stored = try store.nextNumber()
        if stored > pipeline.alerts.nextNumber {
            recovery.orphanedAlerts = pipeline.alerts.nextNumber..<stored
        }
        if let problem = letters.takeProblem() { recovery.problems.append(problem) }
        return RecoveredNode(
            checkpoints: checkpoints, letters: letters, journal: journal, recovery: recovery,
            pipeline: pipeline)
    }

    private static func apply(
        _ entry: JournalEntry, to pipeline: inout LivePipeline, _ library: inout RulesLibrary,
        _ folder: String
    ) throws(StateError) {
        guard case .rules(let change) = entry else { return pipeline.apply(entry) }
        let rules = try library.rules(afterChange: change)
        do throws(SnapshotError) {
            _ = pipeline.adopt(try pipeline.prepare(rules))
        } catch {
            throw .unusable(path: folder, reason: "rules cannot change as they did: \(error)")
        }
    }

    /// False: the state is of another program, and the pipeline is not usable.
    private static func restore(
        _ state: PipelineState, into pipeline: inout LivePipeline, _ folder: String
    ) throws(StateError) -> Bool {
        do throws(SnapshotError) {
            try pipeline.restore(state)
            return true
        } catch .otherRules {
            return false
        } catch {
            throw .unusable(path: folder, reason: "\(error)")
        }
    }

    /// Has rules that this version compiles otherwise learn from what the journal still has of the
    /// time before the checkpoint, as though they had been in force all the time. What was said
    /// about it is said.
    private static func learn(
        _ pipeline: inout LivePipeline, behind state: PipelineState, _ disk: any Disk,
        _ folder: String
    ) throws(StateError) {
        let first = try JournalReader.segments(in: folder, disk).first?.firstNumber
        if let first, first <= state.entryNumber {
            var reader = try JournalReader(disk, folder: folder, from: first)
            while reader.nextNumber <= state.entryNumber, let entry = try reader.next() {
                if case .rules = entry { continue }
                pipeline.apply(entry)
                pipeline.alerts.removeAll()
                pipeline.deadLetters.removeAll()
            }
        }
        pipeline.goOn(behind: state)
    }

    private static func deliver(
        _ pipeline: inout LivePipeline, to store: any AlertStore, _ letters: inout LineFile
    ) throws(StateError) {
        if !pipeline.alerts.isEmpty { try store.append(pipeline.alerts) }
        pipeline.alerts.removeAll()
        if !pipeline.deadLetters.isEmpty {
            try letters.append(
                pipeline.deadLetters.bytes, upTo: pipeline.deadLetters.nextNumber)
        }
        pipeline.deadLetters.removeAll()
    }

    private static func state(
        _ checkpoint: Checkpoint?, in folder: String
    ) throws(StateError) -> PipelineState? {
        guard let checkpoint else { return nil }
        do throws(SnapshotError) {
            return try PipelineState(checkpoint.pipeline)
        } catch {
            throw .unusable(path: folder, reason: "\(error)")
        }
    }

    /// The feeds with those that a state knows in its order; of those that are no longer
    /// configured, events may be bound still.
    private static func all(
        _ feeds: [LiveFeedOptions], behind state: PipelineState?
    ) -> [LiveFeedOptions] {
        let known = (state?.feeds ?? []).map(\.name)
        return known.map { name in
            feeds.first { $0.name == name } ?? LiveFeedOptions(retired: name)
        } + feeds.filter { !known.contains($0.name) }
    }
}
