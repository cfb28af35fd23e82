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
        /// How a damaged state was refused; nil: it was not.
        package var refusal: String?
        /// What differs from the undisturbed run; nil: nothing.
        package var difference: String?
    }

    package func run() -> Result {
        var random = SeededRandom(seed: seed)
        let workload = LiveWorkload(seed: random.next(), stepCount: 20 + random.below(60))
        let calm = LiveWorld(SimulatedDisk(seed: 1), SimulatedAlertStore())
        var result = Result()
        guard case .done = calm.live(through: workload, syncs: true, &random) else {
            result.difference = "the undisturbed run came to no end"
            return result
        }
        result.alerts = calm.store.alerts.count
        var world = LiveWorld(SimulatedDisk(seed: random.next()), SimulatedAlertStore())
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
    /// Whether a start has found alerts whose events the journal had lost.
    private(set) var hasOrphans = false

    init(_ disk: SimulatedDisk, _ store: SimulatedAlertStore) {
        self.disk = disk
        self.store = store
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

    /// One life: from where the last one ended to the end of the workload, or of the disk.
    func live(through workload: LiveWorkload, syncs: Bool, _ random: inout SeededRandom) -> End {
        do throws(StateError) {
            var options = LiveNodeOptions()
            options.segmentByteCount = 2000
            options.checkpointCount = 2
            var node = try LiveNode.open(
                workload.program, feeds: workload.feeds, disk: disk, folder: "state", store: store,
                options: options)
            if node.recovery.orphanedAlerts != nil { hasOrphans = true }
            let cursor = try store.cursor(of: "out")
            var file = try LineFile(
                disk, path: LiveWorld.output, cursor: cursor, firstNumber: 1)
            if cursor == nil {
                try settle(&file)
                try store.sync()
            }
            var next = LiveWorld.nextStep(node.pipeline, workload)
            // What was accepted last may not have seen the clock that came behind it.
            if next > 0, let tick = workload.steps[next - 1].tick { try node.tick(at: tick) }
            while next < workload.steps.count {
                let step = workload.steps[next]
                next += 1
                var records = AcceptedRecords(
                    feed: step.feed, acceptedAt: step.acceptedAt, lines: step.lines)
                records.resumption = LiveWorld.bytes(of: next)
                try node.accept([records], syncs: syncs)
                if let tick = step.tick { try node.tick(at: tick) }
                if random.below(6) == 0 { try node.checkpoint() }
                try send(&file, settles: random.below(4) == 0)
            }
            try node.checkpoint()
            try send(&file, settles: true)
            return .done
        } catch {
            if disk.hasStopped || error.isOutOfSpace { return .ended }
            return .refused("\(error)")
        }
    }

    private func send(_ file: inout LineFile, settles: Bool) throws(StateError) {
        let alerts = try store.alerts(from: file.nextNumber, limit: .max)
        if let last = alerts.last {
            try file.append(
                alerts.flatMap { Array($0.json.utf8) + [0x0a] }, upTo: last.number + 1)
        }
        if settles { try settle(&file) }
    }

    private func settle(_ file: inout LineFile) throws(StateError) {
        try file.sync()
        try store.setCursor(file.cursor, of: "out")
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
            store.afterCrash(losesPower: losesPower, &random))
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
        for path in [LiveWorld.output, "state/dead-letters.jsonl"] {
            let (mine, theirs) = (try? disk.read(path), try? other.disk.read(path))
            if mine != theirs { return "`\(path)` differs" }
        }
        return nil
    }
}
