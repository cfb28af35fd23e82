// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

extension Parser {
    /// rule = "rule" NAME [ STRING ] "{" { clause } "}"
    mutating func rule(from start: Token) throws(Abandon) -> RuleDeclaration {
        let name = try self.name("the rule's name")
        let title = isText(current) && !endsLine() ? try text("a title") : nil
        var clauses: [Clause] = []
        let opener = current
        if open(title == nil ? "after the rule's name" : "after the rule's title") {
            while !atEnd, !at(.rightBrace), !atDeclaration {
                let before = position
                clauses.append(clause())
                if position == before { advance() }
            }
            close(at: opener, or: name, "rule `\(name.text)`")
        }
        return RuleDeclaration(
            name: name, title: title, clauses: clauses, span: span(from: start.range.lowerBound))
    }

    /// Closes a block; where its opening brace was missing too, only that has been reported.
    mutating func close(at opener: Token, or name: Name, _ what: String) {
        if opener.kind == .mark(.leftBrace) {
            close(opener, what)
        } else {
            _ = take(.rightBrace)
        }
    }

    private mutating func clause() -> Clause {
        let (from, start) = (current.range.lowerBound, position)
        do throws(Abandon) {
            let kind = try clauseKind(try clauseWord())
            let result = Clause(kind, span(from: from))
            endClause()
            return result
        } catch {
            skipLine(since: start)
            return Clause(.unexpected, span(from: from))
        }
    }

    /// Clauses may share a line; what is no clause ends in an error here, on the clause before it.
    private mutating func endClause() {
        if atEnd || current.startsLine || at(.rightBrace) { return }
        if let word = word(), Parser.clauseWords.contains(word) { return }
        _ = expected("a new line")
        skipLine()
    }

    private mutating func clauseWord() throws(Abandon) -> String {
        if current.kind == .invalid { throw Abandon() }
        let found = word() ?? ""
        if Parser.clauseWords.contains(found) {
            advance()
            return found
        }
        let isLink = Parser.linkWords.contains(found) || found == "no"
        let meant = isLink ? nil : Spelling.closest(to: found, among: Parser.clauseWords)
        let label =
            meant.map { "did you mean `\($0)`?" }
            ?? (isLink ? "`\(found)` belongs between the braces of `when`" : foreignClauses[found])
            ?? "a rule has clauses such as `by`, `when` and `alert`"
        report(
            .unknownClause, "expected a clause of the rule, found \(describe(current))",
            at: current.range, label: label, fix: meant)
        if meant == nil { throw skippedClause() }
        advance()
        return meant ?? found
    }

    private mutating func skippedClause() -> Abandon {
        advance()
        return Abandon()
    }

    private mutating func clauseKind(_ word: String) throws(Abandon) -> Clause.Kind {
        switch word {
        case "severity": return .severity(try expression("a severity"))
        case "tags": return .tags(try tags())
        case "labels": return .labels(try fields("after `labels`", areTemplates: true))
        case "disabled": return .disabled
        case "by": return .by(try keys())
        case "keys":
            try expect("from", "after `keys`")
            return .keysFrom(try name("a table's name"))
        case "when": return .when(try when())
        case "having": return .having(try expression("a condition"))
        case "reset":
            try expect("on", "after `reset`")
            return .resetOn(try filter("after `reset on`"))
        case "skip": return .skip(try skip())
        case "attempts":
            guard !endsLine(), let which = keyword(["all", "latest"]) else {
                throw expected("`all` or `latest` after `attempts`")
            }
            return .attempts(latest: which == "latest")
        case "suppress": return try suppress()
        case "limit": return try limit()
        case "resolve": return try resolve()
        case "except": return try exception()
        case "alert": return try alert()
        default: return .emit(try fields("after `emit`", areTemplates: true))
        }
    }

    // MARK: the simpler clauses

    private mutating func tags() throws(Abandon) -> [Spanned<String>] {
        guard !endsLine(), take(.leftBracket) else { throw expected("`[` after `tags`") }
        var tags: [Spanned<String>] = []
        openBrackets += 1
        while !at(.rightBracket) {
            tags.append(try text("a text or `]`"))
            if !take(.comma), !at(.rightBracket) { throw expected("`,` or `]`") }
        }
        advance()
        openBrackets -= 1
        return tags
    }

    /// key { "," key }, where key = path { "=" path }
    private mutating func keys() throws(Abandon) -> [[Path]] {
        var keys: [[Path]] = []
        repeat {
            var paths = [try path("a field's path", mayStartLine: !keys.isEmpty)]
            while at(.assign) || at(.equal), !endsLine() {
                if at(.equal) {
                    report(
                        .unexpected, "expected `=` between the fields of a key, found `==`",
                        at: current.range, fix: "=")
                }
                advance()
                paths.append(try path("a field's path after `=`", mayStartLine: true))
            }
            keys.append(paths)
        } while !endsLine() && take(.comma)
        return keys
    }

    /// skip = "past" "last" | "to" "next" | "to" ( "first" | "last" ) NAME | "none"
    private mutating func skip() throws(Abandon) -> SkipSyntax {
        let forms = "`past last`, `to next`, `to first …`, `to last …` or `none`"
        guard !endsLine(), let first = keyword(["past", "to", "none"]) else {
            throw expected("\(forms) after `skip`")
        }
        switch first {
        case "none": return .none
        case "past":
            try expect("last", "after `skip past`")
            return .pastLast
        default:
            guard !endsLine(), let second = keyword(["next", "first", "last"]) else {
                throw expected("`next`, `first` or `last` after `skip to`")
            }
            if second == "next" { return .toNext }
            let step = try name("a step's name after `skip to \(second)`")
            return second == "first" ? .toFirst(step) : .toLast(step)
        }
    }

    /// suppress = "suppress" DURATION [ "per" expr { "," expr } ]
    private mutating func suppress() throws(Abandon) -> Clause.Kind {
        let duration = try duration("after `suppress`")
        var values: [ExprSyntax] = []
        if take("per") {
            repeat {
                values.append(try expression("a value after `per`", mayStartLine: !values.isEmpty))
            } while !endsLine() && take(.comma)
        }
        return .suppress(duration, per: values)
    }

    private mutating func limit() throws(Abandon) -> Clause.Kind {
        let count = try integer("a number after `limit`")
        guard takeKeyword(["per"]) else { throw expected("`per` after the number") }
        return .limit(count, per: try duration("after `per`"))
    }

    private mutating func resolve() throws(Abandon) -> Clause.Kind {
        try expect("on", "after `resolve`")
        let filter = try filter("after `resolve on`")
        let duration = take("for") ? try duration("after `for`") : nil
        return .resolveOn(filter, duration: duration)
    }

    /// except = "except" STRING [ "until" DATE ] "where" expr
    private mutating func exception() throws(Abandon) -> Clause.Kind {
        let reason = try text("a reason between quotes after `except`")
        var end: Spanned<StreamTime>?
        if !endsLine(), take("until") {
            guard !endsLine(), case .time(let time) = current.kind else {
                throw expected("a date such as `2027-01-31` after `until`")
            }
            end = Spanned(time, span(advance()))
        }
        guard takeKeyword(["where"]) else { throw expected("`where` and a condition") }
        return .except(reason, until: end, condition: condition(after: "`where`"))
    }

    private mutating func alert() throws(Abandon) -> Clause.Kind {
        guard isText(current), !endsLine() else { throw expected("a title between quotes") }
        let title = template()
        let hasFields = at(.leftBrace)
        return .alert(
            title: title, fields: hasFields ? try fields("", areTemplates: true) : [])
    }

    private mutating func template() -> ExprSyntax {
        let before = readsTemplates
        readsTemplates = true
        defer { readsTemplates = before }
        return template(advance())
    }

    // MARK: parts of several clauses

    mutating func duration(_ context: String) throws(Abandon) -> Spanned<TimeSpan> {
        let token = current
        guard !endsLine(), case .duration(let duration) = token.kind else {
            throw expected("a duration such as `10m` \(context)", label: unitHint)
        }
        advance()
        return Spanned(duration, span(token))
    }

    /// What a number lacks where a duration must stand.
    var unitHint: String {
        guard case .integer = current.kind, !endsLine() else { return "" }
        return "add a unit, such as `s` or `m`"
    }

    /// "{" { path ":" expr } "}", separated by commas or line ends
    mutating func fields(
        _ context: String, areTemplates: Bool, areNested: Bool = false,
        stops: [String] = Parser.clauseWords
    ) throws(Abandon) -> [FieldSyntax] {
        let opener = current
        guard take(.leftBrace) else { throw expected("`{` \(context)") }
        var fields: [FieldSyntax] = []
        let (before, brackets) = (readsTemplates, openBrackets)
        readsTemplates = areTemplates
        openBrackets = 0
        entries(opener, "the block of fields", stops: stops) {
            (parser: inout Parser) throws(Abandon) in
            fields += try parser.field(isNested: areNested)
        }
        readsTemplates = before
        openBrackets = brackets
        return fields
    }

    /// - Parameter isNested: whether a value can be a block of fields, `x: { y: 1 }` for `x.y: 1`.
    private mutating func field(isNested: Bool) throws(Abandon) -> [FieldSyntax] {
        let from = current.range.lowerBound
        let name = try path("a field's name", mayStartLine: true)
        if at(.assign), !endsLine() {
            report(
                .unexpected, "expected `:` after the field's name, found `=`", at: current.range,
                label: "write `:`", fix: ":")
            advance()
        } else {
            try expect(.colon, "after the field's name")
        }
        if isNested, at(.leftBrace), !endsLine() {
            let inner = try nested { (parser: inout Parser) throws(Abandon) in
                try parser.fields("", areTemplates: false, areNested: true, stops: Parser.caseWords)
            }
            return inner.map { field in
                FieldSyntax(
                    name: Path(parts: name.parts + field.name.parts, span: field.name.span),
                    value: field.value, span: field.span)
            }
        }
        let value = try expression("a value after `:`", mayStartLine: false)
        return [FieldSyntax(name: name, value: value, span: span(from: from))]
    }
}

/// What others call our clauses.
private let foreignClauses = [
    "title": "the title stands behind the rule's name, or after `alert`",
    "description": "the title stands behind the rule's name",
    "name": "the name stands behind `rule`",
    "where": "a condition stands behind the event it is about, or after `having`",
    "within": "the limit stands behind `when`",
    "over": "the window stands behind `when`",
    "group": "write `by` and the fields",
    "priority": "write `severity`",
    "level": "write `severity`",
    "match": "write `when`",
    "pattern": "write `when`",
    "sequence": "write `when`",
    "select": "write `alert` or `emit`",
    "output": "write `alert` or `emit`",
    "unless": "write `except`",
]
