// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// The tokens of a file as the layout asks for them.
struct FormatTokens {
    let tokens: [Token]
    private let file: SourceFile
    private let marks: FormatMarks
    /// The characters up to and with each token, if all stood on one line.
    private var ends: [Int] = [0]
    /// How many parentheses and brackets are open before each token.
    private(set) var depths: [Int] = []
    private var notes: [(comments: [FormatComment], blankBefore: Bool)] = []
    private var longTokens: [Int] = []

    init(_ tree: SyntaxTree, _ marks: FormatMarks) {
        (tokens, file) = (tree.tokens, tree.file)
        self.marks = marks
        var depth = 0
        for (index, token) in tokens.enumerated() {
            notes.append(FormatTokens.notes(token, file))
            let isCloser = token.kind == .mark(.rightParen) || token.kind == .mark(.rightBracket)
            if isCloser { depth -= 1 }
            depths.append(depth)
            if token.kind == .mark(.leftParen) || token.kind == .mark(.leftBracket) { depth += 1 }
            let bytes = file.bytes[token.range]
            if bytes.contains(ascii("\n")) { longTokens.append(index) }
            let width = bytes.count { $0 & 0xc0 != 0x80 }
            let blank = index == 0 || isTight(index) ? 0 : 1
            ends.append(ends[index] + (isSpare(index) ? 0 : blank + width))
        }
    }

    var count: Int { tokens.count }

    func text(_ index: Int) -> String { file.text(tokens[index].range) }

    func startsLine(_ index: Int) -> Bool { tokens[index].startsLine }

    func comments(_ index: Int) -> [FormatComment] { notes[index].comments }

    func hasComments(_ index: Int) -> Bool { !notes[index].comments.isEmpty }

    /// Whether an empty line stands before the token, behind the last comment.
    func blankBefore(_ index: Int) -> Bool { notes[index].blankBefore }

    /// The characters of the tokens on one line.
    func width(_ range: Range<Int>) -> Int {
        guard !range.isEmpty else { return 0 }
        let blank = range.lowerBound == 0 || isTight(range.lowerBound) ? 0 : 1
        return max(0, ends[range.upperBound] - ends[range.lowerBound] - blank)
    }

    /// Whether one of the tokens goes over several lines.
    func hasLongToken(_ range: Range<Int>) -> Bool {
        longTokens.contains { range.contains($0) }
    }

    /// A comma before a closing bracket.
    func isSpare(_ index: Int) -> Bool {
        guard tokens[index].kind == .mark(.comma), index + 1 < tokens.count else { return false }
        return isCloser(index + 1)
    }

    private func isCloser(_ index: Int) -> Bool {
        switch tokens[index].kind {
        case .mark(.rightBrace), .mark(.rightBracket), .mark(.rightParen): true
        default: false
        }
    }

    /// Whether no blank stands before the token.
    func isTight(_ index: Int) -> Bool {
        guard index > 0 else { return true }
        if marks.tightOpeners.contains(index) || marks.signs.contains(index - 1) { return true }
        switch tokens[index - 1].kind {
        case .mark(.leftParen), .mark(.leftBracket), .mark(.dot): return true
        default: break
        }
        switch tokens[index].kind {
        case .mark(.rightParen), .mark(.rightBracket), .mark(.comma), .mark(.dot), .mark(.colon),
            .mark(.question):
            return true
        case .mark(.rightBrace): return tokens[index - 1].kind == .mark(.leftBrace)
        default: return false
        }
    }

    /// The comments in the trivia of a token.
    static func notes(
        _ token: Token, _ file: SourceFile
    ) -> (comments: [FormatComment], blankBefore: Bool) {
        var comments: [FormatComment] = []
        var lineEnds = 0
        var position = token.trivia.lowerBound
        while position < token.trivia.upperBound {
            if file.bytes[position] == ascii("\n") {
                lineEnds += 1
            } else if file.bytes[position] == ascii("/") {
                let start = position
                while position < token.trivia.upperBound, file.bytes[position] != ascii("\n") {
                    position += 1
                }
                comments.append(
                    FormatComment(
                        text: trimmed(file.text(start..<position)),
                        isTrailing: comments.isEmpty && lineEnds == 0
                            && token.trivia.lowerBound > 0,
                        blankBefore: lineEnds > 1))
                lineEnds = 0
                continue
            }
            position += 1
        }
        return (comments, lineEnds > 1)
    }

    private static func trimmed(_ text: String) -> String {
        var bytes = Array(text.utf8)
        while let last = bytes.last,
            last == ascii(" ") || last == ascii("\t")
                || last == ascii("\r") || last == 0x0b || last == 0x0c
        {
            bytes.removeLast()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
