// SPDX-License-Identifier: Apache-2.0
// Colours by meaning, for editors that have no grammar and for names that a grammar can't tell from
// words. Exercised by SemanticTokensTests.

internal import Diagnostics
internal import RuleLanguage

/// `textDocument/semanticTokens/full`: what each token of a file is.
struct SemanticTokens {
    /// In the order of the legend.
    enum Kind: Int, CaseIterable {
        case keyword, comment, string, regexp, number, `operator`, type, function, variable
        case property, enumMember, namespace

        var name: String { "\(self)" }
    }

    static let legend: JSON = [
        "tokenTypes": .array(Kind.allCases.map { .string($0.name) }),
        "tokenModifiers": ["declaration"],
    ]

    private struct Piece {
        var range: Range<Int>
        var kind: Kind
        var isDeclaration = false
    }

    private let tree: SyntaxTree
    private let places: DocumentPlaces
    private let names: [RulesetIndex.Occurrence]
    private let symbols: [String: RulesetIndex.SymbolKind]
    private let functions = Set(LanguageWords.functions.map(\.name))
    private let words = Set(LanguageWords.all)
    private var pieces: [Piece] = []

    init(_ tree: SyntaxTree, _ index: RulesetIndex?, _ encoding: PositionEncoding) {
        self.tree = tree
        symbols = index?.symbols ?? [:]
        places = DocumentPlaces(tree.file.bytes, encoding)
        let found = index?.occurrences[ObjectIdentifier(tree.file)] ?? []
        names = SemanticTokens.apart(found)
        for (number, token) in tree.tokens.enumerated() { add(token, number) }
    }

    /// Of names inside one another, as a dotted path and its head, the one that begins first and of
    /// these the longest.
    private static func apart(_ found: [RulesetIndex.Occurrence]) -> [RulesetIndex.Occurrence] {
        var result: [RulesetIndex.Occurrence] = []
        for name in found {
            guard let last = result.last?.span.range else {
                result.append(name)
                continue
            }
            if name.span.range.lowerBound >= last.upperBound {
                result.append(name)
            } else if name.span.range.lowerBound == last.lowerBound,
                name.span.range.count > last.count
            {
                result[result.count - 1] = name
            }
        }
        return result
    }

    /// Five numbers a token, places relative to the token before.
    var json: JSON {
        var data: [JSON] = []
        var last = Position(line: 0, character: 0)
        for piece in pieces {
            for line in lines(piece.range) {
                let start = places.position(line.lowerBound)
                let length = places.position(line.upperBound).character - start.character
                guard length > 0 else { continue }
                let isSameLine = start.line == last.line
                data.append(.int(start.line - last.line))
                data.append(.int(isSameLine ? start.character - last.character : start.character))
                data.append(.int(length))
                data.append(.int(piece.kind.rawValue))
                data.append(.int(piece.isDeclaration ? 1 : 0))
                last = start
            }
        }
        return ["data": .array(data)]
    }

    /// The parts of a range on each of its lines, as no token may run over a line's end.
    private func lines(_ range: Range<Int>) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = range.lowerBound
        for offset in range where tree.file.bytes[offset] == UInt8(ascii: "\n") {
            result.append(start..<offset)
            start = offset + 1
        }
        result.append(start..<range.upperBound)
        return result
    }

    // MARK: tokens

    private mutating func add(_ token: Token, _ number: Int) {
        addComments(token.trivia)
        switch token.kind {
        case .word, .quotedName: addWord(token, number)
        case .integer, .float, .duration, .time, .address, .network:
            pieces.append(Piece(range: token.range, kind: .number))
        case .text: addText(token.range, .string)
        case .regex: addText(token.range, .regexp)
        case .mark(let mark):
            if SemanticTokens.isOperator(mark) {
                pieces.append(Piece(range: token.range, kind: .operator))
            }
        case .invalid, .endOfFile: break
        }
    }

    private mutating func addComments(_ trivia: Range<Int>) {
        let bytes = tree.file.bytes
        var i = trivia.lowerBound
        while i < trivia.upperBound {
            guard bytes[i] == UInt8(ascii: "/") else {
                i += 1
                continue
            }
            var end = bytes[i..<trivia.upperBound].firstIndex(of: UInt8(ascii: "\n"))
            if let found = end, found > i, bytes[found - 1] == UInt8(ascii: "\r") {
                end = found - 1
            }
            pieces.append(Piece(range: i..<(end ?? trivia.upperBound), kind: .comment))
            i = end ?? trivia.upperBound
        }
    }

    private mutating func addWord(_ token: Token, _ number: Int) {
        if let name = name(at: token.range.lowerBound), let kind = kind(name.subject) {
            pieces.append(
                Piece(range: token.range, kind: kind, isDeclaration: name.isDeclaration))
            return
        }
        guard token.kind == .word else { return }
        let text = tree.file.text(token.range)
        let isCalled = isMark(.leftParen, number + 1)
        if isCalled, functions.contains(text) {
            pieces.append(Piece(range: token.range, kind: .function))
            return
        }
        if isMark(.dot, number - 1) || isMark(.colon, number + 1) { return }
        if number > 0, isWord("severity", number - 1), LanguageWords.severities.contains(text) {
            pieces.append(Piece(range: token.range, kind: .enumMember))
        } else if words.contains(text) {
            pieces.append(Piece(range: token.range, kind: .keyword))
        }
    }

    private func isMark(_ mark: Mark, _ number: Int) -> Bool {
        tree.tokens.indices.contains(number) && tree.tokens[number].kind == .mark(mark)
    }

    private func isWord(_ word: String, _ number: Int) -> Bool {
        tree.tokens[number].kind == .word && tree.file.text(tree.tokens[number].range) == word
    }

    /// A text with the names in its holes, or a regex with the names that it captures.
    private mutating func addText(_ range: Range<Int>, _ kind: Kind) {
        var start = range.lowerBound
        var next = firstName(from: start)
        while next < names.count, names[next].span.range.upperBound <= range.upperBound {
            let name = names[next].span.range
            next += 1
            guard name.lowerBound >= start, let meaning = self.kind(names[next - 1].subject) else {
                continue
            }
            pieces.append(Piece(range: start..<name.lowerBound, kind: kind))
            pieces.append(Piece(range: name, kind: meaning))
            start = name.upperBound
        }
        pieces.append(Piece(range: start..<range.upperBound, kind: kind))
    }

    private static func isOperator(_ mark: Mark) -> Bool {
        switch mark {
        case .leftBrace, .rightBrace, .leftBracket, .rightBracket, .leftParen, .rightParen, .comma,
            .colon, .dot:
            false
        default: true
        }
    }

    // MARK: names

    private func firstName(from offset: Int) -> Int {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle].span.range.lowerBound < offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The name that holds the byte: one of several parts holds all of them.
    private func name(at offset: Int) -> RulesetIndex.Occurrence? {
        let number = firstName(from: offset + 1) - 1
        guard number >= 0, names[number].span.range.contains(offset) else { return nil }
        return names[number]
    }

    private func kind(_ subject: RulesetIndex.Subject) -> Kind? {
        switch subject {
        case .symbol(let name): symbol(name)
        case .step: .variable
        case .key, .alertField, .field, .builtIn, .column: .property
        }
    }

    private func symbol(_ name: String) -> Kind {
        switch symbols[name] {
        case .event, nil: .type
        case .rule: .function
        case .table: .namespace
        case .constant: .variable
        }
    }
}
