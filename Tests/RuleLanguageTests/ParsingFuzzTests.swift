// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import RuleLanguage
import Testing

/// SplitMix64 (Steele, Lea, Flood 2014): the same inputs on every run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

@Suite struct ParsingFuzzTests {
    private static let snippets = [
        "{", "}", "[", "]", "(", ")", ",", ":", ".", "\"", "\"\"\"", "'", "`", "//", "/*", "\n",
        "rule", "event", "test", "when", "then", "but no", "until", "where", "and", "or", "not",
        "in", "between", "is", "missing", "at least", "times", "any of {", "all of {", "alert \"",
        "{{", "\\u{", "r\"", "0x", "9999999999999999999", "1.5h", "10.0.0.1/", "::", "2027-",
        "~like", "??", "=", "==", "&&", "\u{feff}", "é", "\u{a0}", "case \"x\" {", "expect",
        "\\", "optional {", "\r\n", "\t", "1e", "+", "-", "- - - -", "((((", "[[[[", "no",
    ]

    private static func mutate(
        _ bytes: inout [UInt8], _ other: [UInt8], _ random: inout SeededGenerator
    ) {
        guard !bytes.isEmpty else {
            bytes = other
            return
        }
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, at + Int.random(in: 1...40, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(at..<end)
        case 3: bytes.insert(contentsOf: bytes[at..<end], at: at)
        case 4: bytes.removeSubrange(at...)
        case 5:
            let from = Int.random(in: 0...other.count, using: &random)
            bytes.insert(contentsOf: other[from...].prefix(60), at: at)
        default:
            let snippet = snippets.randomElement(using: &random) ?? ""
            bytes.insert(contentsOf: Array(snippet.utf8), at: at)
        }
    }

    @Test(arguments: 0..<8)
    func aMutatedFileIsParsedAndPrintedBack(seed: Int) throws {
        let corpus = try SyntaxGoldens.names.map { try SyntaxGoldens.source($0).bytes }
        var random = SeededGenerator(state: UInt64(seed))
        for _ in 0..<500 {
            var bytes = corpus.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                Self.mutate(&bytes, corpus.randomElement(using: &random) ?? [], &random)
            }
            try check(bytes)
        }
    }

    @Test func randomTokensAreParsedAndPrintedBack() throws {
        var random = SeededGenerator(state: 42)
        for _ in 0..<1000 {
            var text = "rule r {\n"
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                text += Self.snippets.randomElement(using: &random) ?? ""
                text += Bool.random(using: &random) ? " " : "\n"
            }
            try check(Array(text.utf8))
        }
    }

    private func check(_ bytes: [UInt8]) throws {
        let file = SourceFile(name: "fuzz.martlet", bytes: bytes)
        let result = RuleSyntax.parse(file)
        try #require(printed(result.tree) == bytes)
        var end = 0
        for token in result.tree.tokens {
            try #require(token.trivia.lowerBound == end)
            try #require(token.trivia.upperBound == token.range.lowerBound)
            end = token.range.upperBound
        }
        for diagnostic in result.diagnostics {
            let range = diagnostic.span.range
            try #require(range.lowerBound >= 0 && range.upperBound <= bytes.count)
            try #require(SyntaxCodes.pages.contains(diagnostic.code))
        }
        // The dump reads every node and place; the rendering every line that is shown.
        try #require(result.tree.declarations.isEmpty || !result.tree.dump().isEmpty)
        let rendered = DiagnosticRenderer.human(Array(result.diagnostics.prefix(3)), colour: false)
        try #require(result.diagnostics.isEmpty == rendered.isEmpty)
    }
}

@Suite struct ParsingBoundsTests {
    /// Texts that nest or repeat a construct without end.
    private static let shapes: [(name: String, text: @Sendable (Int) -> String)] = [
        ("parentheses", { "let x = " + String(repeating: "(", count: $0) }),
        (
            "closed parentheses",
            { n in
                "let x = " + String(repeating: "(", count: n) + "1"
                    + String(repeating: ")", count: n)
            }
        ),
        ("lists", { "let x = " + String(repeating: "[", count: $0) }),
        ("calls", { "let x = " + String(repeating: "f(", count: $0) }),
        ("indices", { "let x = a" + String(repeating: "[0]", count: $0) }),
        ("nested indices", { "let x = " + String(repeating: "a[", count: $0) }),
        ("members", { "let x = f()" + String(repeating: ".a", count: $0) }),
        ("negations", { "let x = " + String(repeating: "not ", count: $0) + "a" }),
        ("foreign negations", { "let x = " + String(repeating: "!", count: $0) + "a" }),
        ("minuses", { "let x = " + String(repeating: "-", count: $0) + "a" }),
        ("sums", { "let x = 1" + String(repeating: " + 1", count: $0) }),
        (
            "nested sums",
            { n in
                "let x = " + String(repeating: "(1 + 1 + 1 + ", count: n) + "1"
                    + String(repeating: ")", count: n)
            }
        ),
        ("coalescing", { "let x = a" + String(repeating: " ?? a", count: $0) }),
        ("comparisons", { "let x = 1" + String(repeating: " < 1", count: $0) }),
        ("types", { "event e { a: " + String(repeating: "[", count: $0) }),
        ("groups", { "rule r { when { " + String(repeating: "optional { ", count: $0) }),
        ("branches", { "rule r { when { " + String(repeating: "any of { ", count: $0) }),
        ("braces", { "rule r " + String(repeating: "{", count: $0) }),
        ("closing braces", { String(repeating: "}", count: $0) }),
        (
            "holes",
            { n in
                "rule r { alert \"\"\"" + String(repeating: "{f(\"", count: n) + "\"\"\" }"
            }
        ),
        ("fields", { "rule r { " + String(repeating: "emit { a: ", count: $0) }),
    ]

    @Test(arguments: shapes.indices)
    func endlessNestingIsBounded(shape: Int) {
        let (name, text) = Self.shapes[shape]
        let file = SourceFile(name: name, text: text(5_000))
        let result = RuleSyntax.parse(file)
        #expect(printed(result.tree) == file.bytes)
        #expect(!result.diagnostics.isEmpty, "\(name)")
        #expect(result.tree.dump().utf8.count > 0)
    }

    @Test func tooDeepIsSaidOnce() {
        let deep = String(repeating: "(", count: 300) + "1" + String(repeating: ")", count: 300)
        let result = RuleSyntax.parse(SourceFile(name: "deep", text: "let x = \(deep)\nlet y = 1"))
        #expect(result.diagnostics.map(\.code) == ["E0029"])
        #expect(result.tree.declarations.count == 2)
    }

    @Test(arguments: ["and", "or"])
    func aLongConditionIsNotDeep(word: String) {
        let terms = (0..<10_000).map { "a == \($0)" }.joined(separator: " \(word)\n  ")
        let result = RuleSyntax.parse(SourceFile(name: "long", text: "let x = \(terms)"))
        #expect(result.diagnostics.isEmpty)
        #expect(result.tree.dump().utf8.count { $0 == UInt8(ascii: "=") } == 20_001)
    }

    @Test func aLongListIsNoNesting() {
        let values = (0..<20_000).map { "-\($0) + 1" }.joined(separator: ", ")
        let result = RuleSyntax.parse(SourceFile(name: "long", text: "table x = [\(values)]"))
        #expect(result.diagnostics.isEmpty)
    }

    @Test func aLargeFileIsParsedInLinearTime() {
        let rule = """
            rule r {
              by user
              when within 10m {
                at least 5 login as fails where outcome == "fail" and not (x in [1, 2])
                thn login as ok where outcome = "ok"
              }
              alert "{user}: {count(fails)}" { a: 1 }
            }

            """
        let clock = ContinuousClock()
        let text = String(repeating: rule, count: 3_000)
        var count = 0
        let time = clock.measure {
            count = RuleSyntax.parse(SourceFile(name: "large", text: text)).diagnostics.count
        }
        #expect(count == 6_000)
        #expect(time < .seconds(20), "a megabyte of rules takes a fraction of that")
    }
}
