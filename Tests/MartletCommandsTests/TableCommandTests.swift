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

    private func run(_ command: String, _ table: String?) throws -> CommandOutcome {
        var files = ["rules/a.martlet": Self.rules]
        files["rules/lists/bad.csv"] = table
        let folder = try RulesFolder(files)
        var result = outcome([command, folder.path + "/rules"])
        result.output = folder.shortened(result.output)
        result.errors = folder.shortened(result.errors)
        return result
    }

    @Test func theFileIsFoundBesideTheRules() throws {
        let result = try run("test", "net,reason\n10.0.0.0/8,ours\n")
        #expect(result.status == .clean, "\(result.output)")
        #expect(result.output.contains("✓ r (2 cases)"))
    }

    @Test func explainNamesTheTable() throws {
        let result = try run("explain", "net,reason\n10.0.0.0/8,ours\n")
        #expect(result.output.contains("a login where ip in bad (as l)"), "\(result.output)")
    }

    @Test func aFileThatIsNotThereIsAMistake() throws {
        let result = try run("check", nil)
        #expect(result.status == .findings)
        #expect(result.output.hasPrefix("error[E0110]: `lists/bad.csv`: cannot open"))
        #expect(result.output.contains("--> FOLDER/rules/a.martlet:2:16\n"))
    }

    @Test func aLineThatIsBrokenIsAMistake() throws {
        let result = try run("check", "net,reason\n10.0.0.0/8,ours\n1,2,3\n")
        #expect(
            result.output.hasPrefix(
                "error[E0110]: line 3 of `lists/bad.csv`: 3 cells where the header has 2\n"))
    }
}
