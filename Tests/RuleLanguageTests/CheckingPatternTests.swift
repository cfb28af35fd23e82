// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import RuleLanguage

/// How lines become patterns, and what conditions may read where.
@Suite struct CheckingPatternTests {
    /// The pattern of a rule with these lines, as text; the codes of errors where it has some.
    private func pattern(_ lines: String, limit: String = " within 1h") -> [String] {
        let result = checked("rule r {\n  by user\n  when\(limit) {\n\(lines)\n  }\n}")
        guard let ruleset = result.ruleset, let rule = ruleset.rules.first else {
            return result.diagnostics.filter { $0.severity == .error }.map(\.code)
        }
        return CheckedText(ruleset, rule: rule).patternLines(rule.pattern)
    }

    private func lints(_ rule: String) -> [String] {
        checked(rule).diagnostics.map(\.code).filter { $0 != "W0107" }
    }

    @Test(arguments: [
        "a as x|then next b as y|then each c as z",
        "3 a as x|then 2 to 5 b as y|then at least 2 c as z",
        "at least 3 a in 5m as x|then 2 consecutive b as y",
        "at least 2 distinct port of a as x",
        "a as x|then b as y after 5s within 10s|then c as z within 1m",
        "a as x|but no b|but no c where n > 3|but not next d|until e|then f as y",
        "a as x|then optional b as y|then c as z",
        "no a for 5m|then b as x",
        "a as x|then no b for 5m|then c as y",
        "a as x|then no b",
        "a as x|then 2 times in 5m {|  b as y|  then next c as z|} within 10m",
        "a as x|then optional {|  b as y|}|then c as z",
        "all of {|  a as x,|  b as y,|} ",
        "a as x|then any of {|  b as y,|  c as z,|} within 5m",
        "a as x by account|then b as y",
        "a as x|then 2 times {|  no b for 1m|  then c as y|}",
        "a as x|then optional {|  no b for 1m|  then c as y|} after 5s",
        "2 times {|  no b for 1m|  then c as y|}",
        "at least 1 times {|  2 times {|    no b for 1m|    then c as y|  }|  then a as x|}",
        "a as x|then 3 consecutive times in 5m {|  b as y|  then c as z|} within 10m",
        "a as x|then next at least 2 consecutive times {|  b as y|}",
    ])
    func aPatternPrintsBackAsItWasWritten(text: String) {
        let lines = text.split(separator: "|").map { $0.hasSuffix(" ") ? $0.dropLast() : $0 }
        #expect(pattern(lines.joined(separator: "\n")) == lines.map(String.init))
    }

    @Test(arguments: [
        "a|then next 2 times { no b for 1m then c }",
        "a|then each optional { no b for 1m then c }",
        "optional a|then 2 times { no b for 1m then c }|then d",
        "optional { no b for 1m then c }|then d",
        "any of { no b for 1m then c, d }",
        "2 times { any of { no b for 1m then c, d } }",
        "2 times { no b for 1m then no c for 1m then d }",
        "no b for 1m|then 2 times { no c for 1m then d }",
        "a|then 2 consecutive times { no b for 1m then c }",
        "a|then 2 consecutive times { 2 times { no b for 1m then c } }",
    ])
    func anAbsenceIsRefusedWhereNoTimeToCountFromIsPlain(text: String) {
        let lines = text.split(separator: "|").joined(separator: "\n")
        #expect(pattern(lines) == ["E0312"])
    }

    @Test(arguments: [
        "a|then 2 times { no b for 1m }",
        "a|then at least 1 times { any of { no b for 1m, c } }|then d",
        "a|then 2 times { no b for 1m then optional c }|then d",
    ])
    func theBodyOfAGroupBindsAnEvent(text: String) {
        let lines = text.split(separator: "|").joined(separator: "\n")
        #expect(pattern(lines) == ["E0310"])
    }

    @Test(arguments: [
        "all of { }", "any of { }", "a|then all of { }|then d", "2 times { any of { } }",
    ])
    func aChoiceHasBranches(text: String) {
        let lines = text.split(separator: "|").joined(separator: "\n")
        #expect(pattern(lines) == ["E0310"])
    }

    @Test(arguments: [
        ("a as x\nthen b where n > x.n", true),
        ("2 a as x\nthen b where n > avg(x.n)", true),
        ("2 a as x\nthen b where n > first(x).n and n < last(x.n)", true),
        ("2 a as x where n > prev(n)\nthen b", true),
        ("2 a as x where n >= first(x).n\nthen b", true),
        ("2 a as x\nthen b where n > x.n", false),
        ("2 times { a as x then b where n > x.n }", true),
        ("2 times { a as x then b }\nthen c where n > x.n", false),
        ("2 times { a as x then b }\nthen c where n > sum(x.n * x.m)", true),
        ("2 times { a as x then 2 b as y where n > y.n }", false),
        ("optional { a as x then b }\nthen c where n > x.n", true),
        ("a as x\nthen b where x > 3", true),
    ])
    func aBareFieldOfAStepIsOneValueWhereTheStepBindsOne(lines: String, isRight: Bool) {
        let found = pattern(lines)
        #expect((found != ["E0307"]) == isRight, "\(found)")
        #expect(!found.contains { $0.hasPrefix("E") && $0 != "E0307" }, "\(found)")
    }

    @Test(arguments: [
        ("a where n > z.n\nthen b as z", ["W0110"]),
        ("a\nthen any of { b as z, c where n > z.n }", ["W0110"]),
        ("a\nthen all of { b as z, c where n > z.n }", []),
        ("a as z where n > z.n\nthen b", ["W0110"]),
        ("2 times { a where n > z.n then b as z }", []),
        ("a\nbut no c where n > z.n\nthen b as z", ["W0110"]),
        ("a\nthen b as z\nbut no c where n > z.n\nthen d", []),
        ("no c for 5m where n > z.n\nthen b as z", ["W0110"]),
    ])
    func readingWhatCanNotBeBoundYetIsALint(lines: String, codes: [String]) {
        #expect(lints("rule r { when within 1h {\n\(lines)\n} }") == codes)
    }

    @Test(arguments: [
        ("login", []), ("3 login", ["W0101"]), ("3 login in 5m", []),
        ("login\nthen logout", ["W0101"]), ("login\nthen logout within 5m", []),
        ("login\nthen no logout for 5m", []), ("no login for 5m\nthen login", []),
        ("login\nthen no logout for 5m\nthen login", ["W0101"]),
        ("all of { login, logout }", ["W0101"]), ("any of { login, logout }", []),
        ("any of { login then logout, mfa }", ["W0101"]),
        ("login\nthen each logout", ["W0109"]), ("login\nthen each logout within 5m", []),
        ("login\nthen any of { logout, mfa } within 5m", []),
        ("2 times { login then logout }", ["W0101"]), ("2 times in 5m { login then logout }", []),
    ])
    func onlyAPatternThatCanWaitForEverLacksALimit(lines: String, codes: [String]) {
        #expect(lints("rule r { when {\n\(lines)\n} }") == codes)
    }

    @Test func stepsShareRoutes() throws {
        let ruleset = try #require(
            checked(
                """
                rule r { by user, host
                  when within 1h {
                    a then b by (account, host) then a where n > 3
                    but no b by (account, host)
                    then b
                  }
                  reset on a
                }
                """
            ).ruleset)
        let rule = ruleset.rules[0]
        #expect(rule.routes.count == 3)
        #expect(rule.resets[0].route == 0)
    }

    @Test func aDisabledRuleIsCheckedAndLeftOut() {
        let right = checked("rule r { disabled\n when { login } }")
        #expect(right.ruleset?.rules.isEmpty == true)
        #expect(checked("rule r { disabled\n when { login where 5 } }").ruleset == nil)
    }

    @Test func anErroneousPartSilencesWhatFollows() {
        let result = checked(
            """
            event login { user: string }
            rule r {
              by user
              when within 1h { logins as l where usr > 3 and l.foo == 7 then login where user == l.x }
              having count(l) > 1 and l.y == 3
              alert "{l.z} {first(l).q}" { a: l.b + 1 }
            }
            """)
        #expect(result.diagnostics.filter { $0.severity == .error }.map(\.code) == ["E0201"])
    }

    @Test(arguments: [
        "event login { user string, ip: ip }\nrule r { by user\n when { login where user == \"a\" } }",
        "event login { user: , ip: ip }\nrule r { by user\n when { login as l }\n alert \"{l.user}\" }",
        "rule r { by user\n when within 1h { login as }\n alert \"{l.ip} {count(m)}\" }",
        "let limit = \nrule r { when { login where tries > limit } }",
    ])
    func whatFollowsFromASyntaxErrorIsNotReported(text: String) {
        let errors = checked(text).diagnostics.filter { $0.severity == .error }.map(\.code)
        #expect(errors.count == 1 && errors[0].hasPrefix("E00"), "\(errors)")
    }
}
