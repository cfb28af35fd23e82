// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import EventModel
internal import RuleLanguage

/// Surveys one rule by probing it, line by line.
struct CoverageSurvey {
    let rule: CheckedRule
    let probe: CoverageProbe
    let writer: CheckedText
    private(set) var findings: [CoverageFinding] = []
    private var reachedBehind: [LinePath: Set<Sighting>] = [:]
    /// What the whole pattern reports when no match ends an attempt.
    private var whole: Set<Sighting> = []
    /// What the rule reports, but for `having`.
    private var reported: Set<Sighting> = []

    init(_ rule: CheckedRule, in ruleset: CheckedRuleset, _ probe: CoverageProbe) {
        self.rule = rule
        self.probe = probe
        writer = CheckedText(ruleset, rule: rule)
    }

    mutating func run() {
        var plain = rule
        plain.having = nil
        whole = probe.sightings(of: plain)
        plain.policy = AlertPolicy()
        reported = probe.sightings(of: plain, keepsSkip: true)
        if rule.window == nil {
            surveyWithin()
            surveyLeadingAbsence()
            survey(rule.pattern.body, LinePath(turns: []))
        } else {
            surveyWindow()
        }
        surveyKeysFrom()
        surveyHaving()
        surveyResets()
        surveyPolicy()
        surveyChoices()
    }

    /// A window has one step, of which each look at it shows what there is.
    private mutating func surveyWindow() {
        guard let line = rule.pattern.body.lines.first, case .step(let step) = line.element else {
            return
        }
        add(.step, line.firstLine, line.span, [("reached", !whole.isEmpty)])
        surveyConditions(step, line, LinePath(turns: [.init(line: 0)]))
    }

    // MARK: probing

    /// What an attempt reports that gets behind a line; nil where that alone is no pattern.
    private mutating func sightings(behind path: LinePath) -> Set<Sighting>? {
        if let known = reachedBehind[path] { return known }
        let found = sightings(behind: path) { _ in }
        if let found { reachedBehind[path] = found }
        return found
    }

    /// The same of the rule with a change.
    private func sightings(
        behind path: LinePath, _ change: (inout CheckedRule) -> Void
    ) -> Set<Sighting>? {
        var changed = rule
        changed.having = nil
        change(&changed)
        changed.pattern.body = changed.pattern.body.cut(behind: path)
        // What a key of a table begins would be complete at once.
        if !changed.pattern.body.lines.dropFirst().contains(where: \.element.isNeeded) {
            changed.keysFrom = nil
        }
        guard changed.pattern.body.needsEvent else { return nil }
        return probe.sightings(of: changed)
    }

    /// The same of the rule with a change of the line.
    private func sightings(
        behind path: LinePath, changing line: LinePath, _ change: (inout Pattern.Line) -> Void
    ) -> Set<Sighting>? {
        sightings(behind: path) { $0.pattern.body.change(line, change) }
    }

    mutating func add(
        _ subject: CoverageFinding.Subject, _ text: String, _ span: SourceSpan,
        _ outcomes: [(String, Bool)]
    ) {
        findings.append(
            CoverageFinding(
                subject: subject, text: text, span: span,
                outcomes: outcomes.map { .init(name: $0.0, isReached: $0.1) }))
    }

    // MARK: the whole

    private mutating func surveyWithin() {
        guard let within = rule.within, rule.hasBoundedAbsences else { return }
        var free = rule
        free.having = nil
        free.within = nil
        add(
            .limit, "within \(within)", rule.span,
            [
                ("in time", !whole.isEmpty),
                ("too late", !probe.sightings(of: free).isSubset(of: whole)),
            ])
    }

    private mutating func surveyLeadingAbsence() {
        guard let absence = rule.pattern.leadingAbsence, !rule.pattern.leadsInGroup,
            let held = sightings(behind: LinePath(turns: [.init(line: 0)])),
            let all = sightings(
                behind: LinePath(turns: [.init(line: 0)]), { $0.pattern.leadingAbsence = nil })
        else { return }
        add(
            .absence, text(absence), absence.filter.span,
            [("held", !held.isEmpty), ("broken", !all.isSubset(of: held))])
    }

    private mutating func surveyKeysFrom() {
        guard let table = rule.keysFrom, let first = rule.pattern.body.lines.first,
            case .step(let step) = first.element
        else { return }
        add(
            .keys, "keys from \(writer.name(table))", rule.span,
            [("watched a silent key", reported.contains { $0.bound[step.id.index].isEmpty })])
    }

    private mutating func surveyHaving() {
        guard let having = rule.having else { return }
        let parts = having.conjuncts
        for (index, part) in parts.enumerated() {
            func seen(_ other: Expr) -> Bool {
                var changed = rule
                changed.having = having.replacing(conjunct: index, with: other)
                return !probe.sightings(of: changed).isEmpty
            }
            add(
                .having, writer.text(part), rule.span,
                truths(seen(part), seen(.not(part)), seen(.isMissing(part))))
        }
    }

    private mutating func surveyResets() {
        for (index, reset) in rule.resets.enumerated() {
            var free = rule
            free.having = nil
            free.resets.remove(at: index)
            let without = probe.sightings(of: free)
            add(
                .reset, "reset on \(text(reset))", reset.span,
                [("ended an attempt", !without.isSubset(of: whole))])
        }
    }

    /// True, false and, where a case shows it, unknown.
    func truths(_ isTrue: Bool, _ isFalse: Bool, _ isUnknown: Bool) -> [(String, Bool)] {
        [("true", isTrue), ("false", isFalse)] + (isUnknown ? [("unknown", true)] : [])
    }

    // MARK: lines

    private mutating func survey(_ sequence: Pattern.Sequence, _ path: LinePath) {
        for (number, line) in sequence.lines.enumerated() {
            let here = path.then(line: number)
            survey(line, here, isLast: number == sequence.lines.count - 1)
        }
    }

    private mutating func survey(_ line: Pattern.Line, _ path: LinePath, isLast: Bool) {
        let found = sightings(behind: path)
        let isReached = !(found ?? []).isEmpty
        switch line.element {
        case .step(let step):
            add(.step, line.firstLine, line.span, [("reached", isReached)])
            surveyCount(step, line, path)
            surveyConditions(step, line, path)
        case .absence(let absence): if let found { survey(absence, line, path, found) }
        case .group(let group):
            add(.step, line.firstLine, line.span, [("reached", isReached)])
            survey(group.body, path.into(branch: 0))
        case .allOf(let branches), .anyOf(let branches):
            let isChoice = if case .anyOf = line.element { true } else { false }
            for (index, branch) in branches.enumerated() {
                if isChoice, let found { surveyBranch(branch, line, found) }
                survey(branch, path.into(branch: index))
            }
        }
        if let found { surveyLimits(line, path, found) }
        surveyGuards(line, path, isLast: isLast)
    }

    private mutating func surveyBranch(
        _ branch: Pattern.Sequence, _ line: Pattern.Line, _ found: Set<Sighting>
    ) {
        let steps = branch.steps.map(\.id.index)
        guard !steps.isEmpty, let first = branch.lines.first else { return }
        add(
            .branch, "branch `\(first.firstLine)`", first.span,
            [
                (
                    "taken",
                    found.contains { sighting in steps.contains { !sighting.bound[$0].isEmpty } }
                )
            ]
        )
    }

    /// How often a step of the outermost sequence was bound.
    private mutating func surveyCount(
        _ step: Pattern.Step, _ line: Pattern.Line, _ path: LinePath
    ) {
        guard path.isOutermost, step.count.maximum != step.count.minimum else { return }
        let counts = Set(reported.map { $0.bound[step.id.index].count })
        if step.count.minimum == 0 {
            add(
                .optional, line.firstLine, line.span,
                [("taken", counts.contains { $0 > 0 }), ("left out", counts.contains(0))])
            return
        }
        let least = step.count.minimum
        let text = step.count.maximum.map { "\(least) to \($0)" } ?? "at least \(least)"
        // What it is complete with as the last step is the least.
        let isLast = path.lineNumber == rule.pattern.body.lines.count - 1
        var outcomes = [("exactly \(least)", counts.contains(least))]
        if !isLast { outcomes.append(("more", counts.contains { $0 > least })) }
        add(.count, text, line.span, outcomes)
    }

    /// Each part of a step's condition for one event, whatever the count.
    private mutating func surveyConditions(
        _ step: Pattern.Step, _ line: Pattern.Line, _ path: LinePath
    ) {
        guard let condition = step.filter.condition else { return }
        for (index, part) in condition.conjuncts.enumerated() {
            func seen(_ other: Expr) -> Bool {
                let changed = sightings(behind: path, changing: path) { line in
                    guard case .step(var step) = line.element else { return }
                    step.count.minimum = 1
                    step.filter.condition = condition.replacing(conjunct: index, with: other)
                    line.element = .step(step)
                }
                return !(changed ?? []).isEmpty
            }
            add(
                .condition, writer.text(part), line.span,
                truths(seen(part), seen(.not(part)), seen(.isMissing(part))))
        }
    }

    private mutating func survey(
        _ absence: Pattern.Absence, _ line: Pattern.Line, _ path: LinePath, _ held: Set<Sighting>
    ) {
        guard let before = path.before, let all = sightings(behind: before) else { return }
        let starts = Set(held.map(\.start))
        add(
            .absence, text(absence), line.span,
            [("held", !held.isEmpty), ("broken", all.contains { !starts.contains($0.start) })])
    }

    private mutating func surveyLimits(
        _ line: Pattern.Line, _ path: LinePath, _ found: Set<Sighting>
    ) {
        func differs(_ change: (inout Pattern.Line) -> Void) -> Bool {
            !(sightings(behind: path, changing: path, change) ?? []).isSubset(of: found)
        }
        if let within = line.within {
            add(
                .limit, "within \(within)", line.span,
                [("in time", !found.isEmpty), ("too late", differs { $0.within = nil })])
        }
        if let after = line.after {
            add(
                .limit, "after \(after)", line.span,
                [("late enough", !found.isEmpty), ("too early", differs { $0.after = nil })])
        }
        if let spread = line.element.spread {
            add(
                .limit, "in \(spread)", line.span,
                [
                    ("in time", !found.isEmpty),
                    ("too late", differs { $0.element.loseSpread() }),
                ])
        }
    }

    private mutating func surveyGuards(
        _ line: Pattern.Line, _ path: LinePath, isLast: Bool
    ) {
        var next = path
        if !isLast { next.turns[next.turns.count - 1].line += 1 }
        // A guard ends what has not come to the line behind it.
        guard !line.butNo.isEmpty || !line.butNotNext.isEmpty || !line.until.isEmpty,
            let found = sightings(behind: next)
        else { return }
        func differs(_ change: (inout Pattern.Line) -> Void) -> Bool {
            (sightings(behind: next, changing: path, change) ?? []) != found
        }
        for (index, filter) in line.butNo.enumerated() {
            add(
                .guard, "but no \(text(filter))", filter.span,
                [("kept", !found.isEmpty), ("broken", differs { $0.butNo.remove(at: index) })])
        }
        for (index, filter) in line.butNotNext.enumerated() {
            add(
                .guard, "but not next \(text(filter))", filter.span,
                [("kept", !found.isEmpty), ("broken", differs { $0.butNotNext.remove(at: index) })])
        }
        for (index, filter) in line.until.enumerated() {
            add(
                .guard, "until \(text(filter))", filter.span,
                [("came", differs { $0.until.remove(at: index) })])
        }
    }

    // MARK: texts

    func text(_ filter: Filter) -> String {
        filter.span.text + (filter.condition.map { " where \(writer.text($0))" } ?? "")
    }

    private func text(_ absence: Pattern.Absence) -> String {
        let time = absence.duration.map { " for \($0)" } ?? ""
        return "no \(absence.filter.span.text)\(time)"
    }
}

extension Pattern.Line {
    /// The first of its lines of text.
    fileprivate var firstLine: String {
        let text = span.text.prefix { !$0.isNewline }
        var end = text.endIndex
        while end > text.startIndex, text[text.index(before: end)] == " " {
            end = text.index(before: end)
        }
        return String(text[..<end])
    }
}

extension Pattern.Element {
    fileprivate var spread: TimeSpan? {
        switch self {
        case .step(let step): step.spread
        case .group(let group): group.spread
        case .allOf, .anyOf, .absence: nil
        }
    }

    fileprivate mutating func loseSpread() {
        switch self {
        case .step(var step):
            step.spread = nil
            self = .step(step)
        case .group(var group):
            group.spread = nil
            self = .group(group)
        case .allOf, .anyOf, .absence: break
        }
    }
}

extension CheckedRule {
    /// Whether every absence has a time of its own.
    fileprivate var hasBoundedAbsences: Bool {
        pattern.body.lines.allSatisfy { line in
            if case .absence(let absence) = line.element { return absence.duration != nil }
            return true
        }
    }
}
