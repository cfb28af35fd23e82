// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import RuleLanguage

@Suite struct RuleMeaningTests {
    private static let base = """
        event login { user: string, outcome: string, tries: int, ip: string }
        event bad from login where outcome == "fail"
        table robots = ["r1"]
        let limit = 3
        rule guessed "Guessed" {
          severity high
          by user
          when within 1m {
            at least 3 bad as fails where user not in robots and tries > limit
            then login as entry where outcome == "ok"
          }
          suppress 1m
          alert "{user} {entry.ip}"
        }
        rule again { by user when within 1h { 2 guessed as g } alert "{user}" }
        rule sum { by user when { 2 alert as a } alert "{user}" }
        rule counts {
          by user
          when over tumbling 1m { login as l }
          alert "{count(l)}"
        }
        """

    private func meanings(_ text: String) throws -> [String: RuleMeaning] {
        let check = RuleChecker.check([
            RuleSyntax.parse(SourceFile(name: "r.martlet", text: text))
        ])
        let errors = check.diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(errors == [])
        return try #require(check.ruleset).meanings
    }

    private func changed(_ old: String, _ new: String) throws -> Set<String> {
        #expect(Self.base.contains(old))
        let (before, after) = try (
            meanings(Self.base), meanings(Self.base.replacing(old, with: new))
        )
        return Set(before.keys.filter { before[$0]?.hash != after[$0]?.hash })
    }

    @Test(arguments: [
        ("table robots = [\"r1\"]", "// A remark\ntable robots = [\"r1\", \"r2\"]"),
        ("let limit = 3", "let limit = 2 + 1"),
        ("  by user\n", "\n      by user // the key\n"),
        ("rule sum {", "rule more { by ip when { login as x where session == 1 } }\nrule sum {"),
        ("rule counts {", "test again { case \"x\" { expect none } }\nrule counts {"),
        ("ip: string }", "ip: string, more: int? }"),
    ]) func whatMeansTheSameHasTheSameHash(old: String, new: String) throws {
        let new = new.replacing(" where session == 1", with: "")
        #expect(try changed(old, new) == [])
    }

    @Test(arguments: [
        ("let limit = 3", "let limit = 4", ["guessed", "again"]),
        ("== \"fail\"", "!= \"ok\"", ["guessed", "again"]),
        ("suppress 1m", "suppress 2m", ["guessed", "again"]),
        ("alert \"{count(l)}\"", "alert \"{count(l)}!\"", ["counts"]),
        ("outcome: string", "outcome: string?", ["guessed", "again"]),
        ("2 alert as a", "3 alert as a", ["sum"]),
    ]) func whatMeansSomethingElseHasAnother(old: String, new: String, names: [String]) throws {
        #expect(try changed(old, new) == Set(names))
    }

    @Test func whatIsSaidOfAMatchIsNoPartOfThePattern() throws {
        let old = try #require(try meanings(Self.base)["guessed"])
        let louder = Self.base.replacing("severity high", with: "severity low")
            .replacing("suppress 1m", with: "suppress 2m")
            .replacing("\"{user} {entry.ip}\"", with: "\"{entry.ip}!\"")
        let new = try #require(try meanings(louder)["guessed"])
        #expect(old.hash != new.hash)
        #expect(old.patternHash == new.patternHash)
        #expect(old.policyHash != new.policyHash)
        #expect(old.boundFields == ["login.ip"])
        let window = Self.base.replacing("\"{count(l)}\"", with: "\"{sum(l.time)}\"")
            .replacing("sum(l.time)", with: "count_distinct(l.ip)")
        let before = try meanings(Self.base)["counts"]?.patternHash
        #expect(try meanings(window)["counts"]?.patternHash != before)
    }
}
