// SPDX-License-Identifier: Apache-2.0
// Where a cursor is, made out from the tokens before it alone: what is being typed seldom parses.
// Exercised by CompletionTests, and with every prefix of the shipped rules.

internal import Diagnostics
internal import RuleLanguage

/// The block around a cursor and the statement that it stands in.
struct CursorContext {
    /// What a block is, by what stands before its brace.
    enum Block: Hashable {
        case file
        case event(String)
        case rule(String)
        /// Between the braces of `when`, a group or a branch.
        case sequence
        case labels
        /// Of `alert` and `emit`.
        case alertFields
        /// Of these rules.
        case test([String])
        case testCase
        /// Of an event that a test sends.
        case eventFields(String)
        /// Of an alert that a test expects; nil: any rule's.
        case expectedFields(String?)
        case tableRow(String)
        /// Inside a text of an alert.
        case hole
        case other
    }

    struct Frame {
        var block: Block
        /// Since the statement began; of what is in inner blocks only the closing brace.
        var statement: [Word] = []
        var openBrackets = 0
    }

    /// A token as far as it matters here.
    struct Word {
        var text: String
        var kind: TokenKind
        var range: Range<Int>

        /// Behind these an operand is awaited.
        private static let openWords = [
            "and", "or", "not", "in", "like", "matches", "contains", "between", "where", "is",
            "having", "per", "by", "severity",
        ]

        func isWord(_ word: String) -> Bool { kind == .word && text == word }
        func isMark(_ mark: Mark) -> Bool { kind == .mark(mark) }

        var name: String? {
            switch kind {
            case .word: text
            case .quotedName(let name): name
            default: nil
            }
        }

        /// Whether an expression may end with it.
        var endsOperand: Bool {
            switch kind {
            case .word: !Word.openWords.contains(text)
            case .quotedName, .integer, .float, .text, .regex, .duration, .time, .address, .network:
                true
            case .mark(let mark): [.rightBracket, .rightParen].contains(mark)
            case .invalid, .endOfFile: false
            }
        }
    }

    private(set) var frames: [Frame] = [Frame(block: .file)]
    /// The part of a name before the cursor: it is replaced.
    private(set) var prefix: Range<Int>
    /// In a comment, or in a text that has no names.
    private(set) var isDead = false
    /// In a text between quotes that is no template.
    private(set) var isInText = false

    var block: Block { frames[frames.count - 1].block }
    var statement: [Word] { frames[frames.count - 1].statement }
    var last: Word? { statement.last }
    var isInBrackets: Bool { frames[frames.count - 1].openBrackets > 0 }
    /// The word at the cursor is the first of its line.
    private var isFirstOfLine = false
    /// The line at the cursor may begin a statement, and the one above it is whole.
    var isAtNewLine: Bool {
        guard isFirstOfLine, !isInBrackets, let last else { return false }
        if case .mark(let mark) = last.kind { return !CursorContext.continues(mark) }
        return !(last.kind == .word && CursorContext.openEnds.contains(last.text))
    }
    /// In a rule, where lines may go on with certain words.
    var isInRule: Bool {
        switch block {
        case .rule, .sequence: true
        default: false
        }
    }

    /// Behind these a line does not end.
    private static let openEnds =
        LanguageWords.continuations + [
            "not", "in", "by", "as", "then", "next", "but", "no", "until", "of", "on", "from", "is",
            "like", "matches", "contains", "between",
        ]

    mutating func endStatement() {
        frames[frames.count - 1].statement = []
    }

    /// The rule around the cursor, or whose test it is.
    var ruleName: String? {
        for frame in frames.reversed() { if case .rule(let name) = frame.block { return name } }
        return nil
    }

    /// The rules whose test is around the cursor.
    var testedRules: [String] {
        for frame in frames.reversed() { if case .test(let names) = frame.block { return names } }
        return []
    }

    init(_ tree: SyntaxTree, _ offset: Int) {
        let bytes = tree.file.bytes
        var start = min(offset, bytes.count)
        while start > 0, Place.isLetterOfName(bytes[start - 1]) { start -= 1 }
        prefix = start..<max(start, min(offset, bytes.count))
        isFirstOfLine = CursorContext.isFirst(start, bytes)
        for token in tree.tokens {
            if token.kind == .endOfFile || token.range.lowerBound >= start {
                isDead = CursorContext.isInComment(bytes, token.trivia.lowerBound, offset)
                break
            }
            if token.range.upperBound > start || CursorContext.isOpenText(token, offset) {
                enter(token, tree.file, offset)
                break
            }
            take(
                Word(text: tree.file.text(token.range), kind: token.kind, range: token.range),
                startsLine: token.startsLine,
                isFirstColumn: CursorContext.isFirstColumn(token, bytes))
        }
    }

    /// Whether there is nothing before a place on its line.
    private static func isFirst(_ place: Int, _ bytes: [UInt8]) -> Bool {
        let before = bytes[..<place].reversed().prefix { $0 != UInt8(ascii: "\n") }
        return before.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    private static func isFirstColumn(_ token: Token, _ bytes: [UInt8]) -> Bool {
        let start = token.range.lowerBound
        return start == 0 || bytes[start - 1] == UInt8(ascii: "\n")
    }

    /// Whether a comment begins between `from` and the cursor, on the cursor's line.
    private static func isInComment(_ bytes: [UInt8], _ from: Int, _ offset: Int) -> Bool {
        var isIn = false
        var i = min(from, offset)
        while i < min(offset, bytes.count) {
            if bytes[i] == UInt8(ascii: "\n") { isIn = false }
            if bytes[i] == UInt8(ascii: "/"), i + 1 < bytes.count,
                bytes[i + 1] == UInt8(ascii: "/")
            {
                isIn = true
            }
            i += 1
        }
        return isIn
    }

    /// A text that has no end goes on at the cursor.
    private static func isOpenText(_ token: Token, _ offset: Int) -> Bool {
        if case .text(_, isTerminated: false) = token.kind {
            return token.range.upperBound == offset
        }
        return false
    }

    /// The cursor is inside a token: a hole of a template, or a place without names.
    private mutating func enter(_ token: Token, _ file: SourceFile, _ offset: Int) {
        guard case .text(let form, _) = token.kind else {
            isDead = true
            return
        }
        let from = min(token.range.lowerBound + form.delimiterLength, offset)
        let before = Array(file.bytes[from..<max(from, min(offset, file.bytes.count))])
        guard let hole = CursorContext.openHole(before), isTemplatePlace else {
            isInText = true
            prefix = from..<max(from, offset)
            return
        }
        let text = String(decoding: before[hole...], as: UTF8.self)
        frames.append(Frame(block: .hole))
        let inner = RuleSyntax.parse(SourceFile(name: "", text: text)).tree
        for token in inner.tokens where token.kind != .endOfFile {
            let range = from + hole + token.range.lowerBound..<from + hole + token.range.upperBound
            if range.upperBound > prefix.lowerBound { break }
            frames[frames.count - 1].statement.append(
                Word(text: inner.file.text(token.range), kind: token.kind, range: range))
        }
    }

    private var isTemplatePlace: Bool {
        switch block {
        case .rule, .alertFields, .labels: true
        default: false
        }
    }

    /// Where the hole begins that is open at the end of a part of a template.
    private static func openHole(_ bytes: [UInt8]) -> Int? {
        var hole: Int?
        var i = 0
        while i < bytes.count {
            switch bytes[i] {
            case UInt8(ascii: "{") where hole == nil:
                if i + 1 < bytes.count, bytes[i + 1] == UInt8(ascii: "{") {
                    i += 1
                } else {
                    hole = i + 1
                }
            case UInt8(ascii: "}"): hole = nil
            default: break
            }
            i += 1
        }
        return hole
    }

    // MARK: tokens

    private mutating func take(_ word: Word, startsLine: Bool, isFirstColumn: Bool) {
        if startsLine, isFirstColumn, word.kind == .word,
            LanguageWords.declarations.contains(word.text)
        {
            // Whatever is open above has lost its brace.
            frames = [Frame(block: .file)]
        }
        let top = frames.count - 1
        if startsLine, beginsStatement(word) {
            frames[top].statement = []
            frames[top].openBrackets = 0
        }
        switch word.kind {
        case .mark(.leftBrace):
            frames.append(Frame(block: opened()))
        case .mark(.rightBrace):
            if frames.count > 1 { frames.removeLast() }
            frames[frames.count - 1].statement.append(word)
        case .mark(.leftParen), .mark(.leftBracket):
            frames[top].openBrackets += 1
            frames[top].statement.append(word)
        case .mark(.rightParen), .mark(.rightBracket):
            frames[top].openBrackets = max(0, frames[top].openBrackets - 1)
            frames[top].statement.append(word)
        case .mark(.comma) where frames[top].openBrackets == 0 && hasEntries(frames[top].block):
            frames[top].statement = []
        default: frames[top].statement.append(word)
        }
    }

    /// Whether commas separate what is in the block.
    private func hasEntries(_ block: Block) -> Bool {
        switch block {
        case .event, .sequence, .labels, .alertFields, .eventFields, .expectedFields, .tableRow:
            true
        case .file, .rule, .test, .testCase, .hole, .other: false
        }
    }

    private func beginsStatement(_ word: Word) -> Bool {
        let top = frames[frames.count - 1]
        guard top.openBrackets == 0 else {
            // An open bracket is soon forgotten where a line begins like a statement.
            return word.kind == .word
                && (LanguageWords.clauses + LanguageWords.links).contains(word.text)
        }
        if case .mark = word.kind { return false }
        guard let last = top.statement.last else { return true }
        if case .mark(let mark) = last.kind, CursorContext.continues(mark) { return false }
        return !(word.kind == .word && LanguageWords.continuations.contains(word.text))
    }

    private static func continues(_ mark: Mark) -> Bool {
        switch mark {
        case .rightBrace, .rightBracket, .rightParen, .question: false
        default: true
        }
    }

    /// What the block is whose brace comes next.
    private func opened() -> Block {
        let words = statement
        let first = words.first?.text ?? ""
        let name = words.count > 1 ? words[1].name ?? "" : ""
        switch block {
        case .file:
            switch first {
            case "event": return .event(name)
            case "rule": return .rule(name)
            case "test": return .test(words.dropFirst().compactMap(\.name))
            case "table": return .tableRow(name)
            default: return .other
            }
        case .rule:
            switch clause {
            case "when": return .sequence
            case "labels": return .labels
            case "alert", "emit": return .alertFields
            default: return .other
            }
        case .sequence: return .sequence
        case .test: return .testCase
        case .testCase:
            switch first {
            case "at": return .eventFields(StatementReader(words).sentEvent ?? "")
            case "expect":
                let rule = words.last?.name
                return .expectedFields(rule == "alert" || rule == "expect" ? nil : rule)
            case "given": return .tableRow(name)
            default: return .other
            }
        default: return .other
        }
    }

    /// The clause of a rule that the statement is in: several may share a line.
    var clause: String? {
        let words = statement
        for (index, word) in words.enumerated().reversed() {
            guard word.kind == .word, LanguageWords.clauses.contains(word.text) else { continue }
            let isPart = index > 0 && words[index - 1].isMark(.dot)
            let isKeyword = index == 0 || !["by", "per"].contains(word.text)
            if !isPart, isKeyword { return word.text }
        }
        return nil
    }
}
