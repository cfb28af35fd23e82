// SPDX-License-Identifier: Apache-2.0

import AttemptTracing
import Automata
import Engine
import EventModel
import MatchCore
import Oracle
import RuleLanguage
import Simulation
import Testing

@testable import MartletCommands

/// What `martlet why` tells of the matches of a key is what the engine does, on random rules that
/// keep matches back or read the alerts of others.
@Suite struct WhyAgreementTests {
    @Test(arguments: [1] as [UInt64])
    func chainedRulesAreToldAsTheEngineRunsThem(seed: UInt64) throws {
        try compare(seed &* 5_000_011, cases: 60) { number in
            var generator = RuleGenerator(seed: number)
            return generator.chain()
        }
    }

    @Test(arguments: [3, 4] as [UInt64])
    func whatKeepsAnAlertBackIsToldAsTheEngineDecides(seed: UInt64) throws {
        try compare(seed &* 6_000_007, cases: 60) { number in
            var generator = RuleGenerator(seed: number)
            generator.hasPolicies = true
            return generator.ruleset()
        }
    }

    @Test(arguments: [6] as [UInt64])
    func windowsAreToldWithWhatKeepsTheirAlertsBack(seed: UInt64) throws {
        try compare(seed &* 7_000_003, cases: 60) { number in
            var generator = WindowGenerator(seed: number)
            generator.hasPolicies = true
            return generator.ruleset()
        }
    }

    /// What is told of a moment from few of the attempts is what all of them give.
    @Test(arguments: [7, 8] as [UInt64])
    func aMomentIsToldAsIfAllAttemptsWereGoneOver(seed: UInt64) throws {
        var number = seed &* 8_000_009
        var rulesetCount = 0
        var underWay = 0
        while rulesetCount < 150 {
            number &+= 1
            let text: String
            if number % 3 == 1 {
                var generator = WindowGenerator(seed: number)
                text = generator.ruleset()
            } else {
                var generator = RuleGenerator(seed: number)
                generator.hasPolicies = number % 3 == 0
                text = generator.ruleset()
            }
            guard let ruleset = DifferentialCase.check(text) else { continue }
            rulesetCount += 1
            let rule = ruleset.rules[0]
            var streams = StreamGenerator(seed: number)
            let events = streams.stream(length: 16)
            let moment = events[events.count * 2 / 3].time
            for key in RandomKeys.texts(of: rule, in: events) {
                let told = story(of: rule, key, ruleset, events, at: moment).story
                let all = wholeStory(of: rule, key, ruleset, events, at: moment)
                let comment = Comment(
                    rawValue: "key \(key) at \(moment) of:\n\(text)\(Self.text(events))")
                let end = events.last?.time ?? .zero
                #expect(
                    Self.summary(told, at: moment, end: end)
                        == Self.summary(all, at: moment, end: end), comment)
                underWay += told.attempts.count
            }
        }
        #expect(underWay > 50)
    }

    // MARK: -

    private func wholeStory(
        of rule: CheckedRule, _ key: [String], _ ruleset: CheckedRuleset,
        _ events: [ReferenceEvent], at moment: StreamTime
    ) -> KeyStory {
        var trace = RuleTrace(
            ruleset, rule, key: key, watchedFrom: MatchingScenario.zero, at: moment)
        for event in events.sorted(by: { $0.time < $1.time }) {
            let fields = event.fields.map { (name: $0.name, value: $0.value) }
            trace.take(
                TracedEvent(type: event.type, time: event.time, id: event.id, fields: fields))
        }
        return trace.story(drainUntil: nil, attempts: 64)
    }

    /// The matches and attempts that were under way at a moment. Which attempts the clock ends
    /// behind the last event depends on when it looks, which other attempts decide.
    private static func summary(
        _ story: KeyStory, at moment: StreamTime, end: StreamTime
    ) -> [String] {
        let all = story.matches + story.attempts
        return all.filter { $0.start <= moment && moment <= $0.end }.map { told in
            let isOpen = !told.isMatch && (told.end > end || told.ending == "waiting")
            return described(told.start, isOpen ? end : told.end, told.bound.map(\.id))
                + (isOpen ? " waiting" : " \(told.ending): \(told.reason)")
        }.sorted()
    }

    private func compare(_ seed: UInt64, cases: Int, _ text: (UInt64) -> String) throws {
        var number = seed
        var rulesetCount = 0
        var keptBack = 0
        var alerts = 0
        while rulesetCount < cases {
            number &+= 1
            let text = text(number)
            guard let ruleset = DifferentialCase.check(text) else { continue }
            rulesetCount += 1
            var streams = StreamGenerator(seed: number)
            for _ in 0..<2 {
                let events = streams.stream(length: 16)
                for rule in ruleset.rules {
                    let told = expect(rule, ruleset, events, text)
                    keptBack += told.keptBack
                    alerts += told.alerts
                }
            }
        }
        #expect(keptBack > 20)
        #expect(alerts > 50)
    }

    /// Holds what is told of all keys of a rule against the engine's matches with and without what
    /// keeps alerts back, and against its counters.
    private func expect(
        _ rule: CheckedRule, _ ruleset: CheckedRuleset, _ events: [ReferenceEvent], _ text: String
    ) -> (alerts: Int, keptBack: Int) {
        let sent = matches(of: rule, in: ruleset, events)
        var unruled = ruleset
        let index = ruleset.rules.firstIndex { $0.name == rule.name } ?? 0
        unruled.rules[index].policy = AlertPolicy()
        let found = matches(of: rule, in: unruled, events)
        var reasons: [String: Int] = [:]
        var alerts = 0
        var counted: (RuleCounters, AlertCounters)?
        for key in RandomKeys.texts(of: rule, in: events) {
            let (story, counters) = story(of: rule, key, ruleset, events)
            counted = counters
            let isWindow = rule.window != nil
            func own(_ matches: [ReferenceMatch]) -> [String] {
                matches.filter { $0.key.map(\.displayText) == key }.map { match in
                    let ids = match.bound.joined().map { $0 < 0 ? "alert" : events[$0].id }
                    return Self.described(match.start, match.end, isWindow ? [] : ids)
                }
            }
            let told = story.matches.map { match in
                let ids = match.bound.filter { $0.keysFrom == nil }.map {
                    $0.id.hasPrefix("alert") ? "alert" : $0.id
                }
                return Self.described(match.start, match.end, isWindow ? [] : ids)
            }
            let comment = Comment(
                rawValue: "\(rule.name), key \(key), of:\n\(text)\(Self.text(events))")
            #expect(told == own(found), comment)
            let through = zip(story.matches, told).filter { $0.0.heldBack == nil }.map(\.1)
            #expect(through == own(sent), comment)
            alerts += through.count
            for reason in story.matches.compactMap(\.heldBack) {
                reasons[Self.kind(of: reason), default: 0] += 1
            }
        }
        let comment = Comment(rawValue: "\(rule.name) of:\n\(text)\(Self.text(events))")
        if let (matches, alerts) = counted {
            let suppressed = reasons["open", default: 0] + reasons["suppress", default: 0]
            #expect(suppressed == alerts.suppressed, comment)
            #expect(reasons["limit", default: 0] == alerts.limited, comment)
            #expect(reasons["except", default: 0] == matches.excepted, comment)
        }
        #expect(reasons["unknown"] == nil, comment)
        return (alerts, reasons.values.reduce(0, +))
    }

    private func matches(
        of rule: CheckedRule, in ruleset: CheckedRuleset, _ events: [ReferenceEvent]
    ) -> [ReferenceMatch] {
        var shown = ruleset
        for index in shown.rules.indices { shown.rules[index].onlyEmits = false }
        return EngineSubject(shown).matches(
            in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil
        ).filter { $0.rule == rule.name && !$0.isResolved }
    }

    /// What a trace tells of a key, and what the engine has counted beside it.
    private func story(
        of rule: CheckedRule, _ key: [String], _ ruleset: CheckedRuleset,
        _ events: [ReferenceEvent], at moment: StreamTime? = nil
    ) -> (story: KeyStory, counters: (RuleCounters, AlertCounters)?) {
        var feed = TraceFeed(
            ruleset, rule, key: key, watchedFrom: MatchingScenario.zero, at: moment)
        let encoder = EventEncoder(feed.program.decodePlan)
        var batch = EventBatch(slotCount: feed.program.decodePlan.slotCount)
        let order = events.indices.sorted { (events[$0].time, $0) < (events[$1].time, $1) }
        for index in order {
            let event = events[index]
            let fields = event.fields.map { (name: $0.name, value: $0.value) }
            batch.removeAll()
            let isWanted = encoder.append(
                type: event.type, time: event.time, id: event.id, fields: fields,
                position: Int64(index), to: &batch, symbols: &feed.engine.symbols)
            feed.trace.see(event.time)
            guard isWanted else { continue }
            feed.apply(batch) { trace, _, number in
                trace.take(
                    TracedEvent(type: event.type, time: event.time, id: event.id, fields: fields),
                    number: number)
            }
        }
        let story = feed.story(drainUntil: nil, attempts: 64)
        guard feed.usesEngine else { return (story, nil) }
        let index = feed.program.rules.firstIndex { $0.name == rule.name } ?? 0
        let counters = (
            feed.engine.counters(ofRule: index), feed.engine.alertCounters(ofRule: index)
        )
        return (story, counters)
    }

    private static func described(
        _ start: StreamTime, _ end: StreamTime, _ ids: [String]
    ) -> String {
        "\(start) \(end) \(ids.sorted().joined(separator: " "))"
    }

    /// Which clause of the rule a reason names.
    private static func kind(of reason: String) -> String {
        if reason.hasPrefix("`except ") { return "except" }
        if reason.hasPrefix("the alert at ") { return "open" }
        return ["suppress", "limit"].first { reason.hasPrefix("`\($0) ") } ?? "unknown"
    }

    private static func text(_ events: [ReferenceEvent]) -> String {
        events.map { event in
            let fields = event.fields.map { "\($0.name): \($0.value.json)" }
            return "\(event.time) \(event.type) { \(fields.joined(separator: ", ")) }\n"
        }.joined()
    }
}
