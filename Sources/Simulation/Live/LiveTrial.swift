// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveCrashTests, and at length by `martlet-sim live`.

internal import EventModel
internal import Live

/// One workload through a pipeline that crashes, and through one that does not: what came out has
/// to be the same.
package struct LiveTrial {
    /// What is done to the pipeline.
    package enum Disturbance: String, CaseIterable, Sendable {
        /// The process ends in the middle of a disk operation.
        case kill
        /// The machine does.
        case powerLoss
        /// The disk is full for a while.
        case fullDisk
        /// A bit of what is kept changes between two lives.
        case bitFlip
    }

    package let seed: UInt64
    package let disturbance: Disturbance

    package init(seed: UInt64, disturbance: Disturbance) {
        self.seed = seed
        self.disturbance = disturbance
    }

    package struct Result: Sendable {
        package var crashes = 0
        package var alerts = 0
        /// Changes of rules in the undisturbed run.
        package var changes = 0
        /// How a damaged state was refused; nil: it was not.
        package var refusal: String?
        /// What differs from the undisturbed run; nil: nothing.
        package var difference: String?
    }

    package func run() -> Result {
        var random = SeededRandom(seed: seed)
        let workload = LiveWorkload(seed: random.next(), stepCount: 20 + random.below(60))
        let calm = LiveWorld.fresh(seed: 1)
        var result = Result()
        guard case .done = calm.live(through: workload, syncs: true, &random) else {
            result.difference = "the undisturbed run came to no end"
            return result
        }
        result.alerts = calm.store.alerts.count
        result.changes = calm.changeCount
        let unchanged = LiveWorld.fresh(seed: 1)
        _ = unchanged.live(through: workload.withoutWishes, syncs: true, &random)
        if let difference = calm.steadyDifference(from: unchanged) {
            result.difference = difference
            return result
        }
        var world = LiveWorld.fresh(seed: random.next())
        // Enough for every life to get somewhere, few enough for many lives.
        while result.crashes < 200 {
            prepare(world, &random)
            switch world.live(through: workload, syncs: disturbance != .kill, &random) {
            case .done:
                // The last entry with a wrong bit is like one that a crash cut off. What it had led
                // to is stored, comes again with the entry, and the start says so.
                if disturbance == .bitFlip, world.hasOrphans {
                    result.refusal = "alerts whose events were lost"
                } else {
                    result.difference = calm.difference(from: world)
                }
                return result
            case .refused(let reason):
                result.refusal = reason
                if disturbance != .bitFlip { result.difference = "refused: \(reason)" }
                return result
            case .ended:
                result.crashes += 1
                world = world.afterCrash(losesPower: disturbance == .powerLoss, &random)
                if disturbance == .bitFlip, random.below(3) == 0 {
                    world.damage()
                }
            }
        }
        result.difference = "no life came to an end"
        return result
    }

    private func prepare(_ world: LiveWorld, _ random: inout SeededRandom) {
        let isOver = random.below(8) == 0
        world.disk.lastOperation = isOver ? nil : 1 + random.below(120)
        if disturbance == .fullDisk, !isOver {
            world.disk.capacity = world.disk.byteCount + random.below(4000)
            world.disk.lastOperation = nil
        } else {
            world.disk.capacity = .max
        }
    }
}

/// The world around one life of a pipeline.
package final class LiveWorld {
    let disk: SimulatedDisk
    let store: SimulatedAlertStore
    private let registry: SimulatedRulesRegistry
    /// Whether a start has found alerts whose events the journal had lost.
    private(set) var hasOrphans = false

    private init(
        _ disk: SimulatedDisk, _ store: SimulatedAlertStore, _ registry: SimulatedRulesRegistry
    ) {
        self.disk = disk
        self.store = store
        self.registry = registry
    }

    static func fresh(seed: UInt64) -> LiveWorld {
        LiveWorld(SimulatedDisk(seed: seed), SimulatedAlertStore(), SimulatedRulesRegistry())
    }

    var changeCount: Int { ((try? registry.changes()) ?? []).count - 1 }

    /// How what the rules said that no version changes differs from what they said in another
    /// world; nil: it does not.
    func steadyDifference(from other: LiveWorld) -> String? {
        let (mine, theirs) = (steadyAlerts, other.steadyAlerts)
        if mine == theirs { return nil }
        let place = zip(mine, theirs).prefix { $0 == $1 }.count
        return "rules that nobody changed say something else at \(place + 1): "
            + "\(mine.dropFirst(place).first ?? "nothing") instead of "
            + "\(theirs.dropFirst(place).first ?? "nothing")"
    }

    private var steadyAlerts: [String] {
        store.alerts.map(\.json).filter { alert in
            // Events of it have a rule too, if they are alerts.
            let name = alert.split(separator: "\"rule\":\"", maxSplits: 1).last?.prefix {
                $0 != "\""
            }
            return LiveWorkload.steadyNames.contains { name == $0[...] }
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

    private static let output = "out/alerts.jsonl"
    private var nextToSend: Int64 = 1

    /// One life: from where the last one ended to the end of the workload, or of the disk.
    func live(through workload: LiveWorkload, syncs: Bool, _ random: inout SeededRandom) -> End {
        do throws(StateError) {
            var options = LiveNodeOptions()
            options.segmentByteCount = 2000
            options.checkpointCount = 2
            var node = try LiveNode.open(
                nil, registry: registry, feeds: workload.feeds, disk: disk, folder: "state",
                store: store, options: options)
            if node.pipeline.rules.change == 0 {
                try change(&node, .rules(LiveWorkload.versions[0]))
            }
            if node.recovery.orphanedAlerts != nil { hasOrphans = true }
            let output = try openOutput()
            var next = LiveWorld.nextStep(node.pipeline, workload)
            // What was accepted last may not have seen the clock that came behind it.
            if next > 0 { try end(workload.steps[next - 1], &node) }
            while next < workload.steps.count {
                let step = workload.steps[next]
                next += 1
                var records = AcceptedRecords(
                    feed: step.feed, acceptedAt: step.acceptedAt, lines: step.lines)
                records.resumption = LiveWorld.bytes(of: next)
                try node.accept([records], syncs: syncs)
                try end(step, &node)
                if random.below(6) == 0 { try node.checkpoint() }
                try send(to: output, settles: random.below(4) == 0)
            }
            try node.checkpoint()
            try send(to: output, settles: true)
            return .done
        } catch {
            if disk.hasStopped || error.isOutOfSpace { return .ended }
            return .refused("\(error)")
        }
    }

    /// The sink of alerts: a file that is rotated often.
    private func openOutput() throws(StateError) -> FileAlertSink {
        var options = FileSinkOptions(path: LiveWorld.output)
        options.rotateByteCount = 1500
        let store = store
        let cursor = try store.cursor(of: "out")
        nextToSend = cursor?.nextNumber ?? 1
        return try FileAlertSink(
            options, disk, clock: StillClock(), cursor: cursor,
            note: { (cursor: LineCursor) throws(StateError) in
                try store.setCursor(cursor, of: "out")
                try store.sync()
            })
    }

    /// What comes behind the records of a step; once more, where it may have come already.
    private func end(
        _ step: LiveWorkload.Step, _ node: inout LiveNode
    ) throws(StateError) {
        if let tick = step.tick { try node.tick(at: tick) }
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

    private func send(to output: FileAlertSink, settles: Bool) throws(StateError) {
        var alerts = try store.alerts(from: nextToSend, limit: .max)[...]
        while let first = alerts.first {
            switch output.send(alerts, until: Interruption { false }) {
            case .sent(let count):
                nextToSend = alerts[alerts.startIndex + count - 1].number + 1
                alerts = alerts.dropFirst(count)
            case .refused(_, let reason), .failed(let reason, _):
                // A disk that is full or has ended is one at every next attempt.
                if disk.hasStopped || disk.capacity != .max {
                    throw .system("write", LiveWorld.output, errno: 28)
                }
                throw .unusable(path: "alert \(first.number)", reason: reason)
            }
        }
        if settles { try store.setCursor(output.settle(upTo: nextToSend), of: "out") }
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
        _ = disk.flipBit { $0.hasPrefix("state/journal/") || $0.hasPrefix("state/checkpoints/") }
    }

    func afterCrash(losesPower: Bool, _ random: inout SeededRandom) -> LiveWorld {
        let next = LiveWorld(
            disk.afterCrash(losesPower: losesPower),
            store.afterCrash(losesPower: losesPower, &random), registry)
        next.hasOrphans = hasOrphans
        return next
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
        let letters = "state/dead-letters.jsonl"
        let (mine, theirs) = (try? disk.read(letters), try? other.disk.read(letters))
        return mine == theirs ? nil : "`\(letters)` differs"
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

/// For those whose files are not rotated by time.
private struct StillClock: WallClock {
    var now: StreamTime { StreamTime(nanoseconds: 0) }
    var nanoseconds: Int64 { 0 }
}
