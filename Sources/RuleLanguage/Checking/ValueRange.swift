// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What a value may be: missing, or one of some values.
struct ValueRange {
    var mayBeMissing = false
    var present: PresentValues

    init(_ present: PresentValues) { self.present = present }

    var isEmpty: Bool { !mayBeMissing && present.isEmpty }

    func intersection(_ other: ValueRange) -> ValueRange {
        var result = ValueRange(present.intersection(other.present))
        result.mayBeMissing = mayBeMissing && other.mayBeMissing
        return result
    }
}

/// A set of values: those between two bounds, of a list, or all but those of a list.
struct PresentValues {
    private struct Bound {
        var value: Value
        var isClosed: Bool
    }
    private var low: Bound?
    private var high: Bound?
    /// Nil: any.
    private var allowed: [Value]?
    private var excluded: [Value] = []
    private var tests: [ValueTest] = []
    private var isInt = false

    /// All values; with `isInt` all whole numbers.
    init(isInt: Bool = false) { self.isInt = isInt }

    static let none = allowed([])

    static func allowed(_ values: [Value]) -> PresentValues {
        var result = PresentValues()
        result.allowed = values
        return result
    }

    static func excluded(_ values: [Value]) -> PresentValues {
        var result = PresentValues()
        result.excluded = values
        return result
    }

    static func passing(_ test: ValueTest) -> PresentValues {
        var result = PresentValues()
        result.tests = [test]
        return result
    }

    /// The values that compare so with a constant.
    ///
    /// - Parameter isInt: only whole numbers are compared.
    init(_ comparison: Expr.Comparison, _ constant: Value, isInt: Bool) {
        self.isInt = isInt
        switch comparison {
        case .equal, .equalIgnoringCase: allowed = [constant]
        case .notEqual: excluded = [constant]
        case .less: high = Bound(value: constant, isClosed: false)
        case .lessOrEqual: high = Bound(value: constant, isClosed: true)
        case .greater: low = Bound(value: constant, isClosed: false)
        case .greaterOrEqual: low = Bound(value: constant, isClosed: true)
        }
        if isInt { roundBounds() }
    }

    /// Makes the bounds of whole numbers whole and closed, where they are not too far out.
    private mutating func roundBounds() {
        if let bound = low, let (floor, isWhole) = PresentValues.floor(bound.value) {
            low = Bound(value: .int(isWhole && bound.isClosed ? floor : floor + 1), isClosed: true)
        }
        if let bound = high, let (floor, isWhole) = PresentValues.floor(bound.value) {
            high = Bound(
                value: .int(isWhole && !bound.isClosed ? floor - 1 : floor), isClosed: true)
        }
    }

    private static func floor(_ value: Value) -> (floor: Int64, isWhole: Bool)? {
        switch value {
        case .int(let number): return number > .min && number < .max ? (number, true) : nil
        case .float(let number):
            guard number.magnitude < 0x1p62 else { return nil }
            let floor = number.rounded(.down)
            return (Int64(floor), floor == number)
        default: return nil
        }
    }

    func intersection(_ other: PresentValues) -> PresentValues {
        var result = self
        result.isInt = isInt || other.isInt
        result.excluded += other.excluded
        result.tests += other.tests
        if let values = other.allowed {
            result.allowed = allowed.map { mine in mine.filter { contains(values, $0) } } ?? values
        }
        if let bound = other.low, low.map({ isTighter(bound, $0, .greater) }) ?? true {
            result.low = bound
        }
        if let bound = other.high, high.map({ isTighter(bound, $0, .less) }) ?? true {
            result.high = bound
        }
        return result
    }

    private func isTighter(_ a: Bound, _ b: Bound, _ order: ValueOperations.Order) -> Bool {
        switch ValueOperations.order(a.value, b.value) {
        case .equal?: b.isClosed && !a.isClosed
        case let found?: found == order
        case nil: false
        }
    }

    private func contains(_ values: [Value], _ value: Value) -> Bool {
        values.contains { ValueOperations.equal($0, value) == true }
    }

    /// Whether there is surely no such value.
    var isEmpty: Bool {
        if let allowed {
            return !allowed.contains {
                isInside($0) && !contains(excluded, $0) && (!isInt || PresentValues.isWhole($0))
                    && mayPass($0)
            }
        }
        if areNetworksApart { return true }
        guard var low, let high else { return false }
        // Whole numbers at the lower end that are left out: at most as many as are.
        while isInt, low.isClosed, case .int(let number) = low.value, number < .max,
            contains(excluded, low.value)
        {
            low.value = .int(number + 1)
        }
        switch ValueOperations.order(low.value, high.value) {
        case .less?, nil: return false
        case .greater?: return true
        case .equal?: return !low.isClosed || !high.isClosed || contains(excluded, low.value)
        }
    }

    private func mayPass(_ value: Value) -> Bool { tests.allSatisfy { $0.mayPass(value) } }

    /// Whether an address would have to be in two networks of which neither holds the other.
    private var areNetworksApart: Bool {
        let networks = tests.compactMap(\.network)
        return networks.indices.contains { index in
            networks[..<index].contains {
                !$0.contains(networks[index].base) && !networks[index].contains($0.base)
            }
        }
    }

    private static func isWhole(_ value: Value) -> Bool {
        if case .float(let number) = value { return number.rounded() == number }
        return true
    }

    private func isInside(_ value: Value) -> Bool {
        isOn(value, low, .greater) && isOn(value, high, .less)
    }

    /// Whether `value` is on the right side of a bound; a value of another type is on none.
    private func isOn(_ value: Value, _ bound: Bound?, _ side: ValueOperations.Order) -> Bool {
        guard let bound else { return true }
        switch ValueOperations.order(value, bound.value) {
        case .equal?: return bound.isClosed
        case let order?: return order == side
        case nil: return false
        }
    }
}

/// A condition that follows from one value, and what it is to be.
struct ValueTest {
    private let condition: Expr
    private let value: Expr
    private let wanted: Bool

    init(_ condition: Expr, of value: Expr, wants wanted: Bool) {
        self.condition = condition
        self.value = value
        self.wanted = wanted
    }

    /// Whether the condition may be what is wanted of it; certain only where it may not.
    func mayPass(_ constant: Value) -> Bool {
        let evaluator = ExprEvaluator()
        let found = evaluator.evaluate(asked(of: .constant(constant)), in: EvaluationContext())
        guard case .bool(let truth) = found else { return true }
        return truth == wanted
    }

    private func asked(of constant: Expr) -> Expr {
        switch condition {
        case .like(_, let pattern, let ignoringCase):
            .like(constant, pattern: pattern, ignoringCase: ignoringCase)
        case .matches(_, let regex): .matches(constant, regex)
        case .contains(_, let part): .contains(constant, part)
        case .isIn(_, let list): .isIn(constant, list)
        case .compare(let comparison, let a, let b):
            .compare(comparison, constant, a == value ? b : a)
        case .call(let function, let parts): .call(function, [constant] + parts.dropFirst())
        default: condition
        }
    }

    /// The network that the value is to be in.
    fileprivate var network: IPNetwork? {
        guard wanted, case .isIn(_, let list) = condition,
            case .network(let network)? = list.constantValue
        else { return nil }
        return network
    }
}
