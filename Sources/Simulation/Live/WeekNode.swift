// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel
internal import Live

/// A node over a week, with its sinks and over all its lives.
final class WeekNode {
    static let feed: LiveFeedOptions = {
        var reading = FeedOptions()
        reading.format = .jsonLines
        reading.lateness = TimeSpan(seconds: 10)
        reading.rememberedIDSpan = TimeSpan(seconds: 600)
        return LiveFeedOptions(
            name: "app", reading: reading, idleAfter: TimeSpan(seconds: 10))
    }()
    static let segmentByteCount: Int64 = 32 << 10
    static let checkpointCount = 3
    static let keptOutputCount = 24
    /// With which much is removed within hours.
    static let retention: RetentionOptions = {
        var options = RetentionOptions()
        options.alertSpan = TimeSpan(seconds: 3600)
        options.letterFileByteCount = 1000
        options.letterFileCount = 3
        return options
    }()

    private(set) var disk: SimulatedDisk
    private(set) var store: SimulatedAlertStore
    let receiver: SimulatedReceiver
    let clock = SimulatedClock(at: StreamTime(nanoseconds: WeekStream.start * 1_000_000_000))
    private let registry = SimulatedRulesRegistry()
    private var node: LiveNode?
    private var sinks: LiveSinks?
    private let options: RetentionOptions
    private var retention: Retention?
    private var aside = AsideWork()
    private var endedAsideCount = 0

    init(
        seed: UInt64, _ troubles: ReceiverTroubles = ReceiverTroubles(),
        keeping options: RetentionOptions = .everything
    ) {
        self.options = options
        disk = SimulatedDisk(seed: seed)
        store = SimulatedAlertStore()
        receiver = SimulatedReceiver(troubles, seed: seed)
    }

    // MARK: Lives

    func open() throws(StateError) {
        var options = LiveNodeOptions()
        options.segmentByteCount = WeekNode.segmentByteCount
        options.checkpointCount = WeekNode.checkpointCount
        options.deadLetterByteCount = self.options.letterFileByteCount
        node = try LiveNode.open(
            nil, registry: registry, feeds: [WeekNode.feed], disk: disk, folder: "state",
            store: store, options: options)
        var output = FileSinkOptions(path: LiveSinks.output)
        output.rotateSpan = TimeSpan(seconds: 3600)
        output.keptCount = WeekNode.keptOutputCount
        sinks = try LiveSinks(
            output, to: receiver, giveUpAfter: TimeSpan(seconds: 7200),
            letterFileByteCount: self.options.letterFileByteCount, store, disk, clock)
        retention = try Retention(
            self.options, of: store, sinks: ["out", LiveSinks.far], folder: "state", disk)
    }

    func crash(losesPower: Bool, _ random: inout SeededRandom) {
        close()
        disk = disk.afterCrash(losesPower: losesPower)
        store = store.afterCrash(losesPower: losesPower, &random)
    }

    func end() throws(StateError) {
        try node?.checkpoint()
        close()
    }

    private func close() {
        endedAsideCount += aside.finishedCount
        removed = removedSoFar
        retention = nil
        aside = AsideWork()
        node = nil
        sinks = nil
    }

    // MARK: At work

    var resumption: [UInt8] { node?.pipeline.resumption(ofFeed: WeekNode.feed.name) ?? [] }

    func accept(_ lines: [UInt8], resumption: [UInt8]) throws(StateError) {
        var records = AcceptedRecords(
            feed: WeekNode.feed.name, acceptedAt: clock.now, lines: lines)
        records.resumption = resumption
        try node?.accept([records], syncs: true)
    }

    func tick() throws(StateError) { try node?.tick(at: clock.now) }

    func change(to rules: ConfiguredRules) throws(StateError) {
        do throws(RulesRefusal) {
            _ = try node?.change(RulesRequest(.rules(rules), at: clock.now, from: .watch))
        } catch {
            if case .state(let error) = error { throw error }
            throw .unusable(path: "rules", reason: "\(error)")
        }
    }

    /// Begins to make a checkpoint beside the node, or goes on with the one under way.
    func checkpoint(_ random: inout SeededRandom) throws(StateError) {
        guard var current = node.take() else { return }
        do throws(StateError) {
            try aside.goOn(&current, &random)
        } catch {
            node = consume current
            throw error
        }
        node = consume current
    }

    /// Checkpoints that were made beside it.
    var asideCount: Int { endedAsideCount + aside.finishedCount }

    func send() throws(StateError) {
        sinks?.work(upTo: node?.pipeline.alerts.nextNumber ?? 1)
        if disk.hasStopped { throw .system("write", LiveSinks.output, errno: 5) }
    }

    /// Removes what nothing needs any more.
    func retain() throws(StateError) {
        while try retention?.step(at: clock.now) ?? false {}
    }

    private var removed = (alerts: 0, letters: 0)

    /// Alerts and dead letters that were removed, over all lives.
    var removedSoFar: (alerts: Int, letters: Int) {
        let figures = retention?.figures ?? RetentionFigures()
        return (removed.alerts + figures.removedAlerts, removed.letters + figures.removedLetters)
    }

    func finish() -> String? {
        sinks?.finish(upTo: node?.pipeline.alerts.nextNumber ?? 1) { receiver.heal() }
    }

    var nextAlert: Int64 { node?.pipeline.alerts.nextNumber ?? 1 }

    /// What is held at this moment.
    var figures: WeekFigures {
        var figures = WeekFigures()
        guard let work = node?.pipeline.workStatus else { return figures }
        figures.values[.keys] = work.keys
        figures.values[.boundEvents] = work.boundEvents
        figures.values[.symbols] = work.symbols
        let feed = node?.pipeline.feedStatus(of: [WeekNode.feed.name]).first
        figures.values[.heldEvents] = feed?.held ?? 0
        figures.values[.attempts] = (node?.pipeline.ruleStatus ?? [])
            .reduce(0) { $0 + ($1.attemptsUnderWay ?? 0) }
        figures.values[.storedAlerts] = store.keptCount
        for path in disk.paths {
            let count = disk.byteCount(at: path)
            if path.hasPrefix("state/journal/") {
                figures.values[.segments, default: 0] += 1
                figures.values[.journalBytes, default: 0] += count
            } else if path.hasPrefix("state/checkpoints/") {
                figures.values[.checkpoints, default: 0] += 1
                figures.values[.checkpointBytes, default: 0] += count
            } else if path.hasPrefix("state/dead-letters") {
                figures.values[.letterBytes, default: 0] += count
            } else if path.hasPrefix("out/") {
                figures.values[.outputs, default: 0] += 1
            }
        }
        return figures
    }

    /// How often rules came into force.
    var changeCount: Int { ((try? registry.changes()) ?? []).count }
}

/// What a node holds and keeps: the greatest values of a time.
struct WeekFigures {
    enum Figure: String, CaseIterable {
        case keys, attempts, boundEvents, heldEvents, symbols
        case segments, journalBytes, checkpoints, checkpointBytes, outputs
        case storedAlerts, letterBytes
    }

    var values: [Figure: Int] = [:]

    mutating func raise(to other: WeekFigures) {
        for (figure, value) in other.values {
            values[figure] = max(values[figure] ?? 0, value)
        }
    }

    subscript(figure: Figure) -> Int { values[figure] ?? 0 }

    var text: String {
        Figure.allCases.map { "\($0.rawValue) \(self[$0])" }.joined(separator: ", ")
    }
}
