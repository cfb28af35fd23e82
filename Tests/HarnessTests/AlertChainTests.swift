// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import RuleLanguage
import Testing

@testable import Harness

/// Rules on rules as their authors test them; each case runs once more with restarts.
@Suite struct AlertChainTests {
    private static let rules = """
        event login { user: string, outcome: "ok" | "fail" }
        rule guesses {
          severity high
          tags ["T1110"]
          by user
          when within 1m { 2 login as x where outcome == "fail" }
          alert "{user}" { attempts: count(x) }
        }
        rule twice {
          by user
          when within 1h { 2 guesses as g }
          alert "{user}: {first(g.severity)} {first(g.tags)[0]}" { attempts: sum(g.attempts) }
        }
        rule quiet_after {
          by user
          when {
            twice
            then no login for 10m
          }
          emit { last: "{user} is gone" }
        }
        rule gone {
          by user
          when { quiet_after as q }
          alert "{q.last}"
        }
        rule summary {
          when { gone as g }
          alert "{g.user}"
        }

        """

    private func check(_ block: String) throws -> [String] { try pictures(Self.rules + block)[0] }

    @Test func alertsFeedRulesToTheFifth() throws {
        #expect(
            try check(
                """
                test guesses, twice, quiet_after, gone, summary { case "c" {
                  at 0s 4 login every 1s { user: "ann", outcome: "fail" }
                  at 0s 2 login every 1s { user: "bob", outcome: "fail" }
                  expect at 1s guesses { user: "ann" }
                  expect at 1s guesses { user: "bob" }
                  expect at 3s guesses { user: "ann" }
                  expect at 3s twice { user: "ann", title: "ann: high T1110", attempts: 4 }
                  expect at 10m3s gone { title: "ann is gone" }
                  expect at 10m3s summary { title: "ann" }
                } }
                """) == [])
    }

    @Test func aTestOfTheConsumerAloneSendsAlertsItself() throws {
        #expect(
            try check(
                """
                test twice { case "c" {
                  at 0s 2 guesses every 5m {
                    user: "ann", attempts: 3, tags: ["x"], severity: "low"
                  }
                  expect at 5m alert { title: "ann: low x", attempts: 6 }
                } }
                """) == [])
    }

    @Test func anEventThatNoRuleReadsCannotBeSent() throws {
        let text =
            Self.rules
            + "test summary { case \"c\" {\nat 0s summary { user: \"a\" }\nexpect none\n} }"
        let codes = diagnosticCodes(text)
        #expect(codes == ["E0201"])
    }

    @Test func aFieldThatTheAlertLacksIsSaid() {
        let text = """
            rule low { when { a as x } alert "t" { total: x.n } }
            rule high { when { low as l where totl > 1 } }
            """
        #expect(diagnosticCodes(text) == ["E0204"])
        #expect(diagnosticCodes(text.replacing("totl", with: "total")) == [])
        let slip = text.replacing("totl > 1", with: "severity == \"hgih\"")
        #expect(diagnosticCodes(slip) == ["E0205"])
    }

    @Test func typesGoFromRuleToRule() {
        let text = """
            rule low { when { a as x } alert "t" { took: x.time - x.time, name: "n" } }
            rule high { when { low as l where took > 1s and name == "n" } }
            """
        #expect(diagnosticCodes(text) == [])
        #expect(diagnosticCodes(text.replacing("> 1s", with: "> 1")) == ["E0301"])
    }

    @Test func anAlertOfNoRuleCannotBeRead() {
        #expect(diagnosticCodes("rule r { when { alert } }") == ["E0201"])
    }

    @Test func rulesAreCheckedWhateverTheirOrder() {
        #expect(
            diagnosticCodes(
                """
                rule high { when { low as l where total > 1 } alert "t" { t: l.total } }
                rule higher { when { high as h where t > 1 } }
                rule low { when { a as x } alert "t" { total: x.n } }
                """) == [])
    }
}

/// The codes of what is wrong with the rules, without those of untested ones.
private func diagnosticCodes(_ text: String) -> [String] {
    let file = SourceFile(name: "rules.martlet", text: text)
    return RuleChecker.check([RuleSyntax.parse(file)]).diagnostics
        .filter { $0.severity == .error }.map(\.code)
}
