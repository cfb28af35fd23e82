// SPDX-License-Identifier: Apache-2.0
// Exercised by WeekTests, and as a whole by `martlet-sim week`.

internal import Connectors
package import EventModel
internal import Live

/// Days of operation in fast forward: a log that is rotated each hour, other rules each day, a
/// checkpoint each minute, restarts and crashes; beside it the same without restarts and files.
package struct WeekTrial {
    package let seed: UInt64
    /// Seconds from midnight.
    private let seconds: Range<Int>

    package init(seed: UInt64, days: Int = 7) {
        self.init(seed: seed, hours: 0..<24 * max(days, 1))
    }

    /// Some hours only, counted from the midnight at which the first day begins.
    package init(seed: UInt64, hours: Range<Int>) {
        self.seed = seed
        seconds = hours.lowerBound * 3600..<hours.upperBound * 3600
    }

    package struct Result: Sendable {
        package var events = 0
        package var alerts = 0
        package var crashes = 0
        package var restarts = 0
        package var changes = 0
        package var rotations = 0
        package var checkpoints = 0
        /// What was kept for long enough.
        package var removedAlerts = 0
        package var removedLetters = 0
        /// The longest that an absence was due until it was said, by the clock.
        package var slowestAbsence = TimeSpan.zero
        /// What was held and kept at most, day by day.
        package var days: [String] = []
        package var difference: String?
    }

    package func run() -> Result {
        var work = WeekWork(seed: seed)
        do throws(StateError) {
            try work.begin()
            for second in seconds {
                try work.live(through: second)
                if work.result.difference != nil { return work.result }
            }
            try work.finish(at: seconds.upperBound)
        } catch {
            work.result.difference = "it came to an end: \(error)"
        }
        return work.result
    }
}

/// A week at work.
private struct WeekWork {
    private static let pollSpan = 5
    /// Of each minute, those in which a checkpoint is made beside the node.
    private static let checkpointSeconds = 20
    /// How often what is old is removed.
    private static let retentionSeconds = 600
    /// Of each day, when other rules come: at half past eleven at night.
    private static let changeSecond = 84_600
    /// What an absence may take beyond the times that the feed is waited for: a look at the log,
    /// and one at the clock.
    private static let absenceSlack = TimeSpan(seconds: Int64(pollSpan) + 2)

    var result = WeekTrial.Result()
    private var random: SeededRandom
    private var stream: WeekStream
    private let node: WeekNode
    private let calm = WeekNode(seed: 1)
    private let log: WeekLog
    private var tail: FileTail
    /// What was written since the last look, for the one that reads no files.
    private var unread = ""
    private var seenAlert: Int64 = 1
    /// Alerts that the way to the receiver gave up, also those whose letters are removed.
    private var givenUp: Set<String> = []
    private var dayFigures = WeekFigures()
    private var weekFigures: [WeekFigures] = []
    private var version = 0

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        stream = WeekStream(seed: random.next())
        node = WeekNode(
            seed: random.next(), ReceiverTroubles(share: 20, refusesSome: true),
            keeping: WeekNode.retention)
        log = WeekLog(in: ScratchFiles.makeScratchFolder())
        tail = FileTail(pattern: log.path, maxLineByteCount: 1 << 20)
    }

    mutating func begin() throws(StateError) {
        for node in [calm, node] {
            try node.open()
            try node.change(to: WeekWork.versions[0])
        }
    }

    /// One second, which does not end before it has gone through, whatever ends in it.
    mutating func live(through second: Int) throws(StateError) {
        write(in: second)
        let time = StreamTime(nanoseconds: (WeekStream.start + Int64(second)) * 1_000_000_000)
        calm.clock.advance(to: time)
        node.clock.advance(to: time)
        if second % 86_400 == WeekWork.changeSecond { version += 1 }
        if second % WeekWork.pollSpan == 0, !unread.isEmpty {
            try calm.accept(Array(unread.utf8), resumption: [])
            unread = ""
        }
        try calm.tick()
        if second % 86_400 == WeekWork.changeSecond { try calm.change(to: rules) }
        if random.chance(1, in: 2000) {
            node.disk.lastOperation = node.disk.operationCount + 1 + random.below(100)
        }
        while true {
            do throws(StateError) {
                try work(in: second)
                break
            } catch {
                guard node.disk.hasStopped else { throw error }
                result.crashes += 1
                node.crash(losesPower: random.chance(1, in: 2), &random)
                try reopen()
            }
        }
        if random.chance(1, in: 50_000) {
            result.restarts += 1
            try node.end()
            try reopen()
        }
        try look(in: second)
    }

    private mutating func write(in second: Int) {
        // Whoever writes goes on in the old file for some seconds.
        if second % 3600 == 0 { log.rotate(at: second) }
        if second % 3600 == 7 { log.reopen() }
        let text = stream.lines(in: second)
        if text.isEmpty { return }
        log.write(text)
        unread += text
    }

    private var rules: ConfiguredRules { WeekWork.versions[version % WeekWork.versions.count] }

    /// What the node does in a second; done again after a crash in the middle of it.
    private mutating func work(in second: Int) throws(StateError) {
        if second % WeekWork.pollSpan == 0 {
            while let (lines, resumption) = tail.next() ?? tail.look() ?? tail.next() {
                try node.accept(lines, resumption: resumption)
            }
        }
        try node.tick()
        if second % 86_400 == WeekWork.changeSecond { try node.change(to: rules) }
        if second % 60 < WeekWork.checkpointSeconds { try node.checkpoint(&random) }
        try node.send()
        if second % WeekWork.retentionSeconds == 0 {
            givenUp.formUnion(LiveSinks.givenUp(node.disk))
            try node.retain()
        }
    }

    private mutating func reopen() throws(StateError) {
        try node.open()
        tail = FileTail(
            pattern: log.path, maxLineByteCount: 1 << 20, resumption: node.resumption)
    }

    // MARK: What is looked at

    private mutating func look(in second: Int) throws(StateError) {
        for alert in try node.store.alerts(from: seenAlert, limit: .max) {
            seenAlert = alert.number + 1
            noteAbsence(alert)
        }
        if second % 600 == 599 { dayFigures.raise(to: node.figures) }
        guard second % 86_400 == 86_399 else { return }
        weekFigures.append(dayFigures)
        result.days.append("day \(weekFigures.count): \(dayFigures.text)")
        dayFigures = WeekFigures()
        result.difference = problem
    }

    private mutating func noteAbsence(_ alert: StoredAlert) {
        let content = AlertContent(alert, withEvents: false)
        guard ["silent", "unpaid"].contains(content.rule), let end = content.end else { return }
        let slowness = TimeSpan(
            nanoseconds: node.clock.nanoseconds - end.nanoseconds)
        result.slowestAbsence = max(result.slowestAbsence, slowness)
        let reading = WeekNode.feed.reading
        let limit = TimeSpan(
            nanoseconds: reading.lateness.nanoseconds + WeekNode.feed.idleAfter.nanoseconds
                + WeekStream.usualAge.nanoseconds + WeekWork.absenceSlack.nanoseconds)
        if slowness > limit {
            result.difference = "alert \(alert.number) was said \(slowness) after it was due"
        }
    }

    /// What of the last day is more than it may be; nil: nothing.
    private var problem: String? {
        let (first, last) = (weekFigures[0], weekFigures[weekFigures.count - 1])
        for figure in WeekFigures.Figure.allCases {
            let cap: Int
            switch figure {
            case .segments: cap = 20
            case .journalBytes: cap = 20 * 2 * Int(WeekNode.segmentByteCount)
            // A loss of power may bring back what was removed until the next one is.
            case .checkpoints: cap = WeekNode.checkpointCount + 2
            case .outputs: cap = WeekNode.keptOutputCount + 4
            case .heldEvents: cap = 2000
            // Of the feed and of a sink: one that is written, and those of ten minutes.
            case .letterBytes: cap = 2 * 40_000
            // They are swept as they double; a week has ten times more.
            case .symbols: cap = 40_000
            default:
                // Days differ; what grew would have doubled by the end of a week.
                cap = first[figure] * 2 + 100
            }
            if last[figure] > cap {
                return "\(figure.rawValue) has grown to \(last[figure]), from \(first[figure])"
            }
        }
        return nil
    }

    /// Lets everything come to its end, and compares.
    mutating func finish(at second: Int) throws(StateError) {
        node.disk.lastOperation = nil
        for rest in stride(from: second, through: second + 7200, by: 1) {
            let time = StreamTime(nanoseconds: (WeekStream.start + Int64(rest)) * 1_000_000_000)
            for node in [calm, node] { node.clock.advance(to: time) }
            if rest == second, !unread.isEmpty {
                try calm.accept(Array(unread.utf8), resumption: [])
            }
            try calm.tick()
            try work(in: rest == second ? 0 : rest)
            try look(in: rest == second ? 1 : rest % 86_400)
        }
        result.events = stream.eventCount
        result.alerts = calm.store.alerts.count
        result.changes = calm.changeCount - 1
        result.rotations = log.rotationCount
        result.checkpoints = node.asideCount
        (result.removedAlerts, result.removedLetters) = node.removedSoFar
        if node.changeCount != calm.changeCount {
            result.difference = "there are \(node.changeCount) changes of rules"
        }
        if result.difference == nil { result.difference = node.finish() ?? difference }
    }

    private var difference: String? {
        let (mine, theirs) = (calm.store.alerts, node.store.alerts)
        if mine != theirs {
            let place = zip(mine, theirs).prefix { $0 == $1 }.count
            return "alerts differ from number \(place + 1) on: "
                + "\(theirs.dropFirst(place).first?.json ?? "nothing") instead of "
                + "\(mine.dropFirst(place).first?.json ?? "nothing")"
        }
        let lost = givenUp.union(LiveSinks.givenUp(node.disk))
        if let problem = node.receiver.problem(with: mine, givenUp: lost) { return problem }
        let letters = "state/dead-letters.jsonl"
        // The oldest of them have gone, and older files of alerts too.
        let keptLetters = node.disk.readAll(of: letters)
        if !calm.disk.readAll(of: letters).suffix(keptLetters.count).elementsEqual(keptLetters) {
            return "the dead letters differ"
        }
        let kept = node.disk.paths.filter { $0.hasPrefix("out/") }
            .reduce(into: [UInt8]()) { $0 += (try? node.disk.read($1)) ?? [] }
        let all = mine.reduce(into: [UInt8]()) { $0 += Array($1.json.utf8) + [0x0a] }
        return all.suffix(kept.count).elementsEqual(kept) && !kept.isEmpty
            ? nil : "the files of alerts differ"
    }

    // MARK: Rules

    private static let silent = """
        rule silent {
          by user
          when {
            beat
            then no beat for 5m
          }
        }
        """
    /// By day: those that nobody changes, and others around them.
    private static let versions: [ConfiguredRules] = [
        [LiveWorkload.steady, silent, LiveWorkload.burst, LiveWorkload.often],
        [silent, LiveWorkload.steady, LiveWorkload.often],
        [LiveWorkload.burst, silent, LiveWorkload.steady],
    ].map { LiveWorkload.version($0.joined(separator: "\n")) }
}
