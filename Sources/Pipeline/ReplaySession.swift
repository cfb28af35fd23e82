// SPDX-License-Identifier: Apache-2.0
// Exercised by ReplaySessionTests.

package import Automata
package import Connectors
internal import Engine
package import EventModel
package import MatchCore

/// What a replay writes, and where.
package struct ReplayOptions: Sendable {
    /// Events that go to the engine at once: enough to keep the decoder's and the engine's code
    /// and data warm in turn, few enough for a batch to stay in the cache.
    package static let batchEventCount = 512
    /// More engines than key groups would have nothing to do.
    package static let threadCap = MatchShard.keyGroupCount

    package var format = AlertFormat.jsonLines
    /// `-` is standard output.
    package var outputPath = "-"
    package var deadLetterPath: String?
    package var span = EventTimeSpan()
    package var colour = false
    /// Whether alerts go out as they come up, for people who watch.
    package var flushesEveryBatch = false
    /// Threads that share the work, each with an engine for some of the keys.
    package var threads = 1
    package var batchEventCount = ReplayOptions.batchEventCount
    /// Bytes of memory from nine tenths of which on no more keys are taken on; nil: there is no
    /// such limit.
    package var maxMemory: Int?
    /// What runs the rules that it can run; nil: for each rule the best.
    package var backend: Backend?
    /// Whether it is found out how many attempts are under way at once.
    package var countsAttempts = false
    /// Whether each match is gone through where they are only counted.
    package var visitsMatches = false

    package init() {}

    fileprivate var output: MatchOutput {
        guard format == .count else { return MatchOutput(.matches, by: backend) }
        return MatchOutput(visitsMatches ? .visits : .count, by: backend)
    }
}

/// Recorded feeds through the rules, to alerts: one batch a `step`.
///
/// It reads no clock. The same rules, files and options give the same bytes, whatever the number of
/// threads.
package struct ReplaySession: ~Copyable {
    package let program: RulesetProgram
    private let options: ReplayOptions
    private let feedNames: [String]
    private var engine: ShardedEngine
    private var merger: FeedMerger
    private var writer: AlertWriter
    private var output: FileSink
    private var deadLetters: FileSink?
    private var alerts: MatchMerger
    private var memory: MemoryWatch
    private let alertHandler: AlertHandler?
    private let alertObserver: AlertHandler?
    /// The time of the first event; nil: there was none.
    package private(set) var begun: StreamTime?
    /// The latest time that events or the clock have reached; alerts from before it have come.
    package private(set) var reached = StreamTime.distantPast
    private var lateReasons: [String] = []
    private var undecodableReasons: [String] = []
    /// What files did that could not be read to their end; the others were.
    package private(set) var feedErrors: [FeedError] = []

    /// Takes an alert by the index of its match.
    package typealias AlertHandler = (MatchBatch, Int) -> Void

    /// Opens the inputs and then the outputs, so that a missing input leaves an old output alone.
    ///
    /// - Parameters:
    ///   - alertHandler: takes the alerts in the place of the output.
    ///   - alertObserver: sees each alert before it is written.
    /// - Throws: `cannotOpen`.
    package init(
        _ program: RulesetProgram, inputs: [ReplayInput], options: ReplayOptions,
        alertHandler: AlertHandler? = nil, alertObserver: AlertHandler? = nil
    ) throws(FeedError) {
        var merger = FeedMerger(plan: program.decodePlan, span: options.span)
        for input in inputs { try merger.add(path: input.path, options: input.options) }
        var output = try FileSink(path: options.outputPath)
        let deadLetters = try ReplaySession.sink(options.deadLetterPath)
        self.merger = merger
        self.program = program
        self.options = options
        feedNames = ReplaySession.feedNames(of: inputs)
        engine = ShardedEngine(
            program, output: options.output,
            shardCount: options.threads, feedNames: feedNames, watchedFrom: options.span.from)
        engine.countsAttempts = options.countsAttempts
        alerts = MatchMerger(shardCount: engine.shardCount)
        memory = MemoryWatch(limit: options.maxMemory)
        self.alertHandler = alertHandler
        self.alertObserver = alertObserver
        writer = AlertWriter(
            format: options.format, program: program, feedNames: feedNames, colour: options.colour)
        writer.appendHeader(to: &output.buffer)
        self.output = output
        self.deadLetters = deadLetters
    }

    private static func sink(_ path: String?) throws(FeedError) -> FileSink? {
        if let path { return try FileSink(path: path) }
        return nil
    }

    /// The names of the files; the paths of those that share a name, so that an event's id names
    /// one event.
    package static func feedNames(of inputs: [ReplayInput]) -> [String] {
        let names = inputs.map { $0.name ?? RecordedFeed.name(ofPath: $0.path) }
        return zip(inputs, names).map { input, name in
            let isShared = names.count(where: { $0 == name }) > 1
            return isShared && input.path != "-" && input.name == nil ? input.path : name
        }
    }

    /// Takes the next events through the rules; false: there are no more.
    ///
    /// - Throws: `cannotWrite`, `readerGone`: what an output did.
    package mutating func step() throws(FeedError) -> Bool {
        if engine.symbols.isSweepDue {
            try takeBatches(all: true)
            engine.sweepSymbols { merger.markSymbols(in: &$0) }
        }
        var hasMore = true
        let job = engine.nextBatch()
        do throws(FeedError) {
            hasMore = try merger.fill(
                &job.batch, upTo: max(options.batchEventCount, 1), symbols: &engine.symbols)
        } catch {
            feedErrors.append(error)
        }
        if let last = job.batch.events.last { reached = max(reached, last.time) }
        if begun == nil { begun = job.batch.events.first?.time }
        job.isMemoryFull = memory.isFull()
        engine.submit(job)
        let letters = merger.takeDeadLetters()
        do throws(FeedError) {
            try takeBatches(all: !hasMore)
        } catch {
            // The one output may work where the other does not.
            try bury(letters)
            throw error
        }
        try bury(letters)
        return hasMore
    }

    /// Writes the alerts of the batches that are done, and waits for one where no more can be on
    /// their way.
    private mutating func takeBatches(all: Bool) throws(FeedError) {
        while engine.take(into: &alerts, waits: all || engine.isFull) { try writeAlerts() }
    }

    /// Lets the clock run until no deadline is pending; where the replay has an end, up to that.
    ///
    /// - Throws: like `step`.
    package mutating func runOut() throws(FeedError) {
        while try runOutStep() {}
    }

    /// Lets the clock run on until there are alerts; false: no deadline is pending any more.
    ///
    /// - Throws: like `step`.
    package mutating func runOutStep() throws(FeedError) -> Bool {
        var hasMore = false
        if let end = options.span.to {
            // What is due at the end itself depends on events that were not asked for.
            engine.advance(to: end - TimeSpan(nanoseconds: 1))
        } else {
            hasMore = engine.drainNextDeadlines()
        }
        try drainAlerts()
        return hasMore
    }

    /// Lets the clock of a replay that is at its end run up to a time.
    ///
    /// - Throws: like `step`.
    package mutating func advance(to time: StreamTime) throws(FeedError) {
        guard time > reached else { return }
        reached = time
        engine.advance(to: time - TimeSpan(nanoseconds: 1))
        try drainAlerts()
    }

    /// Writes what is still to be written and closes the outputs; what the one did keeps nothing
    /// from the other.
    ///
    /// - Throws: like `step`.
    package consuming func finish() throws(FeedError) -> ReplayReport {
        let report = report
        do throws(FeedError) {
            try takeBatches(all: true)
            try writeCounts(report)
            try output.flush()
        } catch {
            try deadLetters?.flush()
            throw error
        }
        try deadLetters?.close()
        try output.close()
        return report
    }

    private mutating func writeCounts(_ report: ReplayReport) throws(FeedError) {
        guard options.format == .count else { return }
        for entry in report.matches {
            let more = entry.hasMore ? "+" : ""
            try output.write("\(entry.rule) \(entry.count)\(more)\n".utf8.span)
        }
    }

    private mutating func drainAlerts() throws(FeedError) {
        engine.drain(into: &alerts)
        try writeAlerts()
    }

    private mutating func writeAlerts() throws(FeedError) {
        while let place = alerts.advance() {
            if let alertHandler {
                alertHandler(alerts.batches[place.shard], place.index)
                continue
            }
            alertObserver?(alerts.batches[place.shard], place.index)
            writer.append(alerts.batches[place.shard], place.index, to: &output.buffer)
            try output.flushIfFull()
        }
        if options.flushesEveryBatch { try output.flush() }
    }

    private mutating func bury(_ letters: [DeadLetter]) throws(FeedError) {
        if letters.isEmpty { return }
        var bytes: [UInt8] = []
        for letter in letters {
            let name = feedNames[Int(letter.feed)]
            let reason = "\(name):\(letter.lineNumber): \(letter.reason)"
            if letter.reason.hasPrefix("late by ") {
                if lateReasons.count < ReplayReport.reasonCap { lateReasons.append(reason) }
            } else if undecodableReasons.count < ReplayReport.reasonCap {
                undecodableReasons.append(reason)
            }
            if options.deadLetterPath != nil {
                DeadLetterText.append(letter, feedName: name, to: &bytes)
            }
        }
        try deadLetters?.write(bytes.span)
    }

    // MARK: What has been done so far

    package struct Progress: Sendable {
        /// Events read, also those that no rule wants.
        package var events: Int
        package var alerts: Int
        /// Of all bytes; nil where the size of an input is not known.
        package var percent: Int?

        package init(events: Int, alerts: Int, percent: Int?) {
            self.events = events
            self.alerts = alerts
            self.percent = percent
        }
    }

    package var progress: Progress {
        let (read, total) = merger.progress
        var events = 0
        for feed in 0..<merger.feedCount {
            let counts = merger.statistics(ofFeed: feed)
            events += counts.events + counts.ignored.total + counts.outside
        }
        return Progress(
            events: events,
            alerts: ReplayReport.sum(
                program.rules.indices.filter { !program.rules[$0].chain.onlyEmits }
                    .map { engine.alertCounters(ofRule: $0).alerts }),
            percent: total.map { $0 > 0 ? Int(min(100, read * 100 / $0)) : 100 })
    }

    package var report: ReplayReport {
        var report = ReplayReport()
        report.events = engine.eventCount
        report.lateReasons = lateReasons
        report.undecodableReasons = undecodableReasons
        report.unknownSeverities = writer.unknownSeverityCount
        for feed in 0..<merger.feedCount {
            let counts = merger.statistics(ofFeed: feed)
            report.lines += counts.lines
            report.ignored += counts.ignored.total
            report.late += counts.late
            report.undecodable += counts.undecodable
            report.outside += counts.outside
            for entry in counts.mismatched where entry.count > 0 {
                report.count(mismatch: entry.path, entry.count)
            }
        }
        report.overflows = engine.overflowCount
        report.attemptPeaks = engine.attemptPeaks
        report.onlyEmits = program.rules.indices.map { program.rules[$0].chain.onlyEmits }
        for index in program.rules.indices {
            let name = program.rules[index].name
            let counts = engine.counters(ofRule: index)
            report.matches.append(
                .init(rule: name, count: counts.matches, hasMore: counts.hasMoreMatches))
            report.add(engine.alertCounters(ofRule: index), excepted: counts.excepted, name)
            report.counters.append(counts)
            if counts.lackingKey > 0 {
                report.lackingKey.append(.init(rule: name, count: counts.lackingKey))
            }
            if counts.cappedKeys > 0 {
                report.refused.append(.init(rule: name, count: counts.cappedKeys))
            }
            let capped =
                counts.cappedAttempts + counts.cappedChoices + counts.cappedBindings
                + counts.cappedWindowEvents
                + counts.cappedMatches
            if capped > 0 { report.capped.append(.init(rule: name, count: capped)) }
        }
        if options.format == .count { report.outcomes = [] }
        return report
    }
}

extension ReplayReport {
    fileprivate mutating func add(_ counts: AlertCounters, excepted: Int, _ rule: String) {
        var outcome = RuleOutcome()
        outcome.alerts = counts.alerts
        outcome.suppressed = counts.suppressed
        outcome.excepted = excepted
        outcome.limited = counts.limited
        outcome.resolved = counts.resolved
        outcomes.append(outcome)
        let lost = counts.untold + counts.notKeptOpen + counts.notSuppressing
        if lost > 0 { forgotten.append(.init(rule: rule, count: lost)) }
    }

    fileprivate mutating func count(mismatch field: String, _ count: Int) {
        if let known = mismatched.firstIndex(where: { $0.field == field }) {
            mismatched[known].count += count
        } else {
            mismatched.append((field, count))
        }
    }
}
