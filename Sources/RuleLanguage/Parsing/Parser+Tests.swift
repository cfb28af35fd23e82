// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

extension Parser {
    /// test = "test" RULE { "," RULE } "{" { "case" STRING "{" { line } "}" } "}"
    mutating func test(from start: Token) throws(Abandon) -> TestDeclaration {
        var rules: [Name] = []
        repeat {
            rules.append(try name("a rule's name", mayStartLine: !rules.isEmpty))
        } while take(.comma)
        var cases: [TestCaseSyntax] = []
        let opener = current
        if open("after the rules' names") {
            while !atEnd, !at(.rightBrace), !atDeclaration {
                let before = position
                do throws(Abandon) {
                    cases.append(try testCase())
                } catch {
                    skipLine(since: before)
                }
                if position == before { advance() }
            }
            close(at: opener, or: rules[0], "test `\(rules[0].text)`")
        }
        return TestDeclaration(
            rules: rules, cases: cases, span: span(from: start.range.lowerBound))
    }

    private mutating func testCase() throws(Abandon) -> TestCaseSyntax {
        let from = current.range.lowerBound
        guard takeKeyword(["case"]) else {
            throw expected("`case` and the case's name between quotes")
        }
        let name = try text("the case's name between quotes")
        var lines: [TestLineSyntax] = []
        let opener = current
        if open("after the case's name") {
            while !atEnd, !at(.rightBrace), !atDeclaration, !atCase {
                let before = position
                lines.append(testLine())
                if position == before { advance() }
            }
            if opener.kind == .mark(.leftBrace) {
                close(opener, "case \"\(name.value)\"")
            } else {
                _ = take(.rightBrace)
            }
        }
        return TestCaseSyntax(name: name, lines: lines, span: span(from: from))
    }

    static let caseWords = testLineWords + ["case"]

    private var atCase: Bool { current.startsLine && at("case") && isText(token(1)) }

    private mutating func testLine() -> TestLineSyntax {
        let (from, start) = (current.range.lowerBound, position)
        do throws(Abandon) {
            let kind = try testLineKind()
            let line = TestLineSyntax(kind, span(from: from))
            endTestLine()
            return line
        } catch {
            skipLine(since: start)
            return TestLineSyntax(.unexpected, span(from: from))
        }
    }

    private mutating func endTestLine() {
        if atEnd || current.startsLine || at(.rightBrace) { return }
        if let word = word(), Parser.testLineWords.contains(word) { return }
        _ = expected("a new line")
        skipLine()
    }

    /// line = "given" TABLE "[" literals | rows "]" | "at" TIME [ INT ] EVENT [ "every" DURATION ]
    ///        "{" fields "}" [ "arriving" TIME ] | "replay" STRING | "restart" "at" TIME
    ///      | "until" TIME | "expect" …
    private mutating func testLineKind() throws(Abandon) -> TestLineSyntax.Kind {
        if current.kind == .invalid { throw Abandon() }
        let found = word() ?? ""
        var line = found
        if Parser.testLineWords.contains(found) {
            advance()
        } else {
            let meant = Spelling.closest(to: found, among: Parser.testLineWords)
            report(
                .unknownTestLine, "expected a line of the test, found \(describe(current))",
                at: current.range,
                label: meant.map { "did you mean `\($0)`?" }
                    ?? "a line begins with `at`, `expect`, `given`, `replay`, `restart` or `until`",
                fix: meant)
            advance()
            guard let meant else { throw Abandon() }
            line = meant
        }
        switch line {
        case "given": return try given()
        case "at": return try events()
        case "replay": return .replay(try text("a file's path between quotes"))
        case "restart":
            try expect("at", "and a time after `restart`")
            return .restart(at: try time("after `restart at`"))
        case "until": return .until(try time("after `until`"))
        default: return try expectation()
        }
    }

    /// TIME: an offset from the case's start, or a date
    private mutating func time(_ context: String) throws(Abandon) -> Spanned<TestTimeSyntax> {
        let token = current
        guard !endsLine() else { throw expected("a time such as `3m` \(context)") }
        switch token.kind {
        case .duration(let offset):
            advance()
            return Spanned(.offset(offset), span(token))
        case .time(let time):
            advance()
            return Spanned(.absolute(time), span(token))
        default:
            throw expected(
                "a time such as `3m` or `2027-01-31T12:00:00Z` \(context)", label: unitHint)
        }
    }

    private mutating func events() throws(Abandon) -> TestLineSyntax.Kind {
        let time = try time("after `at`")
        var count: Spanned<Int64>?
        if case .integer = current.kind, !endsLine() { count = try integer("a number") }
        let event = try name("an event")
        var every: Spanned<TimeSpan>?
        if !endsLine(), !at(.leftBrace), !at("arriving"), let found = word(),
            !Parser.testLineWords.contains(found), takeKeyword(["every"])
        {
            every = try duration("after `every`")
        }
        let fields =
            at(.leftBrace)
            ? try fields("", areTemplates: false, areNested: true, stops: Parser.caseWords) : []
        var arriving: Spanned<TestTimeSyntax>?
        if !endsLine(), let found = word(), !Parser.testLineWords.contains(found),
            takeKeyword(["arriving"])
        {
            arriving = try self.time("after `arriving`")
        }
        return .at(
            time, count: count, event: event, every: every, fields: fields, arriving: arriving)
    }

    /// "expect" ( "none" | [ "at" TIME ] ( "alert" | RULE ) [ "{" fields "}" ] | INT "alerts" )
    private mutating func expectation() throws(Abandon) -> TestLineSyntax.Kind {
        if at("none"), !endsLine() {
            advance()
            return .expectNone
        }
        if case .integer = current.kind, !endsLine() {
            let count = try integer("a number")
            guard !endsLine(), keyword(["alerts", "alert"]) != nil else {
                throw expected("`alerts` after the number")
            }
            return .expectCount(count)
        }
        if at("no"), at("alert", 1) || at("alerts", 1), !endsLine() {
            let range = current.range.lowerBound..<token(1).range.upperBound
            report(
                .foreignPhrase, "`\(file.text(range))` is no expectation", at: range,
                label: "write `none`", fix: "none")
            advance()
            advance()
            return .expectNone
        }
        var time: Spanned<TestTimeSyntax>?
        if at("at"), !endsLine() {
            advance()
            time = try self.time("after `at`")
        }
        let isAlert = at("alert")
        let name = try name("`alert`, a rule's name, `none`, or a number of alerts")
        let fields =
            at(.leftBrace) ? try fields("", areTemplates: false, stops: Parser.caseWords) : []
        return .expectAlert(at: time, rule: isAlert ? nil : name, fields: fields)
    }

    /// "given" TABLE "[" literals | rows "]"
    private mutating func given() throws(Abandon) -> TestLineSyntax.Kind {
        let table = try name("a table's name after `given`")
        guard at(.leftBracket), at(.leftBrace, 1) else {
            return .given(table, values: try literals("after the table's name"), rows: [])
        }
        return .given(table, values: [], rows: try rows(stops: Parser.caseWords))
    }

    /// "[" "{" fields "}" { [ "," ] "{" fields "}" } "]"
    mutating func rows(stops: [String]) throws(Abandon) -> [[FieldSyntax]] {
        advance()
        openBrackets += 1
        var rows: [[FieldSyntax]] = []
        while at(.leftBrace) {
            rows.append(try fields("", areTemplates: false, stops: stops))
            _ = take(.comma)
        }
        guard take(.rightBracket) else { throw expected("`{` or `]`") }
        openBrackets -= 1
        return rows
    }
}
