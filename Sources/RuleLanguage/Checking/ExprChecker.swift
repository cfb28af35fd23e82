// SPDX-License-Identifier: Apache-2.0
// Expressions: literals, operators and types. Paths are in ExprChecker+Paths.swift, calls in
// ExprChecker+Calls.swift. An erroneous part gives an erroneous whole, without a further word.

import Diagnostics
import EventModel

extension RulesetChecker {
    /// Checks an expression and gives it with its type.
    func check(_ e: ExprSyntax, _ scope: Scope) -> Typed {
        let value = checked(e, scope)
        note(value, at: e.span)
        return value
    }

    @inline(__always)
    private func checked(_ e: ExprSyntax, _ scope: Scope) -> Typed {
        switch e.kind {
        case .literal(let value): Typed(.constant(value), value.literalType, e.span)
        case .template(let parts): template(parts, e.span, scope)
        case .regex:
            refuse(
                .patternLiteral, "a regular expression can only stand behind `matches`", at: e.span)
        case .path(let path): checkPath(path, scope)
        case .call(let name, let arguments): checkCall(name, arguments, e.span, scope)
        case .member(let base, let name): checkMember(base, name, e.span, scope)
        case .index(let base, let index): checkIndex(base, index, e.span, scope)
        case .list(let elements): list(elements, e.span, scope)
        case .not(let operand):
            Typed(.not(condition(operand, scope) ?? .constant(.missing)), .bool, e.span)
        case .negate(let operand): negation(operand, e.span, scope)
        case .binary(let op, let left, let right): binary(op, left, right, e.span, scope)
        case .between(let x, let low, let high): between(x, low, high, e.span, scope)
        case .isMissing(let x): Typed(.isMissing(check(x, scope).expr), .bool, e.span)
        case .isPresent(let x): Typed(.not(.isMissing(check(x, scope).expr)), .bool, e.span)
        case .windowLast, .windowIn: refuseWindow(e.span)
        case .invalid: .erroneous(e.span)
        }
    }

    /// Checks a condition: true, false or unknown. Nil where it is wrong.
    func condition(_ e: ExprSyntax, _ scope: Scope) -> Expr? {
        let value = check(e, scope)
        if case .variable(let variable) = value.type {
            return constrain(variable, .bool, value) ? value.expr : nil
        }
        let type = resolved(value)
        if type == .erroneous { return nil }
        if type == .bool || type == .any { return value.expr }
        report(
            .notACondition, "a condition must be true or false", at: e.span,
            label: "this is \(type.article)")
        return nil
    }

    func refuse(
        _ code: DiagnosticCode, _ message: String, at span: SourceSpan, label: String = "",
        notes: [Diagnostic.Note] = []
    ) -> Typed {
        report(code, message, at: span, label: label, notes: notes)
        return .erroneous(span)
    }

    func refuseWindow(_ span: SourceSpan) -> Typed {
        refuse(
            .windowPart, "a shorter window can only be the last argument of an aggregate",
            at: span, label: "as in `avg(step.field, last 20)`")
    }

    // MARK: types

    func resolved(_ value: Typed) -> ValueType { fieldTypes.resolve(value.type) }

    func describe(_ value: Typed) -> String { resolved(value).description }

    /// Fixes the type of a field by a use of it; false, reported, where another use contradicts.
    func constrain(_ variable: Int, _ type: ValueType, _ value: Typed) -> Bool {
        guard let clash = fieldTypes.constrain(variable, to: type, at: value.span) else {
            return true
        }
        report(clash, value)
        return false
    }

    private func report(_ clash: FieldTypes.Contradiction, _ value: Typed) {
        report(
            .contradictingUses,
            "`\(value.span.text)` is used as \(clash.second.type.article) and as "
                + clash.first.type.article, at: clash.second.span,
            label: "here it is \(clash.second.type.article)",
            notes: [.init("here it is \(clash.first.type.article)", at: clash.first.span)])
    }

    /// Whether the value can be of a type; reports `message` where it can't.
    func expect(
        _ value: Typed, _ type: ValueType, _ message: String, notes: [Diagnostic.Note] = []
    ) -> Bool {
        if case .variable(let variable) = value.type { return constrain(variable, type, value) }
        let actual = resolved(value)
        if actual.isOpen || actual == type { return actual != .erroneous }
        switch type {
        case .number where actual.isNumeric: return true
        case .float where actual.isNumeric: return true
        case .int where actual == .number: return true
        case .string where actual.isText: return true
        case .list(.any): if case .list = actual { return true }
        default: break
        }
        report(
            .argumentType, message, at: value.span, label: "this is \(actual.article)", notes: notes
        )
        return false
    }

    /// What comes of relating two values; a refusal was reported, a mismatch is the caller's to.
    enum Comparability { case fits, mismatch, refused }

    /// Makes two values comparable: fields of unknown type take the type of the other side.
    func relate(_ a: Typed, _ b: Typed) -> Comparability {
        switch (a.type, b.type) {
        case (.variable(let x), .variable(let y)):
            guard let clash = fieldTypes.join(x, y) else { return .fits }
            report(
                .contradictingUses,
                "`\(a.span.text)` is \(clash.first.type.article), "
                    + "`\(b.span.text)` \(clash.second.type.article)",
                at: b.span, label: "compared here",
                notes: [
                    .init("here it is \(clash.first.type.article)", at: clash.first.span),
                    .init("here it is \(clash.second.type.article)", at: clash.second.span),
                ])
            return .refused
        case (.variable(let x), .known(let type)):
            return constrain(x, type == .network ? .ip : type, a)
                ? .fits : .refused
        case (.known(let type), .variable(let y)):
            return constrain(y, type == .network ? .ip : type, b) ? .fits : .refused
        case (.known(let x), .known(let y)):
            if x == .erroneous || y == .erroneous { return .refused }
            return x.joined(with: y) == nil ? .mismatch : .fits
        }
    }

    /// Reports a text that an enumeration does not have.
    func checkCases(_ a: Typed, _ b: Typed) -> Bool {
        checkCase(of: a, b) && checkCase(of: b, a)
    }

    private func checkCase(of field: Typed, _ value: Typed) -> Bool {
        guard case .known(.enumeration(let cases)) = field.type,
            case .constant(.string(let text)) = value.expr, !cases.contains(text)
        else { return true }
        let near = Spelling.closest(to: text, among: cases)
        report(
            .unknownCase, "`\(field.span.text)` is never \"\(text)\"", at: value.span,
            label: near.map { "did you mean \"\($0)\"?" } ?? "",
            notes: [.init("`\(field.span.text)` is one of \(ValueType.enumeration(cases))")],
            fix: near.map { "\"\($0)\"" })
        return false
    }

    // MARK: parts

    private func template(_ parts: [TemplatePartSyntax], _ span: SourceSpan, _ scope: Scope)
        -> Typed
    {
        let pieces = parts.map { part in
            switch part {
            case .text(let text): Expr.constant(.string(text))
            case .hole(let e): check(e, scope).expr
            }
        }
        return Typed(.template(pieces), .string, span)
    }

    private func list(_ elements: [ExprSyntax], _ span: SourceSpan, _ scope: Scope) -> Typed {
        let values = elements.map { check($0, scope) }
        var type = ValueType.any
        for (index, value) in values.enumerated() {
            let element = resolved(value)
            if element == .erroneous { return .erroneous(span) }
            guard index > 0 else {
                type = element
                continue
            }
            guard let joined = type.joined(with: element) else {
                return refuse(
                    .incomparable, "a list has elements of one type", at: value.span,
                    label: "this is \(element.article)",
                    notes: [.init("the first is \(type.article)", at: values[0].span)])
            }
            type = joined
        }
        let expr: Expr
        let constants = values.compactMap { value -> Value? in
            if case .constant(let constant) = value.expr { constant } else { nil }
        }
        if constants.count == values.count {
            expr = .constant(.list(constants))
        } else {
            expr = .list(values.map(\.expr))
        }
        return Typed(expr, .list(type), span)
    }

    private func negation(_ operand: ExprSyntax, _ span: SourceSpan, _ scope: Scope) -> Typed {
        let value = check(operand, scope)
        if value.isErroneous { return .erroneous(span) }
        if case .known(.duration) = value.type {
            return folded(Typed(.negate(value.expr), .duration, span))
        }
        if case .variable(let variable) = value.type {
            guard constrain(variable, .number, value) else { return .erroneous(span) }
        } else if !resolved(value).isNumeric, !resolved(value).isOpen {
            return refuse(
                .badArithmetic, "`-` takes a number or a duration", at: value.span,
                label: "this is \(resolved(value).article)")
        }
        return folded(Typed(.negate(value.expr), resolved(value), span))
    }

    private func checkIndex(
        _ base: ExprSyntax, _ index: ExprSyntax, _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        if let table = tableName(base, scope) { return refuseRow(table, span) }
        let list = check(base, scope)
        let position = check(index, scope)
        if list.isErroneous || position.isErroneous { return .erroneous(span) }
        var element = ValueType.any
        if case .variable(let variable) = list.type {
            guard constrain(variable, .list(.any), list) else { return .erroneous(span) }
        }
        switch resolved(list) {
        case .list(let type): element = type
        case .any: break
        case let other:
            return refuse(
                .badElement, "only a list has elements", at: list.span,
                label: "this is \(other.article)")
        }
        guard expect(position, .int, "an element is named by its number, from 0") else {
            return .erroneous(span)
        }
        return Typed(.element(list.expr, position.expr), .known(element), span, isOptional: true)
    }
}

extension Value {
    /// The type of a literal.
    var literalType: ValueType {
        switch self {
        case .missing: .any
        case .bool: .bool
        case .int: .int
        case .float: .float
        case .string: .string
        case .time: .time
        case .duration: .duration
        case .ip: .ip
        case .network: .network
        case .list(let elements): .list(elements.first?.literalType ?? .any)
        }
    }
}

extension ValueType {
    /// The type as a noun in a sentence.
    var article: String {
        switch self {
        case .any, .erroneous: "a value"
        case .bool: "true or false"
        case .int: "an int"
        case .float: "a float"
        case .number: "a number"
        case .string: "a text"
        case .enumeration: "one of \(self)"
        case .time: "a time"
        case .duration: "a duration"
        case .ip: "an address"
        case .network: "a network"
        case .list(let element):
            element.isOpen ? "a list" : "a list of \(element)"
        }
    }
}
