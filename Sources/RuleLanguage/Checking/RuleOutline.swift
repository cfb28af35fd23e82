// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// A rule while it is checked: its steps and keys first, so that every expression can name them,
/// then the parts as they are found right. Rules that are alike take them over: whatever is added
/// here has to be added to `adopt` too.
final class RuleOutline {
    struct Step {
        var name: String?
        var subject: Scope.Subject
        /// A count above one.
        var isCounted: Bool
        var isOptional: Bool
        var position: PatternPosition
        var span: SourceSpan

        func isItself(_ other: PatternPosition) -> Bool { position.parts == other.parts }
    }

    struct Key {
        var name: String
        var type: FieldType
        var span: SourceSpan
        /// The field of every type that no path names.
        var path: Path
        /// The fields of types that a path names, by the type's name.
        var typedPaths: [String: Path]
        /// Filters whose type has the field, and the place that fixed the key's type.
        var holderCount = 0
        var typeSpan: SourceSpan?
        var lacking: [(type: EventTypeID, span: SourceSpan)] = []
    }

    let declaration: RuleDeclaration
    /// The position among all rules of the ruleset.
    let number: Int
    var steps: [Step] = []
    var stepIDs: [String: StepID] = [:]
    /// Steps whose names stand anywhere but where they are given.
    var readSteps: Set<StepID> = []
    var keys: [Key] = []
    var routes: [CheckedRule.Route] = []
    var routeIndices: [RouteKey: Int] = [:]
    /// Part of the rule could not be read, so names may be missing that are written.
    var isBroken = false
    var isDisabled = false
    /// Its key and its fields are known.
    var isChecked = false
    /// The number of the rule from which all was taken over that was found about it.
    var model: Int?
    var onlyEmits = false

    var severity: Expr = .constant(.string("medium"))
    var tags: [String] = []
    var labels: [CheckedRule.AlertField] = []
    var pattern: Pattern?
    var within: TimeSpan?
    /// What `when over` says; checked with the pattern.
    var window: CheckedRule.Window?
    var resets: [Filter] = []
    var keysFrom: TableID?
    var having: Expr?
    var skip = CheckedRule.Skip.pastLast
    var keepsLatestAttemptOnly = false
    var alertTitle: Expr?
    var alertFields: [CheckedRule.AlertField] = []
    var alertFieldTypes: [String: FieldType] = [:]
    var policy = AlertPolicy()

    struct RouteKey: Hashable {
        var type: EventTypeID?
        var fields: [FieldRef]
        var fieldNames: [String]
    }

    init(_ declaration: RuleDeclaration, number: Int) {
        self.declaration = declaration
        self.number = number
    }

    var name: String { declaration.name.text }
    var stepNames: [String] { steps.compactMap(\.name) }
    var namesInOutput: [String] { keys.map(\.name) + stepNames }

    /// Whether a step's name stands for many events where it is read.
    func isManyEvents(_ id: StepID, at position: PatternPosition?) -> Bool {
        let step = steps[id.index]
        let around = position?.repeatedGroups ?? []
        return step.isCounted || !step.position.repeatedGroups.allSatisfy { around.contains($0) }
    }

    /// The index of a route, added if it is new.
    func route(_ key: RouteKey) -> Int {
        if let known = routeIndices[key] { return known }
        routes.append(.init(eventType: key.type, fields: key.fields, fieldNames: key.fieldNames))
        routeIndices[key] = routes.count - 1
        return routes.count - 1
    }

    /// The checked rule; nil where there is no pattern.
    func finished(_ fieldTypes: FieldTypes) -> CheckedRule? {
        guard let pattern else { return nil }
        let steps = steps.map { step in
            var type: EventTypeID?
            if case .event(let id) = step.subject { type = id }
            return CheckedRule.Step(
                name: step.name, eventType: type,
                isRepeated: step.isCounted || !step.position.repeatedGroups.isEmpty,
                span: step.span)
        }
        var rule = CheckedRule(
            name: name, title: declaration.title?.value, severity: severity, tags: tags,
            labels: labels,
            key: keys.map { .init(name: $0.name, type: fieldTypes.resolve($0.type)) },
            routes: routes, steps: steps, pattern: pattern, within: within,
            window: window, resets: resets,
            having: having, skip: skip, keepsLatestAttemptOnly: keepsLatestAttemptOnly,
            alertTitle: alertTitle ?? .constant(.string(declaration.title?.value ?? name)),
            alertFields: alertFields, span: declaration.name.span)
        rule.policy = policy
        rule.keysFrom = keysFrom
        rule.onlyEmits = onlyEmits
        return rule
    }
}
