// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Diagnostics
internal import EventModel
package import Oracle
package import RuleLanguage

/// A ruleset and a stream on which the engine has to agree with the reference matcher, whole, cut
/// into batches, and interrupted by a restart.
package struct DifferentialCase: Sendable {
    package var rules: String
    package var events: [ReferenceEvent]

    package init(rules: String, events: [ReferenceEvent]) {
        self.rules = rules
        self.events = events
    }

    /// What differs, in words; nil where all agree, or where the rules do not check.
    package func disagreement() -> String? {
        guard let ruleset = DifferentialCase.check(rules) else { return nil }
        return DifferentialCase.disagreement(
            EngineSubject(ruleset), ReferenceMatcher(ruleset), events)
    }

    package static func check(_ rules: String) -> CheckedRuleset? {
        RuleChecker.check([RuleSyntax.parse(SourceFile(name: "case.martlet", text: rules))]).ruleset
    }

    package static func disagreement(
        _ subject: EngineSubject, _ reference: ReferenceMatcher, _ events: [ReferenceEvent]
    ) -> String? {
        let start = MatchingScenario.zero
        let expected = reference.allMatches(in: events, watchedFrom: start, drainUntil: nil)
        let seed = events.reduce(0) {
            $0 &* 31 &+ $1.time.nanoseconds >> 20 &+ Int64($1.fields.count)
        }
        let disturbances = disturbances(events.count, seed: seed)
        for subject in subject.subjects(counting: false) {
            for (name, disturbance) in disturbances {
                let got = subject.matches(
                    in: events, watchedFrom: start, drainUntil: nil, disturbance)
                if got != expected {
                    return "on \(title(subject)), \(name):\n" + describe("reference", expected)
                        + describe("engine   ", got)
                }
            }
        }
        return countDisagreement(subject, expected.count, events, disturbances)
    }

    /// Rules that one backend alone can run are counted as they are matched. What stands between
    /// matches and alerts is not asked where matches are counted, and a match may be no alert.
    private static func countDisagreement(
        _ subject: EngineSubject, _ alerts: Int, _ events: [ReferenceEvent],
        _ disturbances: [(String, EngineSubject.Disturbance)]
    ) -> String? {
        let subjects = subject.subjects(counting: true)
        guard subjects.count > 1 else { return nil }
        let hasOtherAlerts = subject.program.rules.contains {
            $0.alert.policy.hasState || !$0.alert.policy.exceptions.isEmpty || $0.chain.onlyEmits
        }
        var expected = hasOtherAlerts ? nil : alerts
        for subject in subjects {
            for (name, disturbance) in disturbances where disturbance.shardCount == 1 {
                let got = subject.count(
                    in: events, watchedFrom: MatchingScenario.zero, disturbance)
                if let expected, got != expected {
                    let found = got.map { "\($0)" } ?? "a broken structure"
                    return "counted on \(title(subject)), \(name): \(found), not \(expected)\n"
                }
                expected = got
            }
        }
        return nil
    }

    private static func title(_ subject: EngineSubject) -> String {
        "backend \(subject.backend?.rawValue ?? "of the engine's choice")"
    }

    /// Ways to run the engine; the place of the restart depends on the stream alone.
    private static func disturbances(
        _ count: Int, seed: Int64
    ) -> [(String, EngineSubject.Disturbance)] {
        let whole = EngineSubject.Disturbance()
        var single = EngineSubject.Disturbance()
        single.batchSize = 1 + count % 3
        let place = seed.magnitude % UInt64(max(count, 1))
        single.restartsBefore = Int(place)
        single.movesClock = (seed.magnitude / 8 + place) % 2 == 0
        var result = [
            ("in one batch", whole),
            (
                "in batches of \(single.batchSize), restarted before event \(single.restartsBefore!)",
                single
            ),
        ]
        // Starting threads takes longer than all the rest of a case.
        if seed.magnitude % 8 == 0 {
            var sharded = EngineSubject.Disturbance()
            sharded.batchSize = 1 + count % 4
            sharded.shardCount = 2 + count % 3
            result.append(("on \(sharded.shardCount) threads", sharded))
        }
        return result
    }

    private static func describe(_ side: String, _ matches: [ReferenceMatch]) -> String {
        if matches.isEmpty { return "  \(side): none\n" }
        return matches.map { match in
            let bound = match.bound.map {
                "[" + $0.map { "\($0 + 1)" }.joined(separator: " ") + "]"
            }
            let fields = match.fields.map { "\($0.name)=\($0.value.json)" }.joined(separator: " ")
            let end = TimeSpan(
                nanoseconds: (match.end.nanoseconds - MatchingScenario.zero.nanoseconds))
            let status =
                (match.isResolved ? " resolved at \(match.moment)" : "")
                + " suppressed \(match.suppressed) limited \(match.limited)"
                + " excepted \(match.excepted)"
            return "  \(side): \(match.rule) \(match.isByClock ? "clock" : "at") \(end)\(status)"
                + " key \(match.key.map(\.json)) events \(bound.joined(separator: " ")) \(fields)\n"
        }.joined()
    }

    // MARK: Showing

    /// The case as a scenario that can be pasted into fixtures/golden/matching.
    package var scenario: String {
        var text = "== \n" + rules + "-- events\n"
        for event in events {
            let offset = TimeSpan(
                nanoseconds: event.time.nanoseconds - MatchingScenario.zero.nanoseconds)
            let fields = event.fields.map { "\($0.name): \($0.value.json)" }
            text += "\(offset) \(event.type) { \(fields.joined(separator: ", ")) }\n"
        }
        text += "-- matches\n"
        guard let ruleset = DifferentialCase.check(rules) else { return text }
        let matches = ReferenceMatcher(ruleset).allMatches(
            in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
        var scenario = MatchingScenario(name: "", line: 0, rules: rules)
        scenario.events = events
        return text + scenario.describe(matches, ruleset).map { $0 + "\n" }.joined()
    }
}
