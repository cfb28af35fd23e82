// SPDX-License-Identifier: Apache-2.0
// Of rules that are alike (RuleFamily) one is checked, and the others take over what was found,
// with their own texts and places. That gives what checking each of them would, because it is done
// only where
// - nothing that checking a rule looks at has changed since, nor did checking the model change any
//   of it: the names, types and constants of the ruleset;
// - nothing was reported about the model, also not by the lints that come last: else all rules are
//   checked by themselves;
// - texts that differ are only compared with a field, for being equal, which no check looks into:
//   neither a title nor a tag, no pattern, no case of an enumeration.
// Exercised by RuleFamilyTests.

import Diagnostics
import EventModel

/// What was found about a rule, for those that are like it.
final class RuleModel {
    let outline: RuleOutline
    /// What all was known when it was found.
    let version: Int
    let likeness: RuleLikeness
    let conditions: [Condition]
    /// Whether a rule has taken over from it.
    var isAdopted = false

    /// A pending condition of the model.
    struct Condition {
        let number: Int
        /// Texts that may differ, by their places among those of the likeness.
        let texts: [Int]
        /// See `RulesetChecker.isPlain`: no lint looks into one that stays so.
        let isPlain: Bool
    }

    init(
        _ outline: RuleOutline, version: Int, _ likeness: RuleLikeness, conditions: [Condition]
    ) {
        self.outline = outline
        self.version = version
        self.likeness = likeness
        self.conditions = conditions
    }
}

/// What the conditions of the rule at hand do with texts; see `RuleModel`.
struct TextUses {
    /// By the offset of their first byte: texts that are just compared with a field.
    var compared: Set<Int> = []
    /// Texts that a field is compared with too, and that are not written there.
    var others: Set<String> = []
}

extension RulesetChecker {
    struct ModelStart {
        let version: Int
        let diagnosticCount: Int
        let conditionCount: Int
    }

    func beginModel() -> ModelStart {
        textUses = TextUses()
        return ModelStart(
            version: version, diagnosticCount: diagnostics.count,
            conditionCount: pendingConditions.count)
    }

    /// Takes the rule that was just checked for a model, if nothing was new in it.
    func finishModel(_ rule: RuleOutline, since start: ModelStart) {
        guard adoptsModels, let family = rule.declaration.family else { return }
        let isStill = version == start.version && diagnostics.count == start.diagnosticCount
        guard isStill, !hasErrors, !rule.isBroken, let pattern = rule.pattern, rule.window == nil,
            pattern.body.lines.allSatisfy({ $0.element.isStepOrAbsence })
        else {
            models[ObjectIdentifier(family)] = nil
            return
        }
        let likeness = RuleLikeness(
            family, rule.declaration, textUses, hasTitle: rule.alertTitle != nil)
        let conditions = (start.conditionCount..<pendingConditions.count).map {
            modelCondition($0, likeness)
        }
        models[ObjectIdentifier(family)] = RuleModel(
            rule, version: version, likeness, conditions: conditions)
    }

    private func modelCondition(_ number: Int, _ likeness: RuleLikeness) -> RuleModel.Condition {
        let pending = pendingConditions[number]
        var asked: [FieldRef] = []
        var isPlain = isPlain(pending.expr, &asked)
        if let subject = pending.subject, types[subject.index].filter != nil { isPlain = false }
        return RuleModel.Condition(
            number: number, texts: likeness.comparedTexts(in: pending.syntax.span.range),
            isPlain: isPlain)
    }

    /// Takes down what a comparison for being equal does with a text.
    func noteTextUse(_ a: Typed, _ b: Typed, _ right: ExprSyntax, _ scope: Scope) {
        guard adoptsModels, case .constant(.string(let text)) = b.expr else { return }
        if case .literal = right.kind, case .field = a.expr, scope.place == .condition,
            resolved(a) == .string
        {
            textUses.compared.insert(right.span.range.lowerBound)
        } else {
            textUses.others.insert(text)
        }
    }

    /// Takes over what was found about a rule that this one is like; false where it has to be
    /// checked by itself.
    func adopt(_ rule: RuleOutline) -> Bool {
        guard adoptsModels, !hasErrors, let family = rule.declaration.family,
            let model = models[ObjectIdentifier(family)], model.version == version,
            model.likeness.holds(for: rule.declaration), mayTakeOverConditions(rule, of: model)
        else { return false }
        rule.adopt(model)
        return true
    }

    /// False where a lint might look into a text of the rule that is another one in the model.
    private func mayTakeOverConditions(_ rule: RuleOutline, of model: RuleModel) -> Bool {
        for condition in model.conditions where !condition.isPlain {
            for text in condition.texts
            where !model.likeness.isSame(text, in: rule.declaration) {
                return false
            }
        }
        if model.isAdopted { return true }
        model.isAdopted = true
        for condition in model.conditions {
            if condition.isPlain, !condition.texts.isEmpty {
                plainConditions.insert(condition.number)
            } else {
                sharedConditions.insert(condition.number)
            }
        }
        return true
    }
}

extension Pattern.Element {
    fileprivate var isStepOrAbsence: Bool {
        switch self {
        case .step, .absence: true
        case .group, .allOf, .anyOf: false
        }
    }
}
