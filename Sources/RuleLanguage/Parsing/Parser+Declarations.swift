// SPDX-License-Identifier: Apache-2.0

import Diagnostics

extension Parser {
    /// file = { event | table | let | rule | test }
    mutating func declarations() -> [Declaration] {
        var result: [Declaration] = []
        while !atEnd {
            let start = position
            let from = current.range.lowerBound
            do {
                if let rule = try similarRule() {
                    result.append(rule)
                } else {
                    result.append(try declaration())
                }
            } catch {
                openBrackets = 0
                skipToDeclaration()
                result.append(.unexpected(span(from: from)))
            }
            if position == start { advance() }
        }
        return result
    }

    mutating func declaration() throws(Abandon) -> Declaration {
        let start = current
        let word = try declarationWord()
        switch word {
        case "event": return .event(try event(from: start))
        case "table": return .table(try table(from: start))
        case "let": return .letConstant(try letConstant(from: start))
        case "rule": return .rule(try rule(from: start))
        default: return .test(try test(from: start))
        }
    }

    private mutating func declarationWord() throws(Abandon) -> String {
        if current.kind == .invalid { throw Abandon() }
        if at(.rightBrace) {
            report(.unopened, "this `}` closes nothing", at: current.range)
            advance()
            throw Abandon()
        }
        if let found = word(), Parser.declarationWords.contains(found) {
            advance()
            return found
        }
        let meant = word().flatMap { Spelling.closest(to: $0, among: Parser.declarationWords) }
        report(
            .unknownDeclaration,
            "expected `event`, `table`, `let`, `rule` or `test`, found \(describe(current))",
            at: current.range, label: meant.map { "did you mean `\($0)`?" } ?? clauseHint,
            fix: meant)
        guard let meant, atName(1) else { throw Abandon() }
        advance()
        return meant
    }

    private var clauseHint: String {
        guard let word = word(), Parser.clauseWords.contains(word) else { return "" }
        return "`\(word)` belongs between the braces of a rule"
    }

    /// To the next line that begins a declaration, or a misspelt one.
    private mutating func skipToDeclaration() {
        while !atEnd, !atDeclaration {
            if current.startsLine, let found = word(), atName(1),
                at(.leftBrace, 2) || isText(token(2)),
                Spelling.closest(to: found, among: Parser.declarationWords) != nil
            {
                return
            }
            advance()
        }
    }

    // MARK: event

    /// event = "event" NAME [ "from" source { "," source } ] [ "where" expr ] [ "{" { item } "}" ]
    private mutating func event(from start: Token) throws(Abandon) -> EventDeclaration {
        let name = try self.name("the event type's name")
        var sources: [Name] = []
        var filter: ExprSyntax?
        var items: [EventItem] = []
        if take("from") {
            repeat {
                sources.append(
                    try self.name("a feed or an event type", mayStartLine: !sources.isEmpty))
            } while take(.comma)
        }
        if at("where"), !atDeclaration {
            advance()
            filter = condition(after: "`where`")
        }
        if at(.leftBrace) {
            let opener = advance()
            entries(opener, "event `\(name.text)`") { (parser: inout Parser) throws(Abandon) in
                items.append(try parser.eventItem())
            }
        } else if !current.startsLine, !atEnd {
            _ = expected("`{` or the end of the declaration")
            skipLine()
        }
        return EventDeclaration(
            name: name, sources: sources, filter: filter, items: items,
            span: span(from: start.range.lowerBound))
    }

    /// item = NAME ":" type ["?"] [ "=" expr ]  |  path "matches" REGEX  |  "time" path [ STRING ]
    ///      |  "id" path
    private mutating func eventItem() throws(Abandon) -> EventItem {
        let from = current.range.lowerBound
        if at("time") || at("id"), atName(1), !endsLine(1), !at("matches", 1) {
            let isTime = at("time")
            advance()
            let path = try self.path("a field's path")
            guard isTime else { return .id(path: path, span: span(from: from)) }
            let format = !endsLine() && isText(current) ? try text("a time format") : nil
            return .time(path: path, format: format, span: span(from: from))
        }
        let path = try self.path("a field's name", mayStartLine: true)
        if take("matches") {
            let regex = try self.regex()
            return .matches(path: path, regex: regex, span: span(from: from))
        }
        try expect(.colon, "and a type after `\(path.text)`")
        let type = try self.type()
        let optional = take(.question)
        let computed = take(.assign) ? try expression("a value") : nil
        return .field(
            name: path, type: type, optional: optional, computed: computed, span: span(from: from))
    }

    mutating func regex() throws(Abandon) -> Spanned<RegexLiteral> {
        guard !endsLine(), case .regex(let literal) = current.kind else {
            if isText(current), !endsLine() { return needsRegex() }
            throw expected("a regex such as `r\"…\"`")
        }
        return Spanned(literal, span(advance()))
    }

    /// A text where a regex must stand: read as one.
    mutating func needsRegex() -> Spanned<RegexLiteral> {
        let source = file.text(current.range)
        let isPlain = source.hasPrefix("\"")
        report(
            .matchesNeedsRegex, "`matches` takes a regex, not a text", at: current.range,
            label: "put `r` before the quote", fix: isPlain ? "r" + source : nil)
        let token = advance()
        return Spanned(RegexLiteral(pattern: plainText(token), flags: ""), span(token))
    }

    /// type = bool | int | float | string | time | duration | ip | STRING { "|" STRING }
    ///      | "[" type "]"
    private mutating func type() throws(Abandon) -> TypeSyntax {
        let start = current
        guard !endsLine() else { throw expected("a type") }
        if take(.leftBracket) {
            let element = try nested { (p: inout Parser) throws(Abandon) in try p.type() }
            try expect(.rightBracket, "after the type of the list's elements")
            return .list(element, span(from: start.range.lowerBound))
        }
        if isText(current) {
            var choices = [try text("a text")]
            while at(.bar), !endsLine() {
                advance()
                choices.append(try text("a text after `|`", mayStartLine: true))
            }
            return .enumeration(choices, span(from: start.range.lowerBound))
        }
        return .named(try name("a type"))
    }

    // MARK: table, let

    /// table = "table" NAME ( "=" "[" literals "]" | ( "=" "[" rows "]" | "from" STRING )
    ///         [ "key" NAME ] )
    private mutating func table(from start: Token) throws(Abandon) -> TableDeclaration {
        let name = try self.name("the table's name")
        let source: TableDeclaration.Source
        if take(.assign) {
            if at(.leftBracket), at(.leftBrace, 1) {
                let rows = try self.rows(stops: Parser.declarationWords)
                source = .rows(rows, key: try key())
            } else {
                source = .inline(try literals("after `=`"))
            }
        } else if take("from") {
            let path = try text("the file's path")
            source = .file(path, key: try key())
        } else {
            throw expected("`=` or `from` after the table's name")
        }
        endDeclaration()
        return TableDeclaration(
            name: name, source: source, span: span(from: start.range.lowerBound))
    }

    /// [ "key" NAME ]
    private mutating func key() throws(Abandon) -> Name? {
        guard !endsLine(), !atEnd, word() != nil, keyword(["key"]) != nil else { return nil }
        return try name("the key column's name")
    }

    /// let = "let" NAME "=" constant expr
    private mutating func letConstant(from start: Token) throws(Abandon) -> LetDeclaration {
        let name = try self.name("the constant's name")
        try expect(.assign, "after the constant's name")
        let value = try expression("a value after `=`", mayStartLine: true)
        endDeclaration()
        return LetDeclaration(
            name: name, value: value, span: span(from: start.range.lowerBound))
    }

    /// Reports what is left on a line that should have ended.
    private mutating func endDeclaration() {
        guard !atEnd, !current.startsLine, !Parser.declarationWords.contains(where: { at($0) })
        else { return }
        _ = expected("the end of the line")
        skipLine()
    }

    /// `[` expr { "," expr } [ "," ] `]`
    mutating func literals(_ context: String) throws(Abandon) -> [ExprSyntax] {
        try expect(.leftBracket, context)
        return try bracketed(.rightBracket)
    }
}
