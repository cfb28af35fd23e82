// SPDX-License-Identifier: Apache-2.0
// A tree walk that says what each expression means: for constants, tests and the reference
// matcher. The engine compiles expressions instead and must give the same values, bit for bit.
// Exercised by EvaluationTests.

package import EventModel
import TextMatching

/// Evaluates checked expressions. Never traps: what cannot be computed is missing.
package struct ExprEvaluator: Sendable {
    private let patterns = PatternCache()
    /// By `TableID`.
    private let tables: [LookupTable]

    package init(tables: [CheckedTable] = []) { self.tables = tables.map(\.contents) }

    package func evaluate(_ expr: Expr, in context: EvaluationContext) -> Value {
        switch expr {
        case .constant(let value): value
        case .field(let field): context.event?.value(of: field) ?? .missing
        case .fieldNamed(let name): context.event?.value(named: name) ?? .missing
        case .builtIn(let field): context.event?.value(of: field) ?? .missing
        case .key(let index): context.key.indices.contains(index) ? context.key[index] : .missing
        case .bound(let step, let pick, let inner): bound(step, pick, inner, context)
        case .aggregate(let aggregate, let step, let argument):
            self.aggregate(aggregate, step, argument, context)
        case .part(let part, let inner): self.part(part, inner, context)
        case .previous(let fields): previous(fields, context)
        case .match(let property): match(property, context)
        case .not, .and, .or, .compare, .isIn, .isInTable, .contains, .like, .matches:
            truth(expr, context).map(Value.bool) ?? .missing
        case .lookUp(let key, let table, let column):
            lookUp(evaluate(key, in: context), table, column)
        case .isMissing(let inner): .bool(evaluate(inner, in: context).isMissing)
        case .coalesce(let choices): coalesce(choices, context)
        case .arithmetic(let operation, let a, let b):
            apply(operation, evaluate(a, in: context), evaluate(b, in: context))
        case .negate(let inner): ValueOperations.negate(evaluate(inner, in: context))
        case .conditional(let condition, let a, let b):
            evaluate(isTrue(condition, in: context) ? a : b, in: context)
        case .element(let list, let index):
            element(evaluate(list, in: context), evaluate(index, in: context))
        case .list(let elements): .list(elements.map { evaluate($0, in: context) })
        case .call(let function, let arguments):
            function.apply(arguments.map { evaluate($0, in: context) })
        case .template(let parts):
            .string(parts.map { evaluate($0, in: context).displayText }.joined())
        }
    }

    /// Whether a condition holds: unknown is not true.
    package func isTrue(_ expr: Expr, in context: EvaluationContext) -> Bool {
        truth(expr, context) == true
    }

    /// Three-valued truth; nil is unknown, also for a value that is no bool.
    private func truth(_ expr: Expr, _ context: EvaluationContext) -> Bool? {
        switch expr {
        case .not(let a): truth(a, context).map { !$0 }
        case .and(let a, let b): and(truth(a, context), truth(b, context))
        case .or(let a, let b): or(truth(a, context), truth(b, context))
        case .compare(let comparison, let a, let b):
            apply(comparison, evaluate(a, in: context), evaluate(b, in: context))
        case .isIn(let a, let b):
            ValueOperations.isIn(evaluate(a, in: context), evaluate(b, in: context))
        case .isInTable(let key, let table):
            isInTable(evaluate(key, in: context), table)
        case .contains(let a, let b):
            ValueOperations.contains(evaluate(a, in: context), evaluate(b, in: context))
        case .like(let a, let pattern, let ignoringCase):
            text(a, context).map { patterns.like(pattern, ignoringCase).matches($0) }
        case .matches(let a, let literal):
            text(a, context).flatMap { text in patterns.regex(literal)?.matches(text) }
        default: bool(evaluate(expr, in: context))
        }
    }
}

extension ExprEvaluator {
    private func and(_ a: Bool?, _ b: Bool?) -> Bool? {
        if a == false || b == false { return false }
        return a == nil || b == nil ? nil : true
    }

    private func or(_ a: Bool?, _ b: Bool?) -> Bool? {
        if a == true || b == true { return true }
        return a == nil || b == nil ? nil : false
    }

    private func bool(_ value: Value) -> Bool? {
        if case .bool(let truth) = value { truth } else { nil }
    }

    private func text(_ expr: Expr, _ context: EvaluationContext) -> String? {
        if case .string(let text) = evaluate(expr, in: context) { text } else { nil }
    }

    private func apply(_ comparison: Expr.Comparison, _ a: Value, _ b: Value) -> Bool? {
        switch comparison {
        case .equal: ValueOperations.equal(a, b)
        case .notEqual: ValueOperations.equal(a, b).map { !$0 }
        case .less: ValueOperations.order(a, b).map { $0 == .less }
        case .lessOrEqual: ValueOperations.order(a, b).map { $0 != .greater }
        case .greater: ValueOperations.order(a, b).map { $0 == .greater }
        case .greaterOrEqual: ValueOperations.order(a, b).map { $0 != .less }
        case .equalIgnoringCase: ValueOperations.equalIgnoringCase(a, b)
        }
    }

    private func apply(_ operation: Expr.Arithmetic, _ a: Value, _ b: Value) -> Value {
        switch operation {
        case .add: ValueOperations.add(a, b)
        case .subtract: ValueOperations.subtract(a, b)
        case .multiply: ValueOperations.multiply(a, b)
        case .divide: ValueOperations.divide(a, b)
        case .remainder: ValueOperations.remainder(a, b)
        }
    }

    private func coalesce(_ choices: [Expr], _ context: EvaluationContext) -> Value {
        for choice in choices {
            let value = evaluate(choice, in: context)
            if !value.isMissing { return value }
        }
        return .missing
    }

    private func isInTable(_ key: Value, _ table: TableID) -> Bool? {
        key.isMissing ? nil : row(of: key, in: tables[table.index]) != nil
    }

    private func lookUp(_ key: Value, _ table: TableID, _ column: Int) -> Value {
        let table = tables[table.index]
        return row(of: key, in: table).map { table.value(row: $0, column: column) } ?? .missing
    }

    /// The row of the key, or of the smallest network that holds it: by going through all of them.
    private func row(of key: Value, in table: LookupTable) -> Int? {
        var best: (row: Int, length: Int)?
        for row in 0..<table.rowCount {
            var length = 128
            switch (key, table.value(row: row, column: table.keyColumn)) {
            case (.ip(let address), .network(let network)):
                guard network.contains(address) else { continue }
                length = network.prefixLength
            case (.ip(let address), let cell):
                guard ValueOperations.equal(key, cell) == true else { continue }
                length = address.isIPv4 ? 32 : 128
            case (_, .network): continue
            case (_, let cell):
                guard ValueOperations.equal(key, cell) == true else { continue }
            }
            if length >= best?.length ?? 0 { best = (row, length) }
        }
        return best?.row
    }

    private func element(_ list: Value, _ index: Value) -> Value {
        guard case .list(let elements) = list, case .int(let index) = index else { return .missing }
        let count = Int64(elements.count)
        guard index < count, index >= -count else { return .missing }
        return elements[Int(index < 0 ? index + count : index)]
    }
}

extension ExprEvaluator {
    private func bound(
        _ step: StepID, _ pick: Expr.Pick, _ inner: Expr, _ context: EvaluationContext
    ) -> Value {
        let events = context.bound[step] ?? []
        guard let event = pick == .first ? events.first : events.last else { return .missing }
        return evaluate(inner, in: context.looking(at: event))
    }

    private func aggregate(
        _ aggregate: Aggregate, _ step: StepID, _ argument: Expr?, _ context: EvaluationContext
    ) -> Value {
        let events = context.bound[step] ?? []
        guard let argument else {
            return aggregate == .count ? .int(Int64(events.count)) : .missing
        }
        guard let window = context.window else {
            return aggregate.apply(events.map { evaluate(argument, in: context.looking(at: $0)) })
        }
        var looked = events
        if case .exponentialMovingAverage = aggregate { looked = window.sinceEmpty }
        return aggregate.applyExactly(
            looked.map { evaluate(argument, in: context.looking(at: $0)) })
    }

    private func part(
        _ part: WindowPart, _ inner: Expr, _ context: EvaluationContext
    ) -> Value {
        switch inner {
        case .aggregate(_, let step, _), .bound(let step, _, _):
            evaluate(inner, in: context.narrowed(step, to: part))
        default: .missing
        }
    }

    private func previous(
        _ fields: [StepID: FieldRef], _ context: EvaluationContext
    ) -> Value {
        guard let (step, event) = context.previous, let field = fields[step] else {
            return .missing
        }
        return event.value(of: field)
    }

    private func match(_ property: Expr.MatchProperty, _ context: EvaluationContext) -> Value {
        guard let match = context.match else { return .missing }
        return switch property {
        case .start: .time(match.start)
        case .end: .time(match.end)
        case .count: .int(Int64(match.count))
        }
    }
}
