// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import RuleLanguage

/// The steps that are left of a rule whose pattern has been cut: their numbers begin at 0 again,
/// and what conditions ask of those that are gone is missing.
struct StepNumbering {
    /// The old number of each step.
    private(set) var kept: [Int] = []
    private var new: [StepID: StepID] = [:]

    init(_ rule: inout CheckedRule) {
        kept = rule.pattern.body.steps.map(\.id.index)
        for (number, old) in kept.enumerated() { new[StepID(old)] = StepID(number) }
        guard kept != Array(rule.steps.indices) else { return }
        rule.steps = kept.map { rule.steps[$0] }
        rule.pattern.body = renumbered(rule.pattern.body)
    }

    /// The events bound by the steps as they were numbered before.
    func original(_ bound: [[Int64]], count: Int) -> [[Int64]] {
        var result = [[Int64]](repeating: [], count: count)
        for (number, old) in kept.enumerated() where number < bound.count {
            result[old] = bound[number]
        }
        return result
    }

    // MARK: patterns

    private func renumbered(_ sequence: Pattern.Sequence) -> Pattern.Sequence {
        Pattern.Sequence(lines: sequence.lines.map(renumbered))
    }

    private func renumbered(_ line: Pattern.Line) -> Pattern.Line {
        var line = line
        line.butNo = line.butNo.map(renumbered)
        line.butNotNext = line.butNotNext.map(renumbered)
        line.until = line.until.map(renumbered)
        switch line.element {
        case .step(var step):
            step.id = new[step.id] ?? step.id
            step.filter = renumbered(step.filter)
            line.element = .step(step)
        case .group(var group):
            group.body = renumbered(group.body)
            line.element = .group(group)
        case .allOf(let branches): line.element = .allOf(branches.map(renumbered))
        case .anyOf(let branches): line.element = .anyOf(branches.map(renumbered))
        case .absence(var absence):
            absence.filter = renumbered(absence.filter)
            line.element = .absence(absence)
        }
        return line
    }

    private func renumbered(_ filter: Filter) -> Filter {
        var filter = filter
        filter.condition = filter.condition.map(renumbered)
        return filter
    }

    // MARK: expressions

    private func renumbered(_ expr: Expr) -> Expr {
        func all(_ parts: [Expr]) -> [Expr] { parts.map(renumbered) }
        switch expr {
        case .constant, .field, .fieldNamed, .builtIn, .key, .match: return expr
        case .bound(let step, let pick, let inner):
            return new[step].map { .bound($0, pick, inner) } ?? .constant(.missing)
        case .aggregate(let aggregate, let step, let argument):
            if let step = new[step] { return .aggregate(aggregate, step, argument: argument) }
            return .constant(aggregate == .count ? .int(0) : .missing)
        case .part(let part, let inner): return .part(part, renumbered(inner))
        case .previous(let fields):
            var left: [StepID: FieldRef] = [:]
            for (step, field) in fields { if let step = new[step] { left[step] = field } }
            return left.isEmpty ? .constant(.missing) : .previous(left)
        case .not(let a): return .not(renumbered(a))
        case .and(let a, let b): return .and(renumbered(a), renumbered(b))
        case .or(let a, let b): return .or(renumbered(a), renumbered(b))
        case .compare(let op, let a, let b): return .compare(op, renumbered(a), renumbered(b))
        case .isIn(let a, let b): return .isIn(renumbered(a), renumbered(b))
        case .isInTable(let a, let table): return .isInTable(renumbered(a), table)
        case .lookUp(let a, let table, let column):
            return .lookUp(renumbered(a), table, column: column)
        case .contains(let a, let b): return .contains(renumbered(a), renumbered(b))
        case .like(let a, let pattern, let ignoringCase):
            return .like(renumbered(a), pattern: pattern, ignoringCase: ignoringCase)
        case .matches(let a, let regex): return .matches(renumbered(a), regex)
        case .isMissing(let a): return .isMissing(renumbered(a))
        case .coalesce(let parts): return .coalesce(all(parts))
        case .arithmetic(let op, let a, let b):
            return .arithmetic(op, renumbered(a), renumbered(b))
        case .negate(let a): return .negate(renumbered(a))
        case .conditional(let a, let b, let c):
            return .conditional(renumbered(a), renumbered(b), renumbered(c))
        case .element(let a, let b): return .element(renumbered(a), renumbered(b))
        case .list(let parts): return .list(all(parts))
        case .call(let function, let parts): return .call(function, all(parts))
        case .template(let parts): return .template(all(parts))
        }
    }
}
