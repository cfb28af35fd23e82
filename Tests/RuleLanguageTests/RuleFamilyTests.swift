// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import RuleLanguage

/// Rules that are alike: what is found about one of them, without looking, must be what a look at
/// each would have found.
@Suite struct RuleFamilyTests {
    /// Bodies with `%` where a text differs from rule to rule.
    static let bodies = [
        """
         by user
         when within 10m {
         login as f where user == "%" and outcome == "failure"
         then login as s where outcome == "success"
         }
        """,
        """
          severity high
          tags ["a", "T1"]
          by user
          when within 5m {
            no logout for 10s where user == "%"
            then 3 login as f   where user == "%" // why
            but no reset where outcome == "%"
            then each login as s where s2 == "%" or outcome == "x"
          }
          reset on reset where why == "%"
          having count(f) > 2
          alert "{user}: {count(f)}" { n: count(f), u: f.user ?? "none" }
        """,
        """
          by host
          when within 1h { disk as d where `odd name` == "%" and d.free < 10 and "%" == path }
          alert "plain %"
        """,
        """
          by host
          when { login as l where user == "%" then no login for 5m }
          suppress 1h
          except "%" where host == "%"
        """,
        """
          by host
          when within 1h { status as d where state == "%" and user != "%" }
        """,
        """
          by host
          when within 1h { any of { login as a where user == "%", status as b } }
        """,
        """
          by host
          when over tumbling 1h { login as a where user == "%" }
        """,
        """
          severity if(count(l) > 3, "high", "low")
          labels { team: "a", user: "{user}" }
          by user, login.host = box.name
          when within 1h { 3 login as l where user == "%" then box as b after 1m }
          skip to first b
          attempts latest
          suppress 1h per b.name
          limit 3 per 1d
          resolve on login for 1h
          except "why" where b.name == "x"
          emit { n: count(l), at: b.time }
        """,
        """
          by user
          keys from people
          when within 1h { login as l then no login for 30m where user == "%" }
        """,
        """
          disabled
          by user
          when within 1h { login as l where user == "%" }
        """,
        """
          when within 1h { r0 as a where user == "%" then login as b where user == root }
        """,
        """
          by user
          when within 1h { login as a where user == "%" and user == "a" }
        """,
        """
          by user
          when within 1h {
            login as a where user == "%"
            then status as b
            then disk as d where path == b.path
          }
        """,
    ]

    static let texts = ["a", "b", "root", "failure", "up", "down", "%", "x\\n", "{b}", "long text"]

    /// A ruleset of rules with these bodies, of which many come more than once.
    static func ruleset(_ random: inout some RandomNumberGenerator) -> String {
        var text = "let root = \"root\"\ntable people = [\"a\", \"b\"]\n"
        if Bool.random(using: &random) {
            text += "event status { host: string, state: \"up\" | \"down\", user: string? }\n"
        }
        if Bool.random(using: &random) { text += "// martlet: allow no-time-limit\n" }
        let chosen = (0..<Int.random(in: 1...2, using: &random)).map { _ in
            bodies.randomElement(using: &random) ?? ""
        }
        for number in 0..<Int.random(in: 2...40, using: &random) {
            let title = Bool.random(using: &random) ? " \"title \(number)\"" : ""
            text += "rule r\(number)\(title) {\n"
            for piece in (chosen.randomElement(using: &random) ?? "").split(
                separator: "%", omittingEmptySubsequences: false
            ).enumerated() {
                if piece.offset > 0 { text += texts.randomElement(using: &random) ?? "" }
                text += piece.element
            }
            text += "\n}\n"
            if Int.random(in: 0..<8, using: &random) == 0 { text += "// a comment\n" }
        }
        return text
    }

    /// All that is found, to the last place.
    static func report(_ result: CheckResult) -> String {
        var text = DiagnosticRenderer.human(result.diagnostics, colour: false)
        guard let ruleset = result.ruleset else { return text }
        text += ruleset.description
        for rule in ruleset.rules {
            text += "\(rule.name) \(rule.title ?? "-") \(rule.span.range)\n"
            for step in rule.steps { text += "  step \(step.span.range)\n" }
            for line in rule.pattern.body.lines {
                text += "  line \(line.span.range)"
                if case .step(let step) = line.element { text += " \(step.filter.span.range)" }
                for guardian in line.butNo + line.butNotNext + line.until {
                    text += " guard \(guardian.span.range)"
                }
                text += "\n"
            }
            for reset in rule.resets { text += "  reset \(reset.span.range)\n" }
        }
        return text
    }

    @Test func whatIsTakenOverIsWhatALookWouldHaveFound() {
        var random = SeededNumbers(state: 7)
        var adopted = 0
        for _ in 0..<600 {
            let text = RuleFamilyTests.ruleset(&random)
            let trees = [RuleSyntax.parse(SourceFile(name: "a.martlet", text: text))]
            let found = RuleChecker.check(trees)
            let looked = RulesetChecker(trees).run()
            if let rules = found.ruleset?.rules {
                adopted += rules.indices.count { rules.alike($0) != nil }
            }
            let (a, b) = (RuleFamilyTests.report(found), RuleFamilyTests.report(looked))
            #expect(a == b, "\(text)")
            if a != b { return }
        }
        #expect(adopted > 300)
    }

    @Test(arguments: RuleFamilyTests.bodies.indices)
    func everyPartOfWhatWasFoundIsTakenOver(_ body: Int) {
        var text = "let root = \"root\"\ntable people = [\"a\", \"b\"]\n"
        for number in 0..<5 {
            let parts = RuleFamilyTests.bodies[body].split(
                separator: "%", omittingEmptySubsequences: false)
            text += "rule r\(number) {\n" + parts.joined(separator: "u\(number)") + "\n}\n"
        }
        let trees = [RuleSyntax.parse(SourceFile(name: "a.martlet", text: text))]
        guard let found = RuleChecker.check(trees).ruleset?.rules,
            let looked = RulesetChecker(trees).run().ruleset?.rules
        else { return }
        for index in found.indices where found.alike(index) != nil {
            for (x, y) in zip(
                Mirror(reflecting: found[index]).children,
                Mirror(reflecting: looked[index]).children)
            {
                // What is in a dictionary has no order.
                let (found, expected) = (
                    String(describing: x.value).sorted(), String(describing: y.value).sorted()
                )
                #expect(found == expected, "\(x.label ?? "")")
            }
        }
    }

    @Test func rulesThatAreChangedAreLikeNoOther() throws {
        let text = (0..<6).map {
            "rule r\($0) {\n by user\n when within 1m { login as a where user == \"u\($0)\" }\n}\n"
        }
        let trees = [RuleSyntax.parse(SourceFile(name: "a.martlet", text: text.joined()))]
        let ruleset = try #require(RuleChecker.check(trees).ruleset)
        #expect(ruleset.rules.indices.contains { ruleset.rules.alike($0) != nil })
        var changed = ruleset
        changed.rules.removeAll { $0.name == "r1" }
        #expect(changed.rules.map(\.name) == ["r0", "r2", "r3", "r4", "r5"])
        changed.rules[3].severity = .constant(.string("high"))
        #expect(changed.rules.indices.allSatisfy { changed.rules.alike($0) == nil })
        #expect("\(changed.rules[2].pattern)" == "\(ruleset.rules[3].pattern)")
        changed.rules = [ruleset.rules[2]] + ruleset.rules.filter { $0.name > "r3" }
        #expect(changed.rules.map(\.name) == ["r2", "r4", "r5"])
    }

    @Test func clausesOfARuleThatIsLikeAnotherAreItsOwn() {
        var random = SeededNumbers(state: 11)
        var alike = 0
        for _ in 0..<300 {
            let text = RuleFamilyTests.ruleset(&random)
            let file = SourceFile(name: "a.martlet", text: text)
            let tree = RuleSyntax.parse(file).tree
            for case .rule(let rule) in tree.declarations where rule.isLikeAnother {
                alike += 1
                // Everything before it made blank, it is the first of its kind.
                let start = rule.span.range.lowerBound
                let blank = file.bytes[..<start].map { $0 == 10 ? $0 : UInt8(ascii: " ") }
                let alone = RuleSyntax.parse(
                    SourceFile(
                        name: "a.martlet",
                        bytes: blank + file.bytes[start..<rule.span.range.upperBound]
                    )
                ).tree
                var whole = tree
                whole.declarations = [.rule(rule)]
                #expect(whole.dump().contains("rule"))
                #expect(whole.dump() == alone.dump(), "\(text)")
            }
        }
        #expect(alike > 300)
    }

    @Test func repeatedTokensAreThoseThatReadingGives() {
        let names = ["r", "a1", "rule", "not", "alert", "labels", "emit", "_x", "fe", "été", "1a"]
        let heads = [" ", " ", "{", "  ", ": ", "\n", " labels ", " \"t\" ", " \"\"\" ", " // a\n"]
        let texts = RuleFamilyTests.texts + ["\"", "", "{", "}", "a: \"", "\"\"\"", "é"]
        var random = SeededNumbers(state: 5)
        var repeated = 0
        for _ in 0..<2_000 {
            let bodies = (0..<2).map { _ in RuleFamilyTests.bodies.randomElement(using: &random)! }
            let head = heads.randomElement(using: &random)!
            var text = ""
            for _ in 0..<Int.random(in: 2...12, using: &random) {
                let name = names.randomElement(using: &random)!
                let parts = bodies.randomElement(using: &random)!.split(separator: "%")
                let filled = parts.joined(separator: texts.randomElement(using: &random)!)
                text += "rule \(name)\(head){\n\(filled)\n}\n"
                if Int.random(in: 0..<12, using: &random) == 0 { text += "test x { }\n" }
            }
            let file = SourceFile(name: "a.martlet", text: text)
            var (found, read) = (Lexer(file: file), Lexer(file: file, range: 0..<file.bytes.count))
            found.run()
            read.run()
            repeated += found.repetitions.count
            let isSame = found.tokens.elementsEqual(read.tokens) {
                $0.kind == $1.kind && $0.trivia == $1.trivia && $0.range == $1.range
                    && $0.startsLine == $1.startsLine
            }
            #expect(isSame, "\(text)")
            #expect(found.diagnostics.map(\.message) == read.diagnostics.map(\.message))
            if !isSame { return }
        }
        #expect(repeated > 300)
    }

    @Test func aRuleCalledNotIsAMistakeAlsoWhereItIsLikeAnother() {
        let text = (0..<4).map {
            "rule \($0 == 2 ? "not" : "r\($0)") {\n by user\n when within 1m { login as a }\n}\n"
        }
        let found = RuleSyntax.parse(SourceFile(name: "a.martlet", text: text.joined()))
        #expect(found.diagnostics.map(\.message) == ["`not` cannot be a name"])
    }

    @Test func aLintThatComesLastHasAllRulesChecked() {
        // The type of `n` is known only after the rules that are alike.
        let rules = (0..<4).map {
            """
            rule r\($0) {
              by user
              when within 1m { login as a where user == "u\($0)" and n == 5 and n == 6 }
            }

            """
        }
        let trees = [RuleSyntax.parse(SourceFile(name: "a.martlet", text: rules.joined()))]
        let found = RuleChecker.check(trees)
        #expect(found.diagnostics.count { $0.message.contains("never hold") } == 4)
        #expect(
            RuleFamilyTests.report(found) == RuleFamilyTests.report(RulesetChecker(trees).run()))
    }

    @Test func aStepThatTookTheFirstEventIsToldOfAllRules() {
        let rules = (0..<4).map {
            """
            rule r\($0) {
              by user
              when within 1m {
                a where n == "u\($0)"
                then b as y
                then c where n == y.n
              }
            }

            """
        }
        let trees = [RuleSyntax.parse(SourceFile(name: "a.martlet", text: rules.joined()))]
        let found = RuleChecker.check(trees)
        #expect(found.diagnostics.count { $0.code == "W0128" } == 4)
        #expect(
            RuleFamilyTests.report(found) == RuleFamilyTests.report(RulesetChecker(trees).run()))
    }

    @Test func thousandsOfRulesTakeOverFromOne() {
        let text = (0..<2_000).map {
            "rule r\($0) {\n by user\n when within 1m { login as a where user == \"u\($0)\" }\n}\n"
        }
        let result = RuleChecker.check([
            RuleSyntax.parse(SourceFile(name: "a.martlet", text: text.joined()))
        ])
        let rules = result.ruleset?.rules ?? []
        let models = rules.indices.map { rules.alike($0)?.model }
        // The first makes its fields known, the second finds nothing new, the last has no rule
        // behind it.
        #expect(Set(models) == [nil, 1])
        #expect(models.count { $0 == nil } == 3)
    }
}
