// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// A condition that is to be looked at when all types are known.
struct PendingCondition {
    var syntax: ExprSyntax
    var expr: Expr
    /// The event type that it is about, where that has a condition of its own.
    var subject: EventTypeID?
}

extension RulesetChecker {
    func noteCondition(_ condition: Expr?, _ syntax: ExprSyntax, of subject: EventTypeID? = nil) {
        guard let condition else { return }
        pendingConditions.append(
            PendingCondition(syntax: syntax, expr: condition, subject: subject))
    }

    /// Lints conditions that never or always hold, and parts of them.
    func lintConditions() {
        let space = conditionSpace
        let mistakes = diagnostics.filter { $0.severity == .error }.map(\.span)
        for (number, pending) in pendingConditions.enumerated() {
            if plainConditions.contains(number) {
                // Types may have become known since it was taken over.
                var asked: [FieldRef] = []
                if !isPlain(pending.expr, &asked) { hasAdoptedWrongly = true }
            }
            // Of a condition with a mistake nobody knows what it is to be.
            if pending.syntax.span.contains(anyOf: mistakes) { continue }
            let count = diagnostics.count
            lint(pending, space)
            if diagnostics.count > count, sharedConditions.contains(number) {
                hasAdoptedWrongly = true
            }
        }
        // What is taken over has no branches.
        for rule in checkedRules
        where rule.model == nil && !rule.isBroken
            && !rule.declaration.span.contains(anyOf: mistakes)
        {
            if let pattern = rule.pattern { lintBranches(of: pattern.body, space) }
        }
    }

    private var conditionSpace: ConditionSpace {
        ConditionSpace { [unowned self] value in
            switch value {
            case .field(let ref): fieldTypes.resolve(field(ref).type)
            case .bound(_, _, .field(let ref)): fieldTypes.resolve(field(ref).type)
            case .builtIn(let field): field.valueType
            case .aggregate(.count, _, _), .aggregate(.countDistinct, _, _): .int
            case .lookUp(_, let table, let column):
                tables[table.index].contents.columns[column].type
            case .compare, .isIn, .isInTable, .like, .matches, .contains, .isMissing: .bool
            default: .any
            }
        }
    }

    private func lint(_ pending: PendingCondition, _ space: ConditionSpace) {
        let (condition, syntax) = (pending.expr, pending.syntax)
        var asked: [FieldRef] = []
        if isPlain(condition, &asked) {
            if let subject = pending.subject { lintSubject(pending, syntax, subject, space) }
            return
        }
        if let truth = condition.constantTruth {
            return report(
                .constantCondition,
                truth ? "this condition always holds" : "this condition can never hold",
                at: syntax.span)
        }
        if space.alwaysHolds(condition) {
            return report(.constantCondition, "this condition always holds", at: syntax.span)
        }
        let count = diagnostics.count
        lintParts(condition, syntax, [], space)
        if count == diagnostics.count, let subject = pending.subject {
            lintSubject(pending, syntax, subject, space)
        }
    }

    /// Whether a condition asks fields for a text or a whole number, each field once, as most
    /// conditions of rulesets with thousands of rules do: it may hold or not, and so may its parts.
    func isPlain(_ condition: Expr, _ asked: inout [FieldRef]) -> Bool {
        switch condition {
        case .and(let a, let b): return isPlain(a, &asked) && isPlain(b, &asked)
        case .compare(.equal, .field(let ref), .constant(let value)):
            switch (value, fieldTypes.resolve(field(ref).type)) {
            case (.string, .string), (.int, .int): break
            default: return false
            }
            guard !asked.contains(ref) else { return false }
            asked.append(ref)
            return true
        default: return false
        }
    }

    /// Lints the parts that `and` joins, each with what else must hold.
    private func lintParts(
        _ condition: Expr, _ syntax: ExprSyntax, _ others: [Expr], _ space: ConditionSpace
    ) {
        let parts = parts(.and, of: condition, syntax)
        var before: [(expr: Expr, syntax: ExprSyntax)] = []
        for part in parts {
            if !space.mayHold([part.expr]) {
                return lintImpossible(part.expr, part.syntax, space)
            }
            let known = others + before.map(\.expr)
            guard space.mayHold(known + [part.expr]) else {
                return reportContradiction(part, before, space)
            }
            before.append(part)
        }
        for (index, part) in parts.enumerated() {
            let rest = parts.indices.filter { $0 != index }.map { parts[$0].expr }
            lintAlternatives(part.expr, part.syntax, others + rest, space)
        }
    }

    /// Reports what makes a part impossible that is so for itself.
    private func lintImpossible(_ part: Expr, _ syntax: ExprSyntax, _ space: ConditionSpace) {
        if part.operands(.or).count > 1 {
            return lintAlternatives(part, syntax, [], space)
        }
        report(.constantCondition, "this condition can never hold", at: syntax.span)
    }

    private func reportContradiction(
        _ part: (expr: Expr, syntax: ExprSyntax), _ before: [(expr: Expr, syntax: ExprSyntax)],
        _ space: ConditionSpace
    ) {
        let other = before.first {
            !space.mayHold([$0.expr, part.expr])
                && $0.syntax.span.range != part.syntax.span.range
        }
        report(
            .constantCondition, "this condition can never hold", at: part.syntax.span,
            label: other == nil
                ? "not together with the others" : "not together with the one before",
            notes: other.map { [.init("which is here", at: $0.syntax.span)] } ?? [])
    }

    /// Lints the parts that `or` joins, each as if it were what holds.
    private func lintAlternatives(
        _ condition: Expr, _ syntax: ExprSyntax, _ others: [Expr], _ space: ConditionSpace
    ) {
        let parts = parts(.or, of: condition, syntax)
        guard !condition.isConstantTruth, !space.holdsWherePresent(condition) else {
            return report(
                .redundantCondition, "this holds whatever the value is, if there is one",
                at: syntax.span, label: "ask whether it `is present`, or leave it out")
        }
        guard parts.count > 1 else { return }
        for part in parts {
            if space.mayHold(others + [part.expr]) {
                if part.expr.operands(.and).count > 1 {
                    lintParts(part.expr, part.syntax, others, space)
                }
            } else if space.mayHold([part.expr]) {
                report(
                    .constantCondition, "this alternative can never hold", at: part.syntax.span,
                    label: "not together with the rest of the condition")
            } else {
                lintParts(part.expr, part.syntax, [], space)
            }
        }
    }

    /// What `joint` joins, as checked and as written; the whole where the two do not agree.
    func parts(
        _ joint: Expr.Joint, of condition: Expr, _ syntax: ExprSyntax
    ) -> [(expr: Expr, syntax: ExprSyntax)] {
        let (exprs, syntaxes) = (condition.operands(joint), syntax.operands(joint))
        guard exprs.count == syntaxes.count else { return [(condition, syntax)] }
        return zip(exprs, syntaxes).map { (expr: $0, syntax: $1) }
    }

    private func lintSubject(
        _ pending: PendingCondition, _ syntax: ExprSyntax, _ subject: EventTypeID,
        _ space: ConditionSpace
    ) {
        let type = types[subject.index]
        guard let filter = type.filter, space.mayHold([filter]),
            !space.mayHold([filter, pending.expr])
        else { return }
        report(
            .constantCondition, "this condition can never hold", at: syntax.span,
            label: "no `\(type.name)` is like this",
            notes: [.init("`\(type.name)` has a condition of its own", at: type.span)])
    }

    // MARK: branches

    /// Lints branches of `any of` that another one is always complete before.
    private func lintBranches(of sequence: Pattern.Sequence, _ space: ConditionSpace) {
        for line in sequence.lines {
            switch line.element {
            case .step, .absence: break
            case .group(let group): lintBranches(of: group.body, space)
            case .allOf(let branches): for branch in branches { lintBranches(of: branch, space) }
            case .anyOf(let branches):
                for branch in branches { lintBranches(of: branch, space) }
                if line.connector != .each { lint(branches, space) }
            }
        }
    }

    private func lint(_ branches: [Pattern.Sequence], _ space: ConditionSpace) {
        for (index, branch) in branches.enumerated() {
            guard let first = branch.lines.first, case .step(let step) = first.element,
                step.count.minimum > 0
            else { continue }
            let needsMore = step.count.minimum > 1 || branch.needsMore
            let quicker = branches.enumerated().first { number, other in
                guard number != index, number < index || needsMore, let only = other.onlyEvent
                else { return false }
                return only.accepts(step.filter, space)
            }
            guard let quicker else { continue }
            report(
                .unreachableBranch, "this branch can never be the first", at: first.span.firstLine,
                label: "another one takes its first event",
                notes: [.init("which is here", at: quicker.element.lines[0].span.firstLine)])
        }
    }
}

extension SourceSpan {
    /// Whether one of these begins inside it.
    func contains(anyOf spans: [SourceSpan]) -> Bool {
        spans.contains { $0.file === file && range.contains($0.range.lowerBound) }
    }
}

extension Pattern.Sequence {
    /// The filter of a branch that is complete with any one event of it.
    fileprivate var onlyEvent: Filter? {
        guard lines.count == 1, case .step(let step) = lines[0].element, step.count == .one,
            lines[0].after == nil, lines[0].within == nil, lines[0].until.isEmpty
        else { return nil }
        return step.filter
    }

    /// Whether lines behind the first wait for something too.
    fileprivate var needsMore: Bool {
        lines.dropFirst().contains { $0.element.needsEvent || $0.element.isAbsence }
    }
}

extension Filter {
    /// Whether every event that `other` takes is also one of this.
    fileprivate func accepts(_ other: Filter, _ space: ConditionSpace) -> Bool {
        guard route == other.route, eventType == other.eventType else { return false }
        guard let condition else { return true }
        return space.imply(other.condition.map { [$0] } ?? [], condition)
    }
}

extension Expr {
    enum Joint { case and, or }

    /// What `and`, or `or`, joins at the top of the condition, from left to right.
    func operands(_ joint: Joint) -> [Expr] {
        switch (self, joint) {
        case (.and(let a, let b), .and), (.or(let a, let b), .or):
            a.operands(joint) + b.operands(joint)
        default: [self]
        }
    }

    fileprivate var isConstantTruth: Bool { constantTruth != nil }
}

extension ExprSyntax {
    fileprivate func operands(_ joint: Expr.Joint) -> [ExprSyntax] {
        switch (kind, joint) {
        case (.binary(.and, let a, let b), .and), (.binary(.or, let a, let b), .or):
            return a.operands(joint) + b.operands(joint)
        case (.between, .and):
            // Checked as two comparisons, which both stand here.
            return [self, self]
        default: return [self]
        }
    }
}
