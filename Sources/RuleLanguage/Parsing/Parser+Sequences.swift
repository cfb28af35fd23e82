// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

extension Parser {
    /// "when" [ "within" DURATION ] [ "over" window ] "{" sequence "}"
    mutating func when() throws(Abandon) -> WhenSyntax {
        let from = previousEnd - 4
        var within: Spanned<TimeSpan>?
        var window: WindowSyntax?
        while !at(.leftBrace), !endsLine() || at("within"), let part = keyword(["within", "over"]) {
            if part == "within" {
                if within != nil { reportRepeated(part) }
                within = try duration("after `within`")
            } else {
                if window != nil { reportRepeated(part) }
                window = try self.window()
            }
        }
        let opener = current
        let header = within == nil && window == nil ? "after `when`" : "before the pattern"
        guard open(header) else { throw Abandon() }
        let sequence = self.sequence()
        if opener.kind == .mark(.leftBrace) {
            close(opener, "`when`")
        } else {
            _ = take(.rightBrace)
        }
        return WhenSyntax(
            within: within, window: window, sequence: sequence, span: span(from: from))
    }

    /// Reports the word just taken, which stands there for the second time.
    mutating func reportRepeated(_ part: String) {
        report(
            .repeatedPart, "`\(part)` is given twice",
            at: previousEnd - part.utf8.count..<previousEnd)
    }

    /// window = "sliding" DURATION | "tumbling" DURATION | "hopping" DURATION "every" DURATION
    ///        | "session" DURATION | "last" INT
    private mutating func window() throws(Abandon) -> WindowSyntax {
        let from = current.range.lowerBound
        let kinds = ["sliding", "tumbling", "hopping", "session", "last"]
        guard !endsLine(), let kind = keyword(kinds) else {
            throw expected("`sliding`, `tumbling`, `hopping`, `session` or `last` after `over`")
        }
        let window: WindowSyntax.Kind
        switch kind {
        case "sliding": window = .sliding(try duration("after `sliding`").value)
        case "tumbling": window = .tumbling(try duration("after `tumbling`").value)
        case "session": window = .session(try duration("after `session`").value)
        case "last": window = .last(try integer("a number after `last`").value)
        default:
            let length = try duration("after `hopping`").value
            try expect("every", "and a duration after the window's length")
            window = .hopping(length, every: try duration("after `every`").value)
        }
        return WindowSyntax(kind: window, span: span(from: from))
    }

    // MARK: lines

    /// sequence = ( step | absence ) { link }, up to the closing brace; a branch also ends with a
    /// comma or a line that begins with no link.
    mutating func sequence(isBranch: Bool = false) -> SequenceSyntax {
        let from = current.range.lowerBound
        let before = inBranches
        inBranches = isBranch
        defer { inBranches = before }
        var lines: [LineSyntax] = []
        while !atEnd, !at(.rightBrace), !atDeclaration {
            if isBranch, !lines.isEmpty, at(.comma) || current.startsLine && !atLink { break }
            if !lines.isEmpty, atClauseAfterLines { break }
            let start = position
            lines.append(line(isFirst: lines.isEmpty))
            if position == start { advance() }
        }
        return SequenceSyntax(lines: lines, span: span(from: min(from, previousEnd)))
    }

    /// Whether `then`, `but`, `until` or a misspelling of them stands here.
    private var atLink: Bool {
        guard let found = word() else { return false }
        if Parser.linkWords.contains(found) { return true }
        return isMisspeltLink(found)
    }

    private func isMisspeltLink(_ found: String) -> Bool {
        guard current.startsLine, beginsElement(1), !endsLine(1) else { return false }
        return Spelling.closest(to: found, among: Parser.linkWords) != nil
    }

    /// Whether a clause begins where a link should: the brace of the lines before is missing.
    private var atClauseAfterLines: Bool {
        guard current.startsLine, let word = word(), Parser.clauseWords.contains(word) else {
            return false
        }
        return word == "disabled" || !Parser.partWords.contains { at($0, 1) } && !endsLine(1)
    }

    /// Words that may follow an event in a step.
    static let partWords = ["as", "by", "in", "after", "within", "where", "for"]

    /// Whether a step's count or event may stand here, rather than a part of a step.
    func beginsElement(_ ahead: Int) -> Bool {
        switch token(ahead).kind {
        case .integer, .quotedName: true
        case .word: !(Parser.partWords + Parser.linkWords).contains { at($0, ahead) }
        default: false
        }
    }

    private mutating func line(isFirst: Bool) -> LineSyntax {
        let (from, start) = (current.range.lowerBound, position)
        let brackets = openBrackets
        do throws(Abandon) {
            let kind = try isFirst ? firstLine() : link()
            let place = span(from: from)
            try endLine()
            return LineSyntax(kind, place)
        } catch {
            skipLine(since: start, brackets: brackets, atComma: inBranches)
            return LineSyntax(.unexpected, span(from: from))
        }
    }

    private mutating func endLine() throws(Abandon) {
        if atEnd || current.startsLine || at(.rightBrace) || inBranches && at(.comma) { return }
        if let word = word(), Parser.linkWords.contains(word) { return }
        _ = expected("a new line")
        skipLine(atComma: inBranches)
    }

    private mutating func firstLine() throws(Abandon) -> LineSyntax.Kind {
        guard let found = word(), Parser.linkWords.contains(found), beginsElement(1), !endsLine(1)
        else {
            if let found = word(), isMisspeltLink(found), found != "no", !hasNearName {
                return try link()
            }
            return try element(.first)
        }
        report(
            .misplacedLink, "the first line begins with `\(found)`", at: current.range,
            label: found == "then"
                ? "the first step stands alone" : "there is no line before it")
        return try link()
    }

    /// Two words in a row cannot be a step; but a count or an absence begins with words of its own.
    private var hasNearName: Bool {
        ["at", "any", "all", "no", "optional"].contains { at($0) }
    }

    /// link = "then" [ "next" | "each" ] step | "then" absence
    ///      | "but" ( "no" | "not" "next" ) filter | "until" filter
    private mutating func link() throws(Abandon) -> LineSyntax.Kind {
        var found = word() ?? ""
        if Parser.linkWords.contains(found) {
            advance()
        } else if isMisspeltLink(found),
            let meant = Spelling.closest(to: found, among: Parser.linkWords)
        {
            misspelt(found, meant)
            found = meant
        } else if beginsElement(0) {
            report(
                .missingLink, "expected `then`, `but` or `until`, found \(describe(current))",
                at: current.range, label: "say how this follows the line before it")
            return try element(.then, mayStartLine: true)
        } else {
            throw expected("`then`, `but` or `until`")
        }
        switch found {
        case "then": return try element(connector())
        case "but": return try but()
        default: return .until(try filter("after `until`"))
        }
    }

    private mutating func connector() -> ConnectorSyntax {
        guard beginsElement(1), !endsLine(1) else { return .then }
        if take("next") { return .thenNext }
        return take("each") ? .thenEach : .then
    }

    private mutating func but() throws(Abandon) -> LineSyntax.Kind {
        guard !endsLine(), let word = keyword(["no", "not"]) else {
            throw expected("`no` or `not next` after `but`")
        }
        if word == "no" { return .butNo(try filter("after `but no`")) }
        if at("next"), beginsElement(1), !endsLine(1) {
            advance()
            return .butNotNext(try filter("after `but not next`"))
        }
        report(
            .foreignPhrase, "`but not` needs `next`", at: previousEnd - 3..<previousEnd,
            label: "write `but no` to exclude an event anywhere between", fix: "no")
        return .butNo(try filter("after `but no`"))
    }
}
