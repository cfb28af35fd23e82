// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import RuleLanguage
import Testing

/// `text` laid out; nil where it is refused.
func formatted(_ text: String) -> String? {
    switch RuleFormatter.format(SourceFile(name: "a.martlet", text: text)) {
    case .formatted(let text): return text
    case .refused: return nil
    case .changed(let difference):
        Issue.record("\(difference)")
        return nil
    }
}

@Suite struct FormatTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All files of the folder that end in `suffix`, by path.
    private static func files(_ folder: String, _ suffix: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        return (all?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(suffix) }
            .sorted().map { "\(folder)/\($0)" }
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Lays `text` out twice, where it has no mistakes.
    private func expectStable(_ text: String, _ name: String) -> Bool {
        guard let once = formatted(text) else { return false }
        let twice = formatted(once)
        #expect(twice == once, "\(name)")
        return true
    }

    @Test(arguments: files("rules", ".martlet"))
    func theRulesWeShipAreLaidOut(path: String) throws {
        let text = try Self.text(path)
        #expect(formatted(text) == text, "run `martlet fmt \(path)`")
    }

    @Test func everyFixtureWithoutMistakesKeepsItsTreeAndIsLaidOutOnce() throws {
        var count = 0
        for path in Self.files("fixtures", ".martlet") {
            guard let text = try? Self.text(path) else { continue }
            if expectStable(text, path) { count += 1 }
        }
        #expect(count > 100)
    }

    @Test func everySnippetOfTheDocumentsKeepsItsTree() throws {
        var count = 0
        for path in Self.files("docs", ".md") {
            var snippet: String?
            for line in try Self.text(path).split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                let content = line.drop { $0 == " " }
                if let text = snippet {
                    if content == "```" {
                        if expectStable(text, path) { count += 1 }
                        snippet = nil
                    } else {
                        snippet = text + line + "\n"
                    }
                } else if content.hasPrefix("```martlet") {
                    snippet = ""
                }
            }
        }
        #expect(count > 100)
    }

    @Test func aFileWithMistakesIsRefused() {
        #expect(formatted("rule r { when { a } ") == nil)
        #expect(formatted("rule r { whn { a } }") == nil)
    }

    @Test(arguments: FormatExamples.all)
    func aTextGetsItsLayout(example: FormatExamples.Example) {
        #expect(formatted(example.text) == example.layout)
        #expect(formatted(example.layout) == example.layout)
    }
}
