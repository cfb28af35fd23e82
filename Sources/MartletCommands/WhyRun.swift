// SPDX-License-Identifier: Apache-2.0

internal import AttemptTracing
internal import Automata
internal import Connectors
internal import Diagnostics
internal import Engine
internal import EventModel
internal import Pipeline
internal import RuleLanguage

/// Recorded events through the trace of one rule, to the story of one key.
struct WhyRun {
    let ruleset: CheckedRuleset
    let rule: CheckedRule
    /// A text for each part of the rule's key.
    let key: [String]
    let files: ReplayFiles
    let span: EventTimeSpan
    let at: StreamTime?
    let attempts: Int
    /// Said with the story.
    let note: String?

    private static let batchSize = 512

    /// - Throws: `FeedError`, `ReplayInputError`.
    func outcome(_ isJSON: Bool, colour: Bool) throws -> CommandOutcome {
        var (story, errors, before) = try told(at: at)
        if let at, story.moment?.isUnderWay == false {
            if let before { story = try told(at: before).story }
            story.goBack(from: at)
        }
        var outcome = CommandOutcome()
        outcome.output = isJSON ? StoryJSON.line(story) : StoryText(story, colour: colour).text
        for error in errors {
            outcome.errors += "error: \(error)\n"
            outcome.status = .environment
        }
        return outcome
    }

    /// The story with what is of interest at a time, what files did that could not be read to
    /// their end, and when the last attempt began before that time.
    private func told(
        at time: StreamTime?
    ) throws -> (story: KeyStory, errors: [FeedError], before: StreamTime?) {
        var feed = TraceFeed(ruleset, rule, key: key, watchedFrom: span.from, at: time)
        let inputs = try files.inputs(for: ruleset, feed.program)
        let plan = feed.program.decodePlan.withWholeTexts
        var merger = FeedMerger(plan: plan, span: span)
        for input in inputs { try merger.add(path: input.path, options: input.options) }
        let errors = read(&merger, plan, into: &feed)
        // Time has come as far as it is asked for, whatever came until then.
        if let at { feed.trace.see(at) }
        // What is due at the end itself depends on events that were not asked for.
        let end = span.to.map { $0 - TimeSpan(nanoseconds: 1) }
        var story = feed.story(drainUntil: end, attempts: attempts)
        if let note { story.notes.insert(note, at: 0) }
        addNotes(to: &story, merger)
        return (story, errors, feed.trace.lastBeginning)
    }

    /// Hands all events to the trace; gives what files did that could not be read to their end.
    private func read(
        _ merger: inout FeedMerger, _ plan: DecodePlan, into feed: inout TraceFeed
    ) -> [FeedError] {
        let places = KeyPlaces(rule, in: ruleset, plan, key)
        let names = (0..<merger.feedCount).map { merger.name(ofFeed: $0) }
        var batch = EventBatch(slotCount: plan.slotCount)
        var errors: [FeedError] = []
        var hasMore = true
        while hasMore {
            batch.removeAll()
            do throws(FeedError) {
                hasMore = try merger.fill(
                    &batch, upTo: feed.hasFeeders ? 1 : WhyRun.batchSize,
                    symbols: &feed.engine.symbols)
            } catch {
                errors.append(error)
            }
            _ = merger.takeDeadLetters()
            if batch.count == 0 { continue }
            feed.apply(batch) { trace, symbols, first in
                for index in 0..<batch.count {
                    let number = first + Int64(index)
                    hand(index, of: batch, to: &trace, number, symbols, plan, places, names)
                }
            }
        }
        return errors
    }

    private func hand(
        _ index: Int, of batch: EventBatch, to trace: inout RuleTrace, _ number: Int64,
        _ symbols: borrowing SymbolTable, _ plan: DecodePlan, _ places: KeyPlaces,
        _ names: [String]
    ) {
        trace.see(batch.events[index].time)
        let type = symbols.string(of: batch.events[index].typeName)
        switch places.finding(index, of: batch, symbols) {
        case .foreign: break
        case .lacking: trace.pass(type: type, key: nil)
        case .other(let key): trace.pass(type: type, key: key)
        case .wanted:
            trace.take(WhyRun.event(index, of: batch, symbols, plan, names), number: number)
        }
    }

    private static func event(
        _ index: Int, of batch: EventBatch, _ symbols: borrowing SymbolTable, _ plan: DecodePlan,
        _ feedNames: [String]
    ) -> TracedEvent {
        let event = batch.events[index]
        let fields = RecordingReader.fields(index, of: batch, symbols, plan)
        let id = symbols.value(of: event.id)
        return TracedEvent(
            type: symbols.string(of: event.typeName), time: event.time,
            id: id.isMissing
                ? "\(feedNames[Int(event.feed)]):\(event.position)" : id.displayText,
            fields: fields)
    }

    /// What the files had that no event came of.
    private func addNotes(to story: inout KeyStory, _ merger: borrowing FeedMerger) {
        var ignored: [(name: String, count: Int)] = []
        var late = 0
        var undecodable = 0
        for feed in 0..<merger.feedCount {
            let counts = merger.statistics(ofFeed: feed)
            ignored += counts.ignored.byName
            late += counts.late
            undecodable += counts.undecodable
        }
        for count in story.counts where count.count == 0 {
            if let near = Spelling.closest(to: count.type, among: ignored.map(\.name)) {
                let number = ignored.filter { $0.name == near }.reduce(0) { $0 + $1.count }
                story.notes.append(
                    "there is no `\(count.type)` event, but \(counted(number, "event")) of type"
                        + " `\(near)`: was that meant?")
            }
        }
        if late > 0 {
            story.notes.append("\(counted(late, "event")) came late: dropped (`--lateness`)")
        }
        if undecodable > 0 {
            story.notes.append("\(counted(undecodable, "record")) could not be read")
        }
    }
}

extension DecodePlan {
    /// The same with every text taken out whole, for who reads values behind the batch.
    var withWholeTexts: DecodePlan {
        var plan = self
        for type in plan.types.indices {
            for field in plan.types[type].fields.indices {
                for target in plan.types[type].fields[field].targets.indices {
                    plan.types[type].fields[field].targets[target].isExcerpt = false
                }
            }
        }
        return plan
    }
}

/// Where the key of a rule stands in events as they come in, so that those of other keys need not
/// be looked at closely.
struct KeyPlaces {
    /// What the key of an event is, as far as its slots tell.
    enum Finding {
        case wanted
        case other(String)
        case lacking
        /// No event of the rule.
        case foreign
    }

    /// For each incoming type the ways to read a key: for each part the slots. Nil: a key of that
    /// type has to be worked out.
    private let ways: [[[[Int]]]?]
    private let key: [String]

    init(_ rule: CheckedRule, in ruleset: CheckedRuleset, _ plan: DecodePlan, _ key: [String]) {
        self.key = key
        ways = plan.types.map { type in
            var ways: [[[Int]]] = []
            for route in rule.routes {
                guard let id = route.eventType else { return nil }
                guard ruleset.incomingNames(of: id).contains(type.name) else { continue }
                var way: [[Int]] = []
                for field in route.fields {
                    guard let path = ruleset.path(of: field),
                        let found = type.fields.first(where: { $0.path == path })
                    else { return nil }
                    way.append(found.targets.map(\.slot))
                }
                ways.append(way)
            }
            return ways
        }
    }

    func finding(
        _ index: Int, of batch: EventBatch, _ symbols: borrowing SymbolTable
    ) -> Finding {
        let type = Int(batch.events[index].type)
        guard type >= 0, let ways = ways[type] else { return .wanted }
        if ways.isEmpty { return .foreign }
        var other: String?
        for way in ways {
            var texts: [String] = []
            var isWanted = true
            for (part, slots) in way.enumerated() {
                let values = slots.map {
                    symbols.value(of: batch.slots[index * batch.slotCount + $0])
                }
                guard let value = values.first(where: { !$0.isMissing }) else { break }
                texts.append(value.displayText)
                if !values.contains(where: { $0.isWritten(key[part]) }) { isWanted = false }
            }
            guard texts.count == way.count else { continue }
            if isWanted { return .wanted }
            other = texts.joined(separator: ", ")
        }
        return other.map(Finding.other) ?? .lacking
    }
}

extension CheckedRuleset {
    /// The path of a field that is read as it comes in; nil: it is captured or computed.
    fileprivate func path(of ref: FieldRef) -> String? {
        let field = self[ref.type].fields[ref.field]
        switch field.origin {
        case .incoming: return field.name
        case .captured, .computed, .builtIn: return nil
        case .inherited(let refs):
            let paths = refs.map { path(of: $0) }
            guard let first = paths.first, paths.allSatisfy({ $0 == first }) else { return nil }
            return first
        }
    }
}
