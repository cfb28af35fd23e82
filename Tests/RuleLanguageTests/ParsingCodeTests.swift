// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import RuleLanguage
import Testing

/// The codes that have a page in docs/reference/diagnostics.
enum SyntaxCodes {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/reference/diagnostics")

    static let pages: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasPrefix("E00") && $0.hasSuffix(".md") }
            .map { String($0.dropLast(3)) }.sorted()
    }()
}

@Suite struct ParsingCodeTests {
    /// Each page shows a rules file that gives its code, and one that does not.
    @Test(arguments: SyntaxCodes.pages)
    func aPagesExampleGivesItsCode(code: String) throws {
        let path = SyntaxCodes.folder.appending(path: "\(code).md")
        let page = try String(contentsOf: path, encoding: .utf8)
        #expect(page.hasPrefix("# \(code): "))
        let blocks = page.components(separatedBy: "```martlet\n").dropFirst()
            .map { $0.components(separatedBy: "```")[0] }
        try #require(blocks.count == 2, "a bad example and a good one")
        let bad = blocks[0].replacingOccurrences(of: "␀", with: "\0")
        let found = RuleSyntax.parse(SourceFile(name: "bad", text: bad)).diagnostics
        #expect(found.map(\.code) == [code], "\(found.map(\.message))")
        let good = RuleSyntax.parse(SourceFile(name: "good", text: blocks[1])).diagnostics
        #expect(good.isEmpty, "\(good.map(\.message))")
    }

    @Test func everyCodeOfTheGoldensHasAPage() throws {
        var codes: Set<String> = []
        for name in SyntaxGoldens.names {
            codes.formUnion(
                RuleSyntax.parse(try SyntaxGoldens.source(name)).diagnostics.map(\.code))
        }
        #expect(codes.sorted() == SyntaxCodes.pages)
    }

    /// Where one repair is likely, making it leaves no diagnostic there.
    @Test(arguments: [
        ("let x = a && b", "let x = a and b"),
        ("let x = 'it'", "let x = \"it\""),
        ("let x = a = b", "let x = a == b"),
        ("let x = a is not missing", "let x = a is present"),
        ("let x = a is null", "let x = a is missing"),
        ("let x = a is 5", "let x = a == 5"),
        ("let x = a matches \"b\"", "let x = a matches r\"b\""),
        ("let x = 10min", "let x = 10m"),
        ("let x = 2w", "let x = 14d"),
        ("let x = @a", "let x = `@a`"),
        ("evnet login { }", "event login { }"),
        ("rule r { whenn { a } }", "rule r { when { a } }"),
        ("rule r { when { a wehre b } }", "rule r { when { a where b } }"),
        ("rule r {\n when {\n a\n thn b\n }\n}", "rule r {\n when {\n a\n then b\n }\n}"),
        ("rule r { when { a but not b } }", "rule r { when { a but no b } }"),
        ("rule r { alert \"}\" }", "rule r { alert \"}}\" }"),
        ("# note", "// note"),
        ("let x = 1;", "let x = 1"),
    ])
    func aFixMendsTheFile(bad: String, good: String) throws {
        let found = RuleSyntax.parse(SourceFile(name: "bad", text: bad)).diagnostics
        try #require(found.count == 1, "\(found.map(\.message))")
        let fix = try #require(found[0].fix)
        var bytes = Array(bad.utf8)
        bytes.replaceSubrange(found[0].span.range, with: Array(fix.utf8))
        #expect(
            String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "//  ", with: "// ")
                == good)
        #expect(RuleSyntax.parse(SourceFile(name: "good", text: good)).diagnostics.isEmpty)
    }

    /// A text may stand in a hole of a template of one line; braces elsewhere are braces, and a
    /// hole that is not closed on its line takes nothing else with it.
    @Test(arguments: [
        (#"rule r { when { a } alert "{x ?? "none"}, {upper("b")}" }"#, []),
        (#"rule r { when { a } alert "a" { f: "{x ?? "none"}", g: "{"b"}" } }"#, []),
        (#"rule r { labels { t: "{x ?? "b"}" } when { a } alert "{{ \" }}" }"#, []),
        (#"rule alert "{" { when { a where x == "{" and y == "}" } }"#, []),
        (#"rule labels "{" { when { a where x == "{" and y == "}" } alert "{z}" }"#, []),
        ("rule r { when { a }\n alert \"{x\"\n}", ["E0031"]),
        ("rule r { when { a }\n alert \"{x\" { f: \"y\" }\n}", ["E0031"]),
    ])
    func aTextStandsInAHole(source: String, codes: [String]) {
        let found = RuleSyntax.parse(SourceFile(name: "f", text: source)).diagnostics
        #expect(found.map(\.code) == codes, "\(found.map(\.message))")
    }
}
