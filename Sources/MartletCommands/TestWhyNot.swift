// SPDX-License-Identifier: Apache-2.0

internal import AttemptTracing
internal import Automata
internal import Engine
internal import EventModel
internal import Harness
internal import RuleLanguage

/// Says of alerts that a case expected and that did not come how far the furthest attempt came.
struct TestWhyNot {
    private let ruleset: CheckedRuleset
    private let input: CaseInput
    private let events: [TracedEvent]
    /// Keys of a case that are looked at, at most.
    private static let keyCap = 32

    /// - Parameter ruleset: that of the case.
    private init(_ ruleset: CheckedRuleset, _ result: CaseResult, _ input: CaseInput) {
        var tested = ruleset
        tested.tests = []
        tested.rules = ruleset.rules.filter { result.test.rules.contains($0.name) }
        for (table, contents) in result.test.givenTables {
            tested.tables[table.index].contents = contents
        }
        self.ruleset = tested
        self.input = input
        events = input.events.enumerated().map { number, event in
            TracedEvent(
                type: event.type, time: event.time, id: event.id ?? "event \(number + 1)",
                fields: event.fields)
        }
    }

    /// The result with what there is to say at each alert that did not come.
    static func explain(_ result: CaseResult, in ruleset: CheckedRuleset) -> CaseResult {
        guard let input = result.input else { return result }
        let teller = TestWhyNot(ruleset, result, input)
        var result = result
        for index in result.failures.indices {
            guard case .missing(let expected, nil, _) = result.failures[index].kind else {
                continue
            }
            result.failures[index].why = teller.lines(expected, from: result.test.start)
        }
        return result
    }

    private func lines(_ expected: ExpectedAlert, from zero: StreamTime) -> [String] {
        let stories = ruleset.rules.filter { expected.rule == nil || $0.name == expected.rule }
            .flatMap { rule in
                keys(of: rule).filter { key in
                    zip(rule.key, key).allSatisfy { part, text in
                        expected.fields.last { $0.name == part.name }?.value.isWritten(text) ?? true
                    }
                }.prefix(TestWhyNot.keyCap).map { story(of: rule, $0) }
            }
        guard let best = stories.min(by: { $0.isNearer(than: $1, to: expected.time) }) else {
            return ["no event has a key of the rule's"]
        }
        return StoryBrief(best, from: zero, at: expected.time).lines
    }

    /// The keys that the case has for a rule; where it reads alerts of others, also theirs.
    private func keys(of rule: CheckedRule) -> [[String]] {
        let rules =
            rule.rank == 0 ? [rule] : ruleset.rules.filter { $0.key.count == rule.key.count }
        var result: [[String]] = []
        for key in rules.flatMap({ RuleTrace.keys(of: $0, in: ruleset, events) })
        where !result.contains(key) {
            result.append(key)
        }
        return result
    }

    private func story(of rule: CheckedRule, _ key: [String]) -> KeyStory {
        var feed = TraceFeed(ruleset, rule, key: key, watchedFrom: input.watchedFrom)
        let encoder = EventEncoder(feed.program.decodePlan)
        var batch = EventBatch(slotCount: feed.program.decodePlan.slotCount)
        for (number, event) in input.events.enumerated() {
            batch.removeAll()
            let isWanted = encoder.append(
                type: event.type, time: event.time, id: event.id, fields: event.fields,
                position: Int64(number + 1), to: &batch, symbols: &feed.engine.symbols)
            guard isWanted else { continue }
            feed.apply(batch) { trace, _, _ in trace.take(events[number]) }
        }
        return feed.story(drainUntil: input.until, attempts: 1)
    }
}

extension KeyStory {
    /// A match that was kept back goes before an attempt, and what bound more goes before what
    /// bound less.
    fileprivate func isNearer(than other: KeyStory, to time: StreamTime?) -> Bool {
        (isKeptBack(at: time) ? 0 : 1, -(attempts.first?.bound.count ?? -1))
            < (other.isKeptBack(at: time) ? 0 : 1, -(other.attempts.first?.bound.count ?? -1))
    }

    fileprivate func isKeptBack(at time: StreamTime?) -> Bool {
        matches.contains { $0.heldBack != nil && (time == nil || $0.end == time) }
    }
}
