// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import RuleLanguage

/// `test` blocks: times and values as the runner gets them.
@Suite struct CheckingTestBlockTests {
    private let rules = """
        event login { user: string, ip: ip, share: float, groups: [string] }
        rule r {
          by user
          when within 1h { 2 login as l }
          alert "{user}" { tries: count(l), took: match.end - match.start }
        }

        """

    private func test(_ lines: String) throws -> CheckedTest {
        let result = checked(rules + "test r { case \"c\" {\n\(lines)\n} }")
        let ruleset = try #require(
            result.ruleset, "\(DiagnosticRenderer.human(result.diagnostics, colour: false))")
        return ruleset.tests[0]
    }

    private func codes(_ lines: String) -> [String] {
        checked(rules + "test r { case \"c\" {\n\(lines)\n} }").diagnostics.map(\.code)
    }

    @Test func offsetsCountFromTheCasesZero() throws {
        let test = try test("at 5m login { user: \"ann\" }\nuntil 1h\nexpect none")
        #expect(test.start == CheckedTest.zero)
        guard case .events(_, let time, 1, .zero, _, nil) = test.lines[0].kind else {
            Issue.record("no event")
            return
        }
        #expect(time == CheckedTest.zero + TimeSpan(seconds: 300))
    }

    @Test func theEarliestDateIsTheZeroOfACaseWithDates() throws {
        let test = try test(
            """
            at 2027-01-31T12:00:00Z login { user: "ann" }
            at 2027-01-31 login { user: "ann" }
            at 1h login { user: "ann" }
            expect at 2027-01-31T01:00:00Z alert
            """)
        #expect(test.start.description == "2027-01-31T00:00:00.000Z")
        guard case .alert(let time?, nil, _) = test.expectations[0].kind else {
            Issue.record("no alert")
            return
        }
        #expect(time == test.start + TimeSpan(seconds: 3600))
    }

    @Test func valuesBecomeThoseOfTheirFields() throws {
        let test = try test(
            """
            at 0s login { user: "ann", ip: "10.0.0.1", share: 1, groups: ["a", "b"] }
            expect alert { user: "ann", severity: medium, tries: 2, took: 0s, start: 0s, count: 2 }
            """)
        guard case .events(_, _, _, _, let fields, _) = test.lines[0].kind,
            case .alert(_, _, let expected) = test.expectations[0].kind
        else {
            Issue.record("no event and alert")
            return
        }
        #expect(
            fields.map(\.value) == [
                .string("ann"), .ip(IPAddress(ipv4: 0x0a00_0001)), .float(1),
                .list([.string("a"), .string("b")]),
            ])
        #expect(
            expected.map(\.value) == [
                .string("ann"), .string("medium"), .int(2), .duration(.zero),
                .time(CheckedTest.zero), .int(2),
            ])
    }

    @Test(arguments: [
        ("at 0s login { user: \"ann\" }", ["E0401"]),
        ("at 0s login { share: \"a\" }\nexpect none", ["E0403"]),
        ("at 0s login { groups: [1] }\nexpect none", ["E0403"]),
        ("at 0s login { type: \"x\" }\nexpect none", ["E0204"]),
        ("at 0s logout { user: \"ann\" }\nexpect none", ["E0201"]),
        ("expect alert { tries: \"2\" }", ["E0403"]),
        ("expect alert { severity: \"hihg\" }", ["E0205"]),
        ("at 1h login { user: \"ann\" }\nat 0s login { user: \"ann\" }\nexpect 1 alerts", []),
    ])
    func mistakesInCasesAreFound(lines: String, codes: [String]) {
        #expect(self.codes(lines) == codes)
    }
}
