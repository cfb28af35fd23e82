// SPDX-License-Identifier: Apache-2.0
// Lines of `when` to a pattern: steps outlined first, then each line with its conditions, then
// what the whole can and can't do.

import Diagnostics
import EventModel

extension RulesetChecker {
    // MARK: outline

    /// Finds the steps of a sequence, in the order in which they are written.
    func outlineSteps(_ sequence: SequenceSyntax, _ position: PatternPosition, _ rule: RuleOutline)
    {
        for (index, line) in sequence.lines.enumerated() {
            let here = position.inside(.line(index))
            switch line.kind {
            case .step(_, let step): outline(step, here, line.span, rule)
            case .group(_, let group):
                let isRepeated = group.count.kind.maximum.map { $0 > 1 } ?? true
                outlineSteps(group.body, isRepeated ? here.inside(.repeated) : here, rule)
            case .allOf(_, let branches):
                for (number, branch) in branches.branches.enumerated() {
                    outlineSteps(branch, here.inside(.allBranch(number)), rule)
                }
            case .anyOf(_, let branches):
                for (number, branch) in branches.branches.enumerated() {
                    outlineSteps(branch, here.inside(.anyBranch(number)), rule)
                }
            case .unexpected: rule.isBroken = true
            case .absence, .butNo, .butNotNext, .until: break
            }
        }
    }

    private func outline(
        _ step: StepSyntax, _ position: PatternPosition, _ span: SourceSpan, _ rule: RuleOutline
    ) {
        let id = StepID(rule.steps.count)
        let count = step.count?.kind
        rule.steps.append(
            .init(
                name: step.name?.text, subject: eventSubject(step.event),
                isCounted: count.map { $0.maximum.map { $0 > 1 } ?? true } ?? false,
                isOptional: count?.minimum == 0, position: position, span: span.firstLine))
        guard let name = step.name else { return }
        if let first = rule.stepIDs[name.text] {
            report(
                .duplicateStep, "two steps are called `\(name.text)`", at: name.span,
                label: "named again here",
                notes: [.init("first named here", at: rule.steps[first.index].span)])
            rule.steps[id.index].name = nil
            return
        }
        rule.stepIDs[name.text] = id
        note(.step(rule: rule.number, id), at: name.span, declares: true)
    }

    /// The event type that a line names; reported, and unknown, where it is none.
    func eventSubject(_ event: EventRefSyntax) -> Scope.Subject {
        switch event.kind {
        case .anyEvent: return .anyEvent
        case .alert:
            return typeOfAllAlerts(at: event.name.span).map(Scope.Subject.event) ?? .unknown
        case .named: break
        }
        let name = event.name
        usedNames.insert(name.text)
        note(.symbol(name.text), at: name.span)
        switch symbols[name.text]?.kind {
        case .rule?: return alertType(of: name.text).map(Scope.Subject.event) ?? .unknown
        case .table?, .constant?:
            reportNotAnEvent(name)
            return .unknown
        case .event?: return typeIDs[name.text].map(Scope.Subject.event) ?? .unknown
        case nil: return undeclaredType(name).map(Scope.Subject.event) ?? .unknown
        }
    }

    // MARK: lines

    /// Checks a whole `when` and gives its pattern; nil where it can't be built.
    func checkPattern(_ when: WhenSyntax, _ rule: RuleOutline) -> Pattern? {
        var builder = PatternBuilder(checker: self, rule: rule)
        let built = builder.sequence(when.sequence, PatternPosition(), .whole)
        guard let body = built.sequence else {
            if !rule.isBroken, !built.isRefused { reportMatchesNothing(when.span, "this pattern") }
            return nil
        }
        let pattern = Pattern(leadingAbsence: built.leadingAbsence, body: body)
        if !rule.isBroken {
            checkLimits(when)
            noteWaits(when, rule)
            noteIdleGuards(when.sequence)
        }
        return pattern
    }

    func reportMatchesNothing(_ span: SourceSpan, _ what: String) {
        report(
            .matchesNothing, "\(what) can match nothing at all", at: span.firstLine,
            label: "at least one event must be needed")
    }

    /// A filter with its route and condition; nil where its event or key is wrong.
    func filter(
        _ syntax: FilterSyntax, _ subject: Scope.Subject, _ rule: RuleOutline, _ scope: Scope,
        condition: ExprSyntax?
    ) -> Filter? {
        var scope = scope
        scope.subject = subject
        let checked = condition.map { self.condition($0, scope) }
        if let condition {
            var type: EventTypeID?
            if case .event(let id) = subject { type = id }
            noteCondition(checked ?? nil, condition, of: type)
            noteNulls(condition, subject)
        }
        guard let route = route(syntax.event, subject, by: syntax.by, rule) else { return nil }
        var type: EventTypeID?
        if case .event(let id) = subject { type = id }
        return Filter(
            eventType: type, route: route, condition: checked ?? nil,
            span: syntax.event.name.span)
    }

    func checkDuration(_ duration: Spanned<TimeSpan>, _ what: String, allowsZero: Bool) {
        let isWrong = allowsZero ? duration.value < .zero : duration.value <= .zero
        if isWrong {
            report(
                .badDuration, "\(what) of \(duration.value) makes no sense", at: duration.span,
                label: allowsZero ? "it can't be negative" : "it must be longer than 0s")
        }
    }
}
