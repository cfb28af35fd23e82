// SPDX-License-Identifier: Apache-2.0
// Recursive descent over all tokens of a file. A production that cannot go on reports once and
// throws `Abandon`; declarations, clauses, lines, fields and conditions catch it, skip to where
// the next of their kind begins, and go on. Exercised by the goldens and ParsingFuzzTests.

import Diagnostics

/// The reason has been reported; whoever catches this skips ahead.
struct Abandon: Error {}

/// Tokens to declarations.
struct Parser {
    let file: SourceFile
    let tokens: [Token]
    var diagnostics: [Diagnostic] = []
    private(set) var position = 0
    /// How many brackets of expressions are open: inside them a line's end ends nothing.
    var openBrackets = 0
    /// Whether texts in expressions are templates.
    var readsTemplates = false
    /// Whether a comma ends the line: between the branches of `all of` and `any of`.
    var inBranches = false
    /// Whether the text is a condition and nothing else, in which no line begins a declaration.
    var readsConditionOnly = false
    /// The height of the expression read last.
    var height = 0
    /// Where a block without its closing brace was reported last.
    var unclosedAt: Int?
    private var nesting = 0
    /// The rules read so far, by what those that are alike have in common.
    var families: [Int: [RuleFamily]] = [:]
    /// The same by the token with which a rule begins that was compared with others.
    var familiesByStart: [Int: RuleFamily] = [:]
    /// What the lexer found to be repeated, and what of it comes next.
    let repetitions: [RepeatedTokens]
    var nextRepetition = 0
    /// Where the lexer has reported something: what is odd there is not reported again.
    private let troubled: Set<Int>
    /// What stands behind the last token.
    private let endName: String

    /// How deep expressions, types, groups and branches may stand in each other: far beyond what
    /// anyone writes, and little enough for every recursive pass over the tree.
    static let nestingCap = 200

    /// A parser of what `lexer` has read.
    init(_ lexer: Lexer, endName: String = "the end of the file") {
        file = lexer.file
        tokens = lexer.tokens
        repetitions = lexer.repetitions
        self.endName = endName
        troubled = Set(
            lexer.diagnostics.flatMap { [$0.span.range.lowerBound, $0.span.range.upperBound] })
    }

    /// A parser of a part of `tokens` in which nothing is wrong.
    init(_ file: SourceFile, _ tokens: [Token], from position: Int) {
        self.file = file
        self.tokens = tokens
        self.position = position
        repetitions = []
        endName = "the end of the file"
        troubled = []
    }

    /// Whether nothing has been found to be wrong so far, nor has the lexer found anything.
    var isClean: Bool { diagnostics.isEmpty && troubled.isEmpty }

    // MARK: looking

    var current: Token { tokens[position] }

    func token(_ ahead: Int) -> Token { tokens[min(position + ahead, tokens.count - 1)] }

    /// Whether a line's end stands before the token `ahead`, where that matters.
    func endsLine(_ ahead: Int = 0) -> Bool {
        tokens[min(position + ahead, tokens.count - 1)].startsLine && openBrackets == 0
    }

    var atEnd: Bool { if case .endOfFile = tokens[position].kind { true } else { false } }

    func at(_ mark: Mark, _ ahead: Int = 0) -> Bool {
        let index = min(position + ahead, tokens.count - 1)
        if case .mark(let found) = tokens[index].kind { return found == mark }
        return false
    }

    func at(_ word: String, _ ahead: Int = 0) -> Bool {
        let index = min(position + ahead, tokens.count - 1)
        guard case .word = tokens[index].kind else { return false }
        let range = tokens[index].range
        return range.count == word.utf8.count && file.bytes.holds(word, at: range.lowerBound)
    }

    /// The bare word that stands here.
    func word(_ ahead: Int = 0) -> String? {
        let index = min(position + ahead, tokens.count - 1)
        guard case .word = tokens[index].kind else { return nil }
        return file.text(tokens[index].range)
    }

    func atName(_ ahead: Int = 0) -> Bool {
        switch token(ahead).kind {
        case .word, .quotedName: true
        default: false
        }
    }

    // MARK: moving

    /// Moves on by a number of tokens that there are.
    mutating func advance(by count: Int) { position = min(position + count, tokens.count - 1) }

    @discardableResult mutating func advance() -> Token {
        let token = current
        if position < tokens.count - 1 { position += 1 }
        return token
    }

    mutating func take(_ mark: Mark) -> Bool {
        guard at(mark) else { return false }
        advance()
        return true
    }

    mutating func take(_ word: String) -> Bool {
        guard at(word) else { return false }
        advance()
        return true
    }

    /// Runs `body` one level deeper; too deep is reported and abandoned.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(Abandon) -> Result
    ) throws(Abandon) -> Result {
        guard nesting < Parser.nestingCap else { throw tooDeep() }
        nesting += 1
        defer { nesting -= 1 }
        return try body(&self)
    }

    mutating func tooDeep() -> Abandon {
        report(
            .tooDeep, "this is nested too deeply", at: current.range,
            label: "at most \(Parser.nestingCap) levels")
        return Abandon()
    }

    /// A parser of a template's hole, as deep as this one.
    func holeParser(_ lexer: Lexer) -> Parser {
        var parser = Parser(lexer, endName: "the end of the hole")
        parser.nesting = nesting
        parser.readsTemplates = readsTemplates
        parser.openBrackets = 1
        return parser
    }

    // MARK: spans

    func span(_ token: Token) -> SourceSpan { SourceSpan(file, token.range) }

    /// The end of the token before this one.
    var previousEnd: Int { position > 0 ? tokens[position - 1].range.upperBound : 0 }

    func span(from start: Int) -> SourceSpan {
        SourceSpan(file, start..<max(start, previousEnd))
    }

    func span(_ a: SourceSpan, _ b: SourceSpan) -> SourceSpan {
        SourceSpan(file, a.range.lowerBound..<max(a.range.lowerBound, b.range.upperBound))
    }

    // MARK: reporting

    mutating func report(
        _ code: SyntaxCode, _ message: String, at range: Range<Int>, label: String = "",
        notes: [Diagnostic.Note] = [], fix: String? = nil
    ) {
        diagnostics.append(
            Diagnostic(
                code: code.rawValue, severity: .error, message, at: SourceSpan(file, range),
                label: label, notes: notes, fix: fix))
    }

    /// Says that something else was expected here, unless the lexer has said what is wrong here.
    mutating func expected(
        _ what: String, code: SyntaxCode = .unexpected, label: String = ""
    ) -> Abandon {
        if troubled.contains(current.range.lowerBound) || troubled.contains(previousEnd) {
            return Abandon()
        }
        if endsLine(), position > 0, !atEnd {
            let end = previousEnd
            report(
                code, "expected \(what), found the end of the line", at: end..<end, label: label)
        } else {
            report(
                code, "expected \(what), found \(describe(current))", at: current.range,
                label: label)
        }
        return Abandon()
    }

    func describe(_ token: Token) -> String {
        if token.kind == .endOfFile { return endName }
        return "`\(file.excerpt(token.range))`"
    }

    // MARK: expecting

    mutating func expect(_ mark: Mark, _ context: String) throws(Abandon) {
        guard !take(mark) else { return }
        throw expected("`\(mark.rawValue)` \(context)")
    }

    mutating func expect(_ word: String, _ context: String) throws(Abandon) {
        if endsLine() || !takeKeyword([word]) { throw expected("`\(word)` \(context)") }
    }

    /// Takes one of `words`, or a misspelling of one with a report; says whether it did.
    mutating func takeKeyword(_ words: [String]) -> Bool { keyword(words) != nil }

    /// The one of `words` that stands here, taken; a misspelling is reported and taken for it.
    mutating func keyword(_ words: [String]) -> String? {
        guard let found = word() else { return nil }
        if words.contains(found) {
            advance()
            return found
        }
        guard let meant = Spelling.closest(to: found, among: words) else { return nil }
        misspelt(found, meant)
        return meant
    }

    /// Reports and takes the word here as a misspelling of `meant`.
    mutating func misspelt(_ found: String, _ meant: String) {
        report(
            .unknownKeyword, "`\(found)` has no meaning here", at: current.range,
            label: "did you mean `\(meant)`?", fix: meant)
        advance()
    }

    mutating func name(_ what: String, mayStartLine: Bool = false) throws(Abandon) -> Name {
        let token = current
        guard mayStartLine || !endsLine() else { throw expected(what) }
        switch token.kind {
        case .word:
            if at("not") {
                report(
                    .misplacedNot, "`not` cannot be a name", at: token.range,
                    label: "write it between backquotes", fix: "`not`")
            }
            advance()
            return Name(file.text(token.range), span(token))
        case .quotedName(let text):
            advance()
            return Name(text, span(token))
        default:
            throw expected(what)
        }
    }

    /// A dotted path; each part after the first may be any word.
    mutating func path(_ what: String, mayStartLine: Bool = false) throws(Abandon) -> Path {
        var parts = [try name(what, mayStartLine: mayStartLine)]
        while at(.dot), !endsLine() {
            advance()
            let token = current
            guard !endsLine(), let part = partName(token) else {
                throw expected("a field's name after `.`")
            }
            advance()
            parts.append(Name(part, span(token)))
        }
        return Path(parts: parts, span: span(from: parts[0].span.range.lowerBound))
    }

    /// The text of a token that may be a name.
    func partName(_ token: Token) -> String? {
        switch token.kind {
        case .word: file.text(token.range)
        case .quotedName(let text): text
        default: nil
        }
    }
}
