// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import RuleLanguage
import Testing

@testable import Harness

/// Runs the cases of `text` and gives each one's pictures of failures.
func pictures(_ text: String) throws -> [[String]] {
    try results(text).map { ruleset, result in
        let picture = FailurePicture(result.test, in: ruleset)
        return result.failures.flatMap { picture.lines($0, among: result.alerts) }
    }
}

func results(
    _ text: String, reader: TestRunner.RecordingReader? = nil
) throws -> [(CheckedRuleset, CaseResult)] {
    let file = SourceFile(name: "rules.martlet", text: text)
    let check = RuleChecker.check([RuleSyntax.parse(file)])
    let ruleset = try #require(
        check.ruleset, "\(DiagnosticRenderer.human(check.diagnostics, colour: false))")
    let tested = ruleset.withTestedRules
    var runner = TestRunner(tested, reader: reader)
    return ruleset.tests.map { (ruleset, runner.run($0)) }
}

@Suite struct TestRunnerTests {
    static let guessing = """
        event login { user: string, ip: ip, outcome: "ok" | "fail" }
        rule brute_force "Guessing" {
          severity high
          labels { team: "red" }
          by user
          when within 10m {
            at least 5 login as fails where outcome == "fail"
            then login as ok where outcome == "ok"
          }
          alert "{user} got in" { attempts: count(fails), from: ok.ip, took: ok.time - first(fails).time }
        }

        """
    static let unpaid = """
        event order { order_id: int }
        event payment { order_id: int }
        rule unpaid {
          by order_id
          when { order as o then no payment for 30m }
          alert "{order_id}"
        }

        """

    private func cases(_ rules: String, _ lines: String, of name: String) throws -> [String] {
        try pictures("\(rules)test \(name) { case \"c\" {\n\(lines)\n} }")[0]
    }

    @Test func aTestOfADisabledRuleRunsTheRule() throws {
        let disabled = Self.unpaid.replacing("by order_id", with: "disabled\n  by order_id")
        #expect(
            try cases(
                disabled, "at 0s order { order_id: 1 }\nexpect at 30m alert { order_id: 1 }",
                of: "unpaid") == [])
        #expect(
            try cases(disabled, "at 0s order { order_id: 1 }\nexpect none", of: "unpaid") != [])
    }

    /// Rules that are alike are compiled one like the other, but not where the other is left out.
    @Test func oneOfManyRulesThatAreAlikeIsTested() throws {
        var rules = "event login { user: string }\n"
        for name in ["ann", "bob", "cy"] {
            rules += "rule \(name) { when within 1m { 2 login where user == \"\(name)\" } }\n"
        }
        let lines = """
            at 0s 2 login { user: "bob" }
            at 10s 2 login { user: "cy" }
            expect at 10s alert { rule: "cy" }
            """
        #expect(try cases(rules, lines, of: "cy") == [])
    }

    @Test func anEventCanHaveObjectsInIt() throws {
        let rules = """
            event seen { user.name: string, user.home.city: string }
            rule r {
              by user.name
              when { seen as s where user.home.city == "Rome" }
              alert "{s.user.home.city}"
            }

            """
        let lines = """
            at 0s seen { user: { name: "ann", home: { city: "Rome" } } }
            at 1s seen { user: {
              name: "bob"
              home: { city: "Rome" }
            } }
            expect at 0s alert { user.name: "ann" }
            expect at 1s alert { user.name: "bob" }
            """
        #expect(try cases(rules, lines, of: "r") == [])
    }

    private func guessing(_ lines: String) throws -> [String] {
        try cases(Self.guessing, lines, of: "brute_force")
    }

    private func unpaid(_ lines: String) throws -> [String] {
        try cases(Self.unpaid, lines, of: "unpaid")
    }

    private static let attack = """
        at 0s 5 login every 30s { user: "ann", outcome: "fail", ip: 10.0.0.1 }
        at 3m login { user: "ann", outcome: "ok", ip: 10.0.0.9 }

        """

    @Test(arguments: [
        "expect at 3m alert { user: \"ann\", severity: high, attempts: 5 }",
        "expect brute_force { title: \"ann got in\", rule: \"brute_force\", count: 6 }",
        "expect alert { start: 0s, end: 3m, took: 3m, from: \"10.0.0.9\", team: \"red\" }",
        "expect 1 alerts", "expect alert\nexpect 1 alerts",
    ])
    func anAlertThatIsAsExpectedPasses(expectation: String) throws {
        #expect(try guessing(Self.attack + expectation) == [])
    }

    @Test func aDifferenceIsShownFieldByField() throws {
        #expect(
            try guessing(
                Self.attack + "expect at 4m alert { user: \"ann\", severity: low, attempts: 6 }")
                == [
                    "expected at 4m alert { user: \"ann\", severity: low, attempts: 6 }",
                    "     got at 3m alert { user: \"ann\", severity: high, attempts: 5 }",
                    "       at: expected 4m, got 3m",
                    "       severity: expected low, got high",
                    "       attempts: expected 6, got 5",
                ])
    }

    @Test func anAlertThatNobodyExpectsFails() throws {
        #expect(
            try guessing(Self.attack + "expect none") == [
                "expected no alert",
                "     got at 3m brute_force { user: \"ann\", attempts: 5, from: 10.0.0.9, took: 3m }",
            ])
    }

    @Test func anExpectedAlertThatDoesNotComeFails() throws {
        #expect(
            try guessing(
                """
                at 0s 5 login every 0s { user: "ann", outcome: "fail" }
                at 10m1ms login { user: "ann", outcome: "ok" }
                expect alert { user: "ann" }
                """) == ["expected alert { user: \"ann\" }", "     got no alert"])
    }

    @Test func bothSidesOfWhatIsLeftArePairedByLikeness() throws {
        let lines = """
            at 0s 5 login every 1s { user: "ann", outcome: "fail" }
            at 0s 6 login every 1s { user: "bob", outcome: "fail" }
            at 1m login { user: "ann", outcome: "ok" }
            at 1m login { user: "bob", outcome: "ok" }
            expect alert { user: "bob", attempts: 7 }
            expect alert { user: "ann", attempts: 8 }
            """
        #expect(
            try guessing(lines).filter { $0.contains("expected") && $0.contains(", got") } == [
                "       attempts: expected 7, got 6", "       attempts: expected 8, got 5",
            ])
    }

    @Test func aWrongNumberOfAlertsShowsThem() throws {
        #expect(
            try guessing(Self.attack + "expect 2 alerts").prefix(2) == [
                "expected 2 alerts", "     got 1 alert",
            ])
    }

    @Test func theClockRunsUntilNoDeadlineIsPending() throws {
        #expect(try unpaid("at 0s order { order_id: 1 }\nexpect at 30m alert") == [])
    }

    @Test func untilStopsTheClock() throws {
        #expect(try unpaid("at 0s order { order_id: 1 }\nuntil 29m59s\nexpect none") == [])
        #expect(try unpaid("at 0s order { order_id: 1 }\nuntil 30m\nexpect at 30m alert") == [])
        #expect(
            try unpaid(
                """
                at 0s order { order_id: 1 }
                at 40m payment { order_id: 1 }
                until 20m
                expect none
                """) == [])
    }

    @Test func linesAreSentInOrderOfTime() throws {
        #expect(
            try unpaid(
                """
                at 10m payment { order_id: 1 }
                at 0s order { order_id: 1 }
                expect none
                """) == [])
    }

    /// Nothing has moved the engine's time past the payment when it arrives.
    @Test func anEventThatArrivesBeforeLaterOnesIsInTime() throws {
        #expect(
            try unpaid(
                """
                at 0s order { order_id: 1 }
                at 10m payment { order_id: 1 } arriving 45m
                expect none
                """) == [])
    }

    @Test func anEventBehindTheEnginesTimeIsLateAndDropped() throws {
        let (_, result) = try results(
            Self.unpaid + """
                test unpaid { case "c" {
                  at 0s order { order_id: 1 }
                  at 10m payment { order_id: 1 } arriving 45m
                  at 40m order { order_id: 2 }
                  until 50m
                  expect at 30m alert { order_id: 1 }
                } }
                """)[0]
        #expect(result.isPassed)
        #expect(result.lateEventCount == 1)
    }

    @Test func aRestartChangesNothing() throws {
        #expect(
            try unpaid(
                """
                at 0s order { order_id: 1 }
                restart at 10m
                restart at 20m
                at 25m order { order_id: 2 }
                expect at 30m alert { order_id: 1 }
                expect at 55m alert { order_id: 2 }
                """) == [])
    }

    @Test func otherRulesOfTheRulesetRaiseNoAlertsInACase() throws {
        let other = "rule any_login { when { login as l } alert \"x\" }\n"
        let results = try pictures(
            Self.guessing + other + """
                test brute_force { case "c" {
                  at 0s login { user: "ann", outcome: "ok" }
                  expect none
                } }
                test any_login { case "c" {
                  at 0s login { user: "ann", outcome: "ok" }
                  expect any_login
                } }
                """)
        #expect(results == [[], []])
    }

    @Test func eachCaseBeginsAnew() throws {
        let results = try pictures(
            Self.unpaid + """
                test unpaid {
                  case "a" { at 0s order { order_id: 1 } expect alert }
                  case "b" { at 1s payment { order_id: 1 } expect none }
                }
                """)
        #expect(results == [[], []])
    }

    @Test func aLeadingAbsenceIsWatchedFromTheStartOfTheCase() throws {
        let rules = """
            event login { user: string }
            rule back { by user when { no login for 1h then login as l } alert "{user}" }

            """
        let early = "at 59m login { user: \"ann\" }\nexpect none"
        #expect(try cases(rules, early, of: "back") == [])
        let late = "at 1h login { user: \"ann\" }\nexpect at 1h alert"
        #expect(try cases(rules, late, of: "back") == [])
    }

    @Test func aRecordingIsReplayed() throws {
        let text = Self.unpaid + "test unpaid { case \"c\" { replay \"day.jsonl\"\nexpect alert } }"
        let start = StreamTime(nanoseconds: 5)
        let (_, result) = try results(text) { line, path, _ in
            #expect(path == "day.jsonl")
            #expect(line.span.file.name == "rules.martlet")
            return [
                TestEvent(type: "order", time: start, id: nil, fields: [("order_id", .int(1))])
            ]
        }[0]
        #expect(result.isPassed)
        #expect(result.alerts.map(\.start) == [start])
    }

    @Test func aRecordingThatCannotBeReadFailsTheCase() throws {
        let text = Self.unpaid + "test unpaid { case \"c\" { replay \"day.jsonl\"\nexpect none } }"
        #expect(
            try pictures(text) == [
                ["cannot replay `day.jsonl`: recordings are not supported here"]
            ])
    }

    @Test func aCaseThatRestartsDifferentlyIsAFailureOfItsOwn() throws {
        let (ruleset, result) = try results(
            Self.guessing
                + "test brute_force { case \"c\" { \(Self.attack)\nexpect alert } }")[0]
        let failure = TestFailure(
            kind: .restart(without: result.alerts, with: []), span: result.test.span)
        let lines = FailurePicture(result.test, in: ruleset).lines(failure, among: result.alerts)
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("the case gives other alerts after a restart"))
        #expect(lines[3] == "with restarts: 0 alerts")
    }

    @Test(arguments: [
        (Value.int(5), Value.float(5), true), (.float(5.5), .int(5), false),
        (.ip(IPAddress(ipv4: 0x0a00_0001)), .string("10.0.0.1"), true),
        (.string("10.0.0.1"), .ip(IPAddress(ipv4: 0x0a00_0001)), true),
        (.string("a"), .string("A"), false), (.missing, .int(0), false),
        (.list([.int(1)]), .list([.float(1)]), true),
    ])
    func valuesFitAsInRules(got: Value, expected: Value, fits: Bool) {
        #expect(got.fits(expected) == fits)
    }
}
