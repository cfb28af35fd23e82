// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import EventModel
import Oracle
import Testing

@testable import Simulation

/// Many rules over the same events: together they find what each finds alone, and what the
/// reference matcher finds.
@Suite struct ManyRulesTests {
    @Test(arguments: [(1, 2), (2, 8), (3, 30)] as [(UInt64, Int)])
    func rulesTogetherFindWhatEachFindsAlone(seed: UInt64, rules: Int) {
        var run = DifferentialRun(seed: seed, cases: 120)
        run.rulesPerCase = rules
        let result = run.run()
        #expect(
            result.failure == nil,
            "\(result.failure.map { "\($0.seed): \($0.difference)\($0.shrunk.scenario)" } ?? "")")
        #expect(result.casesWithMatches > 10)
    }

    @Test func rulesThatDifferInConstantsAloneShareAnAutomaton() throws {
        func automata(_ rules: [String]) throws -> Int {
            let text = rules.enumerated().map { "rule r\($0) { \($1) }\n" }.joined()
            let ruleset = try #require(DifferentialCase.check(text), "\(text)")
            return RuleEngine(RulesetCompiler.compile(ruleset)).automatonCount
        }
        func rule(_ condition: String, limit: String = "9s", then next: String = "b") -> String {
            "when within \(limit) { a where \(condition)\n then \(next) }\n"
                + " alert \"\(condition.count)\""
        }
        #expect(try automata((0..<100).map { rule("n == \($0)") }) == 1)
        #expect(try automata([rule("n == 1"), rule("s like \"*x\" or n > 3")]) == 1)
        #expect(try automata([rule("n == 1"), rule("n == 1", limit: "8s")]) == 2)
        #expect(try automata([rule("n == 1"), rule("n == 1", then: "c")]) == 2)
        #expect(try automata([rule("n == 1"), rule("n == 1") + "\n skip none"]) == 2)
    }

    /// Each kind of thing that rules are filed under, with events that find and that just miss it.
    @Test(arguments: [
        ("n > {i}", 10), ("n >= {i} and n < {j}", 10), ("n between {i} and {j}", 10),
        ("n in [{i}, {j}]", 10), ("n == {i} or n > {j}", 10), ("s == \"x{i}\"", 10),
        ("s contains \"x{i}\"", 10), ("s like \"*x{i}?\"", 10), ("s ~like \"*X{i}*\"", 10),
        ("starts_with(s, \"x{i}\")", 10), ("s matches r\"x{i}$\"", 10),
        ("s matches r\"X{i}.*\"i", 10), ("5 > n and {i} <= n", 10),
    ]) func eventsFindTheRulesThatTheyMayBegin(condition: String, count: Int) throws {
        let rules = (0..<count).map { number in
            let text = condition.split(separator: "{i}", omittingEmptySubsequences: false)
                .joined(separator: "\(number)")
                .split(separator: "{j}", omittingEmptySubsequences: false)
                .joined(separator: "\(number + 2)")
            return
                "rule r\(number) {\n  by k\n  when within 9s { a as x where \(text)\n  then b }\n"
                + "  alert \"m\"\n}\n"
        }.joined()
        let ruleset = try #require(DifferentialCase.check(rules), "\(rules)")
        let subject = EngineSubject(ruleset)
        let filed = subject.program.inputs.flatMap(\.starts.entries)
        #expect(filed.allSatisfy { $0.access != nil })
        let reference = ReferenceMatcher(ruleset)
        var events: [ReferenceEvent] = []
        for number in -1...count + 2 {
            for (n, s) in [
                (Value.int(Int64(number)), "x\(number)"),
                (.float(Double(number) + 0.5), "ax\(number)"),
                (.missing, "X\(number)b"),
            ] {
                let time = MatchingScenario.zero + TimeSpan(milliseconds: Int64(events.count * 10))
                events.append(
                    ReferenceEvent(
                        type: "a", time: time, id: "e\(events.count)",
                        fields: [
                            NamedValue("k", .int(Int64(number & 1))), NamedValue("n", n),
                            NamedValue("s", .string(s)),
                        ]))
                if events.count % 5 == 0 {
                    events.append(
                        ReferenceEvent(
                            type: "b", time: time, id: "e\(events.count)",
                            fields: [NamedValue("k", .int(Int64(number & 1)))]))
                }
            }
        }
        #expect(DifferentialCase.disagreement(subject, reference, events) == nil)
        let matches = subject.matches(
            in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
        #expect(!matches.isEmpty)
    }
}
