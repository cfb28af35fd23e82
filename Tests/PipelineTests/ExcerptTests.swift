// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import EventModel
import Testing

@testable import Pipeline

@Suite struct ExcerptTests {
    private static let failed = """
        event failed from syslog {
          message matches r"Failed password for (?<user>\\S+) from (?<ip>\\S+)"
          user: string
          ip: ip
        }

        """

    private static func marked(_ program: RulesetProgram) -> [String] {
        program.decodePlan.types.flatMap { type in
            type.fields.filter { $0.targets.contains(where: \.isExcerpt) }.map(\.path)
        }
    }

    @Test(arguments: [
        ("by ip when { failed as f }", ["message"]),
        ("by ip when { failed as f where user == \"ann\" }", ["message"]),
        ("by message when { failed as f }", []),
        ("by ip when { failed as f where message contains \"x\" }", []),
        ("by ip when { failed as f where message == \"x\" }", []),
        ("by ip when { 2 failed as f } having last(f).message == \"x\"", []),
        ("by ip when { failed as f } alert \"{f.message}\"", []),
        ("by ip when { at least 2 distinct message of failed as f }", []),
        ("by ip when { failed as f then failed as g where prev(message) == \"x\" }", []),
        ("when { any event as e where message == \"x\" }", []),
    ])
    func onlyWhatNothingElseReadsIsLeftInTheText(_ clauses: String, _ expected: [String]) throws {
        let harness = try ReplayHarness(Self.failed + "rule r { \(clauses) }")
        #expect(Self.marked(harness.program) == expected)
    }

    @Test(arguments: [
        "event late from syslog where message contains \"x\" { message matches r\"abc\" }",
        "event late from syslog { message matches r\"abc\"\n short: string = lower(message) }",
    ])
    func whatATypeReadsOtherwiseIsNone(_ type: String) throws {
        let program = try? ReplayHarness(type + "\nrule r { when { late } }").program
        #expect(program.map(Self.marked) ?? [] == [])
    }

    private static let rules =
        failed + """
            event accepted from syslog {
              message matches r"Accepted password for (?<user>\\S+) from (?<ip>\\S+)"
              line matches r"gate(?<number>\\d*) "
              user: string
              ip: ip
              number: int?
            }
            rule guessed {
              by ip
              when { 2 failed in 60s as fails then accepted as ok within 60s }
              alert "{ok.user} from {ip} at {ok.host}" { number: ok.number }
            }
            """

    private static let log = """
        Jan 31 12:00:00 gate7 sshd[7]: Failed password for ann from 10.0.0.1 port 1 ssh2
        <13>Jan 31 12:00:01 gate sshd[7]: Failed password for "b\\b" from 10.0.0.1 port 1
        <13>Jan 31 12:00:01 gate sshd[7]: Failed password for b\u{1}b from ::1 port 22 ssh2
        2026-01-31T12:00:02.000000001Z gate8 sshd[8]: Accepted password for ann from 10.0.0.1
        no time at all
        <165>1 2026-01-31T12:00:03.25Z gate sshd 9 - [a@1 b="c"] Failed password for é from ::1
        <165>1 2026-01-31T12:00:04Z gate9 - 9 - - Accepted password for ann from ::1
        2026-01-31T12:00:01Z gate sshd[8]: Failed password for ann from 10.0.0.1

        """

    private func replay(
        _ harness: ReplayHarness, _ program: RulesetProgram, lateness: TimeSpan = .zero
    ) throws -> (output: String, report: String) {
        var files = ReplayFiles()
        files.events = [try harness.write("a.log", Self.log)]
        files.common.format = .lines
        files.common.assumedYear = 2026
        files.common.lateness = lateness
        var options = ReplayOptions()
        options.outputPath = harness.path("alerts")
        options.deadLetterPath = harness.path("dead")
        var session = try ReplaySession(
            program, inputs: try files.inputs(for: harness.ruleset, program), options: options)
        while try session.step() {}
        try session.runOut()
        let report = try session.finish()
        let text = try harness.text("alerts") + harness.text("dead")
        return (text, report.text)
    }

    @Test(arguments: [TimeSpan.zero, TimeSpan(seconds: 5)])
    func excerptsChangeNoAlert(_ lateness: TimeSpan) throws {
        let harness = try ReplayHarness(Self.rules)
        #expect(Self.marked(harness.program).sorted() == ["line", "message"])
        var plain = harness.program
        for type in plain.decodePlan.types.indices {
            plain.memberships[type].excerpts = []
            for field in plain.decodePlan.types[type].fields.indices {
                for target in plain.decodePlan.types[type].fields[field].targets.indices {
                    plain.decodePlan.types[type].fields[field].targets[target].isExcerpt = false
                }
            }
        }
        let expected = try replay(harness, plain, lateness: lateness)
        let result = try replay(harness, harness.program, lateness: lateness)
        #expect(result.output == expected.output)
        #expect(result.report == expected.report)
        #expect(result.report.contains("guessed: 1"), "\(result.report)")
        #expect(result.output.contains(#""message":"Failed password for \"b\\b\" from 10.0.0.1"#))
        #expect(result.output.contains(#""time":"2026-01-31T12:00:02.000000001Z""#))
        #expect(result.output.contains("no time at all"))
        #expect(result.output.contains("late by") == (lateness == .zero))
    }
}
