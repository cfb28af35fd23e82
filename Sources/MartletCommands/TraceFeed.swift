// SPDX-License-Identifier: Apache-2.0

internal import AttemptTracing
internal import Automata
internal import Engine
internal import EventModel
internal import MatchCore
internal import RuleLanguage

/// A trace of one rule with the engine beside it, which decides what becomes of matches, and runs
/// the rules whose alerts the traced one reads.
struct TraceFeed: ~Copyable {
    let program: RulesetProgram
    var engine: RuleEngine
    var trace: RuleTrace
    /// Whether the engine has a part in it.
    let usesEngine: Bool
    /// Whether events have to come one by one, since they come between alerts that are events.
    let hasFeeders: Bool
    private let index: Int
    /// The same rule with nothing between its matches and alerts; nil: it is not needed.
    private var plainIndex: Int?
    /// The rule alone, to find the attempts that are under way at a time.
    private let alone: RulesetProgram?
    private let watchedFrom: StreamTime?
    /// Of the last event that the engine has had.
    private(set) var number: Int64 = 0

    init(
        _ ruleset: CheckedRuleset, _ rule: CheckedRule, key: [String], watchedFrom: StreamTime?,
        at time: StreamTime? = nil
    ) {
        var needed = ruleset.needed(for: rule)
        index = needed.rules.firstIndex { $0.name == rule.name } ?? 0
        self.watchedFrom = watchedFrom
        trace = RuleTrace(
            ruleset, rule, key: key, watchedFrom: watchedFrom, at: time, isTold: true)
        if trace.wantsMatches {
            var plain = needed.rules[index]
            plain.name += " "
            plain.policy = AlertPolicy()
            var alone = needed
            alone.rules = [plain]
            self.alone = RulesetCompiler.compile(alone)
            plainIndex = needed.rules.count
            needed.rules.append(plain)
        } else {
            alone = nil
        }
        program = RulesetCompiler.compile(needed)
        engine = RuleEngine(program)
        if let watchedFrom { engine.watch(from: watchedFrom) }
        hasFeeders = rule.rank > 0
        usesEngine = trace.wantsMatches || rule.policy.isStateful || needed.rules.count > 1
        if usesEngine { trace.expectFates() }
        engine.notesDecisions = rule.policy.isStateful
    }

    /// Runs the events of a batch, and has `take` hand them to the trace where they belong among
    /// the alerts that come of them; it is told the number of the first.
    ///
    /// - Precondition: there is one, if alerts are events of the rule.
    mutating func apply(
        _ batch: EventBatch,
        _ take: (inout RuleTrace, borrowing SymbolTable, _ number: Int64) -> Void
    ) {
        guard usesEngine else { return take(&trace, engine.symbols, number) }
        let first = number + 1
        number += Int64(batch.count)
        engine.apply(batch)
        let matches = drain()
        let time = batch.events.first?.time ?? .distantPast
        for match in matches where hasFeeders && match.moment < time { handOn(match) }
        take(&trace, engine.symbols, first)
        for match in matches where !hasFeeders || match.moment >= time { handOn(match) }
    }

    /// Lets the clock run, and tells the story.
    ///
    /// - Parameter drainUntil: deadlines up to and with this time are worked off; nil: all.
    mutating func story(drainUntil: StreamTime?, attempts: Int) -> KeyStory {
        if usesEngine {
            if let drainUntil { engine.advance(to: drainUntil) } else { engine.drainDeadlines() }
            for match in drain() { handOn(match) }
            chooseAttempts()
        }
        return trace.story(drainUntil: drainUntil, attempts: attempts)
    }

    private mutating func drain() -> [Match] {
        let matches = engine.drain()
        for decision in engine.takeDecisions() where decision.rule == index {
            trace.take(MatchFate(decision))
        }
        return matches
    }

    /// Runs the engine once more, up to the time that is of interest, and finds the attempts that
    /// are furthest then.
    private mutating func chooseAttempts() {
        let events = trace.eventsBeforehand
        guard let alone, !events.isEmpty else { return }
        // Of too many attempts the oldest are kept.
        var caps = Caps()
        caps.attemptsPerKey = min(caps.attemptsPerKey, max(64, 50_000_000 / events.count))
        var engine = RuleEngine(alone, caps: caps, output: .count(by: .attempts))
        if let watchedFrom { engine.watch(from: watchedFrom) }
        let encoder = EventEncoder(alone.decodePlan)
        var batch = EventBatch(slotCount: alone.decodePlan.slotCount)
        var numbers: [Int64] = []
        for (event, number) in events {
            let isWanted = encoder.append(
                type: event.type, time: event.time, id: event.id, fields: event.fields,
                position: number, to: &batch, symbols: &engine.symbols)
            if isWanted { numbers.append(number) }
            if batch.count == 512 || number == events.last?.number {
                engine.apply(batch)
                batch.removeAll()
            }
        }
        let (furthest, count) = engine.furthestAttempts(ofRule: 0, atMost: 32)
        trace.choose(
            furthest.map { (numbers[Int($0.firstArrival) - 1], $0.boundCount) }, of: count,
            hasMore: engine.counters(ofRule: 0).cappedAttempts > 0)
    }

    private mutating func handOn(_ match: Match) {
        if match.rule == plainIndex {
            let steps = match.steps.map { $0.map(\.arrival) }
            let found = FoundMatch(
                steps: steps, start: match.start, end: match.end, isByClock: match.isByClock)
            return trace.take(found, key: match.key)
        }
        guard match.rule != index, match.status == .open else { return }
        var fields: [(name: String, value: Value)] = [
            ("rule", .string(program.rules[match.rule].name)),
            ("severity", .string(match.severity)),
            ("tags", .list(program.rules[match.rule].alert.tags.map(Value.string))),
            ("title", .string(match.title)), ("start", .time(match.start)),
            ("end", .time(match.end)),
        ]
        fields += zip(program.rules[match.rule].keyNames, match.key).map { (name: $0, value: $1) }
        fields += match.fields
        trace.take(
            TracedEvent(
                type: program.rules[match.rule].name, time: match.end,
                id: "alert of \(program.rules[match.rule].name)",
                fields: fields),
            isAlert: true)
    }
}

extension MatchFate {
    fileprivate init(_ decision: AlertDecision) {
        let obstacle: Obstacle? =
            switch decision.obstacle {
            case .openAlert(let end)?: .openAlert(end: end)
            case .suppression(let end)?: .suppression(end: end)
            case .limit(let count, let since)?: .limit(count: count, since: since)
            case nil: nil
            }
        self.init(
            key: decision.key, start: decision.start, end: decision.end,
            eventCount: decision.eventCount, obstacle: obstacle)
    }
}

extension CheckedRuleset {
    /// The rule and those whose alerts reach it, all of which alert.
    fileprivate func needed(for rule: CheckedRule) -> CheckedRuleset {
        var names: Set = [rule.name]
        var waiting = [rule]
        while let next = waiting.popLast() {
            for feeder in rules where next.reads(feeder, in: self) {
                if names.insert(feeder.name).inserted { waiting.append(feeder) }
            }
        }
        var ruleset = self
        ruleset.tests = []
        ruleset.rules = rules.filter { names.contains($0.name) }
        for index in ruleset.rules.indices {
            ruleset.rules[index].onlyEmits = false
        }
        return ruleset
    }
}

extension CheckedRule {
    /// Whether alerts of another rule are events of this one.
    fileprivate func reads(_ other: CheckedRule, in ruleset: CheckedRuleset) -> Bool {
        guard let type = other.alertType else { return false }
        return routes.compactMap(\.eventType).contains { read in
            read == type || ruleset[read].sources.contains(type)
        }
    }
}
