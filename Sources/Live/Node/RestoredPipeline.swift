// SPDX-License-Identifier: Apache-2.0
// Exercised by FullDiskTests and AsideCheckpointTests, and by simulated crashes.

internal import MatchCore

/// A pipeline as the newest whole checkpoint has it, ready for the journal behind that: how every
/// start begins, and every checkpoint that is made aside.
struct RestoredPipeline: ~Copyable {
    private(set) var pipeline: LivePipeline
    private var library: RulesLibrary
    private let folder: String
    /// The last journal entry that is in the checkpoint; nil: there is none.
    let checkpoint: Int64?
    let cursors: [String: LineCursor]
    /// What was wrong with newer checkpoints.
    let problems: [String]
    /// Whether attempts were made again from the journal, since the checkpoint is of a version that
    /// compiles the rules otherwise.
    let isOfOtherProgram: Bool

    init(_ library: RulesLibrary, in world: NodeSurroundings) throws(StateError) {
        var found = try world.checkpoints.newest()
        guard found.checkpoint != nil || found.problems.isEmpty else {
            throw .noCheckpoint(folder: world.checkpointFolder, problems: found.problems)
        }
        let number = found.checkpoint?.entryNumber
        let cursors = found.checkpoint?.cursors ?? [:]
        let state = try RestoredPipeline.state(found.checkpoint, in: world.checkpointFolder)
        // It may be large, and is not needed any more.
        found.checkpoint = nil
        let feeds = RestoredPipeline.all(world.feeds, behind: state)
        var library = library
        let rules = try library.rules(afterChange: state?.rulesChange ?? 0)
        var restored = LivePipeline(rules, feeds: feeds)
        var isOfOtherProgram = false
        if let state {
            isOfOtherProgram = !(try RestoredPipeline.restore(state, into: &restored, world.folder))
            if isOfOtherProgram {
                restored = LivePipeline(rules, feeds: feeds)
                try RestoredPipeline.learn(&restored, behind: state, world)
            }
        }
        pipeline = restored
        self.library = library
        self.isOfOtherProgram = isOfOtherProgram
        folder = world.folder
        checkpoint = number
        self.cursors = cursors
        problems = found.problems
    }

    /// Works in the next entry of the journal.
    mutating func apply(_ entry: JournalEntry) throws(StateError) {
        guard case .rules(let change) = entry else { return pipeline.apply(entry) }
        let rules = try library.rules(afterChange: change)
        do throws(SnapshotError) {
            _ = pipeline.adopt(try pipeline.prepare(rules))
        } catch {
            throw .unusable(path: folder, reason: "rules cannot change as they did: \(error)")
        }
    }

    /// Empties what nobody has taken, once it is where it belongs.
    mutating func forgetOutput() {
        pipeline.alerts.removeAll()
        pipeline.deadLetters.removeAll()
    }

    consuming func intoPipeline() -> LivePipeline { pipeline }

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
        _ pipeline: inout LivePipeline, behind state: PipelineState, _ world: NodeSurroundings
    ) throws(StateError) {
        let folder = world.journalFolder
        let first = try JournalReader.segments(in: folder, world.disk).first?.firstNumber
        if let first, first <= state.entryNumber {
            var reader = try JournalReader(world.disk, folder: folder, from: first)
            while reader.nextNumber <= state.entryNumber, let entry = try reader.next() {
                if case .rules = entry { continue }
                pipeline.apply(entry)
                pipeline.alerts.removeAll()
                pipeline.deadLetters.removeAll()
            }
        }
        pipeline.goOn(behind: state)
    }

    private static func state(
        _ checkpoint: Checkpoint?, in folder: String
    ) throws(StateError) -> PipelineState? {
        guard let checkpoint else { return nil }
        let state: PipelineState
        do throws(SnapshotError) {
            state = try PipelineState(checkpoint.pipeline)
        } catch {
            throw .unusable(path: folder, reason: "\(error)")
        }
        guard state.entryNumber == checkpoint.entryNumber else {
            throw .unusable(
                path: folder,
                reason: "checkpoint \(checkpoint.entryNumber) is of entry \(state.entryNumber)")
        }
        return state
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
