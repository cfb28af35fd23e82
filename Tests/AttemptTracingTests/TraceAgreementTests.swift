// SPDX-License-Identifier: Apache-2.0

import AttemptTracing
import EventModel
import Oracle
import RuleLanguage
import Simulation
import Testing

/// What a trace says has matched is what the engine matches, on random rules and streams.
@Suite struct TraceAgreementTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func tracesTellOfTheMatchesOfTheEngineAndOfNoOthers(seed: UInt64) throws {
        var matchCount = 0
        var ruleCount = 0
        var number = seed &* 7_000_003
        while ruleCount < 60 {
            number &+= 1
            var generator = RuleGenerator(seed: number)
            generator.prefersKeysFrom = ruleCount % 4 == 3
            let text = generator.ruleset()
            guard let ruleset = DifferentialCase.check(text) else { continue }
            ruleCount += 1
            let engine = EngineSubject(ruleset)
            var streams = StreamGenerator(seed: number)
            for _ in 0..<4 {
                let events = streams.stream(length: 14)
                let matches = engine.matches(
                    in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
                matchCount += matches.count
                for rule in ruleset.rules {
                    for key in RandomKeys.texts(of: rule, in: events) {
                        expect(rule, key, ruleset, events, matches, text)
                    }
                }
            }
        }
        #expect(matchCount > 60)
    }

    @Test(arguments: [4, 5] as [UInt64])
    func tracesOfWindowsTellOfTheMatchesOfTheEngine(seed: UInt64) throws {
        var matchCount = 0
        var ruleCount = 0
        var number = seed &* 9_000_011
        while ruleCount < 40 {
            number &+= 1
            var generator = WindowGenerator(seed: number)
            let text = generator.ruleset()
            guard let ruleset = DifferentialCase.check(text) else { continue }
            ruleCount += 1
            let engine = EngineSubject(ruleset)
            var streams = StreamGenerator(seed: number)
            for _ in 0..<3 {
                let events = streams.stream(length: 14)
                let matches = engine.matches(
                    in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
                matchCount += matches.count
                for rule in ruleset.rules where rule.window != nil {
                    for key in RandomKeys.texts(of: rule, in: events) {
                        expectSpans(rule, key, ruleset, events, matches, text)
                    }
                }
            }
        }
        #expect(matchCount > 60)
    }

    private func expectSpans(
        _ rule: CheckedRule, _ key: [String], _ ruleset: CheckedRuleset,
        _ events: [ReferenceEvent], _ matches: [ReferenceMatch], _ text: String
    ) {
        var trace = RuleTrace(ruleset, rule, key: key, watchedFrom: MatchingScenario.zero)
        for event in events { trace.take(TracedEvent(event)) }
        let story = trace.story(drainUntil: nil, attempts: 3)
        let told = story.matches.map { "\($0.start) \($0.end)" }
        let expected = matches.filter {
            $0.rule == rule.name && $0.key.map(\.displayText) == key
        }.map { "\($0.start) \($0.end)" }
        #expect(told == expected, "key \(key) of:\n\(text)")
    }

    private func expect(
        _ rule: CheckedRule, _ key: [String], _ ruleset: CheckedRuleset,
        _ events: [ReferenceEvent], _ matches: [ReferenceMatch], _ text: String
    ) {
        var trace = RuleTrace(
            ruleset, rule, key: key, watchedFrom: MatchingScenario.zero)
        for event in events { trace.take(TracedEvent(event)) }
        let story = trace.story(drainUntil: nil, attempts: 3)
        let told = story.matches.map { match in
            "\(match.start) \(match.end) "
                + match.bound.filter { $0.keysFrom == nil }.map(\.id).joined(separator: " ")
        }
        let expected = matches.filter {
            $0.rule == rule.name && $0.key.map(\.displayText) == key
        }.map { match in
            let bound = match.bound.flatMap { $0 }.sorted().map { events[$0].id }
            return "\(match.start) \(match.end) " + bound.joined(separator: " ")
        }
        #expect(told == expected, "key \(key) of:\n\(text)")
        for attempt in story.attempts {
            #expect(!attempt.isMatch)
            #expect(attempt.end >= attempt.start)
        }
    }
}
