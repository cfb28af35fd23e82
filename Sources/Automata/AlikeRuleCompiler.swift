// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import RuleLanguage

/// What has to be compiled anew of each rule that is like one rule, which has been compiled: the
/// conditions that compare a field with another text.
final class AlikeRuleCompiler {
    private struct Question {
        /// Its place among the filters.
        let filter: Int
        /// All predicates of its condition, as written.
        let predicates: [Int32]
        /// Those with a text that may be another one.
        let replaced: [Replaced]
    }

    private struct Replaced {
        let place: Int
        /// The field.
        let side: Expr
        /// The text's number; see `AlikeRule`.
        let text: Int
    }

    private let model: RuleProgram
    private let questions: [Question]

    /// - Parameter rule: one of those that are like the model.
    init(
        _ model: RuleProgram, of checked: CheckedRule, _ rule: AlikeRule,
        _ builder: inout CodeBuilder
    ) {
        self.model = model
        questions = checked.filtersInOrder.enumerated().compactMap { place, filter in
            AlikeRuleCompiler.question(place, filter, rule, &builder)
        }
    }

    private static func question(
        _ place: Int, _ filter: Filter, _ rule: AlikeRule, _ builder: inout CodeBuilder
    ) -> Question? {
        var predicates: [Int32] = []
        var replaced: [Replaced] = []
        for conjunct in filter.condition?.conjuncts ?? [] where !conjunct.readsAttempt {
            if let (side, text) = conjunct.comparedText, let number = rule.number(of: text) {
                replaced.append(Replaced(place: predicates.count, side: side, text: number))
            }
            predicates.append(builder.predicate(conjunct))
        }
        if replaced.isEmpty { return nil }
        return Question(filter: place, predicates: predicates, replaced: replaced)
    }

    func compile(_ rule: AlikeRule, index: Int, _ builder: inout CodeBuilder) -> RuleProgram {
        var program = model
        program.name = rule.name
        program.index = index
        program.model = Int32(model.index)
        for question in questions {
            guard question.replaced.contains(where: { rule.isReplaced($0.text) }) else { continue }
            var predicates = question.predicates
            for part in question.replaced where rule.isReplaced(part.text) {
                predicates[part.place] = builder.predicate(part.side, equals: rule.text(part.text))
            }
            program.filters[question.filter].condition = builder.condition(predicates)
        }
        if let title = rule.alertTitle {
            program.alert.title = builder.compile(.constant(.string(title)))
        }
        return program
    }
}

extension CheckedRule {
    /// The filters of a rule whose lines are steps and absences, in the order in which they are
    /// compiled.
    fileprivate var filtersInOrder: [Filter] {
        var filters: [Filter] = []
        for line in pattern.body.lines {
            switch line.element {
            case .step(let step): filters.append(step.filter)
            case .absence(let absence): filters.append(absence.filter)
            case .group, .allOf, .anyOf: preconditionFailure("a model has only plain lines")
            }
            filters += line.butNo + line.butNotNext + line.until
        }
        if let leading = pattern.leadingAbsence { filters.append(leading.filter) }
        filters += resets
        if let resolution = policy.resolution { filters.append(resolution.filter) }
        return filters
    }
}
