// SPDX-License-Identifier: Apache-2.0
// Exercised by LivePipelineTests.

package import Automata
internal import Connectors
internal import Engine
package import EventModel
package import MatchCore
package import Pipeline

/// Journal entries in, alerts and dead letters out.
///
/// It reads no clock, no file and no randomness: the same rules and entries give the same bytes,
/// so whatever was lost behind the last checkpoint comes again from the journal. How lines are cut
/// into entries changes nothing, other than of CSV, of which each entry begins with a header.
package struct LivePipeline: ~Copyable {
    /// Bytes that an alert may have: a rule may bind any number of events, and each may be long,
    /// and no database takes any length.
    private static let alertByteCap = 32 << 20
    /// Events that go to the engine at once.
    private static let batchEventCount = 512

    /// The rules in force.
    package internal(set) var rules: LiveRules
    var engine: RuleEngine
    package let feeds: [LiveFeed]
    private let format: AlertFormat
    var writer: AlertWriter
    var batch: EventBatch
    /// Events given to the engine, for who looks at them; nil: nobody does.
    var tapped: TappedEvents?
    private var matches = MatchBatch()
    /// Alerts that nobody has taken yet.
    package var alerts = NumberedLines(firstNumber: 1)
    /// Records that became no event, likewise.
    package var deadLetters = NumberedLines(firstNumber: 1)
    /// The number of the last entry taken in; 0: there was none.
    package internal(set) var entryNumber: Int64 = 0
    /// The latest wall clock time that an entry told.
    package internal(set) var wallTime: StreamTime?
    /// No event before this time is to come any more; nil: nothing is known yet.
    package internal(set) var watermark: StreamTime?
    /// Alerts that were too long, under rules that were in force before.
    private var shortenedBefore = 0
    /// Lines of feeds that are not configured.
    package private(set) var strayLineCount = 0
    /// Events that waited in a checkpoint and are none for the rules as they are now.
    package internal(set) var lostHeldCount = 0

    /// - Parameters:
    ///   - feeds: in an order that stays, since events carry their feed's number.
    ///   - format: of the alerts.
    package init(
        _ program: RulesetProgram, feeds: [LiveFeedOptions], format: AlertFormat = .jsonLines,
        limits: Caps = Caps()
    ) {
        self.init(LiveRules(program, limits: limits), feeds: feeds, format: format)
    }

    init(_ rules: LiveRules, feeds: [LiveFeedOptions], format: AlertFormat = .jsonLines) {
        self.rules = rules
        self.format = format
        let program = rules.program
        let names = feeds.map(\.name)
        self.feeds = feeds.enumerated().map { number, options in
            LiveFeed(options, number: Int32(number), program.decodePlan)
        }
        var engine = RuleEngine(program, caps: rules.limits)
        engine.feedNames = names
        self.engine = engine
        writer = AlertWriter(format: format, program: program, feedNames: names)
        writer.jsonByteCap = LivePipeline.alertByteCap
        batch = EventBatch(slotCount: program.decodePlan.slotCount)
    }

    package var program: RulesetProgram { rules.program }

    /// Takes in the next entry of the journal.
    ///
    /// - Precondition: it is no change of rules, which `adopt` takes in.
    package mutating func apply(_ entry: JournalEntry) {
        entryNumber += 1
        switch entry {
        case .records(let records): take(records)
        case .tick(let time): wallTime = max(wallTime ?? time, time)
        case .alertsContinue(let number):
            if number > alerts.nextNumber { alerts.goOn(at: number) }
        case .rules: preconditionFailure("rules are prepared before they are adopted")
        }
        moveOn()
    }

    private mutating func take(_ records: AcceptedRecords) {
        let time = max(wallTime ?? records.acceptedAt, records.acceptedAt)
        if wallTime == nil { for feed in feeds { feed.heardAt = time } }
        wallTime = time
        guard let feed = feeds.first(where: { $0.options.name == records.feed }) else {
            strayLineCount += records.lines.count(where: { $0 == 0x0a })
            return
        }
        if engine.symbols.isSweepDue { sweepSymbols() }
        feed.take(records, at: time, symbols: &engine.symbols)
        let letters = feed.pushed.takeDeadLetters()
        for letter in letters {
            DeadLetterText.append(letter, feedName: feed.options.name, to: &deadLetters.bytes)
            deadLetters.endLine()
        }
    }

    private mutating func sweepSymbols() {
        var live = [Bool](repeating: false, count: engine.symbols.idLimit)
        engine.markSymbols(in: &live)
        for feed in feeds { feed.pushed.markSymbols(in: &live) }
        engine.symbols.sweep(keeping: live)
    }

    /// Has the engine write alerts of a program from now on.
    mutating func run(_ rules: LiveRules, on engine: consuming RuleEngine) {
        self.rules = rules
        self.engine = engine
        shortenedBefore += writer.shortenedCount
        writer = AlertWriter(
            format: format, program: rules.program, feedNames: feeds.map(\.options.name))
        writer.jsonByteCap = LivePipeline.alertByteCap
        batch = EventBatch(slotCount: rules.program.decodePlan.slotCount)
    }

    // MARK: Time

    /// Moves time on as far as the feeds and the wall clock let it.
    private mutating func moveOn() {
        if let reach, watermark.map({ $0 < reach }) ?? true {
            watermark = reach
            for feed in feeds { feed.pushed.raiseWatermark(to: reach) }
        }
        guard let watermark else { return }
        while release(notAfter: watermark) {}
        // Events of the watermark's own time may still come.
        if engine.counters.events > 0 {
            engine.advance(to: watermark - TimeSpan(nanoseconds: 1))
            if engine.hasMatches { writeAlerts() }
        }
    }

    /// How far time may go: the feeds that speak hold it back, and where none does, the one that is
    /// ahead says how far the wall clock has moved it.
    private var reach: StreamTime? {
        guard let wallTime else { return nil }
        let speaking = feeds.filter { !$0.isQuiet(at: wallTime) }
        if !speaking.isEmpty {
            var reach = StreamTime.distantFuture
            for feed in speaking {
                guard let watermark = feed.pushed.watermark else { return nil }
                reach = min(reach, watermark)
            }
            return reach
        }
        return feeds.compactMap { $0.estimate(at: wallTime) }.max()
    }

    /// Works a batch of held events in, in order of time and, at equal times, of the feeds; false:
    /// there was none.
    private mutating func release(notAfter limit: StreamTime) -> Bool {
        batch.removeAll()
        while batch.count < LivePipeline.batchEventCount, let (first, bound) = earliest(limit) {
            while batch.count < LivePipeline.batchEventCount,
                first.pushed.release(notAfter: bound, into: &batch)
            {}
        }
        if batch.count == 0 { return false }
        tapped?.take(batch, engine.symbols, feeds)
        engine.apply(batch)
        if engine.hasMatches { writeAlerts() }
        return true
    }

    /// The feed with the earliest event up to `limit`, and up to when its events come before those
    /// of the others.
    private func earliest(_ limit: StreamTime) -> (feed: LiveFeed, bound: StreamTime)? {
        var best: (feed: Int, time: StreamTime)?
        for (number, feed) in feeds.enumerated() {
            guard let time = feed.pushed.firstHeldTime, time <= limit else { continue }
            if best.map({ time < $0.time }) ?? true { best = (number, time) }
        }
        guard let best else { return nil }
        var bound = limit
        for (number, feed) in feeds.enumerated() where number != best.feed {
            guard let time = feed.pushed.firstHeldTime else { continue }
            bound = min(bound, number < best.feed ? time - TimeSpan(nanoseconds: 1) : time)
        }
        return (feeds[best.feed], bound)
    }

    mutating func writeAlerts() {
        engine.drain(into: &matches)
        for index in 0..<matches.count {
            writer.append(matches, index, to: &alerts.bytes)
            alerts.endLine()
        }
    }

    // MARK: Counters

    /// Alerts that were too long, and do without their events.
    package var shortenedAlertCount: Int { shortenedBefore + writer.shortenedCount }

    /// The number of the last line of a feed; 0: there was none.
    package func lineCount(ofFeed name: String) -> Int64 {
        feeds.first { $0.options.name == name }?.pushed.lineCount ?? 0
    }

    /// Where a feed goes on behind what has been taken in; empty: nothing has.
    package func resumption(ofFeed name: String) -> [UInt8] {
        feeds.first { $0.options.name == name }?.resumption ?? []
    }

    package var eventCount: Int { engine.counters.events }

    /// Whether the wall clock would move time on now: then a tick has to be journaled.
    package func isWaitingForClock(at time: StreamTime) -> Bool {
        feeds.allSatisfy { $0.isQuiet(at: time) } && feeds.contains { $0.base != nil }
            || feeds.contains { $0.isQuiet(at: time) && !$0.isQuiet(at: wallTime ?? time) }
    }
}
