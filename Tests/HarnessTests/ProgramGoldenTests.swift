// SPDX-License-Identifier: Apache-2.0

import Automata
import Diagnostics
import Foundation
import RuleLanguage
import Testing

/// The compiled form of rules, as text.
@Suite struct ProgramGoldenTests {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/golden/programs")

    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".martlet") }.sorted()
    }

    static func ruleset(_ name: String) throws -> CheckedRuleset {
        let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
        let check = RuleChecker.check([RuleSyntax.parse(SourceFile(name: name, bytes: bytes))])
        return try #require(
            check.ruleset, "\(DiagnosticRenderer.human(check.diagnostics, colour: false))")
    }

    @Test(arguments: names)
    func aRulesetGivesItsProgram(name: String) throws {
        let found = RulesetCompiler.compile(try Self.ruleset(name)).description
        let golden = Self.folder.appending(path: name.dropLast(8) + ".golden")
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
            try Data(found.utf8).write(to: golden)
        }
        #expect(found == (try String(contentsOf: golden, encoding: .utf8)))
    }
}
