// SPDX-License-Identifier: Apache-2.0
// Rulesets of thousands of rules consist of a few that are written again and again, with other
// names and texts. Such a rule is recognised by its tokens and not parsed: its clauses are those of
// the first one, but for texts and places, and are read when somebody asks for them. Exercised by
// RuleFamilyTests.

import Diagnostics

/// The rules of a file that consist of the same tokens, but for their names and for texts without
/// escapes and braces.
final class RuleFamily: Sendable {
    let file: SourceFile
    /// All of the file.
    let tokens: [Token]
    /// The first rule's among them.
    let first: Range<Int>
    let firstClauses: [Clause]

    init(_ file: SourceFile, _ tokens: [Token], first: Range<Int>, _ firstClauses: [Clause]) {
        self.file = file
        self.tokens = tokens
        self.first = first
        self.firstClauses = firstClauses
    }

    /// The clauses of the rule that begins with a token.
    func clauses(from token: Int) -> [Clause] {
        var parser = Parser(file, tokens, from: token)
        guard case .rule(let rule)? = try? parser.declaration() else { return [] }
        return rule.clauses
    }
}

/// What all rules of a family have in common, as far as it can be told at a glance.
struct RuleOutlineMark {
    var tokens: Range<Int>
    var hash: Int
}

extension Parser {
    /// The rule that begins here, where it is like one that was read before; else, where a rule
    /// begins, it is read and remembered. Nil for other declarations, and after mistakes.
    mutating func similarRule() throws(Abandon) -> Declaration? {
        guard isClean else { return nil }
        if let rule = repeatedRule() { return .rule(rule) }
        guard let mark = outlineMark else { return nil }
        let family = families[mark.hash]?.first { isAlike($0, mark.tokens) }
        if let family {
            familiesByStart[mark.tokens.lowerBound] = family
            advance(by: mark.tokens.count)
            return .rule(rule(mark.tokens, of: family))
        }
        let declaration = try declaration()
        guard isClean, case .rule(var rule) = declaration, position == mark.tokens.upperBound else {
            return declaration
        }
        let new = RuleFamily(file, tokens, first: mark.tokens, rule.clauses)
        families[mark.hash, default: []].append(new)
        familiesByStart[mark.tokens.lowerBound] = new
        rule.family = new
        rule.firstToken = mark.tokens.lowerBound
        return .rule(rule)
    }

    /// The rule that begins here, if the lexer has seen that it is like one that was read before.
    private mutating func repeatedRule() -> RuleDeclaration? {
        while nextRepetition < repetitions.count,
            repetitions[nextRepetition].tokens.lowerBound < position
        {
            nextRepetition += 1
        }
        guard nextRepetition < repetitions.count else { return nil }
        let (range, original) = (
            repetitions[nextRepetition].tokens, repetitions[nextRepetition].original
        )
        guard range.lowerBound == position,
            let family = familiesByStart[original.lowerBound], family.first.count == range.count,
            isBeforeRule(range.upperBound)
        else { return nil }
        advance(by: range.count)
        return rule(range, of: family)
    }

    private func rule(_ range: Range<Int>, of family: RuleFamily) -> RuleDeclaration {
        let name = tokens[range.lowerBound + 1].range
        var title: Spanned<String>?
        if isPlainText(range.lowerBound + 2) {
            let text = tokens[range.lowerBound + 2].range
            title = Spanned(
                file.text(text.lowerBound + 1..<text.upperBound - 1), SourceSpan(file, text))
        }
        let start = tokens[range.lowerBound].range.lowerBound
        return RuleDeclaration(
            name: Name(file.text(name), SourceSpan(file, name)), title: title,
            span: SourceSpan(file, start..<tokens[range.upperBound - 1].range.upperBound),
            family: family, firstToken: range.lowerBound)
    }

    /// The tokens of the rule that begins here, if another rule follows it, and a hash of what is
    /// the same in all rules that are like it.
    private var outlineMark: RuleOutlineMark? {
        guard at("rule"), current.startsLine, case .word = token(1).kind, !token(1).startsLine,
            !isText(token(2)) || isPlainText(position + 2)
        else { return nil }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var depth = 0
        var index = position + 2
        while index < tokens.count - 1 {
            add(index, to: &hash)
            if case .mark(let mark) = tokens[index].kind {
                if mark == .leftBrace { depth += 1 }
                if mark == .rightBrace { depth -= 1 }
                if mark == .rightBrace, depth == 0 { break }
            }
            index += 1
        }
        let end = index + 1
        guard depth == 0, isBeforeRule(end) else { return nil }
        return RuleOutlineMark(tokens: position..<end, hash: Int(truncatingIfNeeded: hash))
    }

    /// Whether another rule begins there: what the parser looks at behind a rule is then the same
    /// in all that are alike.
    private func isBeforeRule(_ end: Int) -> Bool {
        guard end < tokens.count, tokens[end].startsLine, case .word = tokens[end].kind,
            tokens[end].range.count == 4
        else { return false }
        return file.bytes.holds("rule", at: tokens[end].range.lowerBound)
    }

    private func add(_ index: Int, to hash: inout UInt64) {
        func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x0000_0100_0000_01b3 }
        if isPlainText(index) { return mix(1) }
        for byte in tokens[index].range { mix(UInt64(file.bytes[byte])) }
        mix(2)
    }

    /// Whether the token is a text in quotes, without anything that is read in a way of its own.
    private func isPlainText(_ index: Int) -> Bool {
        guard case .text(.quoted, isTerminated: true) = tokens[index].kind else { return false }
        for place in tokens[index].range {
            switch file.bytes[place] {
            case ascii("\\"), ascii("{"), ascii("}"): return false
            default: break
            }
        }
        return true
    }

    /// Whether the tokens are those of the family's first rule, but for the name and plain texts.
    private func isAlike(_ family: RuleFamily, _ range: Range<Int>) -> Bool {
        guard range.count == family.first.count else { return false }
        let offset = range.lowerBound - family.first.lowerBound
        for index in family.first {
            let startsLine = tokens[index].startsLine
            guard startsLine == tokens[index + offset].startsLine else { return false }
            let (a, b) = (tokens[index].range, tokens[index + offset].range)
            // A declaration's word in the first column is taken for one where braces are missing.
            if startsLine, isInFirstColumn(a) != isInFirstColumn(b) { return false }
            if index == family.first.lowerBound + 1 {
                // As a name it is a mistake.
                if b.count == 3, file.bytes.holds("not", at: b.lowerBound) { return false }
                continue
            }
            let kind = tokens[index].kind.number
            guard kind == tokens[index + offset].kind.number else { return false }
            if kind == TokenKind.textNumber, isPlainText(index), isPlainText(index + offset) {
                continue
            }
            guard a.count == b.count, haveEqualBytes(a, b) else { return false }
        }
        return true
    }

    private func haveEqualBytes(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
        for offset in 0..<a.count
        where file.bytes[a.lowerBound + offset] != file.bytes[b.lowerBound + offset] {
            return false
        }
        return true
    }

    private func isInFirstColumn(_ token: Range<Int>) -> Bool {
        token.lowerBound == 0 || file.bytes[token.lowerBound - 1] == ascii("\n")
    }
}

extension TokenKind {
    fileprivate static let textNumber = 4

    /// Tells kinds from one another; what they hold is the bytes' to tell.
    fileprivate var number: Int {
        switch self {
        case .word: 0
        case .quotedName: 1
        case .integer: 2
        case .float: 3
        case .text: TokenKind.textNumber
        case .regex: 5
        case .duration: 6
        case .time: 7
        case .address: 8
        case .network: 9
        case .mark: 10
        case .invalid: 11
        case .endOfFile: 12
        }
    }
}
