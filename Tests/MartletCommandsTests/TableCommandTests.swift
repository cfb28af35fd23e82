// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

/// Tables whose rows are in files beside the rules.
@Suite struct TableCommandTests {
    private static let rules = """
        event login { user: string, ip: ip }
        table bad from "lists/bad.csv" key net
        rule r {
          by user
          when { login as l where ip in bad }
          alert "{user}: {bad[l.ip].reason}" { reason: bad[l.ip].reason }
        }
        test r {
          case "listed" {
            at 0s login { user: "ann", ip: 10.1.2.3 }
            expect alert { reason: "ours" }
          }
          case "given" {
            given bad [{ net: 192.0.2.0/24, reason: "new" }]
            at 0s login { user: "ann", ip: 10.1.2.3 }
            at 1s login { user: "bob", ip: 192.0.2.1 }
            expect at 1s alert { user: "bob", reason: "new" }
          }
        }

        """

    private func result(of command: String, _ table: String?) throws -> CommandOutcome {
        var files = ["rules/a.martlet": Self.rules]
        files["rules/lists/bad.csv"] = table
        let folder = try RulesFolder(files)
        var result = outcome([command, folder.path + "/rules"])
        result.output = folder.shortened(result.output)
        result.errors = folder.shortened(result.errors)
        return result
    }

    @Test func theFileIsFoundBesideTheRules() throws {
        let result = try result(of: "test", "net,reason\n10.0.0.0/8,ours\n")
        #expect(result.status == .clean, "\(result.output)")
        #expect(result.output.contains("✓ r (2 cases)"))
    }

    @Test func explainNamesTheTable() throws {
        let result = try result(of: "explain", "net,reason\n10.0.0.0/8,ours\n")
        #expect(result.output.contains("a login where ip in bad (as l)"), "\(result.output)")
    }

    @Test func aFileThatIsNotThereIsAMistake() throws {
        let result = try result(of: "check", nil)
        #expect(result.status == .findings)
        #expect(result.output.hasPrefix("error[E0110]: `lists/bad.csv`: cannot open"))
        #expect(result.output.contains("--> FOLDER/rules/a.martlet:2:16\n"))
    }

    private static let fleet = """
        event beat { device: string }
        table fleet from "fleet.csv" key device
        rule silent {
          by device
          keys from fleet
          when {
            beat as last
            then no beat for 5m
          }
          alert "{device} since {last.time}"
        }
        test silent {
          case "quiet" {
            given fleet ["d7"]
            expect at 5m alert { device: "d7" }
          }
        }

        """

    private func folder() throws -> RulesFolder {
        let keys = (1...40).map { "d\($0),north\n" }.joined()
        return try RulesFolder([
            "a.martlet": Self.fleet, "fleet.csv": "device,site\n\(keys)",
            "e.jsonl": #"{"type":"beat","time":"2026-01-01T00:00:00Z","device":"x"}"# + "\n"
                + #"{"type":"beat","time":"2026-01-01T00:01:00Z","device":"d3"}"# + "\n",
        ])
    }

    @Test func keysOfAFileAreWatchedFromTheStart() throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        let result = try run([
            "replay", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--format", "csv",
        ])
        #expect(result.status == .clean, "\(result.errors)")
        let lines = result.output.split(separator: "\n").dropFirst()
        let silent = (1...40).filter { $0 != 3 }.map { "d\($0)" } + ["x", "d3"]
        #expect(lines.count == 41)
        for (line, key) in zip(lines, silent) {
            #expect(line.contains("\(key) since 2026-01-01T00:0\(key == "d3" ? 1 : 0):00"))
        }
    }

    @Test(arguments: ["2", "3"])
    func soTheyAreWithTheSameBytesOnAnyNumberOfThreads(threads: String) throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        let arguments = [
            "replay", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--format", "jsonl",
        ]
        let one = try run(arguments + ["--threads", "1"])
        let several = try run(arguments + ["--threads", threads])
        #expect(one.output == several.output)
        #expect(one.output.contains(#""events":{"last":[]},"event_ids":[]"#))
        let human = try run(Array(arguments.dropLast()) + ["human", "--threads", threads])
        #expect(
            human.output.contains("last 2026-01-01T00:00:00.000Z no event: keys from fleet\n"))
    }

    @Test func aCaseCanGiveThemAndCoverageAndMutantsNotice() throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path + "/a.martlet"
        #expect(outcome(["test", path]).status == .clean)
        let missed = outcome(["test", path, "--coverage"]).output
        #expect(!missed.contains("never watched a silent key"), "\(missed)")
        let survivors = outcome(["test", path, "--mutate"]).output
        #expect(!survivors.contains("keys from"), "\(survivors)")
        let spoken = Self.fleet.replacing(
            "expect at 5m alert { device: \"d7\" }",
            with: "at 0s beat { device: \"d7\" }\nexpect at 5m alert { device: \"d7\" }")
        let other = try RulesFolder(["a.martlet": spoken, "fleet.csv": "device\nd1\n"])
        defer { withExtendedLifetime(other) {} }
        let rest = outcome(["test", other.path + "/a.martlet", "--coverage"]).output
        #expect(rest.contains("keys from fleet: never watched a silent key"), "\(rest)")
        let unseen = outcome(["test", other.path + "/a.martlet", "--mutate"]).output
        #expect(unseen.contains("keys from fleet"), "\(unseen)")
    }

    @Test func aLineThatIsBrokenIsAMistake() throws {
        let result = try result(of: "check", "net,reason\n10.0.0.0/8,ours\n1,2,3\n")
        #expect(
            result.output.hasPrefix(
                "error[E0110]: line 3 of `lists/bad.csv`: 3 cells where the header has 2\n"))
    }
}
