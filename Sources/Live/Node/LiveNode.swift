// SPDX-License-Identifier: Apache-2.0
// Exercised by FullDiskTests and RulesChangeTests, and by simulated crashes.

package import EventModel
package import MatchCore

/// How a node keeps its state.
package struct LiveNodeOptions: Sendable {
    /// Bytes of a journal segment after which the next one begins.
    package var segmentByteCount = JournalWriter.segmentByteCount
    /// Checkpoints that are kept; entries before the oldest are removed from the journal.
    package var checkpointCount = 3
    /// Whether what led to alerts is there for good before they are stored: so that none is stored
    /// that a crash of the machine would have come twice.
    package var syncsBeforeAlerts = true
    /// The file of the records that became no event; nil: one in the state folder.
    package var deadLetterPath: String?
    /// The length at which a new file of them is begun; nil: none ever is.
    package var deadLetterByteCount: Int64?
    /// When the start is, for the history of rules.
    package var startedAt = StreamTime.zero
    /// What rules are run under.
    package var limits = Caps()

    package init() {}
}

/// What a start found, for the log.
package struct Recovery: Sendable {
    /// The checkpoint that it went on from; nil: from nothing.
    package var checkpoint: Int64?
    /// Journal entries behind that, which were worked in again.
    package var entryCount = 0
    package var eventCount = 0
    /// Bytes at the end of the journal that a crash had cut off.
    package var tornByteCount = 0
    /// Whether attempts were made again from the journal, since what the checkpoint holds is of a
    /// version of Martlet that compiles the rules otherwise.
    package var isOfOtherProgram = false
    /// What became of each rule, where the start put others in force.
    package var rules: RulesReport?
    /// The same where it put other limits in force.
    package var limits: RulesReport?
    /// The change that put rules in force that are not those of the files, and stay.
    package var standing: RulesChange?
    /// The numbers of alerts that are stored although what led to them is lost.
    package var orphanedAlerts: Range<Int64>?
    /// Lines of feeds that are no longer configured.
    package var strayLineCount = 0
    /// Events that waited in the checkpoint and are none for the rules as they are now.
    package var lostHeldCount = 0
    /// What was not as it should be, and was passed over.
    package var problems: [String] = []
}

/// The live pipeline over its state folder: accepts records for good, works them in, and keeps
/// enough to go on after any crash as though there had been none.
///
/// It has one caller at a time, reads no clock, and touches the world only by its disk and its
/// store of alerts.
package struct LiveNode: ~Copyable {
    private let world: NodeSurroundings
    private let journal: JournalWriter
    package private(set) var pipeline: LivePipeline
    private var letters: DeadLetterFile
    private var lostLetterCount = 0
    /// Of all alerts since the node was opened.
    private var alertChecksum: UInt32 = 0
    /// What that was at the checkpoints since then, by their last entries.
    private var knownChecksums: [Int64: UInt32] = [:]
    package internal(set) var recovery: Recovery

    var registry: any RulesRegistry { world.registry }
    var folder: String { world.folder }

    package static func journalFolder(_ folder: String) -> String { "\(folder)/journal" }
    package static func checkpointFolder(_ folder: String) -> String { "\(folder)/checkpoints" }

    /// The name of the dead letters among what a checkpoint knows of.
    static let lettersName = DeadLetterFile.name

    /// Goes on where the folder's last user was, or begins anew where there was none.
    ///
    /// - Parameter configured: the rules of the files. They come into force unless the files are as
    ///   they were when they were read last: then what has been in force since stays. Nil: nobody
    ///   has looked.
    package static func open(
        _ configured: ConfiguredRules?, registry: any RulesRegistry, feeds: [LiveFeedOptions],
        disk: any Disk, folder: String, store: any AlertStore,
        options: LiveNodeOptions = LiveNodeOptions()
    ) throws(StateError) -> LiveNode {
        let world = NodeSurroundings(
            registry: registry, feeds: feeds, disk: disk, folder: folder, store: store,
            options: options)
        let library = try RulesLibrary(registry, folder: folder, configured: configured)
        var node = LiveNode(try RecoveredNode.recover(library, in: world), in: world)
        if let configured {
            try node.begin(configured, at: options.startedAt, disk)
            try node.begin(under: options.limits, at: options.startedAt)
        }
        if let orphans = node.recovery.orphanedAlerts {
            try node.enter([.alertsContinue(at: orphans.upperBound)])
        }
        // There always is one, by which it is known where the dead letters began; and what was
        // worked in again is not worked in at every start of a process that keeps ending.
        let recovery = node.recovery
        if recovery.checkpoint == nil || recovery.isOfOtherProgram || recovery.rules != nil
            || recovery.limits != nil || recovery.entryCount > 0
        {
            do throws(StateError) {
                try node.checkpoint()
            } catch {
                // With those that are there one can go on as well.
                guard error.isOutOfSpace, recovery.checkpoint != nil, !recovery.isOfOtherProgram
                else { throw error }
                node.recovery.problems.append("no checkpoint: \(error)")
            }
        }
        return node
    }

    private init(_ recovered: consuming RecoveredNode, in world: NodeSurroundings) {
        self.world = world
        letters = recovered.letters
        recovery = recovered.recovery
        journal = recovered.journal
        pipeline = recovered.pipeline
        // What recovery said again, a checkpoint behind it has.
        if recovery.entryCount == 0, let checkpoint = recovery.checkpoint {
            knownChecksums[checkpoint] = alertChecksum
        }
    }

    // MARK: At work

    /// Journals records and works them in.
    ///
    /// - Parameter syncs: whether they are there for good when this comes back.
    /// - Throws: `system` where none of them has been accepted, and the same can be tried again if
    ///   `isOutOfSpace`; otherwise the node cannot go on.
    package mutating func accept(
        _ records: [AcceptedRecords], syncs: Bool
    ) throws(StateError) {
        var next: [String: Int64] = [:]
        var entries: [JournalEntry] = []
        for var one in records {
            let number = next[one.feed] ?? pipeline.lineCount(ofFeed: one.feed) + 1
            one.firstLine = number
            next[one.feed] = number + Int64(one.lines.count(where: { $0 == 0x0a }))
            entries.append(.records(one))
        }
        try enter(entries, syncs: syncs)
    }

    /// Lets the wall clock move time on, where feeds are quiet.
    package mutating func tick(at time: StreamTime) throws(StateError) {
        if pipeline.isWaitingForClock(at: time) { try enter([.tick(time)]) }
    }

    private mutating func enter(
        _ entries: [JournalEntry], syncs: Bool = false
    ) throws(StateError) {
        // Alerts for which there was no room have to be stored before there are more.
        try deliver()
        try journal.append(entries)
        if syncs { try journal.sync() }
        for entry in entries { pipeline.apply(entry) }
        try deliverWhereThereIsRoom()
    }

    /// Stores what has come of entries, which are accepted also where there is no room for that.
    private mutating func deliverWhereThereIsRoom() throws(StateError) {
        do throws(StateError) {
            try deliver()
        } catch {
            guard error.isOutOfSpace else { throw error }
        }
    }

    /// Journals that prepared rules are in force from here on.
    ///
    /// - Precondition: alerts have been stored.
    mutating func enter(_ prepared: consuming PreparedRules) throws(StateError) -> RulesReport {
        try journal.append([.rules(change: prepared.rules.change)])
        try journal.sync()
        let report = pipeline.adopt(prepared)
        try deliverWhereThereIsRoom()
        return report
    }

    /// Has all that was accepted be there for good.
    package func sync() throws(StateError) { try journal.sync() }

    /// Whether there are alerts that have to be stored first, before anything relies on what the
    /// node holds: there was no room for them.
    package var hasUnstoredAlerts: Bool { !pipeline.alerts.isEmpty }

    /// One more than the number of the last alert in the store.
    package var nextStoredAlert: Int64 { pipeline.alerts.firstNumber }

    /// Stores alerts and dead letters that have come.
    ///
    /// - Throws: where alerts are not stored, and come again with the next call.
    mutating func deliver() throws(StateError) {
        if !pipeline.alerts.isEmpty {
            if world.options.syncsBeforeAlerts { try journal.sync() }
            try world.store.append(pipeline.alerts)
            alertChecksum = Checksum.crc32c(pipeline.alerts.bytes.span, behind: alertChecksum)
            pipeline.alerts.removeAll()
        }
        if !pipeline.deadLetters.isEmpty {
            let count = pipeline.deadLetters.count
            if letters.isFull { try journal.sync() }
            do throws(StateError) {
                if letters.isFull { try letters.rotate() }
                try letters.append(pipeline.deadLetters)
            } catch {
                // They are worth less than what goes on without them.
                lostLetterCount += count
            }
            pipeline.deadLetters.removeAll()
        }
    }

    /// Hands over the events given to the engine since the last call, and goes on noting them if
    /// somebody looks at them.
    mutating func serve(_ tap: EventTap) {
        if let tapped = pipeline.tapped {
            tap.offer(tapped.events, skipped: tapped.skippedCount)
            pipeline.tapped = nil
        }
        if tap.isWanted { pipeline.tapped = TappedEvents() }
    }

    // MARK: Checkpoints

    /// Writes down all that a restart needs, and removes what none needs any more. Nothing else is
    /// done meanwhile.
    ///
    /// - Returns: the size of the checkpoint in bytes.
    @discardableResult
    package mutating func checkpoint() throws(StateError) -> Int {
        try deliver()
        // A checkpoint must not be ahead of anything that it stands for.
        try journal.sync()
        try world.store.sync()
        try? letters.sync()
        let size = try world.checkpoints.write(
            pipeline, cursors: cursors, removingEntriesIn: world.journalFolder)
        note(pipeline.entryNumber, alertChecksum)
        return size
    }

    private var cursors: [String: LineCursor] { [LiveNode.lettersName: letters.cursor] }

    /// Notes a checkpoint, with what the alerts were up to it.
    private mutating func note(_ checkpoint: Int64, _ checksum: UInt32) {
        knownChecksums[checkpoint] = checksum
        let kept = knownChecksums.keys.sorted().suffix(world.options.checkpointCount)
        for entry in knownChecksums.keys where !kept.contains(entry) {
            knownChecksums[entry] = nil
        }
    }

    /// Where the node is now, for a checkpoint that is made beside it.
    ///
    /// - Shape: does no work that grows with what is held.
    /// - Precondition: there are no alerts that have to be stored first.
    package var checkpointMark: CheckpointMark {
        precondition(!hasUnstoredAlerts, "a checkpoint is not ahead of the alerts")
        return CheckpointMark(
            entryNumber: pipeline.entryNumber, rules: pipeline.rules,
            nextAlertNumber: pipeline.alerts.nextNumber,
            nextDeadLetterNumber: pipeline.deadLetters.nextNumber, wallTime: pipeline.wallTime,
            watermark: pipeline.watermark, cursors: cursors, alertChecksum: alertChecksum,
            knownChecksums: knownChecksums)
    }

    /// What makes a checkpoint beside this node, on whatever thread.
    package var checkpointMaker: CheckpointMaker { CheckpointMaker(world: world) }

    /// Notes that the checkpoint of a mark is there.
    package mutating func noteCheckpoint(of mark: CheckpointMark) {
        note(mark.entryNumber, mark.alertChecksum)
    }

    /// Dead letters that could not be written since the last call.
    package mutating func takeLostLetterCount() -> Int {
        defer { lostLetterCount = 0 }
        return lostLetterCount
    }

    /// What was not as it should be with the dead letters, once; for the log.
    package mutating func takeProblem() -> String? { letters.takeProblem() }
}
