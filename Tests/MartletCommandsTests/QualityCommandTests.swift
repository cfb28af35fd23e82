// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

@Suite struct QualityCommandTests {
    private static let rules = """
        rule r {
          when within 10s {
            a where x > 1
            then b
          }
        }
        test r {
          case "c" {
            at 0s a { x: 2 }
            at 5s b {}
            expect at 5s alert
          }
        }

        """

    private func test(_ text: String, _ arguments: String...) throws -> CommandOutcome {
        let folder = try RulesFolder(["a.martlet": text])
        var result = outcome(["test", folder.path] + arguments)
        result.output = folder.shortened(result.output)
        result.errors = folder.shortened(result.errors)
        return result
    }

    @Test func coverageMarksTheLines() throws {
        let result = try test(Self.rules, "--coverage")
        #expect(result.status == .clean)
        #expect(
            result.output == """
                r  4 of 6 reached  FOLDER/a.martlet:1
                    1 ~ rule r {
                          within 10s: never too late
                    3 ~     a where x > 1
                          x > 1: never false
                    4 ✓     then b

                """)
        #expect(result.errors == "1 passed in 1 rule; 4 of 6 outcomes reached in 1 rule\n")
    }

    @Test func coverageIsOneObjectAFinding() throws {
        let result = try test(Self.rules, "--coverage", "--format", "json")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 4)
        let first = try JSONSerialization.jsonObject(with: Data(lines[0].utf8))
        let fields = try #require(first as? [String: Any])
        #expect(fields["kind"] as? String == "limit" && fields["text"] as? String == "within 10s")
        #expect(fields["outcomes"] as? [String: Bool] == ["in time": true, "too late": false])
    }

    @Test func coverageIsAPage() throws {
        let result = try test(Self.rules, "--coverage", "--format", "html")
        #expect(result.output.hasPrefix("<!DOCTYPE html>\n"))
        #expect(result.output.contains("<pre>    a where x &gt; 1</pre>\n"))
        #expect(result.output.contains("<div>x &gt; 1: never false</div>\n"))
    }

    @Test func coverageOfCasesThatFailExitsAsTheyDo() throws {
        let wrong = Self.rules.replacingOccurrences(of: "at 5s alert", with: "none")
        let result = try test(wrong, "--coverage")
        #expect(result.status == .findings)
        #expect(result.errors.contains("✗ r"))
        #expect(result.output.contains("4 of 6 reached"))
    }

    @Test func mutantsThatSurviveAreShown() throws {
        let result = try test(Self.rules, "--mutate")
        #expect(result.status == .findings)
        #expect(
            result.output.contains(
                "no case of `r` notices that `where x > 1` is left out\n"
                    + "  --> FOLDER/a.martlet:3:7\n"))
        #expect(
            result.output.contains("no case of `r` notices `10s1ms` in the place of `10s`\n"))
        #expect(result.output.contains("no case of `r` notices `skip none` put in\n"))
        #expect(result.errors.hasSuffix(" mutants survived in 1 rule\n"))
    }

    @Test func mutantsAreOneObjectEach() throws {
        let rules = Self.rules.replacingOccurrences(of: "x > 1", with: "x == 2")
        let result = try test(rules, "--mutate", "--format", "json")
        let objects = try result.output.split(separator: "\n").map { line in
            try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(objects.contains { $0["survived"] as? Bool == true })
        let killed = try #require(objects.first { $0["survived"] as? Bool == false })
        #expect(killed["case"] as? String == "c")
    }

    @Test func casesThatFailAreMendedFirst() throws {
        let wrong = Self.rules.replacingOccurrences(of: "at 5s alert", with: "none")
        let result = try test(wrong, "--mutate")
        #expect(result.status == .findings)
        #expect(result.errors == "0 passed, 1 failed in 1 rule: no mutant was tried\n")
    }

    @Test(arguments: [
        ["--coverage", "--mutate"], ["--coverage", "--format", "junit"],
        ["--mutate", "--format", "html"], ["--format", "html"],
    ])
    func formsThatThereAreNotAreRefused(arguments: [String]) {
        #expect(outcome(["test", "."] + arguments).status == .usage)
    }
}
