// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import RuleLanguage
import Testing
import TextMatching

/// The files in docs/editors.
@Suite struct EditorFilesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func json(_ path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: root.appending(path: "docs/editors/" + path))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static func grammar() throws -> [String: Any] {
        try json("vscode/martlet.tmLanguage.json")
    }

    /// Every expression of a part of the grammar.
    private static func expressions(_ value: Any) -> [String] {
        if let rules = value as? [Any] { return rules.flatMap(expressions) }
        guard let rule = value as? [String: Any] else { return [] }
        let own = ["match", "begin", "end"].compactMap { rule[$0] as? String }
        return own + rule.sorted { $0.key < $1.key }.flatMap { expressions($0.value) }
    }

    @Test func everyExpressionOfTheGrammarCompiles() throws {
        let expressions = Self.expressions(try Self.grammar())
        #expect(expressions.count > 20)
        for text in expressions {
            #expect(throws: Never.self, "\(text)") {
                _ = try TextMatching.Regex(pattern: text, flags: "")
            }
        }
    }

    @Test func everyIncludeLeadsSomewhere() throws {
        let grammar = try Self.grammar()
        let repository = try #require(grammar["repository"] as? [String: Any])
        func includes(_ value: Any) -> [String] {
            if let rules = value as? [Any] { return rules.flatMap(includes) }
            guard let rule = value as? [String: Any] else { return [] }
            return ((rule["include"] as? String).map { [$0] } ?? []) + rule.values.flatMap(includes)
        }
        let used = Set(includes(grammar).map { String($0.dropFirst()) })
        #expect(used == Set(repository.keys))
    }

    /// The words between `(?:` and `)` of rules of the grammar.
    private static func words(_ names: [String]) throws -> Set<String> {
        let repository = try #require(try grammar()["repository"] as? [String: Any])
        var words: Set<String> = []
        for name in names {
            for text in expressions(try #require(repository[name])) {
                for match in text.matches(of: /\(\?:([a-z0-9_|]+)\)/) {
                    words.formUnion(match.output.1.split(separator: "|").map(String.init))
                }
            }
        }
        return words
    }

    @Test func theGrammarKnowsTheWordsOfTheLanguageAndNoOthers() throws {
        let known = try Self.words([
            "declaration", "item", "severity", "type", "clauses", "lines", "parts", "operators",
            "words", "literal",
        ])
        #expect(known.subtracting(LanguageWords.all) == [])
        #expect(Set(LanguageWords.all).subtracting(known) == [])
        #expect(try Self.words(["function"]) == Set(LanguageWords.functions.map(\.name)))
    }

    // MARK: colours

    private static func shipped() throws -> [String] {
        let folder = root.appending(path: "rules")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".martlet") }.sorted()
    }

    /// The scope that a token has to begin with; nil: any.
    private static func scope(_ kind: TokenKind) -> String? {
        switch kind {
        case .text: "string.quoted"
        case .regex: "string.regexp"
        case .integer, .float, .duration, .time, .address, .network: "constant.numeric"
        case .word, .quotedName, .mark, .invalid, .endOfFile: nil
        }
    }

    @Test func shippedRulesHaveTheColoursOfTheirTokens() throws {
        let tokenizer = GrammarTokenizer(try Self.grammar())
        for name in try Self.shipped() {
            let text = try String(
                contentsOf: Self.root.appending(path: "rules/" + name), encoding: .utf8)
            let scopes = try tokenizer.scopes(of: text)
            let tree = RuleSyntax.parse(SourceFile(name: name, text: text)).tree
            let units = Self.units(text)
            for token in tree.tokens where token.kind != .endOfFile {
                let scope = scopes[units[token.range.lowerBound]] ?? ""
                let place = "\(name):\(tree.file.line(at: token.range.lowerBound)): "
                let shown = place + tree.file.text(token.range) + " is \(scope)"
                if let wanted = Self.scope(token.kind) {
                    #expect(scope.hasPrefix(wanted), "\(shown)")
                } else {
                    let isWrong = ["string", "comment", "constant.numeric"].contains {
                        scope.hasPrefix($0)
                    }
                    #expect(!isWrong, "\(shown)")
                }
                let word = tree.file.text(token.range)
                if token.startsLine, ["then", "when", "alert", "expect"].contains(word) {
                    #expect(scope == "keyword.control.martlet", "\(shown)")
                }
                let comment = token.trivia.first { tree.file.bytes[$0] == UInt8(ascii: "/") }
                if let comment {
                    #expect(scopes[units[comment]]?.hasPrefix("comment") == true, "\(place)")
                }
            }
            for case .rule(let rule) in tree.declarations {
                let scope = scopes[units[rule.name.span.range.lowerBound]]
                #expect(scope == "entity.name.type.martlet", "\(rule.name.text)")
            }
        }
    }

    /// The UTF-16 unit of each byte.
    private static func units(_ text: String) -> [Int] {
        var units: [Int] = []
        var unit = 0
        for scalar in text.unicodeScalars {
            units += [Int](repeating: unit, count: UTF8.width(scalar))
            unit += UTF16.width(scalar)
        }
        return units
    }

    @Test(arguments: [
        ("  time > 5", "time", ""), ("  where time > 5", "where", "keyword.control.martlet"),
        ("  { then: 1 }", "then", ""), ("  match.start", "start", ""),
        ("  min(a, b)", "min", "support.function.martlet"),
        ("  a: int", "int", "storage.type.martlet"), ("  login as next", "next", "variable"),
        ("  severity high", "high", "constant.language"), ("  x in ::1/64", "::1", "constant.n"),
        ("  alert \"a {user} b\"", "user", "meta.embedded"), ("  \"{{user}}\"", "user", "string"),
        ("  alert \"a {count(x)} b\"", "count", "support.function"),
        ("  alert \"a {x.y ?? \"no\"}\"", "no", "string"), ("  `then`", "then", "variable"),
        ("  1h30m", "30m", "constant.numeric.duration"), ("  x10m", "10m", ""),
        ("event then {", "then", "entity.name"), ("  r\"(?<ip>\\S+)\"i", "ip>", "variable"),
    ])
    func colours(_ line: String, _ word: String, _ wanted: String) throws {
        let scopes = try GrammarTokenizer(try Self.grammar()).scopes(of: line)
        let range = try #require(line.range(of: word))
        let scope = scopes[line.utf16.distance(from: line.startIndex, to: range.lowerBound)] ?? ""
        #expect(wanted.isEmpty ? scope.isEmpty : scope.hasPrefix(wanted), "\(scope)")
    }

    // MARK: the extension

    @Test func theExtensionNamesFilesThatAreThere() throws {
        let package = try Self.json("vscode/package.json")
        let contributes = try #require(package["contributes"] as? [String: Any])
        let grammars = contributes["grammars"] as? [[String: Any]] ?? []
        let languages = contributes["languages"] as? [[String: Any]] ?? []
        let paths =
            [package["main"] as? String] + grammars.map { $0["path"] as? String }
            + languages.map { $0["configuration"] as? String }
        #expect(paths.count == 3)
        for path in paths {
            let file = try #require(path)
            let place = Self.root.appending(path: "docs/editors/vscode").appending(path: file)
            #expect(FileManager.default.fileExists(atPath: place.path), "\(file)")
        }
        _ = try Self.json("vscode/language-configuration.json")
    }

    @Test(arguments: [
        "vscode/extension.js", "neovim/martlet.lua", "helix/languages.toml",
        "emacs/martlet-mode.el",
    ])
    func everyEditorStartsTheServer(_ path: String) throws {
        let text = try String(
            contentsOf: Self.root.appending(path: "docs/editors/" + path), encoding: .utf8)
        #expect(text.contains("SPDX-License-Identifier: Apache-2.0"))
        #expect(text.contains("lsp\""))
    }
}
