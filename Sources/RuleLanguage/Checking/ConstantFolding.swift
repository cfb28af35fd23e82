// SPDX-License-Identifier: Apache-2.0

import EventModel

extension RulesetChecker {
    /// The value with its expression computed, where it reads nothing and gives something.
    func folded(_ value: Typed) -> Typed {
        var value = value
        if let constant = value.expr.constantValue { value.expr = .constant(constant) }
        return value
    }
}

extension Expr {
    /// The value of an expression that reads nothing; nil for others, and for what is missing, so
    /// that a constant overflow stays in the tree and is counted where it happens.
    var constantValue: Value? {
        if case .constant(let value) = self { return value.isMissing ? nil : value }
        guard readsNothing else { return nil }
        let value = ExprEvaluator().evaluate(self, in: EvaluationContext())
        return value.isMissing ? nil : value
    }

    /// Whether a condition is the same for every event, also where only one side of it is.
    var constantTruth: Bool? {
        if case .bool(let truth)? = constantValue { return truth }
        switch self {
        case .not(let a): return a.constantTruth.map { !$0 }
        case .and(let a, let b):
            let sides = (a.constantTruth, b.constantTruth)
            return sides.0 == false || sides.1 == false ? false : nil
        case .or(let a, let b):
            let sides = (a.constantTruth, b.constantTruth)
            return sides.0 == true || sides.1 == true ? true : nil
        default: return nil
        }
    }

    /// The constants that the expression may give as they stand.
    var constantResults: [Value] {
        switch self {
        case .constant(let value): [value]
        case .conditional(_, let a, let b): a.constantResults + b.constantResults
        case .coalesce(let parts): parts.flatMap(\.constantResults)
        default: []
        }
    }

    private var readsNothing: Bool {
        switch self {
        case .constant: true
        case .field, .fieldNamed, .builtIn, .key, .bound, .aggregate, .part, .previous, .match:
            false
        case .isInTable, .lookUp: false
        case .not(let a), .negate(let a), .isMissing(let a), .matches(let a, _),
            .like(let a, _, _):
            a.readsNothing
        case .and(let a, let b), .or(let a, let b), .compare(_, let a, let b), .isIn(let a, let b),
            .contains(let a, let b), .arithmetic(_, let a, let b), .element(let a, let b):
            a.readsNothing && b.readsNothing
        case .conditional(let a, let b, let c):
            a.readsNothing && b.readsNothing && c.readsNothing
        case .coalesce(let parts), .list(let parts), .call(_, let parts), .template(let parts):
            parts.allSatisfy(\.readsNothing)
        }
    }
}
