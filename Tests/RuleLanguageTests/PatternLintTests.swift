// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import RuleLanguage

@Suite struct PatternLintTests {
    private func codes(_ text: String) -> [String] {
        checked(text).diagnostics.map(\.code).filter { ["W0127", "W0128", "W0126"].contains($0) }
    }

    // MARK: events that nothing makes

    private static let feeder = """
        rule guess { DISABLED
          by user
          when { login }
        }
        rule twice {
          by user
          when within 1h { READ }
        }

        """

    private func codes(disabled: Bool, reading: String) -> [String] {
        codes(
            Self.feeder.replacing("DISABLED", with: disabled ? "disabled" : "")
                .replacing("READ", with: reading))
    }

    @Test func alertsOfADisabledRuleNeverCome() {
        #expect(codes(disabled: true, reading: "2 guess") == ["W0127"])
        #expect(codes(disabled: false, reading: "2 guess") == [])
        #expect(codes(disabled: false, reading: "2 alert") == [])
        #expect(codes(disabled: true, reading: "2 login") == [])
    }

    private func codes(types: String, pattern: String, cases: String) -> [String] {
        codes(
            """
            \(types)
            rule r {
              by user
              when within 1h {
                \(pattern.replacing(" then ", with: "\nthen "))
              }
            }
            \(cases.isEmpty ? "" : "test r {\ncase \"one\" {\n\(cases)\nexpect none\n}\n}")
            """)
    }

    private static let payment = "event payment { user: string }"

    @Test(
        arguments: [
            (payment, "login then pamynt", "at 0s login", ["W0127"]),
            (payment, "login then no pamynt", "at 0s login", ["W0127"]),
            (payment, "login then pamynt then pamynt", "at 0s login", ["W0127"]),
            (payment, "login then pamynt then payment", "at 0s login", []),
            (payment, "login then pamynt", "at 0s login\nat 1s pamynt", []),
            (payment, "login then pamynt", "at 0s login\nreplay \"x.jsonl\"", []),
            (payment, "login then pamynt", "", []),
            (payment, "login then logout", "at 0s login", []),
            ("event pamynt { user: string }", "login then pamynt", "at 0s login", []),
            ("", "login then pamynt", "at 0s login", []),
            (payment, "login then any event", "at 0s login", []),
        ] as [(String, String, String, [String])])
    func aNameThatNobodySendsAndThatIsNearAnotherIsTold(
        types: String, pattern: String, cases: String, expected: [String]
    ) {
        #expect(codes(types: types, pattern: pattern, cases: cases) == expected)
    }

    @Test func whatTheCaseOfAnotherRuleSendsIsMade() {
        let other = """
            rule other { when { pamynt } }
            test other { case "x" {
              at 0s pamynt
              expect alert
            } }

            """
        let types = Self.payment + "\n" + other
        #expect(codes(types: types, pattern: "login then pamynt", cases: "at 0s login") == [])
    }

    // MARK: the first event, where any was meant

    private static let types = """
        event a { user: string, n: int, m: int }
        event b { user: string, n: int, m: int }
        event c { user: string, n: int, m: int }

        """

    private func codes(_ pattern: [String], comment: String = "") -> [String] {
        codes(
            Self.types + "rule r {\nby user\nwhen within 1h {\n" + pattern.joined(separator: "\n")
                + comment + "\n}\n}")
    }

    @Test(arguments: [
        ["a", "then b as y", "then c where n == y.n"],
        ["a", "then b as y", "then c where y.n == n"],
        ["a", "then b as y", "then c where m > 3 and n == y.n"],
        ["a", "then b as y where m > 3", "then 2 c where n == y.m"],
        ["a", "then b as y where n == m", "then c where n == y.n"],
        ["a", "then b as y", "then no a for 5m", "then next c where n == y.n"],
        ["a", "then b as y", "then any of { c where n == y.n, a where n == 3 }"],
        ["no c for 5m", "then a", "then b as y", "then c where n == y.n"],
    ])
    func aComparisonWithTheFirstThatCameIsTold(pattern: [String]) {
        #expect(codes(pattern) == ["W0128"])
    }

    @Test(arguments: [
        ["a as y", "then b where n == y.n"], ["a", "then each b as y", "then c where n == y.n"],
        ["a", "then next b as y", "then c where n == y.n"],
        ["a", "then b as y", "then c where n > y.n"],
        ["a", "then b as y", "then c where n != y.n"],
        ["a as x", "then b as y where n == x.n", "then c where n == y.n"],
        ["a", "then b as y where n == 3", "then c where n == y.n"],
        ["a", "then b as y", "then c where user == y.user"],
        ["a", "then 2 b as y", "then c where n == last(y).n"],
        ["a", "then b as y", "then c where n == y.n + 1"],
        ["no c for 5m", "then b as y", "then c where n == y.n"],
    ])
    func whatAsksOfNoFirstIsNot(pattern: [String]) {
        #expect(codes(pattern) == [])
    }

    @Test func itIsSilencedInPlace() {
        let pattern = ["a", "then b as y", "then c where n == y.n"]
        #expect(codes(pattern, comment: "  // martlet: allow each-meant the first counts") == [])
        #expect(
            codes(["a"], comment: "  // martlet: allow each-meant the first counts") == ["W0126"])
    }

    // MARK: names that nothing uses

    private func unused(_ text: String) -> [String] {
        checked(text).diagnostics.filter { $0.code == "W0114" }.map(\.span.text)
    }

    @Test(arguments: [
        ("emit { n: 1 }", ["x", "y", "z"]), ("emit { n: x.n }", ["y", "z"]),
        ("emit { n: count(y) }", ["x", "z"]), ("emit { n: max(y.n) }", ["x", "z"]),
        ("emit { n: first(y).n }\n skip to last z", ["x"]),
        ("emit { n: 1 }\n having z.n > x.n", ["y"]),
        ("emit { n: 1 }\n severity if(z.n > 1, \"low\", \"high\")", ["x", "y"]),
        ("emit { n: 1 }\n suppress 1h per z.n", ["x", "y"]),
        ("emit { n: 1 }\n labels { l: \"{x.n}\" }", ["y", "z"]),
        // An alert shows events under the names of steps.
        ("alert \"one\"", []), ("", []),
    ])
    func aStepThatNothingReadsNorShowsIsFound(clauses: String, names: [String]) {
        let rule = """
            rule r {
              by user
              when within 1h { a as x then any of { 2 b as y, 1 times { c as z } } }
              \(clauses)
            }
            """
        #expect(unused(rule) == names)
    }

    @Test func aConditionOfThePatternReadsAStep() {
        let rule =
            "rule r {\nwhen within 1h { a as x then b as y where n > x.n }\nemit { n: 1 }\n}"
        #expect(unused(rule) == ["y"])
    }

    @Test(arguments: [
        ("tumbling 1h", "", ["l"]), ("hopping 1h every 5m", "", ["l"]), ("session 1h", "", ["l"]),
        ("tumbling 1h", "having count(l) > 2", []),
        ("tumbling 1h", "having match.count > 2", ["l"]),
        ("sliding 1h", "", []), ("last 20", "", []), ("sliding 1h", "emit { n: 1 }", ["l"]),
    ])
    func anAlertOfSomeWindowsShowsNoEvents(window: String, clause: String, names: [String]) {
        #expect(unused("rule r { by host\n when over \(window) { log as l }\n\(clause) }") == names)
    }

    @Test func aMistakeMayBeWhereTheNameBelongs() {
        #expect(unused("rule r { by user\n when { a as x }\nemit { n: z.n } }").isEmpty)
    }
}
