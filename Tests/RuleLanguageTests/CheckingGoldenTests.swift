// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Foundation
import Testing

@testable import RuleLanguage

/// What tests take for the present: 2027-01-01.
let today = StreamTime(nanoseconds: 1_798_761_600_000_000_000)

/// Parses and checks texts as the files of one ruleset.
func checked(_ texts: String...) -> CheckResult {
    RuleChecker.check(
        texts.enumerated().map { index, text in
            let name = texts.count == 1 ? "rules.martlet" : "rules\(index + 1).martlet"
            return RuleSyntax.parse(SourceFile(name: name, text: text))
        }, today: today)
}

/// The files of a folder below fixtures/golden, each with what it must give beside it.
struct CheckingGoldens {
    let folder: URL

    init(_ name: String) {
        folder = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "fixtures/golden/\(name)")
    }

    var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".martlet") }.sorted()
    }

    func source(_ name: String) throws -> SourceFile {
        SourceFile(name: name, bytes: Array(try Data(contentsOf: folder.appending(path: name))))
    }

    func result(_ name: String) throws -> CheckResult {
        RuleChecker.check([RuleSyntax.parse(try source(name))], today: today)
    }

    /// Compares `found` with the golden beside the file; `MARTLET_UPDATE_GOLDEN=1` writes it anew.
    func compare(_ found: String, _ name: String) throws {
        let path = folder.appending(path: name.dropLast(8) + ".golden")
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
            try Data(found.utf8).write(to: path)
        }
        let expected = try String(contentsOf: path, encoding: .utf8)
        #expect(found == expected, "\(folder.path)/\(name)")
    }
}

@Suite struct CheckingGoldenTests {
    static let diagnostics = CheckingGoldens("diagnostics")
    static let rulesets = CheckingGoldens("checked")

    @Test(arguments: diagnostics.names)
    func aFileWithMistakesGivesItsDiagnostics(name: String) throws {
        let result = try Self.diagnostics.result(name)
        // Examples are short: that their rules have no test is said in one of them only.
        let shown = result.diagnostics.filter {
            $0.code != DiagnosticCode.untestedRule.rawValue || name.hasPrefix($0.code)
        }
        let found = DiagnosticRenderer.human(shown, colour: false)
        try Self.diagnostics.compare(found, name)
    }

    @Test(arguments: rulesets.names)
    func aRightFileGivesItsRuleset(name: String) throws {
        let result = try Self.rulesets.result(name)
        let ruleset = try #require(
            result.ruleset, "\(DiagnosticRenderer.human(result.diagnostics, colour: false))")
        #expect(result.diagnostics.isEmpty)
        try Self.rulesets.compare(ruleset.description, name)
    }
}
