// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import RuleLanguage
internal import TextMatching

/// Conjuncts to predicates, and what events can be looked up by for them.
extension CodeBuilder {
    /// The predicate of a conjunct that reads the event alone: equal ones are one.
    mutating func predicate(_ conjunct: Expr) -> Int32 {
        // Two atoms are equal where the conjuncts are, and much is asked to tell whether these are.
        if let atom = atom(conjunct) {
            let number = CodeBuilder.index(of: atom, in: &atomIndex, else: predicates.count)
            if number < predicates.count { return number }
            return add(Predicate(test: .atom(atom), accesses: accesses(conjunct)))
        }
        if let known = predicateIndex[conjunct] { return known }
        let accesses = accesses(conjunct)
        let test = oneOf(conjunct, accesses) ?? .code(compile(condition: conjunct))
        predicateIndex[conjunct] = Int32(predicates.count)
        return add(Predicate(test: test, accesses: accesses))
    }

    /// The predicate of `field == "text"`.
    mutating func predicate(_ side: Expr, equals text: String) -> Int32 {
        guard let field = plainField(side) else {
            return predicate(.compare(.equal, side, .constant(.string(text))))
        }
        let constant = constant(.string(text))
        let atom = RuleProgram.Atom(field: field, comparison: .equal, constant: constant)
        let number = CodeBuilder.index(of: atom, in: &atomIndex, else: predicates.count)
        if number < predicates.count { return number }
        return add(
            Predicate(test: .atom(atom), accesses: [.equal(field: field, constant: constant)]))
    }

    private mutating func add(_ predicate: Predicate) -> Int32 {
        predicates.append(predicate)
        return Int32(predicates.count - 1)
    }

    /// The condition that all of the predicates hold, the cheap ones first; -1 for none.
    mutating func condition(_ wanted: [Int32]) -> Int32 {
        if wanted.isEmpty { return -1 }
        var list = wanted
        if !wanted.allSatisfy({ predicates[Int($0)].isCheap }) {
            list =
                wanted.filter { predicates[Int($0)].isCheap }
                + wanted.filter { !predicates[Int($0)].isCheap }
        }
        let number = CodeBuilder.index(of: list, in: &conditionIndex, else: conditions.count)
        if number == conditions.count { conditions.append(list) }
        return number
    }

    /// `field op constant` where comparing the slots needs no conversion.
    private mutating func atom(_ expr: Expr) -> RuleProgram.Atom? {
        guard case .compare(let comparison, let side, .constant(let value)) = expr,
            comparison != .equalIgnoringCase, let field = plainField(side)
        else { return nil }
        switch value {
        case .bool, .int, .float, .string, .time, .duration, .ip: break
        case .missing, .network, .list: return nil
        }
        return RuleProgram.Atom(
            field: field, comparison: comparison.code, constant: constant(value))
    }

    /// `field in [constants]` where all of them can be looked up: `accesses` say which they are.
    private func oneOf(_ expr: Expr, _ accesses: [Access]?) -> Predicate.Test? {
        guard case .isIn(let side, _) = expr, let accesses, let field = plainField(side) else {
            return nil
        }
        return .oneOf(
            field: field,
            constants: accesses.compactMap { access in
                if case .equal(_, let constant) = access { constant } else { nil }
            })
    }

    /// The number of a field that has a slot.
    private func plainField(_ expr: Expr) -> Int32? {
        guard case .field(let ref) = expr else { return nil }
        // Asked for with each rule: without a copy of the event type.
        if case .builtIn = ruleset.eventTypes[ref.type.index].fields[ref.field].origin {
            return nil
        }
        return number(of: ref)
    }

    // MARK: Accesses

    private mutating func accesses(_ expr: Expr) -> [Access]? {
        switch expr {
        case .compare(let comparison, let side, .constant(let value)):
            return plainField(side).flatMap { access($0, comparison, value) }.map { [$0] }
        case .compare(let comparison, .constant(let value), let side):
            let mirrored = CodeBuilder.mirrored(comparison)
            return plainField(side).flatMap { access($0, mirrored, value) }.map { [$0] }
        case .isIn(let side, .constant(.list(let values))):
            return plainField(side).flatMap { accesses($0, in: values) }
        case .isIn(let side, .list(let items)):
            let values = items.compactMap { item -> Value? in
                if case .constant(let value) = item { value } else { nil }
            }
            guard let field = plainField(side), values.count == items.count else { return nil }
            return accesses(field, in: values)
        case .or(let a, let b):
            guard let left = accesses(a), let right = accesses(b) else { return nil }
            return left + right
        case .and(let a, let b):
            let (left, right) = (accesses(a), accesses(b))
            guard let left, let right else { return left ?? right }
            return left.count <= right.count ? left : right
        default: return textAccess(expr).map { [$0] }
        }
    }

    private mutating func accesses(_ field: Int32, in values: [Value]) -> [Access]? {
        // Missing elements equal nothing.
        let present = values.filter { !$0.isMissing }
        guard present.allSatisfy(CodeBuilder.isLookedUp) else { return nil }
        return present.map { .equal(field: field, constant: constant($0)) }
    }

    private mutating func access(
        _ field: Int32, _ comparison: Expr.Comparison, _ value: Value
    ) -> Access? {
        if comparison == .equal {
            guard CodeBuilder.isLookedUp(value) else { return nil }
            return .equal(field: field, constant: constant(value))
        }
        guard let (kind, bound) = CodeBuilder.bound(value) else { return nil }
        switch comparison {
        case .less, .lessOrEqual:
            return .range(field: field, AccessRange(kind: kind, low: -.infinity, high: bound))
        case .greater, .greaterOrEqual:
            return .range(field: field, AccessRange(kind: kind, low: bound, high: .infinity))
        case .equal, .notEqual, .equalIgnoringCase: return nil
        }
    }

    /// Whether values equal the constant exactly where they are identical to it, numbers by value.
    private static func isLookedUp(_ value: Value) -> Bool {
        switch value {
        case .bool, .int, .string, .time, .duration: true
        case .float(let number): !number.isNaN
        case .missing, .ip, .network, .list: false
        }
    }

    private static func bound(_ value: Value) -> (AccessRange.Kind, Double)? {
        switch value {
        case .int(let number): (.number, Double(number))
        case .float(let number): number.isNaN ? nil : (.number, number)
        case .time(let time): (.time, Double(time.nanoseconds))
        case .duration(let span): (.duration, Double(span.nanoseconds))
        default: nil
        }
    }

    private static func mirrored(_ comparison: Expr.Comparison) -> Expr.Comparison {
        switch comparison {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .equal, .notEqual, .equalIgnoringCase: comparison
        }
    }

    /// What asks for a text inside the text of a field.
    private mutating func textAccess(_ expr: Expr) -> Access? {
        switch expr {
        case .contains(let side, .constant(.string(let part))):
            return access(side, text: Array(part.utf8), ignoringCase: false)
        case .call(let function, let arguments)
        where function == .startsWith || function == .endsWith:
            guard arguments.count == 2, case .constant(.string(let part)) = arguments[1] else {
                return nil
            }
            return access(arguments[0], text: Array(part.utf8), ignoringCase: false)
        case .like(let side, let pattern, let ignoringCase):
            let like = LikePattern(pattern, ignoringCase: ignoringCase)
            if like.isPlain, !ignoringCase, let field = plainField(side) {
                return .equal(field: field, constant: constant(.string(pattern)))
            }
            return access(side, text: Array(like.requiredText.utf8), ignoringCase: ignoringCase)
        case .matches(let side, let regex):
            let found = Regex.requiredText(pattern: regex.pattern, flags: regex.flags)
            if let found {
                return access(side, text: found.bytes, ignoringCase: found.ignoresCase)
            }
            guard PatternSet.takes(pattern: regex.pattern, flags: regex.flags) else { return nil }
            return plainField(side).map {
                .pattern(field: $0, .init(pattern: regex.pattern, flags: regex.flags))
            }
        default: return nil
        }
    }

    private func access(_ side: Expr, text: [UInt8], ignoringCase: Bool) -> Access? {
        guard let field = plainField(side), !text.isEmpty else { return nil }
        return .text(field: field, AccessText(bytes: text, ignoresCase: ignoringCase))
    }
}
