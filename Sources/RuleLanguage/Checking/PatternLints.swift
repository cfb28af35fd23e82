// SPDX-License-Identifier: Apache-2.0
// Lints that take a whole rule, or the whole ruleset: events that nothing makes, names of steps
// that nothing uses, and steps that are compared with the first event that came, where any was
// meant. Exercised by PatternLintTests.

import Diagnostics
import EventModel

extension RulesetChecker {
    func lintPatterns() {
        let sent = eventsOfCases
        let mistakes = diagnostics.filter { $0.severity == .error }.map(\.span)
        for rule in checkedRules where !rule.isBroken && !rule.isDisabled {
            // What is to be said of a rule is to be said of those like it. Only their cases differ.
            let isLikeAnother = adoptsModels && rule.declaration.isLikeAnother
            let count = diagnostics.count
            if !isLikeAnother || sent?[rule.name] != nil { lintUnproduced(rule, sent) }
            if !isLikeAnother, !rule.declaration.span.contains(anyOf: mistakes),
                let when = rule.declaration.when
            {
                lintFirstTaken(rule, when)
                lintUnusedSteps(rule, when)
            }
            if diagnostics.count > count, rule.declaration.family != nil {
                hasAdoptedWrongly = adoptsModels
            }
        }
    }

    // MARK: events that nothing makes

    /// Lints what a rule reads of disabled rules, and names that are most likely slips.
    private func lintUnproduced(_ rule: RuleOutline, _ sent: [String: Set<String>]?) {
        var seen: Set<String> = []
        for event in rule.declaration.eventReferences
        where event.kind == .named && seen.insert(event.name.text).inserted {
            let name = event.name
            if let maker = rulesByName[name.text], maker.isDisabled {
                report(
                    .unproducedEvent, "nothing makes `\(name.text)`: the rule is disabled",
                    at: name.span, label: "so this never comes",
                    notes: [.init("it is declared here", at: maker.declaration.name.span)])
            } else if let sent, let near = intended(name.text, sent, readBy: rule) {
                report(
                    .unproducedEvent,
                    "nothing makes `\(name.text)`: it is declared nowhere, and no case sends it",
                    at: name.span, label: "did you mean `\(near)`?", fix: near)
            }
        }
    }

    /// The types of events that the cases of each rule send, by the rule's name; nil where they
    /// replay recordings, of which nobody knows here what they hold.
    private var eventsOfCases: [String: Set<String>]? {
        var sent: [String: Set<String>] = [:]
        for case .test(let test) in declarations {
            var types: Set<String> = []
            for line in test.cases.flatMap(\.lines) {
                switch line.kind {
                case .at(_, _, let event, _, _, _): types.insert(event.text)
                case .replay, .unexpected: return nil
                default: break
                }
            }
            for rule in test.rules { sent[rule.text, default: []].formUnion(types) }
        }
        return sent
    }

    /// What a type is most likely called that is declared nowhere and that no case sends, though
    /// the rule has cases.
    private func intended(
        _ type: String, _ sent: [String: Set<String>], readBy rule: RuleOutline
    ) -> String? {
        guard symbols[type] == nil, let id = typeIDs[type], !types[id.index].isDeclared,
            let own = sent[rule.name], !sent.values.contains(where: { $0.contains(type) })
        else { return nil }
        let declared = names { if case .event = $0 { true } else { false } }
        let read = Set(rule.declaration.eventReferences.map(\.name.text))
        let known = own.union(declared).subtracting(read)
        return Spelling.closest(to: type, among: known.sorted())
    }

    // MARK: names that nothing uses

    /// Lints names of steps that nothing reads, where no alert shows the events of a step either.
    private func lintUnusedSteps(_ rule: RuleOutline, _ when: WhenSyntax) {
        let isShown = !rule.onlyEmits && rule.window?.hidesEvents != true
        if isShown { return }
        for (index, step) in when.sequence.steps.enumerated() {
            guard let name = step.name, rule.stepIDs[name.text] == StepID(index),
                !rule.readSteps.contains(StepID(index))
            else { continue }
            report(
                .unusedStep, "nothing reads the step `\(name.text)`", at: name.span,
                label: "leave `as \(name.text)` out",
                notes: [
                    .init(
                        rule.onlyEmits
                            ? "what a rule emits does not show the events of its steps"
                            : "an alert of such a window does not show its events")
                ])
        }
    }

    // MARK: the first event, where any was meant

    /// Lints steps that want a field to be that of an earlier step which has taken the first event
    /// that came, whatever its field was.
    private func lintFirstTaken(_ rule: RuleOutline, _ when: WhenSyntax) {
        guard let pattern = rule.pattern, rule.window == nil else { return }
        let conditions = when.sequence.steps.map(\.condition)
        var taken: [StepID: Pattern.Line] = [:]
        for (index, line) in pattern.body.lines.enumerated() {
            for step in line.element.allSteps {
                guard let condition = step.filter.condition,
                    conditions.indices.contains(step.id.index),
                    let syntax = conditions[step.id.index]
                else { continue }
                for part in parts(.and, of: condition, syntax) {
                    lintEquality(part.expr, part.syntax, taken, rule)
                }
            }
            // Every event that can begin the pattern does: there the first is no choice.
            if index > 0, line.connector == .then, case .step(let step) = line.element,
                step.count.maximum == 1
            {
                taken[step.id] = line
            }
        }
    }

    private func lintEquality(
        _ part: Expr, _ syntax: ExprSyntax, _ taken: [StepID: Pattern.Line], _ rule: RuleOutline
    ) {
        guard let (own, other) = part.equals, own.isOfEventUnderTest,
            case .bound(let id, _, .field(let field)) = other,
            let line = taken[id], case .step(let earlier) = line.element,
            !isPinned(field, in: earlier, rule)
        else { return }
        let type = types[field.type.index].name
        let name = rule.steps[id.index].name.map { "`\($0)`" } ?? "it"
        report(
            .eachMeant, "\(name) is the first `\(type)` that came, and no later one is tried",
            at: syntax.span, label: "so this asks of that one alone",
            notes: [.init("`then each` tries every one", at: line.span.firstLine)])
    }

    /// Whether all events that the step could take have the same value of the field.
    private func isPinned(
        _ field: FieldRef, in step: Pattern.Step, _ rule: RuleOutline
    ) -> Bool {
        if rule.routes[step.filter.route].fields.contains(field) { return true }
        return step.filter.condition?.operands(.and).contains { part in
            guard let (a, b) = part.equals else { return false }
            return a == .field(field) && !b.isOfEventUnderTest
        } ?? false
    }
}

extension Expr {
    /// The two sides of an equality, what is of the event under test first.
    fileprivate var equals: (Expr, Expr)? {
        switch self {
        case .compare(.equal, let a, let b), .compare(.equalIgnoringCase, let a, let b):
            b.isOfEventUnderTest ? (b, a) : (a, b)
        default: nil
        }
    }

    fileprivate var isOfEventUnderTest: Bool {
        switch self {
        case .field, .fieldNamed, .builtIn: true
        default: false
        }
    }
}

extension Pattern.Element {
    /// The steps in it.
    fileprivate var allSteps: [Pattern.Step] {
        switch self {
        case .step(let step): [step]
        case .group(let group): group.body.lines.flatMap(\.element.allSteps)
        case .allOf(let branches), .anyOf(let branches):
            branches.flatMap(\.lines).flatMap(\.element.allSteps)
        case .absence: []
        }
    }
}

extension SequenceSyntax {
    /// In the order in which they are written.
    fileprivate var steps: [StepSyntax] {
        lines.flatMap { line -> [StepSyntax] in
            switch line.kind {
            case .step(_, let step): [step]
            case .group(_, let group): group.body.steps
            case .allOf(_, let branches), .anyOf(_, let branches):
                branches.branches.flatMap(\.steps)
            case .absence, .butNo, .butNotNext, .until, .unexpected: []
            }
        }
    }
}

extension RuleDeclaration {
    fileprivate var when: WhenSyntax? {
        clauses.lazy.compactMap { clause -> WhenSyntax? in
            if case .when(let when) = clause.kind { when } else { nil }
        }.first
    }
}

extension CheckedRule.Window {
    /// Whether its alerts are about many events, and show none.
    fileprivate var hidesEvents: Bool {
        switch self {
        case .tumbling, .hopping, .session: true
        case .sliding, .last: false
        }
    }
}
