// SPDX-License-Identifier: Apache-2.0
// Where to go on after a mistake, and where a block ends that has lost its brace.

import Diagnostics

extension Parser {
    static let declarationWords = ["event", "table", "let", "rule", "test"]
    static let clauseWords = [
        "severity", "tags", "labels", "disabled", "by", "keys", "when", "having", "reset", "skip",
        "attempts", "suppress", "limit", "resolve", "except", "alert", "emit",
    ]
    static let linkWords = ["then", "but", "until"]
    static let testLineWords = ["given", "at", "replay", "restart", "until", "expect"]
    /// Words that continue the line before them.
    static let continuationWords = ["where", "and", "or", "for", "within", "after", "per"]

    /// Whether a line begins here that can only be a declaration: even where a brace is missing
    /// this ends the block. In the first column less is asked for than where lines are indented.
    var atDeclaration: Bool {
        guard current.startsLine, let word = word(), Parser.declarationWords.contains(word) else {
            return false
        }
        let start = current.range.lowerBound
        if start == 0 || file.bytes[start - 1] == ascii("\n") {
            return atName(1) || isText(token(1)) || at(.leftBrace, 1) || at(.assign, 1)
                || token(1).startsLine
        }
        guard atName(1) else { return false }
        switch word {
        case "rule": return at(.leftBrace, 2) || isText(token(2))
        case "event": return at(.leftBrace, 2) || at("from", 2) || at("where", 2)
        case "table": return at(.assign, 2) || at("from", 2)
        case "let": return at(.assign, 2)
        default: return at(.leftBrace, 2) || at(.comma, 2)
        }
    }

    func isText(_ token: Token) -> Bool {
        if case .text = token.kind { return true }
        return false
    }

    /// Skips to the next line that does not continue this one, to the brace that closes the block
    /// around, or to a declaration; with `atComma` also to a comma. `brackets` is how many
    /// brackets were open where the line began: those opened since are skipped with it.
    /// Nothing is skipped where the next line has been reached since the token `since`.
    mutating func skipLine(since: Int? = nil, brackets: Int = 0, atComma: Bool = false) {
        var braces = 0
        var open = max(0, openBrackets - brackets)
        openBrackets = brackets
        let start = since ?? position
        while !atEnd {
            if position > start, atDeclaration { return }
            if braces == 0, position > start, open == 0 ? beginsStatement : beginsWithKeyword {
                return
            }
            switch current.kind {
            case .mark(.leftBrace):
                braces += 1
            case .mark(.rightBrace):
                if braces == 0 { return }
                braces -= 1
            case .mark(.leftBracket), .mark(.leftParen):
                if braces == 0 { open += 1 }
            case .mark(.rightBracket), .mark(.rightParen):
                if braces == 0 { open = max(0, open - 1) }
            case .mark(.comma):
                if atComma, braces == 0, open == 0 { return }
            default:
                break
            }
            advance()
        }
    }

    private var beginsStatement: Bool {
        guard current.startsLine else { return false }
        switch current.kind {
        case .word: return !Parser.continuationWords.contains { at($0) }
        case .mark: return false
        default: return true
        }
    }

    /// Whether a line begins here that seems to be a statement though a bracket is still open.
    private var beginsWithKeyword: Bool {
        guard current.startsLine, let word = word(), !at(.comma, 1), !at(.colon, 1) else {
            return false
        }
        return Parser.clauseWords.contains(word) || Parser.linkWords.contains(word)
            || Parser.testLineWords.contains(word)
    }

    /// Opens a block. A missing brace is reported; false where the block does not seem to follow.
    mutating func open(_ context: String) -> Bool {
        if take(.leftBrace) { return true }
        let isOnNextLine = current.startsLine
        _ = expected("`{` \(context)")
        if !isOnNextLine { skipToBrace() }
        return take(.leftBrace) || isOnNextLine && !atEnd && !atDeclaration
    }

    /// Skips to an opening brace on this line.
    private mutating func skipToBrace() {
        while !atEnd, !current.startsLine, !at(.leftBrace), !at(.rightBrace) { advance() }
    }

    /// Closes the block that `opener` opened. Of several blocks that end at the same place without
    /// a brace only the innermost is reported.
    mutating func close(_ opener: Token, _ what: String) {
        if take(.rightBrace) { return }
        guard unclosedAt != position else { return }
        unclosedAt = position
        let note = Diagnostic.Note(
            atEnd ? "the file ends here" : "expected `}` before this", at: span(current))
        report(
            .unclosed, "\(what) is not closed", at: opener.range, label: "this has no `}`",
            notes: [note])
    }

    /// Parses the entries of a block up to its closing brace: separated by commas or line ends,
    /// each recovered for itself. A line that begins with one of `stops` and is no entry ends the
    /// block that has lost its brace.
    mutating func entries(
        _ opener: Token, _ what: String, stops: [String] = [],
        _ entry: (inout Parser) throws(Abandon) -> Void
    ) {
        while !atEnd, !at(.rightBrace), !atDeclaration, !atStop(stops) {
            let start = position
            let brackets = openBrackets
            do throws(Abandon) {
                try entry(&self)
                if !take(.comma), !at(.rightBrace), !current.startsLine {
                    throw expected("`,` or a new line")
                }
            } catch {
                skipLine(since: start, brackets: brackets, atComma: true)
                _ = take(.comma)
            }
            if position == start { advance() }
        }
        close(opener, what)
    }

    private func atStop(_ stops: [String]) -> Bool {
        guard current.startsLine, let word = word(), stops.contains(word) else { return false }
        return !at(.colon, 1) && !at(.dot, 1) && !at(.assign, 1) && !endsLine(1)
    }
}
