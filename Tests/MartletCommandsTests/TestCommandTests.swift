// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

@Suite struct TestCommandTests {
    static let rules = """
        event login { user: string }
        rule twice {
          by user
          when within 1m { 2 login as l }
          alert "{user}" { n: count(l) }
        }
        rule once { when { login as l } alert "{l.user}" }
        test twice {
          case "two" { at 0s 2 login { user: "ann" } expect alert { n: 2 } }
          case "too <late> & \\"far\\"" {
            at 0s 2 login every 61s { user: "ann" }
            expect at 61s alert { n: 2 }
          }
        }
        test once { case "one" { at 0s login { user: "ann" } expect at 1s alert { user: 1 } } }

        """
        .replacingOccurrences(of: " { user: 1 }", with: "")

    private func test(
        _ text: String = rules, _ arguments: String...,
        in surroundings: Surroundings = Surroundings()
    ) throws -> CommandOutcome {
        let folder = try RulesFolder(["a.martlet": text])
        var result = outcome(["test", folder.path] + arguments, in: surroundings)
        result.output = folder.shortened(result.output)
        return result
    }

    @Test func failuresArePicturedUnderTheirRule() throws {
        let result = try test()
        #expect(result.status == .findings)
        #expect(result.errors == "1 passed, 2 failed in 2 rules\n")
        #expect(
            result.output == """
                ✗ twice (1 of 2 cases failed)
                  case "too <late> & \\"far\\""
                    --> FOLDER/a.martlet:12
                    expected at 1m1s alert { n: 2 }
                         got no alert
                         why twice for user=ann: l at 0s
                               waited for 1 more of `2 login as l`
                               at 1m: the limit `within 1m` ran out
                               too late by 1s: login at 1m1s
                ✗ once (1 of 1 case failed)
                  case "one"
                    --> FOLDER/a.martlet:15
                    expected at 1s alert
                         got at 0s alert
                           at: expected 1s, got 0s

                """)
    }

    @Test(arguments: [
        (["two"], "1 passed in 1 rule\n"), (["twice"], "1 passed, 1 failed in 1 rule\n"),
        (["two", "one"], "1 passed, 1 failed in 2 rules\n"),
    ])
    func filtersChooseByRuleOrCase(filters: [String], summary: String) throws {
        let folder = try RulesFolder(["a.martlet": Self.rules])
        let options = filters.flatMap { ["--filter", $0] }
        #expect(outcome(["test", folder.path] + options).errors == summary)
    }

    @Test func aFilterThatFitsNothingIsAMistakeOfUse() throws {
        let result = try test(Self.rules, "--filter", "thrice")
        #expect(result == .failed("no case or rule is called like `thrice`", .usage))
    }

    @Test func passingCasesExitWithZero() throws {
        let result = try test(CheckCommandTests.clean)
        #expect(
            result == CommandOutcome(output: "✓ twice (1 case)\n", errors: "1 passed in 1 rule\n"))
    }

    @Test func rulesWithoutTestsAreNoted() throws {
        let result = try test(CheckCommandTests.untested)
        #expect(result == CommandOutcome(errors: "note: these rules have no tests\n"))
    }

    @Test func theTimeIsToldToTerminalsOnly() throws {
        let result = try test(
            CheckCommandTests.clean, in: Surroundings(outputIsTerminal: true))
        #expect(result.errors.contains(" ms)\n"))
        #expect(result.output.contains("\u{1b}[32m✓"))
    }

    @Test func mistakesInRulesAreShownAndNoTestIsRun() throws {
        let human = try test(CheckCommandTests.mistaken)
        #expect(human.status == .findings)
        #expect(human.output.hasPrefix("error[E0204]"))
        #expect(human.errors == "1 error: no test was run\n")
        let junit = try test(CheckCommandTests.mistaken, "--format", "junit")
        #expect(junit.status == .findings)
        #expect(try elements(of: junit.output) == ["testsuites", "testsuite", "testcase", "error"])
    }

    @Test func junitIsXMLWithEverythingEscaped() throws {
        let result = try test(Self.rules, "--format", "junit")
        #expect(result.errors.isEmpty)
        #expect(
            try elements(of: result.output) == [
                "testsuites", "testsuite", "testcase", "testcase", "failure", "testsuite",
                "testcase", "failure",
            ])
        #expect(result.output.contains("tests=\"3\" failures=\"2\" errors=\"0\""))
        #expect(result.output.contains("name=\"too &lt;late&gt; &amp; &quot;far&quot;\""))
        #expect(result.output.contains("time=\"0.000\""))
    }

    @Test func controlsInNamesDoNotBreakTheXML() throws {
        #expect(TestReport.xml("a\u{1}\u{b}\n\"<") == "a\u{fffd}\u{fffd}&#10;&quot;&lt;")
    }

    @Test func jsonIsOneObjectACase() throws {
        let result = try test(Self.rules, "--format", "json")
        #expect(result.errors.isEmpty)
        let cases = try result.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(cases.compactMap { $0["passed"] as? Bool } == [true, false, false])
        #expect(cases.compactMap { $0["line"] as? Int } == [9, 10, 15])
        let failures = try #require(cases[2]["failures"] as? [[String: Any]])
        #expect(failures[0]["kind"] as? String == "missing_alert")
        #expect(failures[0]["message"] as? String == "at: expected 1s, got 0s")
    }

    @Test func gitHubGetsAnAnnotationAtEachExpectation() throws {
        let result = try test(Self.rules, "--format", "github")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("::error file=FOLDER/a.martlet,line=12,"))
        #expect(lines[0].contains("title=test twice::case too <late>"))
        #expect(lines[0].contains("%0Aexpected at 1m1s alert"))
    }

    private static let recorded = """
        event order { order_id: int, at: time }
        rule unpaid { by order_id when { order then no payment for 30m } alert "{order_id}" }
        test unpaid {
          case "day" {
            replay "days/one.jsonl"
            expect alert { order_id: 2 }
          }
        }

        """

    @Test func aRecordingBesideTheRulesIsReplayedInOrderOfTime() throws {
        let folder = try RulesFolder([
            "a.martlet": Self.recorded,
            "days/one.jsonl": """
            {"type":"order","time":"2026-03-01T10:00:00Z","order_id":1}
            {"type":"payment","time":"2026-03-01T10:20:00Z","order_id":1}
            {"type":"order","time":"2026-03-01T09:00:00Z","order_id":2}
            {"type":"noise","time":"2026-03-01T09:00:00Z"}

            """,
        ])
        let result = outcome(["test", folder.path])
        #expect(
            result == CommandOutcome(output: "✓ unpaid (1 case)\n", errors: "1 passed in 1 rule\n"))
    }

    @Test(arguments: [
        ("days/two.jsonl", "", "cannot open `FOLDER/days/one.jsonl`: No such file or directory"),
        ("days/one.jsonl", "{\"type\":\"order\",\n", "line 1: "),
    ])
    func aRecordingThatIsOfNoUseFailsTheCase(name: String, text: String, why: String) throws {
        let folder = try RulesFolder(["a.martlet": Self.recorded, name: text])
        let result = outcome(["test", folder.path])
        #expect(result.status == .findings)
        let problem = "    cannot replay `days/one.jsonl`: \(why)"
        #expect(folder.shortened(result.output).contains(problem))
    }

    /// The names of the elements in order; fails where the text is not well-formed.
    private func elements(of text: String) throws -> [String] {
        var names: [String] = []
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            #expect(!rest[..<start].contains("\""), "quotes are escaped in text")
            let end = try #require(rest[start...].firstIndex(of: ">"))
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            let name = tag.drop { $0 == "/" }.prefix { !" /".contains($0) }
            if tag.hasPrefix("?") { continue }
            if tag.hasPrefix("/") {
                #expect(open.popLast() == name)
            } else {
                names.append(String(name))
                if !tag.hasSuffix("/") { open.append(name) }
            }
        }
        #expect(open.isEmpty)
        return names
    }
}
