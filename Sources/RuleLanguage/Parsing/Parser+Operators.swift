// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// An operator between two values, as it stands before the parser.
struct Infix {
    var symbol: BinaryOperator
    var binding: Binding
    /// How many tokens write it.
    var length = 1
    /// The text of something else that was written, and is read as this one.
    var writtenAs: String?
    var isNegated = false
    /// `between` and `is` stand here with any symbol.
    var phrase: Phrase?

    enum Phrase { case between, isTest }
}

extension Parser {
    /// The operator that stands here and continues the expression, not yet taken.
    func infix() -> Infix? {
        if endsLine() {
            // Only these two continue a line, and not where they name a field.
            guard at("and") || at("or") || at(.foreignAnd) || at(.foreignOr), !at(.colon, 1)
            else { return nil }
        }
        switch current.kind {
        case .mark(let mark): return Parser.infixMarks[mark]
        case .word: return infixWord()
        default: return nil
        }
    }

    private static let infixMarks: [Mark: Infix] = [
        .foreignOr: Infix(symbol: .or, binding: .or),
        .foreignAnd: Infix(symbol: .and, binding: .and),
        .equal: Infix(symbol: .equal, binding: .comparison),
        .assign: Infix(symbol: .equal, binding: .comparison, writtenAs: "="),
        .notEqual: Infix(symbol: .notEqual, binding: .comparison),
        .less: Infix(symbol: .less, binding: .comparison),
        .lessOrEqual: Infix(symbol: .lessOrEqual, binding: .comparison),
        .greater: Infix(symbol: .greater, binding: .comparison),
        .greaterOrEqual: Infix(symbol: .greaterOrEqual, binding: .comparison),
        .equalIgnoringCase: Infix(symbol: .equalIgnoringCase, binding: .comparison),
        .likeIgnoringCase: Infix(symbol: .likeIgnoringCase, binding: .comparison),
        .coalesce: Infix(symbol: .coalesce, binding: .coalesce),
        .plus: Infix(symbol: .add, binding: .sum),
        .minus: Infix(symbol: .subtract, binding: .sum),
        .star: Infix(symbol: .multiply, binding: .product),
        .slash: Infix(symbol: .divide, binding: .product),
        .percent: Infix(symbol: .remainder, binding: .product),
    ]

    static let operatorWords = [
        "and", "or", "in", "like", "matches", "contains", "between", "is",
    ]
    /// Words that may follow an expression on its line.
    private static let followers =
        clauseWords + linkWords + continuationWords + declarationWords + testLineWords
        + ["as", "every", "arriving", "case"]

    private func infixWord() -> Infix? {
        guard let found = word() else { return nil }
        if found == "not" { return negatedInfix() }
        if let infix = infix(named: found) { return infix }
        guard !current.startsLine, !Parser.followers.contains(found), !endsLine(1), !at(.colon, 1)
        else { return nil }
        let lower = found.lowercased()
        let meant =
            Parser.operatorWords.contains(lower)
            ? lower : Spelling.closest(to: lower, among: Parser.operatorWords)
        guard let meant, var infix = infix(named: meant) else { return nil }
        infix.writtenAs = found
        return infix
    }

    private func infix(named word: String) -> Infix? {
        switch word {
        case "and": return Infix(symbol: .and, binding: .and)
        case "or": return Infix(symbol: .or, binding: .or)
        case "in":
            // `… where x > 1 in 5m`: a part of the step, behind its condition.
            if case .duration = token(1).kind { return nil }
            return Infix(symbol: .isIn, binding: .comparison)
        case "like": return Infix(symbol: .like, binding: .comparison)
        case "matches": return Infix(symbol: .matches, binding: .comparison)
        case "contains": return Infix(symbol: .contains, binding: .comparison)
        case "between": return Infix(symbol: .and, binding: .comparison, phrase: .between)
        case "is": return Infix(symbol: .equal, binding: .comparison, phrase: .isTest)
        default: return nil
        }
    }

    private func negatedInfix() -> Infix? {
        guard let next = word(1), !endsLine(1) else { return nil }
        if next == "in" { return Infix(symbol: .notIn, binding: .comparison, length: 2) }
        guard ["like", "matches", "contains", "between"].contains(next),
            var infix = infix(named: next)
        else { return nil }
        infix.length = 2
        infix.isNegated = true
        infix.writtenAs = "not \(next)"
        return infix
    }

    /// Takes the operator's tokens.
    mutating func take(_ infix: Infix) {
        let range = current.range.lowerBound..<token(infix.length - 1).range.upperBound
        for _ in 0..<infix.length { advance() }
        guard let written = infix.writtenAs else { return }
        if written == "=" {
            report(
                .assignmentInCondition, "`=` does not compare", at: range, label: "write `==`",
                fix: "==")
        } else if infix.isNegated {
            report(
                .foreignPhrase, "`\(written)` is no operator", at: range,
                label: "put `not` before the whole comparison")
        } else {
            let word =
                infix.phrase.map { $0 == .between ? "between" : "is" } ?? infix.symbol.rawValue
            report(
                .unknownKeyword, "`\(written)` has no meaning here", at: range,
                label: "did you mean `\(word)`?", fix: word)
        }
    }

    // MARK: comparisons

    /// A comparison with `left`; one that follows another is reported.
    mutating func comparison(_ infix: Infix, _ left: ExprSyntax, isChained: Bool) throws(Abandon)
        -> ExprSyntax
    {
        if isChained, !left.isInvalid { reportChain(infix, left) }
        let first = height
        take(infix)
        let kind: ExprSyntax.Kind
        switch infix.phrase {
        case .between:
            let low = try expression(binding: .coalesce)
            let lowHeight = height
            try expect("and", "between the least and the greatest value")
            let high = try expression(binding: .coalesce)
            height = max(height, lowHeight)
            kind = .between(left, low: low, high: high)
        case .isTest:
            kind = try isTest(left)
        case nil where infix.symbol == .matches:
            kind = .binary(.matches, left, try pattern())
        case nil:
            kind = .binary(infix.symbol, left, try expression(binding: .coalesce))
        }
        try grow(max(first, height))
        let whole = span(from: left.span.range.lowerBound)
        let result = ExprSyntax(isChained ? .invalid : kind, whole)
        return infix.isNegated ? ExprSyntax(.not(result), whole) : result
    }

    private mutating func reportChain(_ infix: Infix, _ left: ExprSyntax) {
        var label = "join two comparisons with `and`"
        if case .binary(let symbol, _, let middle) = left.kind, symbol.isOrder, infix.symbol.isOrder
        {
            label += ", or write `\(file.excerpt(middle.span.range)) between … and …`"
        }
        report(
            .chainedComparison, "comparisons cannot be chained", at: current.range, label: label)
    }

    private mutating func pattern() throws(Abandon) -> ExprSyntax {
        height = 1
        switch current.kind {
        case .regex(let literal): return ExprSyntax(.regex(literal), span(advance()))
        case .text:
            let regex = needsRegex()
            return ExprSyntax(.regex(regex.value), regex.span)
        default: return try expression(binding: .coalesce)
        }
    }

    /// What follows `is`: `missing` or `present`, or what others write for them.
    private mutating func isTest(_ left: ExprSyntax) throws(Abandon) -> ExprSyntax.Kind {
        let start = previousEnd - 2
        let isNegated = take("not")
        guard !endsLine(), let found = word() else {
            return try isComparison(left, from: start, isNegated: isNegated)
        }
        let asksMissing: Bool
        var isForeign = isNegated
        switch found {
        case "missing": asksMissing = true
        case "present": asksMissing = false
        case "null", "nil", "none", "empty", "unset", "NULL", "None", "undefined":
            (asksMissing, isForeign) = (true, true)
        case "set", "defined":
            (asksMissing, isForeign) = (false, true)
        default:
            guard let meant = Spelling.closest(to: found, among: ["missing", "present"]) else {
                return try isComparison(left, from: start, isNegated: isNegated)
            }
            (asksMissing, isForeign) = (meant == "missing", true)
        }
        advance()
        let saysMissing = asksMissing != isNegated
        if isForeign {
            let phrase = saysMissing ? "is missing" : "is present"
            let range = start..<previousEnd
            report(
                .foreignPhrase, "`\(file.excerpt(range))` is no test", at: range,
                label: "write `\(phrase)`", fix: phrase)
        }
        return saysMissing ? .isMissing(left) : .isPresent(left)
    }

    /// `is` where a comparison was meant.
    private mutating func isComparison(_ left: ExprSyntax, from start: Int, isNegated: Bool)
        throws(Abandon) -> ExprSyntax.Kind
    {
        let meant = isNegated ? "!=" : "=="
        let range = start..<previousEnd
        if endsLine() || atEnd { throw expected("`missing` or `present` after `is`") }
        report(
            .foreignPhrase, "`is` asks for `missing` or `present` only", at: range,
            label: "write `\(meant)` to compare", fix: meant)
        let right = try expression(binding: .coalesce)
        return .binary(isNegated ? .notEqual : .equal, left, right)
    }
}

extension BinaryOperator {
    fileprivate var isOrder: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }
}

extension ExprSyntax {
    /// Whether this has been reported already.
    fileprivate var isInvalid: Bool {
        if case .invalid = kind { return true }
        return false
    }
}
