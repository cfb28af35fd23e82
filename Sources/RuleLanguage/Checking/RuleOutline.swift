// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// A rule while it is checked.
@dynamicMemberLookup
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
    /// Its key and its fields are known.
    var isChecked = false
    /// What was taken over; nil where the rule was checked by itself.
    private(set) var model: RuleModel?
    private var findings: RuleFindings?

    init(_ declaration: RuleDeclaration, number: Int) {
        self.declaration = declaration
        self.number = number
    }

    /// Takes over all that was found about a rule that this one is like: texts and places in it are
    /// that rule's.
    func adopt(_ model: RuleModel) {
        self.model = model
        findings = model.outline.findings
    }

    subscript<Part>(dynamicMember part: ReferenceWritableKeyPath<RuleFindings, Part>) -> Part {
        @inline(__always) get { own[keyPath: part] }
        @inline(__always) _modify { yield &own[keyPath: part] }
    }

    private var own: RuleFindings {
        if let findings { return findings }
        let new = RuleFindings()
        findings = new
        return new
    }

    struct RouteKey: Hashable {
        var type: EventTypeID?
        var fields: [FieldRef]
        var fieldNames: [String]
    }

    var name: String { declaration.name.text }
    var stepNames: [String] { self.steps.compactMap(\.name) }
    var namesInOutput: [String] { self.keys.map(\.name) + stepNames }

    /// Whether a step's name stands for many events where it is read.
    func isManyEvents(_ id: StepID, at position: PatternPosition?) -> Bool {
        let step = self.steps[id.index]
        let around = position?.repeatedGroups ?? []
        return step.isCounted || !step.position.repeatedGroups.allSatisfy { around.contains($0) }
    }

    /// The index of a route, added if it is new.
    func route(_ key: RouteKey) -> Int {
        let found = own
        if let known = found.routeIndices[key] { return known }
        found.routes.append(
            .init(eventType: key.type, fields: key.fields, fieldNames: key.fieldNames))
        found.routeIndices[key] = found.routes.count - 1
        return found.routes.count - 1
    }

    /// The checked rule, as it was found without taking anything over; nil where there is no
    /// pattern.
    func finished(_ fieldTypes: FieldTypes) -> CheckedRule? {
        let found = own
        guard let pattern = found.pattern else { return nil }
        let steps = found.steps.map { step in
            var type: EventTypeID?
            if case .event(let id) = step.subject { type = id }
            return CheckedRule.Step(
                name: step.name, eventType: type,
                isRepeated: step.isCounted || !step.position.repeatedGroups.isEmpty,
                span: step.span)
        }
        var rule = CheckedRule(
            name: name, title: declaration.title?.value, severity: found.severity,
            tags: found.tags, labels: found.labels,
            key: found.keys.map { .init(name: $0.name, type: fieldTypes.resolve($0.type)) },
            routes: found.routes, steps: steps, pattern: pattern, within: found.within,
            window: found.window, resets: found.resets,
            having: found.having, skip: found.skip,
            keepsLatestAttemptOnly: found.keepsLatestAttemptOnly,
            alertTitle: found.alertTitle ?? .constant(.string(declaration.title?.value ?? name)),
            alertFields: found.alertFields, span: declaration.name.span)
        rule.policy = found.policy
        rule.keysFrom = found.keysFrom
        rule.onlyEmits = found.onlyEmits
        return rule
    }
}

/// What is found about a rule: its steps and keys first, so that every expression can name them,
/// then the parts as they are found right.
final class RuleFindings {
    var steps: [RuleOutline.Step] = []
    var stepIDs: [String: StepID] = [:]
    /// Steps whose names stand anywhere but where they are given.
    var readSteps: Set<StepID> = []
    var keys: [RuleOutline.Key] = []
    var routes: [CheckedRule.Route] = []
    var routeIndices: [RuleOutline.RouteKey: Int] = [:]
    /// Part of the rule could not be read, so names may be missing that are written.
    var isBroken = false
    var isDisabled = false
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
}
