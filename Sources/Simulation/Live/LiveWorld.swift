// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveCrashTests.

internal import EventModel
internal import Live

/// The world around one life of a pipeline.
package final class LiveWorld {
    let disk: SimulatedDisk
    let store: SimulatedAlertStore
    private let registry: SimulatedRulesRegistry
    /// What is far away, and has no part in any crash.
    let receiver: SimulatedReceiver
    let clock: SimulatedClock
    let giveUpSpan: TimeSpan?
    /// Whether a start has found alerts whose events the journal had lost.
    private(set) var hasOrphans = false
    /// Whether a bit has been changed, and a start has cut off an entry since then, which may have
    /// been a whole one: its dead letters are there, and come again with it.
    private(set) var hasLostEntries = false
    private var isDamaged = false
    /// Dead letters for which there was no room, and which were counted instead.
    private(set) var lostLetterCount = 0
    /// Checkpoints that were made beside a node.
    private(set) var asideCount = 0

    /// A world in which nothing has been yet.
    init(
        _ disk: SimulatedDisk, _ receiver: SimulatedReceiver, from workload: LiveWorkload,
        giveUpAfter span: TimeSpan?
    ) {
        self.disk = disk
        self.receiver = receiver
        giveUpSpan = span
        store = SimulatedAlertStore()
        registry = SimulatedRulesRegistry()
        clock = SimulatedClock(at: workload.steps.first?.acceptedAt ?? .zero)
    }

    /// The world behind the crash of another.
    private init(_ disk: SimulatedDisk, _ store: SimulatedAlertStore, of other: LiveWorld) {
        self.disk = disk
        self.store = store
        registry = other.registry
        receiver = other.receiver
        clock = other.clock
        giveUpSpan = other.giveUpSpan
        hasOrphans = other.hasOrphans
        hasLostEntries = other.hasLostEntries
        isDamaged = other.isDamaged
        lostLetterCount = other.lostLetterCount
        asideCount = other.asideCount
    }

    /// One in which nothing goes wrong.
    static func calm(from workload: LiveWorkload) -> LiveWorld {
        LiveWorld(
            SimulatedDisk(seed: 1), SimulatedReceiver(seed: 1), from: workload, giveUpAfter: nil)
    }

    var changeCount: Int { ((try? registry.changes()) ?? []).count - 1 }

    /// How what the rules said that no version changes differs from what they said in another
    /// world; nil: it does not.
    func steadyDifference(from other: LiveWorld, of names: Set<String>) -> String? {
        let (mine, theirs) = (alerts(of: names), other.alerts(of: names))
        if mine == theirs { return nil }
        let place = zip(mine, theirs).prefix { $0 == $1 }.count
        return "rules that nobody changed say something else at \(place + 1): "
            + "\(mine.dropFirst(place).first ?? "nothing") instead of "
            + "\(theirs.dropFirst(place).first ?? "nothing")"
    }

    private func alerts(of names: Set<String>) -> [String] {
        store.alerts.map(\.json).filter { alert in
            // Events of it have a rule too, if they are alerts.
            let name = alert.split(separator: "\"rule\":\"", maxSplits: 1).last?.prefix {
                $0 != "\""
            }
            return names.contains { name == $0[...] }
        }
    }

    enum End {
        /// Everything was worked in, and sent.
        case done
        /// It ended in the middle.
        case ended
        /// It did not begin, for a reason that is no crash.
        case refused(String)
    }

    /// One life: from where the last one ended to the end of the workload, or of the disk.
    func live(through workload: LiveWorkload, syncs: Bool, _ random: inout SeededRandom) -> End {
        do throws(StateError) {
            var node = try open(workload)
            let sinks = try sinks()
            var aside = AsideWork()
            defer { asideCount += aside.finishedCount }
            sinks.work(upTo: node.pipeline.alerts.nextNumber)
            var next = LiveWorld.nextStep(node.pipeline, workload)
            // What was accepted last may not have seen the clock that came behind it.
            if next > 0 { try end(workload.steps[next - 1], &node) }
            while next < workload.steps.count {
                let step = workload.steps[next]
                next += 1
                clock.advance(to: step.acceptedAt)
                var records = AcceptedRecords(
                    feed: step.feed, acceptedAt: step.acceptedAt, lines: step.lines)
                records.resumption = LiveWorld.bytes(of: next)
                try whereThereIsRoom(&random) { () throws(StateError) in
                    try node.accept([records], syncs: syncs)
                }
                try end(step, &node)
                if random.below(12) == 0 {
                    aside.abandon()
                    try node.checkpoint()
                }
                try aside.goOn(&node, &random)
                if random.below(3) > 0 { sinks.work(upTo: node.pipeline.alerts.nextNumber) }
                lostLetterCount += node.takeLostLetterCount()
                if disk.hasStopped { return .ended }
            }
            try node.checkpoint()
            disk.capacity = .max
            let problem = sinks.finish(upTo: node.pipeline.alerts.nextNumber) { receiver.heal() }
            if disk.hasStopped { return .ended }
            return problem.map { .refused($0) } ?? .done
        } catch {
            if disk.hasStopped || error.isOutOfSpace { return .ended }
            return .refused("\(error)")
        }
    }

    private func sinks() throws(StateError) -> LiveSinks {
        var options = FileSinkOptions(path: LiveSinks.output)
        options.rotateByteCount = 1500
        return try LiveSinks(
            options, to: receiver, giveUpAfter: giveUpSpan, letterFileByteCount: 1000, store, disk,
            clock)
    }

    var givenUp: Set<String> { LiveSinks.givenUp(disk) }

    private func open(_ workload: LiveWorkload) throws(StateError) -> LiveNode {
        var options = LiveNodeOptions()
        options.segmentByteCount = 2000
        options.checkpointCount = 2
        options.deadLetterByteCount = 300
        if hasSkippedAlerts { hasOrphans = true }
        var node = try LiveNode.open(
            nil, registry: registry, feeds: workload.feeds, disk: disk, folder: "state",
            store: store, options: options)
        if node.pipeline.rules.change == 0 {
            try change(&node, .rules(workload.rules.versions[0]))
        }
        if node.recovery.orphanedAlerts != nil { hasOrphans = true }
        if isDamaged, node.recovery.tornByteCount > 0 { hasLostEntries = true }
        return node
    }

    /// Whether a start that came to no end has found alerts whose events were lost.
    private var hasSkippedAlerts: Bool {
        guard var reader = try? JournalReader(disk, folder: "state/journal") else { return false }
        while let entry = (try? reader.next()) ?? nil {
            if case .alertsContinue = entry { return true }
        }
        return false
    }

    /// Does something, and again when there is more room, as a service does; now and then it ends
    /// before there is.
    private func whereThereIsRoom(
        _ random: inout SeededRandom, _ body: () throws(StateError) -> Void
    ) throws(StateError) {
        while true {
            do throws(StateError) {
                return try body()
            } catch {
                guard error.isOutOfSpace, random.below(3) > 0 else { throw error }
                disk.capacity += random.below(4000)
            }
        }
    }

    /// What comes behind the records of a step; once more, where it may have come already.
    private func end(
        _ step: LiveWorkload.Step, _ node: inout LiveNode
    ) throws(StateError) {
        if let tick = step.tick {
            clock.advance(to: tick)
            try node.tick(at: tick)
        }
        if let wish = step.wish { try change(&node, wish) }
    }

    private func change(
        _ node: inout LiveNode, _ wish: RulesRequest.Wish
    ) throws(StateError) {
        do throws(RulesRefusal) {
            _ = try node.change(RulesRequest(wish, at: .zero, from: .api))
        } catch {
            switch error {
            case .state(let error): throw error
            // Not every version there may be has been, and not every one has that rule.
            case .noVersion, .noRule: return
            default: throw .unusable(path: "rules", reason: "\(error)")
            }
        }
    }

    private static func bytes(of number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// How many steps of the workload have been accepted, as the feeds' places say.
    private static func nextStep(
        _ pipeline: borrowing LivePipeline, _ workload: LiveWorkload
    ) -> Int {
        var next = 0
        for feed in workload.feeds {
            let place = pipeline.resumption(ofFeed: feed.name)
            let number = place.reversed().reduce(0) { $0 << 8 | Int($1) }
            next = max(next, number)
        }
        return next
    }

    /// Changes a bit of what a restart reads: of the journal or of a checkpoint.
    func damage() {
        isDamaged = true
        _ = disk.flipBit { $0.hasPrefix("state/journal/") || $0.hasPrefix("state/checkpoints/") }
    }

    func afterCrash(losesPower: Bool, _ random: inout SeededRandom) -> LiveWorld {
        LiveWorld(
            disk.afterCrash(losesPower: losesPower),
            store.afterCrash(losesPower: losesPower, &random), of: self)
    }

    /// What another world has that this one has not; nil: they are the same.
    func difference(from other: LiveWorld) -> String? {
        if store.alerts != other.store.alerts {
            let place = zip(store.alerts, other.store.alerts).prefix { $0 == $1 }.count
            return "stored alerts differ from number \(place + 1) on (\(store.alerts.count) and "
                + "\(other.store.alerts.count))"
        }
        if outputs != other.outputs {
            return "the files of alerts differ: \(other.outputSizes) where \(outputSizes) are right"
        }
        if let problem = other.receiver.problem(with: store.alerts, givenUp: other.givenUp) {
            return problem
        }
        let (mine, theirs) = (deadLetters, other.deadLetters)
        if mine == theirs { return nil }
        if other.hasLostEntries, mine == LiveWorld.withoutRepeats(theirs) { return nil }
        let isCounted = mine.count - theirs.count <= other.lostLetterCount
        if isCounted, LiveWorld.isPart(theirs, of: mine) { return nil }
        let place = zip(mine, theirs).prefix { $0 == $1 }.count
        func text(_ letters: [ArraySlice<UInt8>]) -> String {
            letters.dropFirst(place).first.map { String(decoding: $0, as: UTF8.self) } ?? "nothing"
        }
        return "the dead letters differ at \(place + 1) (\(mine.count) and \(theirs.count)): "
            + "\(text(theirs)) instead of \(text(mine))"
    }

    private static func withoutRepeats(_ lines: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
        var known: Set<ArraySlice<UInt8>> = []
        return lines.filter { known.insert($0).inserted }
    }

    /// Whether some lines are all among others, in the same order.
    private static func isPart(_ few: [ArraySlice<UInt8>], of all: [ArraySlice<UInt8>]) -> Bool {
        var rest = all[...]
        for line in few {
            guard let place = rest.firstIndex(of: line) else { return false }
            rest = rest[(place + 1)...]
        }
        return true
    }

    private var deadLetters: [ArraySlice<UInt8>] {
        disk.readAll(of: "state/dead-letters.jsonl").split(separator: 0x0a)
    }

    private var outputSizes: String {
        disk.paths.filter { $0.hasPrefix("out/") }.map {
            "\($0.dropFirst(4)) \((try? disk.byteCount(of: $0)) ?? 0)"
        }.joined(separator: ", ")
    }

    /// The content of all files of alerts, in the order in which they were written.
    private var outputs: [[UInt8]] {
        // The numbers of those that were rotated come before the end of the one that was not.
        disk.paths.filter { $0.hasPrefix("out/") }.map { (try? disk.read($0)) ?? [] }
    }
}
