// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Engine
internal import EventModel
internal import MatchCore
internal import RuleLanguage
internal import Tracing

/// A trace of one rule with the engine beside it, which decides what becomes of matches, and runs
/// the rules whose alerts the traced one reads.
struct TraceFeed: ~Copyable {
    let program: RulesetProgram
    var engine: RuleEngine
    var trace: RuleTrace
    /// Whether the engine has a part in it: then events come one by one.
    let usesEngine: Bool
    private let rule: CheckedRule
    private let index: Int

    init(
        _ ruleset: CheckedRuleset, _ rule: CheckedRule, key: [String], watchedFrom: StreamTime?,
        at time: StreamTime? = nil
    ) {
        self.rule = rule
        let needed = ruleset.needed(for: rule)
        index = needed.rules.firstIndex { $0.name == rule.name } ?? 0
        program = RulesetCompiler.compile(needed)
        engine = RuleEngine(program)
        if let watchedFrom { engine.watch(from: watchedFrom) }
        trace = RuleTrace(ruleset, rule, key: key, watchedFrom: watchedFrom, at: time)
        usesEngine = rule.policy.isStateful || needed.rules.count > 1
        if usesEngine { trace.expectFates() }
        engine.notesDecisions = rule.policy.isStateful
    }

    /// Runs the event of a batch, and has `take` hand it to the trace where it belongs among the
    /// alerts that come of it.
    mutating func apply(
        _ batch: EventBatch, _ take: (inout RuleTrace, borrowing SymbolTable) -> Void
    ) {
        guard usesEngine else { return take(&trace, engine.symbols) }
        engine.apply(batch)
        let matches = drain()
        let time = batch.events.first?.time ?? .distantPast
        for match in matches where match.moment < time { handOn(match) }
        take(&trace, engine.symbols)
        for match in matches where match.moment >= time { handOn(match) }
    }

    /// Lets the clock run, and tells the story.
    ///
    /// - Parameter drainUntil: deadlines up to and with this time are worked off; nil: all.
    mutating func story(drainUntil: StreamTime?, attempts: Int) -> KeyStory {
        if usesEngine {
            if let drainUntil { engine.advance(to: drainUntil) } else { engine.drainDeadlines() }
            for match in drain() { handOn(match) }
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

    private mutating func handOn(_ match: Match) {
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
