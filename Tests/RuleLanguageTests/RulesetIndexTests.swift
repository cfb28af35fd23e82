// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import RuleLanguage

@Suite struct RulesetIndexTests {
    private func index(_ text: String) throws -> (RulesetIndex, SourceFile) {
        let file = SourceFile(name: "a.martlet", text: text)
        let result = RuleChecker.check([RuleSyntax.parse(file)], indexed: true)
        return (try #require(result.index), file)
    }

    /// `text@line` of all places of the name that stands first in the text.
    private func places(_ name: String, _ text: String) throws -> [String] {
        let (index, file) = try index(text)
        let start = try #require(text.utf8.firstRange(of: Array(name.utf8)))
        let offset = text.utf8.distance(from: text.utf8.startIndex, to: start.lowerBound)
        let subject = try #require(index.subjects(at: offset, in: file).first?.subject)
        return index.places(of: subject, in: [file]).map {
            "\($0.span.text)@\($0.span.line)" + ($0.isDeclaration ? "!" : "")
        }
    }

    @Test func nothingIsNotedUnasked() {
        let file = SourceFile(name: "a.martlet", text: "let a = 1\n")
        #expect(RuleChecker.check([RuleSyntax.parse(file)]).index == nil)
    }

    @Test func aTypeIsNamedInSourcesStepsKeysAndTests() throws {
        let text = """
            event a { k: string, v: int }
            event b from a where v > 1
            rule r {
              by a.k = c.l
              when within 1m { a then c but no b then no a for 1m }
              reset on a
            }
            test r { case "x" { at 0s a { k: "1" } expect none } }

            """
        #expect(try places("a {", text) == ["a@1!", "a@2", "a@4", "a@5", "a@5", "a@6", "a@8"])
        #expect(try places("k:", text) == ["k@1!", "k@4", "k@8"])
        #expect(try places("v:", text) == ["v@1!", "v@2"])
        #expect(try places("c.l", text) == ["c@4", "c@5"])
    }

    @Test func whatIsWrongElsewhereTakesNothingAway() throws {
        let text = """
            event a { k: string }
            rule r {
              by k
              when within 1m { a as x then nonsense ( then a as y where k == x.
              alert "{x.k}
            }
            rule s { by k when within 1m { a as z then a where z.k == k } alert "{k}" }

            """
        let found = try places("k:", text)
        #expect(found.prefix(2) == ["k@1!", "k@3"])
        #expect(found.suffix(4) == ["k@7", "k@7", "k@7", "k@7"])
    }

    @Test func expressionsHaveTheirTypes() throws {
        let text = "event a { v: int, w: float = v * 1.5, s: string = string(v) }\n"
        let (index, file) = try index(text)
        let types = index.expressions[ObjectIdentifier(file)] ?? []
        #expect(types.first { $0.span.text == "v * 1.5" }?.type == .float)
        #expect(types.first { $0.span.text == "string(v)" }?.type == .string)
    }

    @Test func fieldsThatWouldBeInheritedAreListed() throws {
        let (index, _) = try index("event a { v: int, w: float? }\nevent b from a\n")
        guard case .event(let id)? = index.symbols["b"] else {
            Issue.record("no event type")
            return
        }
        let fields = index.fields[id.index]
        #expect(fields.map(\.name) == ["v", "w"])
        #expect(fields.map(\.type) == [.int, .float])
        #expect(fields.map(\.isOptional) == [false, true])
    }

    /// Each level of these has twice the ways down of the one below.
    @Test func manyWaysToAFieldTakeNoTime() throws {
        var text = "event a0 { v: int }\nevent b0 { v: int, w: int }\n"
        for level in 1..<60 {
            for name in ["a", "b"] {
                text += "event \(name)\(level) from a\(level - 1), b\(level - 1)\n"
            }
        }
        let (index, _) = try index(text)
        guard case .event(let id)? = index.symbols["b59"] else {
            Issue.record("no event type")
            return
        }
        #expect(index.fields[id.index].map(\.name) == ["v"])
    }
}

@Suite struct LanguageWordsTests {
    @Test func wordsAreListedOnceInOrder() {
        #expect(LanguageWords.all == LanguageWords.all.sorted())
        #expect(Set(LanguageWords.all).count == LanguageWords.all.count)
    }

    @Test func everyFunctionOfTheCheckerIsListed() {
        let names = Set(LanguageWords.functions.map(\.name))
        #expect(names == Set(RulesetChecker.functionNames))
    }

    /// A word that only names something is none of the language's.
    @Test(arguments: ["then", "within", "consecutive", "keys", "arriving", "percentile"])
    func wordsOfTheLanguageAreKnown(_ word: String) {
        let functions = LanguageWords.functions.map(\.name)
        #expect((LanguageWords.all + functions).contains(word))
        #expect(!LanguageWords.all.contains("login"))
    }
}
