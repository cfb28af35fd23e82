// SPDX-License-Identifier: Apache-2.0

import Automata
import Diagnostics
import Foundation
import Pipeline
import RuleLanguage
import Testing

@testable import Reporting

@Suite struct DrawingTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let folder = root.appending(path: "fixtures/golden/drawings")

    static func explanations(_ files: [SourceFile]) throws -> [RuleExplanation] {
        let check = RuleChecker.check(files.map { RuleSyntax.parse($0) })
        let errors = DiagnosticRenderer.human(check.diagnostics, colour: false)
        let ruleset = try #require(check.ruleset, "\(errors)")
        return Self.explanations(ruleset)
    }

    static func explanations(_ ruleset: CheckedRuleset) -> [RuleExplanation] {
        let program = RulesetCompiler.compile(ruleset)
        let filings = RuleFilings(program)
        return zip(ruleset.rules, program.rules).map {
            RuleExplanation($0, $1, in: ruleset, filedIn: filings)
        }
    }

    private static func explanations(of name: String) throws -> [RuleExplanation] {
        let bytes = Array(try Data(contentsOf: folder.appending(path: "\(name).martlet")))
        return try explanations([SourceFile(name: name, bytes: bytes)])
    }

    @Test(arguments: ["steps", "branches", "windows"])
    func rulesHaveADrawing(name: String) throws {
        let found = RuleDrawing.file(try Self.explanations(of: name))
        let golden = Self.folder.appending(path: "\(name).svg")
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
            try Data(found.utf8).write(to: golden)
        }
        #expect(found == (try String(contentsOf: golden, encoding: .utf8)))
        #expect(found == RuleDrawing.file(try Self.explanations(of: name)))
    }

    @Test(arguments: ["steps", "branches", "windows"])
    func nothingLiesOnAText(name: String) throws {
        let drawing = RuleDrawing.file(try Self.explanations(of: name))
        try DrawnShapes(drawing).expectLegible(name)
    }

    @Test func theShippedRulesAreLegible() throws {
        let rules = Self.root.appending(path: "rules").path
        let ruleset = try #require(try RulesetLoader.load([rules]).check.ruleset)
        let explanations = Self.explanations(ruleset)
        #expect(explanations.count > 20)
        for rule in explanations {
            try DrawnShapes(RuleDrawing.file([rule])).expectLegible(rule.name)
        }
    }

    @Test func whatIsShownOfARuleIsItsSteps() throws {
        let drawing = RuleDrawing.file(try Self.explanations(of: "steps"))
        for part in [
            ">fails</text>", ">at least 5</text>", "no stop for 5m", "stop before the deadline",
            "but no logout", ">then next</tspan>", "once it has 5", "within 20m",
            "10m after its first event", "on restart", "after no login for 90d",
            // A condition is cut, and its whole is there.
            "user != &quot;monitor&quot; and user != &quot;probe&quot;</title>",
            "&lt;b&gt;in&lt;/b&gt;", "prefers-color-scheme: dark",
        ] {
            #expect(drawing.contains(part), "\(part)")
        }
        #expect(!drawing.contains("<b>"))
    }

    @Test func aDrawingInAPageHasNoStyleOfItsOwn() throws {
        let rule = try #require(try Self.explanations(of: "steps").first)
        let part = RuleDrawing.part(rule).text
        _ = try WellFormed(part)
        #expect(!part.contains("<style"))
    }

    @Test func oneLineIsCutAnywhere() {
        #expect(TextLines.shortened("a  bb ccc", width: 8) == "a bb ccc")
        #expect(TextLines.shortened("a bb ccc", width: 7) == "a bb c…")
        #expect(TextLines.shortened("日本語", width: 5) == "日本…")
    }

    @Test(arguments: [
        ("a bb ccc", 4, 3, ["a bb", "ccc"]), ("a bb ccc dddd", 5, 2, ["a bb", "ccc…"]),
        ("abcdefgh", 3, 3, ["abc", "def", "gh"]), ("abcdefgh", 3, 2, ["abc", "de…"]),
        ("", 3, 2, []), ("日本語", 4, 2, ["日本", "語"]), ("日", 1, 2, ["日"]),
    ])
    func linesAreBrokenBetweenWords(text: String, width: Int, most: Int, lines: [String]) {
        #expect(TextLines.wrapped(text, width: width, most: most) == lines)
    }
}
