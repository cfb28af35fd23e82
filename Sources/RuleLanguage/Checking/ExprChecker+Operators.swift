// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import TextMatching

extension RulesetChecker {
    func binary(
        _ op: BinaryOperator, _ left: ExprSyntax, _ right: ExprSyntax, _ span: SourceSpan,
        _ scope: Scope
    ) -> Typed {
        switch op {
        case .and, .or:
            let a = condition(left, scope)
            let b = condition(right, scope)
            guard let a, let b else { return .erroneous(span) }
            return Typed(op == .and ? .and(a, b) : .or(a, b), .bool, span)
        case .equal: return comparison(.equal, left, right, span, scope)
        case .notEqual: return comparison(.notEqual, left, right, span, scope)
        case .less: return comparison(.less, left, right, span, scope)
        case .lessOrEqual: return comparison(.lessOrEqual, left, right, span, scope)
        case .greater: return comparison(.greater, left, right, span, scope)
        case .greaterOrEqual: return comparison(.greaterOrEqual, left, right, span, scope)
        case .equalIgnoringCase: return ignoringCase(left, right, span, scope)
        case .isIn: return membership(left, right, span, scope)
        case .notIn:
            let member = membership(left, right, span, scope)
            return member.isErroneous ? member : Typed(.not(member.expr), .bool, span)
        case .like, .likeIgnoringCase:
            return like(left, right, ignoringCase: op == .likeIgnoringCase, span, scope)
        case .matches: return matches(left, right, span, scope)
        case .contains: return contains(left, right, span, scope)
        case .coalesce: return coalesce([left, right], span, scope)
        case .add: return arithmetic(.add, left, right, span, scope)
        case .subtract: return arithmetic(.subtract, left, right, span, scope)
        case .multiply: return arithmetic(.multiply, left, right, span, scope)
        case .divide: return arithmetic(.divide, left, right, span, scope)
        case .remainder: return arithmetic(.remainder, left, right, span, scope)
        }
    }

    // MARK: comparisons

    private func comparison(
        _ op: Expr.Comparison, _ left: ExprSyntax, _ right: ExprSyntax, _ span: SourceSpan,
        _ scope: Scope
    ) -> Typed {
        let a = check(left, scope)
        let b = check(right, scope)
        guard comparable(op, a, b, span) else { return .erroneous(span) }
        if op == .notEqual { noteUnequalOptional(a, b, span) }
        if op == .equal { noteTextUse(a, b, right, scope) }
        return Typed(.compare(op, a.expr, b.expr), .bool, span)
    }

    private func comparable(_ op: Expr.Comparison, _ a: Typed, _ b: Typed, _ span: SourceSpan)
        -> Bool
    {
        switch relate(a, b) {
        case .refused: return false
        case .mismatch:
            reportIncomparable(a, b, "`\(op.rawValue)`", span)
            return false
        case .fits:
            let types = (resolved(a), resolved(b))
            if types == (.ip, .network) || types == (.network, .ip) {
                reportIncomparable(a, b, "`\(op.rawValue)`", span)
                return false
            }
        }
        guard checkCases(a, b) else { return false }
        if op == .equal || op == .notEqual { return true }
        for side in [a, b] {
            switch resolved(side) {
            case .bool, .list, .network:
                report(
                    .incomparable, "`\(op.rawValue)` needs values that have an order",
                    at: side.span,
                    label: "this is \(resolved(side).article)")
                return false
            default: break
            }
        }
        return true
    }

    func reportIncomparable(
        _ a: Typed, _ b: Typed, _ operation: String, _ span: SourceSpan,
        notes: [Diagnostic.Note] = []
    ) {
        let types = (resolved(a), resolved(b))
        var label = "\(types.0.article) and \(types.1.article)"
        switch (types, a.expr, b.expr) {
        case ((.ip, .string), _, .constant(.string(let text))),
            ((.string, .ip), .constant(.string(let text)), _):
            if IPAddress(text) != nil { label = "write the address without quotes: `\(text)`" }
        case ((.ip, .network), _, _), ((.network, .ip), _, _):
            label = "write `in` to look an address up in a network"
        default: break
        }
        report(
            .incomparable,
            "\(operation) can't compare \(types.0.article) with \(types.1.article)", at: span,
            label: label, notes: notes)
    }

    /// Unknown is not true, so an event without the field passes neither `==` nor `!=`.
    private func noteUnequalOptional(_ a: Typed, _ b: Typed, _ span: SourceSpan) {
        for side in [a, b] where side.isOptional {
            let name = side.span.text
            report(
                .unequalOptional, "`!=` does not hold where `\(name)` is missing", at: span,
                label: "add `or \(name) is missing` if that should count")
            return
        }
    }

    private func ignoringCase(
        _ left: ExprSyntax, _ right: ExprSyntax, _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        let a = check(left, scope)
        let b = check(right, scope)
        let fits = [a, b].map { expect($0, .string, "`~=` compares texts") }
        guard fits == [true, true] else { return .erroneous(span) }
        return Typed(.compare(.equalIgnoringCase, a.expr, b.expr), .bool, span)
    }

    func between(
        _ x: ExprSyntax, _ low: ExprSyntax, _ high: ExprSyntax, _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        let value = check(x, scope)
        let bounds = (check(low, scope), check(high, scope))
        guard comparable(.greaterOrEqual, value, bounds.0, span),
            comparable(.lessOrEqual, value, bounds.1, span)
        else { return .erroneous(span) }
        return Typed(
            .and(
                .compare(.greaterOrEqual, value.expr, bounds.0.expr),
                .compare(.lessOrEqual, value.expr, bounds.1.expr)), .bool, span)
    }

    private func membership(
        _ left: ExprSyntax, _ right: ExprSyntax, _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        let x = check(left, scope)
        if let table = tableName(right, scope) {
            guard let (id, key) = tableKey(x, table, "`in`", scope) else { return .erroneous(span) }
            return Typed(.isInTable(key, id), .bool, span)
        }
        if reportMissingTable(right, scope) { return .erroneous(span) }
        let list = check(right, scope)
        if x.isErroneous || list.isErroneous { return .erroneous(span) }
        switch resolved(list) {
        case .list(let element):
            return membership(x, list, of: element, right, span)
        case .network:
            guard expect(x, .ip, "only an address is `in` a network") else {
                return .erroneous(span)
            }
        case .any:
            if case .variable(let variable) = list.type {
                guard constrain(variable, .list(resolved(x)), list) else { return .erroneous(span) }
            }
        case let other:
            return refuse(
                .incomparable, "`in` needs a list or a network", at: list.span,
                label: "this is \(other.article)")
        }
        return Typed(.isIn(x.expr, list.expr), .bool, span)
    }

    private func membership(
        _ x: Typed, _ list: Typed, of element: ValueType, _ syntax: ExprSyntax, _ span: SourceSpan
    ) -> Typed {
        switch relate(x, Typed(.constant(.missing), element, list.span)) {
        case .refused: return .erroneous(span)
        case .mismatch:
            reportIncomparable(x, Typed(.constant(.missing), element, list.span), "`in`", span)
            return .erroneous(span)
        case .fits: break
        }
        guard case .constant(.list(let values)) = list.expr else {
            return Typed(.isIn(x.expr, list.expr), .bool, span)
        }
        var places = Array(repeating: list.span, count: values.count)
        if case .list(let elements) = syntax.kind, elements.count == values.count {
            places = elements.map(\.span)
        }
        for (value, place) in zip(values, places) {
            let element = Typed(.constant(value), value.literalType, place)
            guard checkCases(x, element) else { return .erroneous(span) }
        }
        return Typed(.isIn(x.expr, list.expr), .bool, span)
    }

    // MARK: texts

    private func like(
        _ left: ExprSyntax, _ right: ExprSyntax, ignoringCase: Bool, _ span: SourceSpan,
        _ scope: Scope
    ) -> Typed {
        let text = check(left, scope)
        let pattern = check(right, scope)
        if text.isErroneous || pattern.isErroneous { return .erroneous(span) }
        guard expect(text, .string, "`like` takes a text") else { return .erroneous(span) }
        guard case .constant(.string(let wildcards)) = pattern.expr else {
            return refuse(
                .patternLiteral, "`like` needs a pattern that is written out", at: pattern.span,
                label: "write a text such as \"*.exe\"")
        }
        return Typed(
            .like(text.expr, pattern: wildcards, ignoringCase: ignoringCase), .bool, span)
    }

    private func matches(
        _ left: ExprSyntax, _ right: ExprSyntax, _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        let text = check(left, scope)
        guard case .regex(let literal) = right.kind else {
            if case .invalid = right.kind { return .erroneous(span) }
            return refuse(
                .patternLiteral, "`matches` needs a regular expression", at: right.span,
                label: "write `r\"...\"`")
        }
        let isRegex = compile(Spanned(literal, right.span)) != nil
        if text.isErroneous { return text }
        guard expect(text, .string, "`matches` takes a text"), isRegex else {
            return .erroneous(span)
        }
        return Typed(.matches(text.expr, literal), .bool, span)
    }

    /// Compiles a regex to see whether it can be; reports PCRE2's word at its place if not.
    func compile(_ literal: Spanned<RegexLiteral>) -> Regex? {
        do {
            return try Regex(pattern: literal.value.pattern, flags: literal.value.flags)
        } catch {
            report(
                .badRegex, "this regular expression can't be compiled",
                at: regexPlace(literal, error.offset), label: error.message)
            return nil
        }
    }

    /// The place of an offset into a pattern, as a span of one letter.
    private func regexPlace(_ literal: Spanned<RegexLiteral>, _ offset: Int?) -> SourceSpan {
        let bytes = Array(literal.span.file.bytes[literal.span.range])
        guard let offset, let quote = bytes.firstIndex(of: UInt8(ascii: "\"")) else {
            return literal.span
        }
        let isTriple = bytes[quote...].starts(with: Array("\"\"\"".utf8))
        let start = literal.span.range.lowerBound + quote + (isTriple ? 3 : 1)
        let place = min(start + offset, literal.span.range.upperBound - 1)
        return SourceSpan(literal.span.file, place..<place + 1)
    }

    private func contains(
        _ left: ExprSyntax, _ right: ExprSyntax, _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        let whole = check(left, scope)
        let part = check(right, scope)
        if whole.isErroneous || part.isErroneous { return .erroneous(span) }
        switch resolved(whole) {
        case .any: break
        case .list(let element):
            let fits = relate(part, Typed(whole.expr, element, whole.span))
            if fits == .mismatch {
                reportIncomparable(Typed(whole.expr, element, whole.span), part, "`contains`", span)
            }
            if fits != .fits { return .erroneous(span) }
        case let type where type.isText:
            guard expect(part, .string, "a text `contains` a text") else { return .erroneous(span) }
        case let other:
            return refuse(
                .argumentType, "only a text or a list `contains` something", at: whole.span,
                label: "this is \(other.article)")
        }
        return Typed(.contains(whole.expr, part.expr), .bool, span)
    }

    func coalesce(_ parts: [ExprSyntax], _ span: SourceSpan, _ scope: Scope) -> Typed {
        let values = parts.map { check($0, scope) }
        if values.contains(where: \.isErroneous) { return .erroneous(span) }
        var exprs: [Expr] = []
        for value in values {
            if case .coalesce(let inner) = value.expr {
                exprs += inner
            } else {
                exprs.append(value.expr)
            }
        }
        for value in values.dropFirst() {
            switch relate(values[0], value) {
            case .refused: return .erroneous(span)
            case .mismatch:
                reportIncomparable(values[0], value, "`??`", span)
                return .erroneous(span)
            case .fits: break
            }
        }
        let types = values.map(resolved)
        let type = types.dropFirst().reduce(types[0]) { $0.joined(with: $1) ?? .any }
        return Typed(.coalesce(exprs), type, span)
    }

    // MARK: arithmetic

    private func arithmetic(
        _ op: Expr.Arithmetic, _ left: ExprSyntax, _ right: ExprSyntax, _ span: SourceSpan,
        _ scope: Scope
    ) -> Typed {
        let a = check(left, scope)
        let b = check(right, scope)
        if a.isErroneous || b.isErroneous { return .erroneous(span) }
        guard implyNumbers(a, b), implyNumbers(b, a) else { return .erroneous(span) }
        let (x, y) = (resolved(a), resolved(b))
        guard let result = op.result(x, y) else {
            return refuse(
                .badArithmetic, "`\(op.rawValue)` does not take \(x.article) and \(y.article)",
                at: span)
        }
        return folded(Typed(.arithmetic(op, a.expr, b.expr), result, span))
    }

    /// A field of unknown type beside a number is one.
    private func implyNumbers(_ field: Typed, _ other: Typed) -> Bool {
        guard case .variable(let variable) = field.type, resolved(other).isNumeric,
            resolved(field) != .duration
        else { return true }
        return constrain(variable, .number, field)
    }
}

extension Expr.Arithmetic {
    /// The type of the result, or nil where the operator does not take such values.
    func result(_ a: ValueType, _ b: ValueType) -> ValueType? {
        if a.isOpen || b.isOpen { return resultOfOpen(a, b) }
        if a.isNumeric && b.isNumeric {
            return self == .divide ? .float : a.joined(with: b)
        }
        if self == .add, a.isText, b.isText { return .string }
        switch (self, a, b) {
        case (.add, .duration, .duration), (.subtract, .duration, .duration): return .duration
        case (.add, .time, .duration), (.add, .duration, .time), (.subtract, .time, .duration):
            return .time
        case (.subtract, .time, .time): return .duration
        case (.divide, .duration, .duration): return .float
        case (.remainder, .duration, .duration): return .duration
        case (.multiply, .duration, _) where b.isNumeric: return .duration
        case (.multiply, _, .duration) where a.isNumeric: return .duration
        case (.divide, .duration, _) where b.isNumeric: return .duration
        default: return nil
        }
    }

    /// With one side unknown the other may still be one that no operator takes.
    private func resultOfOpen(_ a: ValueType, _ b: ValueType) -> ValueType? {
        for side in [a, b] {
            switch side {
            case .bool, .ip, .network, .list: return nil
            case .string, .enumeration: if self != .add { return nil }
            default: break
            }
        }
        return .any
    }
}
