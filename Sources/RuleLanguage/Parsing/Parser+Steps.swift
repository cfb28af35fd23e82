// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// The parts that may follow an event, as far as they have been read.
struct StepParts {
    var spread: Spanned<TimeSpan>?
    var name: Name?
    var by: [Path] = []
    var gap = GapSyntax()
    var duration: Spanned<TimeSpan>?
    var condition: ExprSyntax?
    fileprivate var seen: [String] = []
}

extension Parser {
    /// What a line is about, behind its connector.
    mutating func element(_ connector: ConnectorSyntax, mayStartLine: Bool = false) throws(Abandon)
        -> LineSyntax.Kind
    {
        if connector != .first, !mayStartLine, endsLine() { throw expected("an event") }
        return try nested { (p: inout Parser) throws(Abandon) in try p.element(after: connector) }
    }

    private mutating func element(after connector: ConnectorSyntax) throws(Abandon)
        -> LineSyntax.Kind
    {
        if at("no"), beginsElement(1), !endsLine(1) {
            return .absence(connector, try absence(connector))
        }
        if at("all") || at("any"), at("of", 1) || at(.leftBrace, 1) {
            let isAll = at("all")
            let branches = try self.branches()
            return isAll ? .allOf(connector, branches) : .anyOf(connector, branches)
        }
        let count = try self.count()
        if let count {
            let isOptional = if case .optional = count.kind { true } else { false }
            if !isOptional, at("times"), at(.leftBrace, 1) || at("in", 1) {
                advance()
                return .group(connector, try group(count))
            }
            if at(.leftBrace) {
                if !isOptional { _ = expected("`times` before the group") }
                return .group(connector, try group(count))
            }
        }
        return .step(connector, try step(count))
    }

    // MARK: counts

    /// count = ( INT | INT "to" INT | "at" "least" INT ) [ "consecutive" ] | "optional"
    ///       | "at" "least" INT "distinct" path "of"
    private mutating func count() throws(Abandon) -> CountSyntax? {
        let from = current.range.lowerBound
        if at("optional"), beginsElement(1) || at(.leftBrace, 1), !endsLine(1) {
            advance()
            return CountSyntax(kind: .optional, consecutive: nil, span: span(from: from))
        }
        if at("at"), beginsElement(1), !endsLine(1) {
            advance()
            if at("most") { throw unsupportedCount("at most", "write a range such as `1 to 3`") }
            try expect("least", "and a number after `at`")
            return try atLeast(from: from)
        }
        guard case .integer = current.kind else { return nil }
        var kind = CountSyntax.Kind.exactly(try integer("a number", mayStartLine: true).value)
        if case .exactly(let least) = kind, at("to"), case .integer = token(1).kind {
            advance()
            kind = .range(least, try integer("a number after `to`").value)
        }
        return finishedCount(kind, from: from)
    }

    private mutating func unsupportedCount(_ words: String, _ label: String) -> Abandon {
        report(
            .foreignPhrase, "`\(words)` is no count", at: current.range, label: label)
        return Abandon()
    }

    private mutating func atLeast(from start: Int) throws(Abandon) -> CountSyntax {
        let least = try integer("a number after `at least`")
        if at("distinct"), beginsElement(1), !endsLine(1) {
            advance()
            let path = try self.path("a field's path after `distinct`")
            try expect("of", "and an event after the field")
            return CountSyntax(
                kind: .atLeastDistinct(least.value, path), consecutive: nil,
                span: span(from: start))
        }
        return finishedCount(.atLeast(least.value), from: start)
    }

    private mutating func finishedCount(_ kind: CountSyntax.Kind, from start: Int) -> CountSyntax {
        var consecutive: SourceSpan?
        if at("consecutive"), beginsElement(1), !endsLine(1) { consecutive = span(advance()) }
        return CountSyntax(kind: kind, consecutive: consecutive, span: span(from: start))
    }

    // MARK: steps, groups, branches, absences

    /// EVENT [ "in" DURATION ] [ "as" NAME ] [ "by" paths ] [ gap ] [ "where" expr ], the parts in
    /// any order
    private mutating func step(_ count: CountSyntax?) throws(Abandon) -> StepSyntax {
        let event = try self.event("an event", mayStartLine: count == nil)
        let parts = try self.parts(["in", "as", "by", "after", "within", "where"], of: "a step")
        return StepSyntax(
            count: count, event: event, spread: parts.spread, name: parts.name, by: parts.by,
            gap: parts.gap, condition: parts.condition)
    }

    /// ( count "times" [ "in" DURATION ] | "optional" ) "{" sequence "}" [ gap ]
    private mutating func group(_ count: CountSyntax) throws(Abandon) -> GroupSyntax {
        let spread = take("in") ? try duration("after `in`") : nil
        let opener = current
        try expect(.leftBrace, "and the lines to repeat")
        let body = sequence()
        close(opener, "the group")
        let parts = try self.parts(["after", "within"], of: "a group")
        return GroupSyntax(count: count, spread: spread, body: body, gap: parts.gap)
    }

    /// ( "all" | "any" ) "of" "{" sequence { ( "," | line end ) sequence } "}" [ gap ]
    private mutating func branches() throws(Abandon) -> BranchesSyntax {
        let word = file.text(advance().range)
        if !take("of") { _ = expected("`of` after `\(word)`") }
        let opener = current
        try expect(.leftBrace, "after `\(word) of`")
        var branches: [SequenceSyntax] = []
        while !atEnd, !at(.rightBrace), !atDeclaration {
            let start = position
            if at(.comma) { throw expected("a branch") }
            branches.append(sequence(isBranch: true))
            _ = take(.comma)
            if position == start { advance() }
        }
        close(opener, "`\(word) of`")
        let parts = try self.parts(["after", "within"], of: "`\(word) of`")
        return BranchesSyntax(branches: branches, gap: parts.gap)
    }

    /// absence = "no" EVENT [ "for" DURATION ] [ "by" paths ] [ "where" expr ]
    private mutating func absence(_ connector: ConnectorSyntax) throws(Abandon) -> AbsenceSyntax {
        if connector == .thenNext || connector == .thenEach {
            let word = connector == .thenNext ? "next" : "each"
            report(
                .misplacedPart, "`no` cannot follow `then \(word)`", at: current.range,
                label: "write `then no … for …`, or `but not next …`")
        }
        advance()
        let from = current.range.lowerBound
        let event = try self.event("an event after `no`")
        let parts = try self.parts(["for", "by", "where"], of: "an absence")
        let filter = FilterSyntax(
            event: event, by: parts.by, condition: parts.condition, span: span(from: from))
        return AbsenceSyntax(filter: filter, duration: parts.duration)
    }

    /// filter = EVENT [ "by" paths ] [ "where" expr ]
    mutating func filter(_ context: String) throws(Abandon) -> FilterSyntax {
        let from = current.range.lowerBound
        let event = try self.event("an event \(context)")
        let parts = try self.parts(["by", "where"], of: "an event that no step binds")
        return FilterSyntax(
            event: event, by: parts.by, condition: parts.condition, span: span(from: from))
    }

    /// EVENT = NAME | "any" "event" | "alert"
    private mutating func event(_ what: String, mayStartLine: Bool = false) throws(Abandon)
        -> EventRefSyntax
    {
        let token = current
        if at("any"), at("event", 1), !endsLine(1) {
            advance()
            advance()
            return EventRefSyntax(
                kind: .anyEvent, name: Name("any event", span(from: token.range.lowerBound)))
        }
        let isAlert = at("alert")
        let name = try self.name(what, mayStartLine: mayStartLine)
        return EventRefSyntax(kind: isAlert ? .alert : .named, name: name)
    }

    // MARK: parts

    /// The parts behind an event, in any order. A part of another construct is reported and read.
    private mutating func parts(_ allowed: [String], of what: String) throws(Abandon) -> StepParts {
        var parts = StepParts()
        while let part = partWord(allowed) {
            let place = current.range
            let found = word() ?? part
            if found == part { advance() } else { misspelt(found, part) }
            if !allowed.contains(part) {
                report(
                    .misplacedPart, "`\(part)` is no part of \(what)", at: place,
                    label: partHint(part, what))
            } else if parts.seen.contains(part) {
                report(.repeatedPart, "`\(part)` is given twice", at: place)
            }
            parts.seen.append(part)
            try read(part, into: &parts)
        }
        return parts
    }

    private func partHint(_ part: String, _ what: String) -> String {
        switch part {
        case "for": "only an absence (`no …`) lasts `for` a time"
        case "as": "there is nothing to name"
        default: ""
        }
    }

    /// The part that begins here: on this line, or on the next with a word that continues lines.
    private func partWord(_ allowed: [String]) -> String? {
        guard let found = word() else { return nil }
        if found == "for", !allowed.contains("for"), endsLine() || allowed == ["by", "where"] {
            return nil  // `resolve on … for`
        }
        if Parser.partWords.contains(found) {
            return endsLine() && !Parser.continuationWords.contains(found) ? nil : found
        }
        guard !endsLine(), !Parser.linkWords.contains(found), !Parser.clauseWords.contains(found)
        else { return nil }
        return Spelling.closest(to: found, among: allowed)
    }

    private mutating func read(_ part: String, into parts: inout StepParts) throws(Abandon) {
        switch part {
        case "as": parts.name = try name("a name after `as`")
        case "by": parts.by = try paths()
        case "in": parts.spread = try duration("after `in`")
        case "after": parts.gap.after = try duration("after `after`")
        case "within": parts.gap.within = try duration("after `within`")
        case "for": parts.duration = try duration("after `for`")
        default: parts.condition = condition(after: "`where`")
        }
    }

    /// paths = path | "(" path { "," path } ")"
    private mutating func paths() throws(Abandon) -> [Path] {
        guard at(.leftParen), !endsLine() else { return [try path("a field's path after `by`")] }
        advance()
        openBrackets += 1
        var paths: [Path] = []
        repeat { paths.append(try path("a field's path")) } while take(.comma) && !at(.rightParen)
        try expect(.rightParen, "after the fields")
        openBrackets -= 1
        return paths
    }
}
