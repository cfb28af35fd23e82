// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import RuleLanguage
import Testing

/// The rules files of fixtures/golden/syntax, each with the tree and the diagnostics it must give
/// beside it. `MARTLET_UPDATE_GOLDEN=1` writes them anew.
enum SyntaxGoldens {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/golden/syntax")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".martlet") }.sorted()
    }()

    static func source(_ name: String) throws -> SourceFile {
        SourceFile(name: name, bytes: Array(try Data(contentsOf: folder.appending(path: name))))
    }
}

/// The bytes that the tokens and their trivia cover, in order.
func printed(_ tree: SyntaxTree) -> [UInt8] {
    var bytes: [UInt8] = []
    for token in tree.tokens {
        bytes += tree.file.bytes[token.trivia]
        bytes += tree.file.bytes[token.range]
    }
    return bytes
}

@Suite struct ParsingGoldenTests {
    @Test(arguments: SyntaxGoldens.names)
    func aFileGivesItsGolden(name: String) throws {
        let file = try SyntaxGoldens.source(name)
        let result = RuleSyntax.parse(file)
        var found = result.tree.dump()
        if name.hasPrefix("token") { found += "\n-- tokens --\n" + result.tree.dumpTokens() }
        if !result.diagnostics.isEmpty {
            found += "\n-- diagnostics --\n"
            found += DiagnosticRenderer.human(result.diagnostics, colour: false)
        }
        let path = SyntaxGoldens.folder.appending(path: name.dropLast(8) + ".golden")
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
            try Data(found.utf8).write(to: path)
        }
        let expected = try String(contentsOf: path, encoding: .utf8)
        #expect(found == expected, "fixtures/golden/syntax/\(name)")
    }

    @Test func thereAreGoldens() {
        #expect(SyntaxGoldens.names.count > 0)
    }

    @Test(arguments: SyntaxGoldens.names)
    func theTokensPrintBackTheFile(name: String) throws {
        let file = try SyntaxGoldens.source(name)
        #expect(printed(RuleSyntax.parse(file).tree) == file.bytes)
    }
}
