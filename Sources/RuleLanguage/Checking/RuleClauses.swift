// SPDX-License-Identifier: Apache-2.0
// A rule's clauses: steps and keys first, then the pattern, then what speaks about the finished
// match.

import Diagnostics
import EventModel

extension RulesetChecker {
    func checkRules() {
        var firsts: [RuleOutline] = []
        rulesByName.reserveCapacity(declarations.count)
        for case .rule(let declaration) in declarations {
            let rule = RuleOutline(declaration, number: checkedRules.count)
            checkedRules.append(rule)
            guard rulesByName.kept(rule, for: rule.name) === rule else { continue }
            if case .rule? = symbols[rule.name]?.kind { firsts.append(rule) }
        }
        dependencies = RuleDependencies(firsts.map(\.declaration))
        reportCircles()
        // A rule is checked before those that read its alerts; what it is called twice for comes
        // last.
        for number in dependencies.checkingOrder { checkRule(firsts[number]) }
        for rule in checkedRules where !rule.isChecked { checkRule(rule) }
    }

    private func checkRule(_ rule: RuleOutline) {
        defer { rule.isChecked = true }
        if adopt(rule) { return }
        let start = beginModel()
        checkByItself(rule)
        finishModel(rule, since: start)
    }

    private func checkByItself(_ rule: RuleOutline) {
        let declaration = rule.declaration
        let clauses = withoutDuplicates(declaration)
        rule.isBroken = hasSyntaxError(declaration.span)
        let when = clauses.lazy.compactMap { clause -> WhenSyntax? in
            if case .when(let when) = clause.kind { when } else { nil }
        }.first
        if when == nil, !rule.isBroken {
            report(
                .missingWhen, "the rule `\(rule.name)` has no `when`", at: declaration.name.span,
                label: "what should it wait for?")
        }
        if when == nil { rule.isBroken = true }
        if let when {
            outlineSteps(when.sequence, PatternPosition(), rule)
            if let window = when.window { outline(window, rule) }
        }
        for case .by(let paths) in clauses.map(\.kind) { declareKeys(paths, rule, when, clauses) }
        if let when { checkWhen(when, rule) }
        for clause in clauses { checkMatching(clause, rule) }
        finishKeys(rule)
        for clause in clauses { checkOutput(clause, rule) }
    }

    /// The clauses, each kind once; further ones are reported.
    private func withoutDuplicates(_ declaration: RuleDeclaration) -> [Clause] {
        var first: [String: SourceSpan] = [:]
        return declaration.clauses.filter { clause in
            guard let name = clause.kind.uniqueName else { return true }
            guard let span = first[name] else {
                first[name] = clause.span
                return true
            }
            report(
                .duplicateClause, "`\(name)` is written twice", at: clause.span.firstLine,
                label: "written again here",
                notes: [.init("first written here", at: span.firstLine)])
            return false
        }
    }

    private func checkWhen(_ when: WhenSyntax, _ rule: RuleOutline) {
        if let window = when.window {
            checkWindow(window, when, rule)
            return
        }
        if let within = when.within {
            rule.within = within.value
            checkDuration(within, "a limit", allowsZero: true)
        }
        rule.pattern = checkPattern(when, rule)
    }

    /// Clauses that say which events and attempts count.
    private func checkMatching(_ clause: Clause, _ rule: RuleOutline) {
        if rule.window != nil, refusesInWindow(clause) { return }
        switch clause.kind {
        case .disabled: rule.isDisabled = true
        case .resetOn(let filter):
            if let filter = self.filter(
                filter, eventSubject(filter.event), rule,
                Scope(place: .reset, rule: rule), condition: filter.condition)
            {
                rule.resets.append(filter)
            }
        case .skip(let skip): checkSkip(skip, rule)
        case .attempts(let latest): rule.keepsLatestAttemptOnly = latest
        case .keysFrom(let table): checkKeysFrom(table, clause, rule)
        case .limit(let count, let duration): checkLimit(count, duration, rule)
        case .resolveOn(let filter, let quiet): checkResolution(filter, quiet, rule)
        case .severity, .tags, .labels, .by, .when, .having, .suppress, .except, .alert, .emit,
            .unexpected:
            break
        }
    }

    /// Clauses that speak about the finished match.
    private func checkOutput(_ clause: Clause, _ rule: RuleOutline) {
        let scope = Scope(place: .output, rule: rule)
        switch clause.kind {
        case .severity(let e): checkSeverity(e, rule, scope)
        case .tags(let tags): rule.tags = tags.map(\.value)
        case .labels(let fields):
            rule.labels = checkFields(fields, "label", scope).map(\.field)
        case .having(let e):
            rule.having = condition(e, scope)
            noteCondition(rule.having, e)
        case .alert(let title, let fields):
            let value = check(title, scope)
            if !value.isErroneous, expect(value, .string, "the title of an alert is a text") {
                rule.alertTitle = value.expr
            }
            checkAlertFields(fields, rule, scope)
        case .emit(let fields): checkEmit(fields, clause, rule, scope)
        case .suppress(let duration, let per): checkSuppression(duration, per, rule, scope)
        case .except(let reason, let end, let condition):
            checkException(reason, end, condition, rule, scope)
        default: break
        }
    }

    private func checkAlertFields(
        _ fields: [FieldSyntax], _ rule: RuleOutline, _ scope: Scope
    ) {
        let checked = checkFields(fields, "field", scope)
        rule.alertFields += checked.map(\.field)
        for (field, type) in checked { rule.alertFieldTypes[field.name] = type }
        for field in fields where rule.alertFieldTypes[field.name.text] != nil {
            let name = field.name
            note(.alertField(rule: rule.number, name.text), at: name.span, declares: true)
        }
    }

    private func checkEmit(
        _ fields: [FieldSyntax], _ clause: Clause, _ rule: RuleOutline, _ scope: Scope
    ) {
        rule.onlyEmits = true
        let alert = rule.declaration.clauses.first {
            if case .alert = $0.kind { true } else { false }
        }
        if let alert {
            report(
                .alertAndEmit, "`\(rule.name)` has both `alert` and `emit`",
                at: clause.span.firstLine,
                label: "an alert is an event for other rules as it is",
                notes: [.init("the alert is here", at: alert.span.firstLine)])
            return
        }
        checkAlertFields(fields, rule, scope)
    }

    private func checkFields(_ fields: [FieldSyntax], _ what: String, _ scope: Scope)
        -> [(field: CheckedRule.AlertField, type: FieldType)]
    {
        var seen: [String: SourceSpan] = [:]
        return fields.compactMap { field in
            let value = check(field.value, scope)
            if let first = seen[field.name.text] {
                report(
                    .duplicateField, "the \(what) `\(field.name.text)` is given twice",
                    at: field.name.span, notes: [.init("first given here", at: first)])
                return nil
            }
            seen[field.name.text] = field.name.span
            return (.init(name: field.name.text, value: value.expr), value.type)
        }
    }

    static let severities = ["info", "low", "medium", "high", "critical"]

    private func checkSeverity(_ e: ExprSyntax, _ rule: RuleOutline, _ scope: Scope) {
        if case .path(let path) = e.kind, path.parts.count == 1 {
            if RulesetChecker.severities.contains(path.text) {
                rule.severity = .constant(.string(path.text))
                return
            }
            if !rule.keys.contains(where: { $0.name == path.text }), symbols[path.text] == nil {
                reportUnknownSeverity(path.text, path.span)
                return
            }
        }
        let value = check(e, scope)
        if value.isErroneous { return }
        for case .string(let text) in value.expr.constantResults
        where !RulesetChecker.severities.contains(text) {
            reportUnknownSeverity(text, e.span)
            return
        }
        let type = resolved(value)
        guard type.isText || type.isOpen else {
            report(
                .severityType, "a severity is one of the words, or an expression that gives one",
                at: e.span, label: "this is \(type.article)")
            return
        }
        rule.severity = value.expr
    }

    private func reportUnknownSeverity(_ text: String, _ span: SourceSpan) {
        let near = Spelling.closest(to: text, among: RulesetChecker.severities)
        report(
            .unknownSeverity, "there is no severity `\(text)`", at: span,
            label: near.map { "did you mean `\($0)`?" } ?? "",
            notes: [.init("severities: " + RulesetChecker.severities.joined(separator: ", "))],
            fix: near)
    }

    private func checkSkip(_ skip: SkipSyntax, _ rule: RuleOutline) {
        switch skip {
        case .pastLast: rule.skip = .pastLast
        case .toNext: rule.skip = .toNext
        case .none: rule.skip = .none
        case .toFirst(let name):
            if let id = skipStep(name, rule, isFirst: true) { rule.skip = .toFirst(id) }
        case .toLast(let name):
            if let id = skipStep(name, rule, isFirst: false) { rule.skip = .toLast(id) }
        }
    }

    private func skipStep(_ name: Name, _ rule: RuleOutline, isFirst: Bool) -> StepID? {
        guard let id = rule.stepIDs[name.text] else {
            if rule.isBroken { return nil }
            let known = rule.stepNames
            reportUnknown(
                .unknownStep, "there is no step `\(name.text)`", name, among: known,
                notes: known.isEmpty ? [] : [.init("steps: " + known.joined(separator: ", "))])
            return nil
        }
        noteReading(id, of: rule, at: name.span)
        let step = rule.steps[id.index]
        if id.index == 0, !step.isOptional, isFirst || !step.isCounted,
            step.position.parts.allSatisfy({ if case .line = $0 { true } else { false } })
        {
            report(
                .skipEndsNothing, "`\(name.text)` is the match's first event, so this ends nothing",
                at: name.span, label: "name a later step",
                notes: [.init("the step is here", at: step.span)])
        }
        return id
    }
}

extension Clause.Kind {
    /// What a clause that may stand once is called; nil for those that may be repeated.
    fileprivate var uniqueName: String? {
        switch self {
        case .severity: "severity"
        case .tags: "tags"
        case .labels: "labels"
        case .disabled: "disabled"
        case .by: "by"
        case .keysFrom: "keys from"
        case .when: "when"
        case .having: "having"
        case .skip: "skip"
        case .attempts: "attempts"
        case .suppress: "suppress"
        case .limit: "limit"
        case .resolveOn: "resolve on"
        case .alert: "alert"
        case .emit: "emit"
        case .resetOn, .except, .unexpected: nil
        }
    }
}

extension SourceSpan {
    /// The part of the span on its first line: a whole block is too much to underline.
    var firstLine: SourceSpan {
        let bytes = file.bytes[range]
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? range.upperBound
        return SourceSpan(file, range.lowerBound..<end)
    }
}
