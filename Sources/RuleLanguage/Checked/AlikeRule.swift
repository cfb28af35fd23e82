// SPDX-License-Identifier: Apache-2.0
// Most rules of a ruleset of thousands are never looked at as a whole: the compiler asks in what
// they differ from an earlier one. The whole is made when somebody wants it.

internal import Diagnostics
internal import EventModel

/// A rule that is like an earlier one but for its name, its title, its places, and for texts that
/// conditions compare a field with.
package struct AlikeRule: Sendable {
    /// The earlier rule's position; it is not like another one itself.
    package let model: Int
    let declaration: RuleDeclaration
    let likeness: RuleLikeness
    package let alertType: EventTypeID?
    package let rank: Int

    package var name: String { declaration.name.text }

    /// The title of its alerts; nil: what the model has.
    package var alertTitle: String? {
        likeness.hasTitle ? nil : declaration.title?.value ?? declaration.name.text
    }

    /// The number of a text that fields are compared with in the model, and that may be another
    /// one here.
    package func number(of text: String) -> Int? { likeness.number(of: text) }

    /// Whether the text of this number is another one here.
    package func isReplaced(_ number: Int) -> Bool { likeness.isReplaced(number, in: declaration) }

    /// What stands here where the model has the text of this number.
    package func text(_ number: Int) -> String { likeness.text(number, in: declaration) }

    /// The whole rule.
    func rule(like model: CheckedRule) -> CheckedRule {
        let places = likeness.places(in: declaration)
        var rule = model
        rule.name = name
        rule.title = declaration.title?.value
        rule.span = declaration.name.span
        rule.rank = rank
        rule.alertType = alertType
        if let alertTitle { rule.alertTitle = .constant(.string(alertTitle)) }
        rule.resets = model.resets.map { moved($0, places) }
        if let resolution = model.policy.resolution {
            rule.policy.resolution?.filter = moved(resolution.filter, places)
        }
        if let absence = model.pattern.leadingAbsence {
            rule.pattern.leadingAbsence?.filter = moved(absence.filter, places)
        }
        rule.pattern.body.lines = model.pattern.body.lines.map { moved($0, places) }
        for line in rule.pattern.body.lines {
            if case .step(let step) = line.element {
                rule.steps[step.id.index].span = line.span.firstLine
            }
        }
        return rule
    }

    /// A model's lines are steps and absences.
    private func moved(_ line: Pattern.Line, _ places: RulePlaces) -> Pattern.Line {
        var line = line
        line.span = places.moved(line.span)
        switch line.element {
        case .step(var step):
            step.filter = moved(step.filter, places)
            line.element = .step(step)
        case .absence(var absence):
            absence.filter = moved(absence.filter, places)
            line.element = .absence(absence)
        case .group, .allOf, .anyOf: break
        }
        line.butNo = line.butNo.map { moved($0, places) }
        line.butNotNext = line.butNotNext.map { moved($0, places) }
        line.until = line.until.map { moved($0, places) }
        return line
    }

    private func moved(_ filter: Filter, _ places: RulePlaces) -> Filter {
        var filter = filter
        filter.span = places.moved(filter.span)
        filter.condition = filter.condition.map(replaced)
        return filter
    }

    /// The condition with the texts of the rule. Such a text stands only in what `and` joins.
    private func replaced(in expr: Expr) -> Expr {
        if case .and(let a, let b) = expr { return .and(replaced(in: a), replaced(in: b)) }
        guard let (side, text) = expr.comparedText, let number = number(of: text) else {
            return expr
        }
        return .compare(.equal, side, .constant(.string(self.text(number))))
    }
}

extension Expr {
    /// The field and the text of a comparison for being equal, and of nothing else.
    package var comparedText: (field: Expr, text: String)? {
        guard case .compare(.equal, let side, .constant(.string(let text))) = self,
            case .field = side
        else { return nil }
        return (side, text)
    }
}
