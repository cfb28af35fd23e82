// SPDX-License-Identifier: Apache-2.0
// Whether conditions can hold, by cases: a condition becomes a list of cases (a disjunctive normal
// form of bounded length), a case what it asks of each variable, and a variable is any value that
// is compared with constants: a field, or an expression that is written twice alike. What is not
// understood is a variable of its own, so that it can be true, false or unknown as it likes: "can
// never hold" is then certain, and "can" may be wrong. Truth is three-valued: a condition can be
// true, false or neither. Exercised by LintConditionTests, which tries all the values there are.

import EventModel

/// Answers about conditions over the fields of one event.
struct ConditionSpace {
    /// More cases are not looked at: then every condition can hold.
    static let caseCap = 256

    /// What is known of a value's type; `.any` where nothing is.
    let typeOf: (Expr) -> ValueType

    /// Whether some event makes all the conditions true.
    func mayHold(_ conditions: [Expr]) -> Bool {
        var all: [Case] = [Case()]
        for condition in conditions {
            guard let more = cases(condition, .isTrue), let both = product(all, more) else {
                return true
            }
            all = both
        }
        return !all.isEmpty
    }

    /// Whether no event makes `condition` false or unknown.
    func alwaysHolds(_ condition: Expr) -> Bool { cases(condition, .notTrue)?.isEmpty ?? false }

    /// Whether `condition` is true for every event of which it reads nothing missing, without
    /// asking whether anything is.
    func holdsWherePresent(_ condition: Expr) -> Bool {
        guard !condition.asksForMissing, let cases = cases(condition, .notTrue) else {
            return false
        }
        return cases.allSatisfy { $0.needsMissing }
    }

    /// Whether every event for which all of `conditions` are true makes `other` true.
    func imply(_ conditions: [Expr], _ other: Expr) -> Bool {
        var all: [Case] = [Case()]
        for condition in conditions {
            guard let more = cases(condition, .isTrue), let both = product(all, more) else {
                return false
            }
            all = both
        }
        guard let rest = cases(other, .notTrue), let left = product(all, rest) else { return false }
        return left.isEmpty
    }

    // MARK: cases

    private enum Wanted {
        case isTrue, isFalse, notTrue, notFalse

        var negated: Wanted {
            switch self {
            case .isTrue: .isFalse
            case .isFalse: .isTrue
            case .notTrue: .notFalse
            case .notFalse: .notTrue
            }
        }
    }

    private enum Variable: Hashable {
        case value(Expr)
        /// How two values are ordered: 0 less, 1 equal, 2 greater.
        case order(Expr, Expr)
    }

    private struct Case {
        var values: [Variable: ValueRange] = [:]

        /// Whether one of the variables cannot be there.
        var needsMissing: Bool { values.values.contains { $0.present.isEmpty } }
    }

    /// Nil where there are too many.
    private func cases(_ condition: Expr, _ wanted: Wanted) -> [Case]? {
        if case .bool(let truth)? = condition.constantValue {
            let holds = wanted == .isTrue || wanted == .notFalse
            return truth == holds ? [Case()] : []
        }
        switch condition {
        case .not(let inner): return cases(inner, wanted.negated)
        case .and(let a, let b):
            let needsBoth = wanted == .isTrue || wanted == .notFalse
            return combined(a, b, wanted, needsBoth)
        case .or(let a, let b):
            let needsBoth = wanted == .isFalse || wanted == .notTrue
            return combined(a, b, wanted, needsBoth)
        default: return leaf(condition, wanted)
        }
    }

    private func combined(_ a: Expr, _ b: Expr, _ wanted: Wanted, _ needsBoth: Bool) -> [Case]? {
        guard let first = cases(a, wanted), let second = cases(b, wanted) else { return nil }
        if needsBoth { return product(first, second) }
        return first.count + second.count > Self.caseCap ? nil : first + second
    }

    private func product(_ a: [Case], _ b: [Case]) -> [Case]? {
        guard a.count * b.count <= Self.caseCap else { return nil }
        return a.flatMap { left in b.compactMap { both(left, $0) } }
    }

    private func both(_ a: Case, _ b: Case) -> Case? {
        var result = a
        for (variable, range) in b.values {
            guard let known = result.values[variable] else {
                result.values[variable] = range
                continue
            }
            let both = known.intersection(range)
            if both.isEmpty { return nil }
            result.values[variable] = both
        }
        return result
    }

    // MARK: what one comparison asks

    private func leaf(_ condition: Expr, _ wanted: Wanted) -> [Case] {
        switch condition {
        case .isMissing(let value):
            var range = ValueRange(whole(value))
            let isMissing = wanted == .isTrue || wanted == .notFalse
            range.mayBeMissing = isMissing && !value.isNeverMissing
            if isMissing { range.present = .none }
            return made(.value(value), range)
        case .compare(.equalIgnoringCase, _, _): break
        case .compare(let comparison, let a, let b): return compare(comparison, a, b, wanted)
        case .isIn(let value, let list):
            guard value.constantValue == nil, let values = list.plainElements else { break }
            return ask(
                .value(value), whole(value), wanted, holds: .allowed(values),
                fails: .excluded(values), isNeverMissing: value.isNeverMissing)
        default: break
        }
        return test(condition, wanted)
    }

    /// A truth of which nothing is known but how it follows from a value, if it does from one.
    private func test(_ condition: Expr, _ wanted: Wanted) -> [Case] {
        let isBool = typeOf(condition) == .bool
        let truths = ask(
            .value(condition), .allowed([.bool(true), .bool(false)]), wanted,
            holds: .allowed([.bool(true)]), fails: .allowed([.bool(false)]),
            isNeverMissing: isBool && condition.isNeverMissing)
        guard let value = condition.testedValue else { return truths }
        let values = ask(
            .value(value), whole(value), wanted,
            holds: .passing(ValueTest(condition, of: value, wants: true)),
            fails: .passing(ValueTest(condition, of: value, wants: false)),
            isNeverMissing: value.isNeverMissing)
        return truths.flatMap { truth in values.compactMap { both(truth, $0) } }
    }

    private func compare(
        _ comparison: Expr.Comparison, _ a: Expr, _ b: Expr, _ wanted: Wanted
    ) -> [Case] {
        if let constant = b.constantValue {
            return compare(comparison, a, with: constant, wanted)
        }
        if let constant = a.constantValue {
            return compare(comparison.flipped, b, with: constant, wanted)
        }
        let isSwapped = "\(a)" > "\(b)"
        let orders = (isSwapped ? comparison.flipped : comparison).orders.map { Value.int($0) }
        let others = [0, 1, 2].map { Value.int($0) }.filter { !orders.contains($0) }
        let possible: [Int64] = a == b ? [1] : [0, 1, 2]
        return ask(
            isSwapped ? .order(b, a) : .order(a, b), .allowed(possible.map { .int($0) }), wanted,
            holds: .allowed(orders), fails: .allowed(others), isNeverMissing: false)
    }

    private func compare(
        _ comparison: Expr.Comparison, _ value: Expr, with constant: Value, _ wanted: Wanted
    ) -> [Case] {
        let isInt = typeOf(value) == .int
        return ask(
            .value(value), whole(value), wanted,
            holds: PresentValues(comparison, constant, isInt: isInt),
            fails: PresentValues(comparison.opposite, constant, isInt: isInt),
            isNeverMissing: value.isNeverMissing)
    }

    private func ask(
        _ variable: Variable, _ whole: PresentValues, _ wanted: Wanted, holds: PresentValues,
        fails: PresentValues, isNeverMissing: Bool
    ) -> [Case] {
        let isHolding = wanted == .isTrue || wanted == .notFalse
        var range = ValueRange(whole.intersection(isHolding ? holds : fails))
        range.mayBeMissing = (wanted == .notTrue || wanted == .notFalse) && !isNeverMissing
        return made(variable, range)
    }

    private func made(_ variable: Variable, _ range: ValueRange) -> [Case] {
        range.isEmpty ? [] : [Case(values: [variable: range])]
    }

    private func whole(_ value: Expr) -> PresentValues {
        switch typeOf(value) {
        case .bool: .allowed([.bool(true), .bool(false)])
        case .enumeration(let names): .allowed(names.map { .string($0) })
        case let type: PresentValues(isInt: type == .int)
        }
    }
}

extension Expr.Comparison {
    /// With its sides swapped.
    var flipped: Expr.Comparison {
        switch self {
        case .equal, .notEqual, .equalIgnoringCase: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }

    /// True of the values for which this is false.
    fileprivate var opposite: Expr.Comparison {
        switch self {
        case .equal, .equalIgnoringCase: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }

    /// Those of less (0), equal (1) and greater (2) for which it holds.
    fileprivate var orders: [Int64] {
        switch self {
        case .equal, .equalIgnoringCase: [1]
        case .notEqual: [0, 2]
        case .less: [0]
        case .lessOrEqual: [0, 1]
        case .greater: [2]
        case .greaterOrEqual: [1, 2]
        }
    }
}

extension Expr {
    /// Whether `is missing` or `is present` is asked in the condition.
    fileprivate var asksForMissing: Bool {
        switch self {
        case .isMissing: true
        case .not(let a): a.asksForMissing
        case .and(let a, let b), .or(let a, let b): a.asksForMissing || b.asksForMissing
        default: false
        }
    }

    /// Whether there is a value whatever the event.
    fileprivate var isNeverMissing: Bool {
        switch self {
        case .builtIn, .match, .aggregate(.count, _, _): true
        case .constant(let value): !value.isMissing
        case .coalesce(let parts): parts.contains { $0.isNeverMissing }
        default: false
        }
    }

    /// The one value from which the truth of a condition follows that is no comparison of order.
    fileprivate var testedValue: Expr? {
        let (value, others): (Expr, [Expr])
        switch self {
        case .like(let a, _, _), .matches(let a, _): (value, others) = (a, [])
        case .contains(let a, let b), .isIn(let a, let b): (value, others) = (a, [b])
        case .compare(.equalIgnoringCase, let a, let b):
            (value, others) = a.constantValue == nil ? (a, [b]) : (b, [a])
        case .call(.startsWith, let parts), .call(.endsWith, let parts):
            guard let first = parts.first else { return nil }
            (value, others) = (first, Array(parts.dropFirst()))
        default: return nil
        }
        guard value.constantValue == nil else { return nil }
        return others.allSatisfy { $0.constantValue != nil } ? value : nil
    }

    /// The elements of a list of constants that are compared one by one.
    fileprivate var plainElements: [Value]? {
        guard case .list(let values)? = constantValue else { return nil }
        let isPlain = values.allSatisfy { value in
            switch value {
            case .missing, .network, .list: false
            default: true
            }
        }
        return isPlain ? values : nil
    }
}
