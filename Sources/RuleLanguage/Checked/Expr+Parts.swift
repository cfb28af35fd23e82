// SPDX-License-Identifier: Apache-2.0

extension Expr {
    /// What `and` joins at the top of a condition.
    package var conjuncts: [Expr] {
        if case .and(let a, let b) = self { return a.conjuncts + b.conjuncts }
        return [self]
    }

    /// The expressions directly below this one.
    package var parts: [Expr] {
        switch self {
        case .constant, .field, .fieldNamed, .builtIn, .key, .previous, .match: []
        case .bound(_, _, let a), .part(_, let a), .not(let a), .matches(let a, _),
            .isMissing(let a), .negate(let a), .isInTable(let a, _), .lookUp(let a, _, _),
            .like(let a, _, _):
            [a]
        case .aggregate(_, _, let a): a.map { [$0] } ?? []
        case .and(let a, let b), .or(let a, let b), .compare(_, let a, let b), .isIn(let a, let b),
            .contains(let a, let b), .arithmetic(_, let a, let b), .element(let a, let b):
            [a, b]
        case .conditional(let a, let b, let c): [a, b, c]
        case .coalesce(let items), .list(let items), .call(_, let items), .template(let items):
            items
        }
    }
}
