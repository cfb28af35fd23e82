// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Harness

/// Rules that only emit, tested by themselves.
@Suite struct EmittedEventTests {
    private static let rules = """
        event login { user: string, outcome: "ok" | "fail" }
        rule failures {
          by user
          when over tumbling 1h { login as l where outcome == "fail" }
          emit { times: count(l) }
        }
        rule many {
          by user
          when { failures as f where times > 2 }
          alert "{user}"
        }

        """

    private func lines(of names: String, _ lines: String) throws -> [String] {
        try pictures(Self.rules + "test \(names) { case \"c\" {\n\(lines)\n} }")[0]
    }

    private static let three = "at 0s 3 login every 1s { user: \"ann\", outcome: \"fail\" }\n"

    @Test(arguments: [
        ("failures", "expect at 1h failures { user: \"ann\", times: 3 }"),
        ("failures, many", "expect at 1h failures { times: 3 }\nexpect at 1h many"),
        // A case that is not about the event need not name it.
        ("failures, many", "expect at 1h alert { title: \"ann\" }"),
        ("failures, many", "expect 1 alerts"),
        ("failures", "until 59m\nexpect none"),
    ])
    func anEventIsExpectedByTheNameOfItsRule(names: String, expected: String) throws {
        #expect(try lines(of: names, Self.three + expected) == [])
    }

    @Test func anEventThatIsOtherwiseIsShown() throws {
        #expect(
            try lines(of: "failures", Self.three + "expect at 2h failures { times: 4 }") == [
                "expected at 2h failures { times: 4 }", "     got at 1h failures { times: 3 }",
                "       at: expected 2h, got 1h", "       times: expected 4, got 3",
            ])
    }

    @Test func anEventThatDoesNotComeIsMissed() throws {
        let ok = "at 0s login { user: \"ann\", outcome: \"ok\" }\nexpect failures"
        #expect(
            try lines(of: "failures", ok) == ["expected failures", "     got no event"])
    }

    @Test func whereNoRuleGivesAlertsEventsHaveToBeNamed() throws {
        #expect(
            try lines(of: "failures", Self.three + "expect none") == [
                "expected no event", "     got at 1h failures { user: \"ann\", times: 3 }",
            ])
    }

    @Test func oneThatIsNamedHasAllItsEventsNamed() throws {
        let two = Self.three + "at 90m login { user: \"ann\", outcome: \"fail\" }\n"
        let found = try lines(
            of: "failures, many", two + "expect at 1h failures\nexpect at 1h many")
        #expect(
            found == [
                "expected no other event", "     got at 2h failures { user: \"ann\", times: 1 }",
            ])
    }

    @Test func anEventIsNoAlert() throws {
        let found = try lines(of: "failures", Self.three + "expect at 1h alert")
        #expect(found.prefix(2) == ["expected at 1h alert", "     got no other alert"])
        #expect(found.dropFirst(2).first == "expected no event")
        let counted = try lines(of: "failures", Self.three + "expect 1 alerts")
        #expect(counted.first == "expected 1 alert")
    }
}
