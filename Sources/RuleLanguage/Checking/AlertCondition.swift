// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertConditionTests.

package import Diagnostics
package import EventModel

/// A condition over the fields of an alert, in the words of rules: for whoever decides where
/// alerts go.
///
/// A severity has an order here, and its names stand for themselves: `severity >= high`.
package struct AlertCondition: Sendable {
    /// From the least to the gravest.
    package static let severities = RulesetChecker.severities

    private let expr: Expr
    private let type: EventType
    private let evaluator = ExprEvaluator()

    /// Reads a condition that makes up the whole of a text.
    ///
    /// - Returns: nil with at least one error.
    package static func check(
        _ file: SourceFile
    ) -> (condition: AlertCondition?, diagnostics: [Diagnostic]) {
        var lexer = Lexer(file: file)
        lexer.run()
        var parser = Parser(lexer, endName: "the end of the condition")
        let syntax = parser.wholeCondition()
        let found = lexer.diagnostics + parser.diagnostics
        guard let syntax, !found.contains(where: { $0.severity == .error }) else {
            return (nil, found)
        }
        let checker = RulesetChecker([])
        let type = EventTypeID(checker.types.count)
        checker.types.append(alertType(file))
        let ranked = SeverityRanks(checker).ranked(syntax)
        let expr = checker.condition(ranked, Scope(place: .declaration, subject: .event(type)))
        let diagnostics = found + checker.diagnostics
        guard let expr, !checker.hasErrors else { return (nil, diagnostics) }
        return (
            AlertCondition(
                expr: expr, type: checker.types[type.index].finished(checker.fieldTypes)),
            diagnostics
        )
    }

    /// Whether it holds; unknown is not true.
    ///
    /// - Parameter field: the value of a field as the alert has it; that of `severity` is its place
    ///   among `severities`.
    package func holds(reading field: @escaping (String) -> Value) -> Bool {
        let reader = AlertFieldReader(type: type, field: field)
        return evaluator.isTrue(expr, in: EvaluationContext(event: reader))
    }

    /// Names that it reads beside those that every alert has, in order of first use.
    package var otherNames: [String] {
        type.fields.dropFirst(AlertCondition.commonFields.count).map(\.name)
    }

    /// What every alert has, or may have.
    private static let commonFields: [(name: String, type: ValueType)] = [
        ("id", .string), ("rule", .string), ("severity", .int), ("title", .string),
        ("tags", .list(.string)), ("start", .time), ("end", .time), ("time", .time),
        ("type", .string), ("status", .string), ("suppressed", .int), ("limited", .int),
        ("excepted", .int),
    ]

    private static func alertType(_ file: SourceFile) -> EventTypeBuilder {
        let span = SourceSpan(file, 0..<0)
        var type = EventTypeBuilder(name: "alert", isDeclared: false, isOpen: true, span: span)
        for (name, fieldType) in commonFields {
            _ = type.add(
                .init(
                    name: name, type: .known(fieldType), isOptional: false, origin: .incoming,
                    span: span))
        }
        return type
    }
}

/// An alert as expressions read it.
private struct AlertFieldReader: EventReader {
    let type: EventType
    let field: (String) -> Value

    func value(of ref: FieldRef) -> Value {
        let declared = type.fields[ref.field]
        let value = field(declared.name)
        switch (value, declared.type) {
        case (_, .any), (.string, .string), (.int, .int), (.int, .number), (.bool, .bool):
            return value
        default: break
        }
        var symbols = SymbolTable()
        guard let slot = Slot(value, as: declared.type, in: &symbols) else { return .missing }
        return symbols.value(of: slot)
    }

    func value(named name: String) -> Value { field(name) }
    func value(of builtIn: EventType.BuiltInField) -> Value { field(builtIn.rawValue) }
}

extension Parser {
    /// An expression that goes on to the end of the text, over any number of lines; nil: there is
    /// none, which has been reported.
    fileprivate mutating func wholeCondition() -> ExprSyntax? {
        openBrackets = 1
        readsConditionOnly = true
        do throws(Abandon) {
            let syntax = try expression("a condition", mayStartLine: true)
            guard atEnd else { throw expected("the end of the condition") }
            return syntax
        } catch {
            return nil
        }
    }
}

/// Puts the places of severities for their names, where they are compared with `severity`.
private struct SeverityRanks {
    private let checker: RulesetChecker

    init(_ checker: RulesetChecker) { self.checker = checker }

    func ranked(_ e: ExprSyntax) -> ExprSyntax {
        var e = e
        switch e.kind {
        case .not(let operand): e.kind = .not(ranked(operand))
        case .binary(let op, let left, let right):
            if isSeverity(left) {
                e.kind = .binary(op, left, rank(right))
            } else if isSeverity(right) {
                e.kind = .binary(op, rank(left), right)
            } else {
                e.kind = .binary(op, ranked(left), ranked(right))
            }
        case .between(let x, let low, let high) where isSeverity(x):
            e.kind = .between(x, low: rank(low), high: rank(high))
        case .call(let name, let arguments): e.kind = .call(name, arguments.map(ranked))
        default: break
        }
        return e
    }

    private func isSeverity(_ e: ExprSyntax) -> Bool {
        if case .path(let path) = e.kind { path.text == "severity" } else { false }
    }

    private func rank(_ e: ExprSyntax) -> ExprSyntax {
        switch e.kind {
        case .literal(.string(let name)): place(of: name, e.span)
        case .path(let path) where path.parts.count == 1: place(of: path.text, e.span)
        case .list(let elements): ExprSyntax(.list(elements.map(rank)), e.span)
        default: ranked(e)
        }
    }

    private func place(of name: String, _ span: SourceSpan) -> ExprSyntax {
        if let place = AlertCondition.severities.firstIndex(of: name) {
            return ExprSyntax(.literal(.int(Int64(place))), span)
        }
        let near = Spelling.closest(to: name, among: AlertCondition.severities)
        checker.report(
            .unknownCase, "there is no severity `\(name)`", at: span,
            label: near.map { "did you mean `\($0)`?" }
                ?? "there are " + AlertCondition.severities.joined(separator: ", "), fix: near)
        return ExprSyntax(.literal(.missing), span)
    }
}
