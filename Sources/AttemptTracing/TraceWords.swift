// SPDX-License-Identifier: Apache-2.0
// Lines, filters and conditions in the language's own words.

import Diagnostics
import EventModel
import Oracle
import RuleLanguage

struct TraceWords {
    let ruleset: CheckedRuleset
    let rule: CheckedRule
    private let checked: CheckedText

    init(_ ruleset: CheckedRuleset, _ rule: CheckedRule) {
        self.ruleset = ruleset
        self.rule = rule
        checked = CheckedText(ruleset, rule: rule)
    }

    func name(_ type: EventTypeID?) -> String { type.map { ruleset[$0].name } ?? "any event" }
    func name(_ step: StepID) -> String { checked.name(step) }
    func text(_ expr: Expr) -> String { checked.text(expr) }
    func text(_ value: Value) -> String { checked.text(value) }

    func text(_ filter: Filter) -> String {
        name(filter.eventType) + (filter.condition.map { " where \(text($0))" } ?? "")
    }

    func text(_ absence: Pattern.Absence) -> String {
        "no \(name(absence.filter.eventType))" + (absence.duration.map { " for \($0)" } ?? "")
            + (absence.filter.condition.map { " where \(text($0))" } ?? "")
    }

    /// A line as its author wrote it, on one line; of blocks the head.
    func text(_ line: Pattern.Line) -> String {
        let written = line.span.text
        let head = written.firstIndex(of: "{").map { written[..<$0] } ?? written[...]
        let words = head.split { $0 == " " || $0.isNewline || $0 == "\t" }
        let text = words.joined(separator: " ")
        guard written.contains("{") else { return text }
        let inner = line.entries.map { self.text($0.filter) }
        return "\(text) { \(inner.joined(separator: line.joiner)) … }"
    }

    /// The lines with which a sequence can begin.
    func lines(of sequence: Pattern.Sequence) -> [String] {
        guard let first = sequence.lines.first(where: { !$0.entries.isEmpty }) else { return [] }
        return [text(first)]
    }

    /// The line of a step.
    func line(of step: Pattern.Step) -> Pattern.Line {
        func find(_ sequence: Pattern.Sequence) -> Pattern.Line? {
            for line in sequence.lines {
                switch line.element {
                case .step(let other): if other.id == step.id { return line }
                case .group(let group): if let found = find(group.body) { return found }
                case .allOf(let branches), .anyOf(let branches):
                    for branch in branches { if let found = find(branch) { return found } }
                case .absence: break
                }
            }
            return nil
        }
        return find(rule.pattern.body) ?? rule.pattern.body.lines[0]
    }

    // MARK: What the rule reads

    func event(_ event: ReadEvent, _ step: String?) -> StoryEvent {
        var told = StoryEvent(
            step: step, type: event.event.type, time: event.time, id: event.event.id,
            fields: fields(of: event))
        if event.isOpening, let table = rule.keysFrom {
            told.keysFrom = ruleset.tables[table.index].name
        }
        return told
    }

    /// The fields of an event that the rule's conditions and alerts read, the key apart.
    func fields(of event: ReadEvent) -> [(name: String, value: Value)] {
        var result: [(name: String, value: Value)] = []
        func add(_ name: String, _ value: Value) {
            guard !value.isMissing, !result.contains(where: { $0.name == name }) else { return }
            result.append((name, value))
        }
        for expr in rule.conditions + rule.results { addFields(of: expr, event, add) }
        return result
    }

    private func addFields(of expr: Expr, _ event: ReadEvent, _ add: (String, Value) -> Void) {
        switch expr {
        case .field(let field):
            if event.isMember(of: field.type), !isKey(field) {
                add(checked.name(field), event.value(of: field))
            }
        case .fieldNamed(let name): add(name, event.value(named: name))
        case .previous(let fields):
            for field in fields.sorted(by: { $0.key < $1.key }).map(\.value)
            where event.isMember(of: field.type) {
                add(checked.name(field), event.value(of: field))
            }
        default: for part in expr.parts { addFields(of: part, event, add) }
        }
    }

    private func isKey(_ field: FieldRef) -> Bool {
        rule.routes.contains { $0.fields.contains(field) }
    }
}

extension Pattern.Line {
    fileprivate var joiner: String {
        if case .allOf = element { ", " } else { " or " }
    }

    fileprivate var filters: [Filter] {
        let own: [Filter] =
            switch element {
            case .step(let step): [step.filter]
            case .absence(let absence): [absence.filter]
            case .group(let group): group.body.lines.flatMap(\.filters)
            case .allOf(let branches), .anyOf(let branches):
                branches.flatMap { $0.lines.flatMap(\.filters) }
            }
        return own + butNo + butNotNext + until
    }
}

extension CheckedRule {
    /// All that decides about attempts and matches.
    fileprivate var conditions: [Expr] {
        let lines = pattern.body.lines.flatMap(\.filters)
        let leading = pattern.leadingAbsence.map { [$0.filter] } ?? []
        return (leading + lines + resets).compactMap(\.condition) + (having.map { [$0] } ?? [])
            + policy.exceptions.map(\.condition)
    }

    /// All that an alert shows.
    fileprivate var results: [Expr] { [alertTitle] + alertFields.map(\.value) }
}
