// SPDX-License-Identifier: Apache-2.0
// Rules in words: the language's own for lines of a pattern, plain English for the whole.

internal import EventModel
package import RuleLanguage

/// Writes the parts of one rule.
struct RuleWords {
    let rule: CheckedRule
    private let ruleset: CheckedRuleset
    private let checked: CheckedText

    init(_ rule: CheckedRule, in ruleset: CheckedRuleset) {
        self.rule = rule
        self.ruleset = ruleset
        checked = CheckedText(ruleset, rule: rule)
    }

    // MARK: the language's words

    func name(_ step: StepID) -> String { checked.name(step) }
    func text(_ expr: Expr) -> String { checked.text(expr) }

    func eventText(_ filter: Filter) -> String {
        filter.eventType.map { ruleset[$0].name } ?? "any event"
    }

    /// `login where outcome == "fail"`.
    func text(_ filter: Filter) -> String { eventText(filter) + condition(filter) }

    /// `no payment for 30m`.
    func text(_ absence: Pattern.Absence) -> String {
        "no \(eventText(absence.filter))" + (absence.duration.map { " for \($0)" } ?? "")
            + condition(absence.filter)
    }

    private func condition(_ filter: Filter) -> String {
        filter.condition.map { " where \(text($0))" } ?? ""
    }

    func text(_ connector: Pattern.Connector) -> String {
        switch connector {
        case .then: "then"
        case .next: "then next"
        case .each: "then each"
        }
    }

    /// `after 5s within 20m`; nil where there is neither.
    func gapText(_ line: Pattern.Line) -> String? {
        let parts = [line.after.map { "after \($0)" }, line.within.map { "within \($0)" }]
        let text = parts.compactMap { $0 }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }

    func text(_ count: Pattern.Count) -> String {
        switch (count.minimum, count.maximum) {
        case (0, 1): "optional"
        case (let minimum, nil): "at least \(minimum)"
        case (let minimum, let maximum?) where minimum == maximum: "\(minimum)"
        case (let minimum, let maximum?): "\(minimum) to \(maximum)"
        }
    }

    func countText(_ step: Pattern.Step) -> String {
        countWithoutSpread(step) + (step.spread.map { " in \($0)" } ?? "")
    }

    private func countWithoutSpread(_ step: Pattern.Step) -> String {
        var text = text(step.count)
        if step.isConsecutive { text += " consecutive" }
        if let distinct = step.distinct { text += " distinct \(checked.name(distinct))" }
        return text
    }

    /// A line without what is inside it: `at least 5 login where outcome == "fail"`.
    func head(_ line: Pattern.Line) -> String {
        switch line.element {
        case .step(let step):
            countWithoutSpread(step) + (step.distinct == nil ? " " : " of ")
                + eventText(step.filter) + (step.spread.map { " in \($0)" } ?? "")
                + condition(step.filter)
        case .group(let group):
            "\(text(group.count))\(group.isConsecutive ? " consecutive" : "")"
                + (group.count.maximum == 1 ? "" : " times")
                + (group.spread.map { " in \($0)" } ?? "")
        case .allOf(let branches): "all of \(branches.count) branches"
        case .anyOf(let branches): "any of \(branches.count) branches"
        case .absence(let absence): text(absence)
        }
    }

    /// The events with which a line can begin.
    func entry(_ line: Pattern.Line) -> String {
        var texts: [String] = []
        for text in entries(line) where !texts.contains(text) { texts.append(text) }
        return texts.joined(separator: " or ")
    }

    private func entries(_ line: Pattern.Line) -> [String] {
        switch line.element {
        case .step(let step): [text(step.filter)]
        case .group(let group): entries(group.body.behindAbsence)
        case .allOf(let branches), .anyOf(let branches): branches.flatMap(entries)
        case .absence: []
        }
    }

    private func entries(_ sequence: Pattern.Sequence) -> [String] {
        var result: [String] = []
        for line in sequence.lines {
            result += entries(line)
            guard RuleWords.isSkippable(line) else { break }
        }
        return result
    }

    private static func isSkippable(_ line: Pattern.Line) -> Bool {
        switch line.element {
        case .step(let step): step.count.minimum == 0
        case .group(let group): group.count.minimum == 0
        case .allOf, .anyOf, .absence: false
        }
    }

    /// `, once it has 5`; empty where the line is open as soon as it is begun.
    func openCondition(_ line: Pattern.Line) -> String {
        switch line.element {
        case .step(let step): step.count.minimum > 1 ? ", once it has \(step.count.minimum)" : ""
        case .group(let group):
            group.count.minimum > 0 ? ", once \(group.count.minimum) are complete" : ""
        case .allOf: ", once all are complete"
        case .anyOf: ", once one is complete"
        case .absence: ", after its deadline"
        }
    }

    // MARK: plain words

    /// The whole rule as one sentence.
    func sentence() -> String {
        let names = rule.key.map(\.name)
        var text = names.isEmpty ? "Over all events: " : "For each \(list(names)): "
        if let table = rule.keysFrom {
            text += "with those of `\(ruleset.tables[table.index].name)` watched from the start, "
        }
        if let absence = rule.pattern.leadingAbsence, !rule.pattern.leadsInGroup {
            let time = absence.duration.map { "\($0) " } ?? ""
            text += "after \(time)without \(some(absence.filter)), "
        }
        if let window = rule.window { text += windowPhrase(window) + ", " }
        text += phrase(rule.pattern.body)
        if let within = rule.within { text += ", all within \(within)" }
        if let having = rule.having { text += ", only if \(self.text(having))" }
        for reset in rule.resets { text += "; \(some(reset)) ends what is under way" }
        text += skipPhrase
        if rule.keepsLatestAttemptOnly {
            text += "; of attempts that wait alike the latest goes on"
        }
        return text + "." + policySentences
    }

    private var skipPhrase: String {
        switch rule.skip {
        case .pastLast: ""
        case .toNext: "; matches that begin with the same event count once"
        case .toFirst(let step): "; the next match begins at the first \(name(step)) or later"
        case .toLast(let step): "; the next match begins at the last \(name(step)) or later"
        case .none: "; matches may share events"
        }
    }

    private func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and \(last)"
    }

    private func phrase(_ sequence: Pattern.Sequence) -> String {
        sequence.lines.enumerated().map { index, line in
            (index == 0 ? "" : link(line)) + phrase(line)
        }.joined(separator: ", ")
    }

    private func link(_ line: Pattern.Line) -> String {
        switch line.connector {
        case .then: "then "
        case .next: "then right away "
        case .each: "then each later "
        }
    }

    private func phrase(_ line: Pattern.Line) -> String {
        var text: String
        switch line.element {
        case .step(let step): text = phrase(step, isEach: line.connector == .each)
        case .group(let group):
            let count =
                group.count == .init(minimum: 0, maximum: 1)
                ? "optionally" : "\(self.text(group.count)) times"
            let row = group.isConsecutive ? " in a row" : ""
            text = "\(count)\(row) (\(phrase(group.body)))"
            if let spread = group.spread { text += " within \(spread)" }
        case .allOf(let branches):
            text = "in any order " + list(branches.map { "(\(phrase($0)))" })
        case .anyOf(let branches):
            text = branches.map { "(\(phrase($0)))" }.joined(separator: " or ")
        case .absence(let absence):
            text = self.text(absence)
            if absence.duration == nil { text += " until that limit" }
        }
        switch (line.after, line.within) {
        case (nil, nil): break
        case (let after?, nil): text += " at least \(after) later"
        case (nil, let within?): text += " at most \(within) later"
        case (let after?, let within?): text += " \(after) to \(within) later"
        }
        for filter in line.until { text += " until \(some(filter))" }
        for filter in line.butNo { text += ", with no \(self.text(filter)) in between" }
        for filter in line.butNotNext { text += ", not followed at once by \(some(filter))" }
        return text
    }

    private func phrase(_ step: Pattern.Step, isEach: Bool) -> String {
        let type = eventText(step.filter)
        var text: String
        switch (step.count.minimum, step.count.maximum) {
        case (1, 1) where rule.window != nil:
            text = step.filter.eventType == nil ? "all events" : "all \(type) events"
        case (1, 1): text = isEach ? type : article(step.filter)
        case (0, 1): text = "optionally \(article(step.filter))"
        default:
            text =
                "\(self.text(step.count)) \(step.filter.eventType == nil ? "" : "\(type) ")events"
        }
        if step.isConsecutive { text += " in a row" }
        if let distinct = step.distinct { text += " with different \(checked.name(distinct))" }
        if let spread = step.spread { text += " within \(spread)" }
        text += condition(step.filter)
        return text + (rule.steps[step.id.index].name.map { " (as \($0))" } ?? "")
    }

    /// `a login where …`.
    func some(_ filter: Filter) -> String { article(filter) + condition(filter) }

    private func article(_ filter: Filter) -> String {
        let type = eventText(filter)
        if filter.eventType == nil { return type }
        return ("aeiou".contains(type.first ?? "x") ? "an " : "a ") + type
    }
}

extension CheckedRule {
    /// The rule restated in plain words, as `RuleExplanation` has it.
    package func sentence(in ruleset: CheckedRuleset) -> String {
        RuleWords(self, in: ruleset).sentence()
    }
}

extension Pattern.Sequence {
    /// Without the absence that it begins with: what its first event can be.
    fileprivate var behindAbsence: Pattern.Sequence {
        guard case .absence? = lines.first?.element else { return self }
        return Pattern.Sequence(lines: Array(lines.dropFirst()))
    }
}
