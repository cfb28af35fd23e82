// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML
import Testing

@testable import MartletCommands

@Suite struct ExplainCommandTests {
    private func explain(_ pattern: String, _ arguments: String...) throws -> String {
        let folder = try RulesFolder([
            "a.martlet": """
            event login { user: string, ip: ip, outcome: "ok" | "fail" }
            rule r {
              by user
              \(pattern)
              alert "{user}"
            }

            """
        ])
        let result = outcome(["explain", folder.path] + arguments)
        #expect(result.status == .clean)
        #expect(result.errors.isEmpty)
        return result.output
    }

    @Test(arguments: [
        (
            """
            when within 10m {
              at least 5 login as fails where outcome == "fail"
              then login as ok where outcome == "ok"
            }
            """,
            """
            at least 5 login events where outcome == "fail" (as fails), \
            then a login where outcome == "ok" (as ok), all within 10m.
            """
        ),
        ("when { login then no logout for 30m }", "a login, then no logout for 30m."),
        (
            "when { no login for 90d then login as back }",
            "after 90d without a login, a login (as back)."
        ),
        (
            "when { login then next 3 consecutive logout then each login within 5m }",
            "a login, then right away 3 logout events in a row, then each later login at most 5m later."
        ),
        (
            "when { login but no logout then any of { login as a, logout as b } after 5s }\nreset on stop",
            """
            a login, with no logout in between, then (a login (as a)) or (a logout (as b)) at least \
            5s later; a stop ends what is under way.
            """
        ),
        (
            "when within 1m { at least 3 distinct ip of login as l }\nhaving count(l) > 2\nskip none",
            """
            at least 3 login events with different ip (as l), all within 1m, only if count(l) > 2; \
            matches may share events.
            """
        ),
        (
            "when within 1h { all of { login as a, logout as b } then optional stop then 2 times { login } }",
            """
            in any order (a login (as a)) and (a logout (as b)), then optionally a stop, then 2 \
            times (a login), all within 1h.
            """
        ),
    ])
    func aRuleIsRestatedInOneSentence(pattern: String, sentence: String) throws {
        let lines = try explain(pattern).split(separator: "\n")
        #expect(lines.first == "r")
        #expect(lines[1] == "  For each user: \(sentence)")
    }

    @Test func statesShowWhatTakesAnAttemptOnAndWhatEndsIt() throws {
        let text = try explain(
            """
            when within 1h {
              2 login as l where outcome == "fail"
              but no logout
              then next login as ok where outcome == "ok"
              then no stop for 5m
            }
            reset on restart
            """)
        #expect(
            text.contains(
                """
                  states
                    start: no attempt yet
                      -> 1 l: login where outcome == "fail"
                    1 l: 2 login where outcome == "fail"
                      collects: login where outcome == "fail", up to 2
                      -> 2 ok: then next login where outcome == "ok", once it has 2
                      -> ended: but no logout
                    2 ok: 1 login where outcome == "ok"
                      -> 3 absence: 5m after the event that opened it, unless stop
                      -> ended: stop before the deadline
                    3 absence: no stop for 5m
                      -> match: when its deadline has passed
                    any state: ends 1h after its first event, or on restart
                """))
        #expect(text.contains("    events    at most 3 in an attempt\n"))
        #expect(text.contains("    deadlines state 2 (ok): 5m after the event that opened it\n"))
        #expect(
            text.contains(
                "    attempts  one for each event that can begin the pattern; at most 100000"))
        #expect(text.contains("  backend   B, attempts with slots: "))
    }

    @Test(arguments: [
        ("a where user == \"u7\" and outcome == \"fail\"", "a where user == \"u7\""),
        ("a where n > 3 and n < 9", "a where n between 3 and 9"),
        ("a where n >= 2.5", "a where n >= 2.5"),
        ("a where took < 5m", "a where took <= 5m"),
        ("a where n in [1, 2]", "a where n == 1, or a where n == 2"),
        ("a where s ~like \"*abc?d\"", "a where s contains \"abc\" in any case"),
        ("a where s matches r\"x+ failed\"", "a where s contains \" failed\""),
        (
            "a where starts_with(s, \"ab\") or n == 1",
            "a where s contains \"ab\", or a where n == 1"
        ),
        ("a where not (n == 1)", "a"), ("any event", "any event"),
    ]) func whatARuleIsFiledUnderIsShown(step: String, filed: String) throws {
        let text = try explain("when within 1h { \(step) then b }")
        #expect(text.contains("\n  looked at \(filed)\n"), "\(text)")
    }

    @Test func whatIsInsideAGroupIsShownAsSuch() throws {
        let text = try explain(
            "when within 1h { 2 times { login as a but no halt then logout as b } then stop }")
        #expect(
            text.contains("    1 group: 2 times\n      collects: a further iteration, up to 2\n"))
        #expect(text.contains("    3 a (inside 1): 1 login\n"))
        #expect(text.contains("      -> ended: but no halt, unless the group is open\n"))
        #expect(text.contains("    4 b (inside 1): 1 logout\n      -> 1 group: at once\n"))
        #expect(text.contains("    events    at most 5 in an attempt\n"))
    }

    @Test func aGroupThatBeginsWithAnAbsenceIsEntered() throws {
        let text = try explain(
            "when within 1h { login then 2 times { no halt for 1m then logout as b } }")
        #expect(text.contains("a login, then 2 times (no halt for 1m, then a logout (as b)),"))
        #expect(text.contains("      -> 2 group: at once\n"))
        #expect(
            text.contains(
                "3 waiting (inside 2): from when the line before is open, or the iteration before"))
    }

    @Test func aGroupThatBeginsThePatternHasALeadingAbsence() throws {
        let text = try explain("when within 1h { 2 times { no halt for 1m then logout as b } }")
        #expect(text.contains("2 times (no halt for 1m, then a logout (as b)), all within 1h."))
        #expect(text.contains("-> 1 group: logout, after no halt for 1m\n"))
        #expect(text.contains("-> 4 b: logout\n"))
    }

    @Test func aConsecutiveGroupIsShownAsARow() throws {
        let text = try explain(
            "when within 1h { login then 3 consecutive times { logout as b then halt } }")
        #expect(text.contains("then 3 times in a row (a logout (as b), then a halt),"))
        #expect(
            text.contains(
                "collects: a further iteration, with the very next event, up to 3\n"))
    }

    @Test func theBackendThatCountsIsNamed() throws {
        let counted = "when within 1h { login then each login as l }\n skip none"
        #expect(
            try explain(counted).hasSuffix(
                """
                  backend   A, compact sets of attempts: attempts that wait for the same step \
                go the same way
                  --count   C, counters: the ways to match are counted, not followed one by one

                """))
        let json = try explain(counted, "--format", "json")
        #expect(json.contains(#""countBackend":"C, counters","countBackendReason":"the ways"#))
        #expect(
            try explain("when within 1h { login then each login as l }").hasSuffix(
                """
                  --count   A, compact sets of attempts: a match ends other attempts (unless with \
                `skip none`)

                """))
    }

    @Test func aWindowIsExplainedByWhatItKeepsAndWhenItIsLookedAt() throws {
        let text = try explain(
            """
            when over sliding 10m { login as l where outcome == "fail" }
            having count(l) > 5 and count_distinct(l.ip, in 1m) > 2
            """)
        for part in [
            "over the last 10m, all login events where outcome == \"fail\" (as l), only if",
            "sliding 10m, looked at at each event and when one leaves",
            "aggregates  count(l), count_distinct(l.ip, in 1m)",
            "bytes an event", "at most 1000000 (window_events_per_key)", "C, counters",
        ] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(!text.contains("attempts"))
        let json = try explain(
            "when over tumbling 1h { login as l }", "--format", "json")
        #expect(
            json.contains(
                """
                "window":{"window":"tumbling 1h"
                """))
        let graph = try explain("when over last 5 { login as l }", "--format", "dot")
        #expect(graph.contains("digraph"))
    }

    @Test func aRuleIsChosenByName() throws {
        let folder = try RulesFolder(["a.martlet": TestCommandTests.rules])
        let one = outcome(["explain", folder.path, "--rule", "once"])
        #expect(one.output.hasPrefix("once\n"))
        #expect(!one.output.contains("twice"))
        #expect(
            outcome(["explain", folder.path, "--rule", "twic"])
                == .failed("there is no rule `twic`: did you mean `twice`?", .usage))
    }

    @Test func rulesWithMistakesAreNotExplained() throws {
        let folder = try RulesFolder(["a.martlet": CheckCommandTests.mistaken])
        let result = outcome(["explain", folder.path])
        #expect(result.status == .findings)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("error[E0204]"))
    }

    @Test func jsonIsOneObjectARule() throws {
        let folder = try RulesFolder(["a.martlet": TestCommandTests.rules])
        let result = outcome(["explain", folder.path, "--format", "json"])
        let rules = try result.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(rules.compactMap { $0["rule"] as? String } == ["twice", "once"])
        #expect(rules[0]["boundEvents"] as? Int == 2)
        #expect((rules[0]["states"] as? [Any])?.count == 1)
        let transitions = try #require(rules[0]["transitions"] as? [[String: Any]])
        #expect(
            transitions.compactMap { $0["kind"] as? String } == ["begin", "collect", "complete"])
    }

    @Test func aGraphNamesEveryNodeItsEdgesUse() throws {
        let text = try explain(
            """
            when within 1h {
              2 times { login as a where user != "o\\"k" then logout as b }
              but no restart
              then any of { stop as c, halt as d }
            }
            """, "--format", "dot")
        #expect(text.hasPrefix("digraph martlet {\n"))
        #expect(text.filter { $0 == "{" }.count == text.filter { $0 == "}" }.count)
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
        let edges = lines.filter { $0.contains(" -> ") && $0.hasPrefix("r0_") }
        let nodes = lines.filter { $0.hasPrefix("r0_") && !$0.contains(" -> ") }
            .map { $0.prefix { $0 != " " } }
        #expect(edges.count > 8)
        for edge in edges {
            let ends = edge.prefix { $0 != "[" }.split(separator: " ").filter { $0 != "->" }
            #expect(ends.allSatisfy { nodes.contains($0) }, "\(edge)")
        }
        #expect(Set(nodes).count == nodes.count)
    }

    @Test func rulesAreDrawn() throws {
        let folder = try RulesFolder(["a.martlet": TestCommandTests.rules])
        let both = try run(["explain", folder.path, "--format", "svg"])
        #expect(both.status == .clean && both.errors.isEmpty)
        let document = try XMLDocument(xmlString: both.output)
        #expect(document.rootElement()?.name == "svg")
        #expect(both.output.contains(">twice</text>") && both.output.contains(">once</text>"))
        let one = outcome(["explain", folder.path, "--format", "svg", "--rule", "once"])
        #expect(!one.output.contains(">twice</text>") && one.output.contains(">once</text>"))
    }
}
