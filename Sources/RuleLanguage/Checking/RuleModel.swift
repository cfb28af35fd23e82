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
struct RuleModel {
    let outline: RuleOutline
    /// What all was known when it was found.
    let version: Int
    /// By the offset of their first byte: texts that are just compared with a field.
    let comparedTexts: Set<Int>
    /// Texts that a field is compared with too, and that are not written there.
    let otherTexts: Set<String>
    /// Its conditions among the pending ones.
    let conditions: Range<Int>
}

/// What the conditions of the rule at hand do with texts; see `RuleModel`.
struct TextUses {
    var compared: Set<Int> = []
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
        models[ObjectIdentifier(family)] = RuleModel(
            outline: rule, version: version, comparedTexts: textUses.compared,
            otherTexts: textUses.others,
            conditions: start.conditionCount..<pendingConditions.count)
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
            let texts = RuleTexts(of: rule, from: model),
            let conditions = conditions(of: model, texts)
        else { return false }
        pendingConditions += conditions.own
        sharedConditions.formUnion(conditions.shared)
        let places = RulePlaces(
            family, from: model.outline.declaration.firstToken, to: rule.declaration.firstToken)
        rule.adopt(model.outline, texts, places)
        return true
    }

    /// The conditions in which a text is another one, and the numbers of the others; nil where a
    /// lint might look into one of the former.
    private func conditions(
        of model: RuleModel, _ texts: RuleTexts
    ) -> (own: [PendingCondition], shared: [Int])? {
        var own: [PendingCondition] = []
        var shared: [Int] = []
        for number in model.conditions {
            let pending = pendingConditions[number]
            // A model was checked by itself.
            guard let syntax = pending.syntax else { return nil }
            if !texts.differ(in: syntax.span.range) {
                shared.append(number)
                continue
            }
            var asked: [FieldRef] = []
            guard isPlain(pending.expr, &asked) else { return nil }
            if let subject = pending.subject, types[subject.index].filter != nil { return nil }
            own.append(
                PendingCondition(
                    syntax: nil, expr: texts.replaced(in: pending.expr), subject: pending.subject))
        }
        return (own, shared)
    }
}

/// The texts of a rule, by those of the rule that it is like.
struct RuleTexts {
    /// Where those that differ begin in the model.
    private var places: [Int] = []
    private var replacements: [(old: String, new: String)] = []

    /// Nil where a text differs that is more than compared with a field, or where the same text is
    /// two in the other rule.
    init?(of rule: RuleOutline, from model: RuleModel) {
        guard let family = rule.declaration.family else { return nil }
        let old = model.outline.declaration.firstToken
        let new = rule.declaration.firstToken
        // The name and, where there is one, the title come first: they are the declaration's.
        for index in 2..<family.first.count {
            guard case .text = family.tokens[old + index].kind else { continue }
            let (a, b) = (family.tokens[old + index].range, family.tokens[new + index].range)
            let isCompared = model.comparedTexts.contains(a.lowerBound)
            let isSame = RuleTexts.areSame(a, b, family.file.bytes)
            if isSame, !isCompared { continue }
            if index == 2, rule.declaration.title != nil { continue }
            guard isCompared else { return nil }
            if !isSame { places.append(a.lowerBound) }
            let text = family.file.text(a.lowerBound + 1..<a.upperBound - 1)
            let other = family.file.text(b.lowerBound + 1..<b.upperBound - 1)
            if let known = replacements.first(where: { $0.old == text }) {
                guard known.new == other else { return nil }
            } else {
                replacements.append((text, other))
            }
        }
        for (text, other) in replacements where text != other && model.otherTexts.contains(text) {
            return nil
        }
    }

    private static func areSame(_ a: Range<Int>, _ b: Range<Int>, _ bytes: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        for offset in 0..<a.count
        where bytes[a.lowerBound + offset] != bytes[b.lowerBound + offset] {
            return false
        }
        return true
    }

    /// Whether some text in this range of the model differs.
    func differ(in range: Range<Int>) -> Bool { places.contains { range.contains($0) } }

    /// The condition with the texts of the rule. Such a text stands only in what `and` joins.
    func replaced(in expr: Expr) -> Expr {
        switch expr {
        case .and(let a, let b): return .and(replaced(in: a), replaced(in: b))
        case .compare(.equal, let side, .constant(.string(let text))):
            guard case .field = side, let known = replacements.first(where: { $0.old == text })
            else { return expr }
            return .compare(.equal, side, .constant(.string(known.new)))
        default: return expr
        }
    }

    func replaced(in filter: Filter, _ places: RulePlaces) -> Filter {
        var filter = filter
        filter.span = places.moved(filter.span)
        if let condition = filter.condition { filter.condition = replaced(in: condition) }
        return filter
    }
}

/// Places in a rule, by those in the rule that it is like: they begin and end with tokens.
struct RulePlaces {
    private let family: RuleFamily
    private let from: Int
    private let to: Int

    init(_ family: RuleFamily, from: Int, to: Int) {
        self.family = family
        self.from = from
        self.to = to
    }

    func moved(_ span: SourceSpan) -> SourceSpan {
        let start = place(span.range.lowerBound, isEnd: false)
        let end = place(span.range.upperBound, isEnd: true)
        guard span.file === family.file, let start, let end, start <= end else { return span }
        return SourceSpan(span.file, start..<end)
    }

    func moved(_ name: Name) -> Name { Name(name.text, moved(name.span)) }

    func moved(_ path: Path) -> Path {
        Path(parts: path.parts.map { moved($0) }, span: moved(path.span))
    }

    /// Nil outside the rule.
    private func place(_ offset: Int, isEnd: Bool) -> Int? {
        var low = from
        var high = from + family.first.count
        while low < high {
            let middle = (low + high) / 2
            let range = family.tokens[middle].range
            if isEnd ? range.upperBound < offset : range.upperBound <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < from + family.first.count else { return nil }
        let (old, new) = (family.tokens[low].range, family.tokens[low - from + to].range)
        guard old.lowerBound <= offset else { return nil }
        if offset == old.upperBound { return new.upperBound }
        return new.lowerBound + offset - old.lowerBound
    }
}

extension RuleOutline {
    /// Takes over all that was found about `model`.
    func adopt(_ model: RuleOutline, _ texts: RuleTexts, _ places: RulePlaces) {
        self.model = model.number
        steps = model.steps
        stepIDs = model.stepIDs
        readSteps = model.readSteps
        keys = model.keys.map { $0.moved(places) }
        routes = model.routes
        routeIndices = model.routeIndices
        isDisabled = model.isDisabled
        onlyEmits = model.onlyEmits
        severity = model.severity
        tags = model.tags
        labels = model.labels
        within = model.within
        keysFrom = model.keysFrom
        resets = model.resets.map { texts.replaced(in: $0, places) }
        having = model.having
        skip = model.skip
        keepsLatestAttemptOnly = model.keepsLatestAttemptOnly
        alertTitle = model.alertTitle
        alertFields = model.alertFields
        alertFieldTypes = model.alertFieldTypes
        policy = model.policy
        if let resolution = policy.resolution {
            policy.resolution?.filter = texts.replaced(in: resolution.filter, places)
        }
        guard var pattern = model.pattern else { return }
        if let absence = pattern.leadingAbsence {
            pattern.leadingAbsence?.filter = texts.replaced(in: absence.filter, places)
        }
        for index in pattern.body.lines.indices {
            pattern.body.lines[index].adopt(texts, places)
            if case .step(let step) = pattern.body.lines[index].element {
                steps[step.id.index].span = pattern.body.lines[index].span.firstLine
            }
        }
        self.pattern = pattern
    }
}

extension RuleOutline.Key {
    fileprivate func moved(_ places: RulePlaces) -> RuleOutline.Key {
        var key = self
        key.span = places.moved(span)
        key.path = places.moved(path)
        if !typedPaths.isEmpty { key.typedPaths = typedPaths.mapValues { places.moved($0) } }
        key.typeSpan = typeSpan.map { places.moved($0) }
        key.lacking = lacking.map { (type: $0.type, span: places.moved($0.span)) }
        return key
    }
}

extension Pattern.Line {
    fileprivate mutating func adopt(_ texts: RuleTexts, _ places: RulePlaces) {
        span = places.moved(span)
        switch element {
        case .step(var step):
            step.filter = texts.replaced(in: step.filter, places)
            element = .step(step)
        case .absence(var absence):
            absence.filter = texts.replaced(in: absence.filter, places)
            element = .absence(absence)
        case .group, .allOf, .anyOf: break
        }
        if !butNo.isEmpty { butNo = butNo.map { texts.replaced(in: $0, places) } }
        if !butNotNext.isEmpty { butNotNext = butNotNext.map { texts.replaced(in: $0, places) } }
        if !until.isEmpty { until = until.map { texts.replaced(in: $0, places) } }
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
