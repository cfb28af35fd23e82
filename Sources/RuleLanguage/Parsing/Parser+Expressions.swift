// SPDX-License-Identifier: Apache-2.0
// Precedence climbing (Richards 1979) over the levels of `Binding`. Runs of
// `and` and `or` become balanced trees where they are long, so that a generated condition of ten
// thousand terms is no deeper than a short one.

import Diagnostics
import EventModel

/// How tightly an operator binds, loosest first.
enum Binding: Int, Comparable {
    case or, and, not, comparison, coalesce, sum, product, prefix

    static func < (a: Binding, b: Binding) -> Bool { a.rawValue < b.rawValue }
    var tighter: Binding { Binding(rawValue: rawValue + 1) ?? .prefix }
}

extension Parser {
    /// An expression, on this line unless it may start one.
    mutating func expression(_ what: String, mayStartLine: Bool = false) throws(Abandon)
        -> ExprSyntax
    {
        guard mayStartLine || !endsLine(), !atNoValue else {
            throw expected(what, code: .missingExpression)
        }
        return try expression(binding: .or)
    }

    /// Whether what stands here ends an expression rather than beginning one.
    private var atNoValue: Bool {
        switch current.kind {
        case .mark(.comma), .mark(.rightBrace), .mark(.rightParen), .mark(.rightBracket),
            .endOfFile:
            true
        default: !readsConditionOnly && current.startsLine && atDeclaration
        }
    }

    /// An expression that is recovered for itself: `.invalid` where it cannot be read, with the
    /// rest of its line skipped.
    mutating func condition(after word: String) -> ExprSyntax {
        let start = previousEnd
        let (first, brackets) = (position, openBrackets)
        do throws(Abandon) {
            return try expression("a condition after \(word)")
        } catch {
            skipLine(since: first - 1, brackets: brackets, atComma: inBranches)
            return ExprSyntax(.invalid, SourceSpan(file, start..<max(start, previousEnd)))
        }
    }

    /// An expression of operators that bind at least as tightly as `minimum`.
    mutating func expression(binding minimum: Binding) throws(Abandon) -> ExprSyntax {
        var left = try operand(minimum)
        var compared = false
        while let infix = infix(), infix.binding >= minimum {
            switch infix.binding {
            case .or, .and: left = try chain(infix, left)
            case .comparison:
                left = try comparison(infix, left, isChained: compared)
                compared = true
            default:
                let first = height
                take(infix)
                let right = try expression(binding: infix.binding.tighter)
                left = ExprSyntax(.binary(infix.symbol, left, right), span(left.span, right.span))
                try grow(max(first, height))
            }
        }
        return left
    }

    /// Notes the height of an expression around one of height `inner`.
    mutating func grow(_ inner: Int) throws(Abandon) {
        height = inner + 1
        if height > Parser.nestingCap { throw tooDeep() }
    }

    private mutating func chain(_ first: Infix, _ left: ExprSyntax) throws(Abandon) -> ExprSyntax {
        var operands = [left]
        var highest = height
        while let infix = infix(), infix.symbol == first.symbol {
            take(infix)
            operands.append(try expression(binding: infix.binding.tighter))
            highest = max(highest, height)
        }
        let (result, levels) = join(operands[...], first.symbol)
        try grow(highest + levels - 1)
        return result
    }

    /// Short runs lean to the left, as they are read; long ones are split in the middle.
    private func join(_ operands: ArraySlice<ExprSyntax>, _ symbol: BinaryOperator) -> (
        ExprSyntax, levels: Int
    ) {
        if operands.count <= 16 {
            let joined = operands.dropFirst().reduce(operands[operands.startIndex]) {
                ExprSyntax(.binary(symbol, $0, $1), span($0.span, $1.span))
            }
            return (joined, operands.count - 1)
        }
        let middle = operands.startIndex + operands.count / 2
        let (left, leftLevels) = join(operands[..<middle], symbol)
        let (right, rightLevels) = join(operands[middle...], symbol)
        let joined = ExprSyntax(.binary(symbol, left, right), span(left.span, right.span))
        return (joined, max(leftLevels, rightLevels) + 1)
    }

    // MARK: operands

    private mutating func operand(_ minimum: Binding) throws(Abandon) -> ExprSyntax {
        let start = current
        if at("NOT"), atName(1) || at(.leftParen, 1), !endsLine(1) {
            report(
                .unknownKeyword, "`NOT` has no meaning here", at: start.range,
                label: "did you mean `not`?", fix: "not")
        } else if !at("not"), !at(.foreignNot) {
            return try unary()
        }
        let isWord = start.kind == .word
        if isWord, minimum > .not {
            report(
                .misplacedNot, "`not` cannot stand behind an operator that binds more tightly",
                at: start.range, label: "put it and what it negates between parentheses")
        }
        advance()
        let negated = try nested { (p: inout Parser) throws(Abandon) in
            isWord && minimum <= .not ? try p.expression(binding: .not) : try p.unary()
        }
        try grow(height)
        return ExprSyntax(.not(negated), span(span(start), negated.span))
    }

    private mutating func unary() throws(Abandon) -> ExprSyntax {
        let start = current
        guard at(.minus) else { return try postfix() }
        advance()
        if let literal = negativeLiteral(from: start) { return literal }
        let value = try nested { (p: inout Parser) throws(Abandon) in try p.unary() }
        try grow(height)
        return ExprSyntax(.negate(value), span(span(start), value.span))
    }

    /// A number right behind its minus: one literal, so that the least integer can be written.
    private mutating func negativeLiteral(from start: Token) -> ExprSyntax? {
        guard current.range.lowerBound == start.range.upperBound, !at(.dot, 1), !at(.leftBracket, 1)
        else { return nil }
        let value: Value
        switch current.kind {
        case .integer(let number) where number <= UInt64(Int64.max) + 1:
            value = .int(Int64(truncatingIfNeeded: 0 &- number))
        case .float(let number): value = .float(-number)
        case .duration(let span): value = .duration(TimeSpan(nanoseconds: -span.nanoseconds))
        default: return nil
        }
        height = 1
        return ExprSyntax(.literal(value), span(span(start), span(advance())))
    }

    /// calls, indices and members
    private mutating func postfix() throws(Abandon) -> ExprSyntax {
        var base = try primary()
        while !endsLine() {
            if at(.leftBracket) {
                advance()
                let inner = height
                openBrackets += 1
                let index = try nested { (p: inout Parser) throws(Abandon) in
                    try p.expression("a value after `[`")
                }
                try expect(.rightBracket, "after the index")
                openBrackets -= 1
                base = ExprSyntax(.index(base, index), span(from: base.span.range.lowerBound))
                try grow(max(inner, height))
            } else if at(.dot) {
                advance()
                let name = try self.name("a field's name after `.`")
                base = ExprSyntax(.member(base, name), span(base.span, name.span))
                try grow(height)
            } else {
                break
            }
        }
        return base
    }

    private mutating func primary() throws(Abandon) -> ExprSyntax {
        let token = current
        if atNoValue { throw expected("a value", code: .missingExpression) }
        if token.startsLine, openBrackets == 0, Parser.linkWords.contains(where: { at($0) }),
            atName(1)
        {
            throw expected("a value", code: .missingExpression)
        }
        height = 1
        switch token.kind {
        case .text: return template(advance())
        case .regex(let literal): return ExprSyntax(.regex(literal), span(advance()))
        case .word, .quotedName: return try pathOrCall()
        case .mark(.leftParen):
            advance()
            openBrackets += 1
            var inner = try nested { (p: inout Parser) throws(Abandon) in
                try p.expression("a value after `(`")
            }
            if at(.comma) { return try foreignList(inner, from: token) }
            try expect(.rightParen, "to close the `(`")
            openBrackets -= 1
            inner.span = span(from: token.range.lowerBound)
            return inner
        case .mark(.leftBracket):
            advance()
            let elements = try bracketed(.rightBracket)
            return ExprSyntax(.list(elements), span(from: token.range.lowerBound))
        default:
            guard let value = try literal() else {
                throw expected("a value", code: .missingExpression)
            }
            return ExprSyntax(.literal(value), span(token))
        }
    }

    /// `(1, 2)` where `[1, 2]` was meant.
    private mutating func foreignList(_ first: ExprSyntax, from opener: Token) throws(Abandon)
        -> ExprSyntax
    {
        let highest = height
        advance()
        openBrackets -= 1
        let elements = [first] + (try bracketed(.rightParen))
        try grow(max(highest, height))
        let whole = span(from: opener.range.lowerBound)
        report(
            .foreignPhrase, "a list stands between `[` and `]`", at: whole.range,
            label: "write `[…]`")
        return ExprSyntax(.list(elements), whole)
    }

    private mutating func literal() throws(Abandon) -> Value? {
        let value: Value
        switch current.kind {
        case .integer: return .int(try integer("a number", mayStartLine: true).value)
        case .float(let number): value = .float(number)
        case .duration(let span): value = .duration(span)
        case .time(let time): value = .time(time)
        case .address(let address): value = .ip(address)
        case .network(let network): value = .network(network)
        default: return nil
        }
        advance()
        return value
    }

    /// An integer that fits 64 bits with a sign.
    mutating func integer(_ what: String, mayStartLine: Bool = false) throws(Abandon)
        -> Spanned<Int64>
    {
        let token = current
        guard case .integer(let number) = token.kind, mayStartLine || !endsLine() else {
            throw expected(what)
        }
        advance()
        if let value = Int64(exactly: number) { return Spanned(value, span(token)) }
        report(
            .badNumber, "\(describe(token)) is too large for an int", at: token.range,
            label: "the largest is \(Int64.max)")
        return Spanned(.max, span(token))
    }

    private mutating func pathOrCall() throws(Abandon) -> ExprSyntax {
        if !at(.leftParen, 1) || endsLine(1) {
            if !at(.dot, 1), at("true") || at("false") {
                return ExprSyntax(.literal(.bool(at("true"))), span(advance()))
            }
            let path = try self.path("a value", mayStartLine: true)
            guard at(.leftParen), !endsLine() else { return ExprSyntax(.path(path), path.span) }
            report(
                .foreignPhrase, "`\(path.text)` is no function", at: path.span.range,
                label: "write the function first, with its values between the parentheses")
            advance()
            _ = try bracketed(.rightParen)
            return ExprSyntax(.invalid, span(from: path.span.range.lowerBound))
        }
        let name = try self.name("a function's name", mayStartLine: true)
        advance()
        let arguments = try bracketed(.rightParen)
        return ExprSyntax(.call(name, arguments), span(from: name.span.range.lowerBound))
    }

    /// Values up to the closing bracket, which may follow a last comma.
    mutating func bracketed(_ closer: Mark) throws(Abandon) -> [ExprSyntax] {
        var values: [ExprSyntax] = []
        var highest = 0
        openBrackets += 1
        while !at(closer) {
            let value = try nested { (p: inout Parser) throws(Abandon) in
                closer == .rightParen
                    ? try p.argument() : try p.expression("a value or `\(closer.rawValue)`")
            }
            values.append(value)
            highest = max(highest, height)
            if !take(.comma), !at(closer) { throw expected("`,` or `\(closer.rawValue)`") }
        }
        advance()
        openBrackets -= 1
        try grow(highest)
        return values
    }

    /// A value, or the window that an aggregate ends with: `last 20`, `in 5m`.
    private mutating func argument() throws(Abandon) -> ExprSyntax {
        let start = current.range.lowerBound
        if at("last"), case .integer = token(1).kind {
            advance()
            let count = try integer("a number")
            height = 1
            return ExprSyntax(.windowLast(count.value), span(from: start))
        }
        if at("in"), case .duration(let duration) = token(1).kind {
            advance()
            advance()
            height = 1
            return ExprSyntax(.windowIn(duration), span(from: start))
        }
        return try expression("a value or `)`")
    }
}
