// SPDX-License-Identifier: Apache-2.0
// What a name or path means: a field of the event under test, of an event that a step bound, a
// part of the key, a constant, or a fact about the match.

import Diagnostics
import EventModel

extension RulesetChecker {
    func checkPath(_ path: Path, _ scope: Scope) -> Typed {
        guard let head = path.parts.first else { return .erroneous(path.span) }
        if path.parts.count > 1, let step = scope.rule?.stepIDs[head.text] {
            return stepPath(step, path, scope)
        }
        if path.parts.count == 2, head.text == "match",
            let property = Expr.MatchProperty(rawValue: path.parts[1].text)
        {
            return matchPath(property, path, scope)
        }
        switch scope.subject {
        case .unknown: return unknownSubject(path)
        case .anyEvent: return anyEventPath(path, scope)
        case .event(let type): return eventPath(path, type, scope)
        case .none: return freePath(path, scope)
        }
    }

    private func unknownSubject(_ path: Path) -> Typed {
        constantNamed(path) ?? .erroneous(path.span)
    }

    /// The value of a `let` of that name.
    private func constantNamed(_ path: Path) -> Typed? {
        guard path.parts.count == 1, case .constant(let declaration)? = symbols[path.text]?.kind
        else { return nil }
        usedNames.insert(path.text)
        note(.symbol(path.text), at: path.span)
        var value = constant(declaration)
        value.span = path.span
        return value
    }

    private func matchPath(_ property: Expr.MatchProperty, _ path: Path, _ scope: Scope) -> Typed {
        guard scope.place == .output, scope.rule?.window == nil || scope.aggregated == nil else {
            return refuse(
                .matchNotHere, "`\(path.text)` is only known in `having` and `alert`",
                at: path.span, label: "the match is not finished here")
        }
        return Typed(.match(property), property == .count ? .int : .time, path.span)
    }

    // MARK: fields of the event under test

    private func eventPath(_ path: Path, _ type: EventTypeID, _ scope: Scope) -> Typed {
        if types[type.index].isOpen, types[type.index].fieldIndices[path.text] == nil,
            let constant = constantNamed(path)
        {
            return constant
        }
        let lookup = field(path.text, of: type, at: path.span)
        note(lookup, of: type, at: path.span)
        switch lookup {
        case .field(let ref): return fieldValue(ref, path.span)
        case .builtIn(let builtIn): return Typed(.builtIn(builtIn), builtIn.valueType, path.span)
        case .refused: return .erroneous(path.span)
        case .computedLater(let span):
            return refuse(
                .computedLater, "`\(path.text)` is not computed yet here", at: path.span,
                label: "a computed field reads only fields above it",
                notes: [.init("computed here", at: span)])
        case .unknown: break
        }
        if let constant = constantNamed(path) { return constant }
        return unknownEventPath(path, type, scope)
    }

    private func fieldValue(_ ref: FieldRef, _ span: SourceSpan) -> Typed {
        let field = field(ref)
        let isDeclaredOptional = types[ref.type.index].isDeclared && field.isOptional
        let isComputed = if case .computed = field.origin { true } else { false }
        return Typed(
            .field(ref), field.type, span, isOptional: isDeclaredOptional && !isComputed)
    }

    private func unknownEventPath(_ path: Path, _ type: EventTypeID, _ scope: Scope) -> Typed {
        let head = path.parts[0].text
        if path.parts.count == 1, let step = scope.rule?.stepIDs[head] {
            return refuseStepAsValue(step, path, scope)
        }
        if let symbol = symbols[path.text], case .table = symbol.kind {
            return refuseSymbol(symbol, path)
        }
        if path.parts.count > 1, scope.rule != nil, typeIDs[head] != nil {
            return refuse(
                .unknownField, "`\(types[type.index].name)` has no field `\(path.text)`",
                at: path.span,
                label: head == types[type.index].name
                    ? "write `\(rest(path))`: bare names are fields of this event"
                    : "name the step with `as`, and read `step.\(rest(path))`")
        }
        reportUnknownField(path.text, path.span, of: type)
        return .erroneous(path.span)
    }

    private func rest(_ path: Path) -> String {
        path.parts.dropFirst().map(\.text).joined(separator: ".")
    }

    private func anyEventPath(_ path: Path, _ scope: Scope) -> Typed {
        if let constant = constantNamed(path) { return constant }
        if let builtIn = EventType.BuiltInField(rawValue: path.text) {
            note(.builtIn(builtIn, nil), at: path.span)
            return Typed(.builtIn(builtIn), builtIn.valueType, path.span)
        }
        return Typed(.fieldNamed(path.text), .any, path.span)
    }

    // MARK: names without an event

    private func freePath(_ path: Path, _ scope: Scope) -> Typed {
        if let rule = scope.rule, let key = rule.keys.firstIndex(where: { $0.name == path.text }) {
            note(.key(rule: rule.number, key), at: path.span)
            return Typed(.key(key), rule.keys[key].type, path.span)
        }
        if let constant = constantNamed(path) { return constant }
        guard let rule = scope.rule else { return unknownConstant(path, scope) }
        if rule.isBroken { return .erroneous(path.span) }
        if path.parts.count == 1, let step = rule.stepIDs[path.text] {
            return refuseStepAsValue(step, path, scope)
        }
        if path.parts.count > 1 { return unknownStepPath(path, rule) }
        if let symbol = symbols[path.text] { return refuseSymbol(symbol, path) }
        let holders = rule.steps.filter { step in
            guard let name = step.name, name != path.text, case .event(let type) = step.subject
            else { return false }
            return types[type.index].isOpen || fieldNames(of: type).contains(path.text)
        }
        if let holder = holders.first?.name {
            let near = Spelling.closest(to: path.text, among: rule.keys.map(\.name))
            return refuse(
                .needsStep, "`\(path.text)` needs the step whose field it is", at: path.span,
                label: near.map { "did you mean the key `\($0)`?" }
                    ?? "write `\(holder).\(path.text)`",
                notes: [.init("only the key's fields stand alone here")])
        }
        reportUnknown(
            .unknownName, "nothing is called `\(path.text)` here", Name(path.text, path.span),
            among: rule.namesInOutput + constantNames)
        return .erroneous(path.span)
    }

    private func unknownStepPath(_ path: Path, _ rule: RuleOutline) -> Typed {
        let head = path.parts[0]
        if head.text == "match" {
            reportUnknown(
                .unknownName, "`match` has no `\(rest(path))`", Name(rest(path), path.span),
                among: [], otherwise: "it has `match.start`, `match.end` and `match.count`")
            return .erroneous(path.span)
        }
        let known = rule.stepNames
        reportUnknown(
            .unknownStep, "there is no step `\(head.text)`", head, among: known,
            otherwise: typeIDs[head.text] != nil
                ? "name the step: `\(head.text) as s`, and read `s.\(rest(path))`" : "",
            notes: known.isEmpty ? [] : [.init("steps: " + known.joined(separator: ", "))])
        return .erroneous(path.span)
    }

    private func unknownConstant(_ path: Path, _ scope: Scope) -> Typed {
        if let symbol = symbols[path.text] { return refuseSymbol(symbol, path) }
        if scope.place == .constant {
            return refuse(
                .notConstant, "`\(path.text)` is not constant", at: path.span,
                label: "a constant is made of literals and other constants")
        }
        reportUnknown(
            .unknownName, "nothing is called `\(path.text)` here", Name(path.text, path.span),
            among: constantNames)
        return .erroneous(path.span)
    }

    var constantNames: [String] { names { if case .constant = $0 { true } else { false } } }

    private func refuseSymbol(_ symbol: Symbol, _ path: Path) -> Typed {
        note(.symbol(symbol.name.text), at: path.span)
        switch symbol.kind {
        case .table:
            usedNames.insert(path.text)
            return refuse(
                .notAValue, "`\(path.text)` is a table and has no value of its own", at: path.span,
                label: "write `x in \(path.text)`, or `\(path.text)[x].column`",
                notes: [.init("declared here", at: symbol.name.span)])
        case .event, .rule, .constant:
            return refuse(
                .notAValue, "`\(path.text)` has no value of its own", at: path.span,
                label: "this is the name of \(symbol.kind.noun)",
                notes: [.init("declared here", at: symbol.name.span)])
        }
    }

    // MARK: events that steps have bound

    private func stepPath(_ id: StepID, _ path: Path, _ scope: Scope) -> Typed {
        guard let rule = scope.rule else { return .erroneous(path.span) }
        noteReading(id, of: rule, at: path.parts[0].span)
        let name = Path(
            parts: Array(path.parts.dropFirst()),
            span: path.parts[1].span.joined(path.span))
        if scope.aggregated == id {
            return boundField(name, of: rule.steps[id.index], scope)
        }
        if let refused = refuseReading(id, path.span, scope) { return refused }
        if rule.isManyEvents(id, at: scope.position) {
            return refuseRepeated(rule.steps[id.index], rest(path), path.span)
        }
        noteReading(id, path.span, scope)
        return pick(.last, id, name, path.span, scope)
    }

    /// `first(x).f`, `last(x).f` and `x.f`: a field of one event of a step.
    func pick(
        _ pick: Expr.Pick, _ id: StepID, _ name: Path, _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        guard let rule = scope.rule else { return .erroneous(span) }
        var value = boundField(name, of: rule.steps[id.index], scope)
        if value.isErroneous { return .erroneous(span) }
        value.expr = .bound(id, pick, value.expr)
        value.span = span
        return value
    }

    /// A field of the events of a step, as an expression over one such event.
    func boundField(_ name: Path, of step: RuleOutline.Step, _ scope: Scope) -> Typed {
        switch step.subject {
        case .unknown, .none: return .erroneous(name.span)
        case .anyEvent: return anyEventPath(name, Scope(place: scope.place))
        case .event(let type):
            let lookup = field(name.text, of: type, at: name.span)
            note(lookup, of: type, at: name.span)
            switch lookup {
            case .field(let ref): return fieldValue(ref, name.span)
            case .builtIn(let builtIn):
                return Typed(.builtIn(builtIn), builtIn.valueType, name.span)
            case .refused, .computedLater: return .erroneous(name.span)
            case .unknown:
                reportUnknownField(name.text, name.span, of: type)
                return .erroneous(name.span)
            }
        }
    }

    /// Whether steps can be read here at all; the refusal where not.
    func refuseReading(_ id: StepID, _ span: SourceSpan, _ scope: Scope) -> Typed? {
        if scope.place == .condition, scope.rule?.window != nil {
            return refuse(
                .windowBody, "the condition of a window looks at its own event only", at: span,
                label: "compare with what the window holds in `having`")
        }
        let clause: String
        switch scope.place {
        case .reset: clause = "reset on"
        case .resolve: clause = "resolve on"
        case .constant, .declaration, .condition, .output, .test: return nil
        }
        return refuse(
            .resetReadsStep, "`\(clause)` looks at its own event only", at: span,
            label: "steps can't be read here")
    }

    /// Notes that a step's name stands here to say something about its events.
    func noteReading(_ id: StepID, of rule: RuleOutline, at span: SourceSpan) {
        rule.readSteps.insert(id)
        note(.step(rule: rule.number, id), at: span)
    }

    /// Lints reading a step that can't be bound yet.
    func noteReading(_ id: StepID, _ span: SourceSpan, _ scope: Scope) {
        guard let rule = scope.rule, let position = scope.position else { return }
        let step = rule.steps[id.index]
        // In a repeated group the step has bound an event in the iteration before.
        let isItself = step.isItself(position) && position.repeatedGroups.isEmpty
        if !position.canRead(step.position) || isItself {
            report(
                .readsLaterStep, "`\(step.name ?? "")` is never bound yet here", at: span,
                label: "this is always missing",
                notes: [.init("the step is here", at: step.span)])
        }
    }

    private func refuseRepeated(_ step: RuleOutline.Step, _ field: String, _ span: SourceSpan)
        -> Typed
    {
        let name = step.name ?? ""
        return refuse(
            .repeatedStep, "`\(name)` binds many events, so `\(name).\(field)` is not one value",
            at: span,
            label: "write `first(\(name).\(field))`, `last(\(name).\(field))`, "
                + "`avg(\(name).\(field))`…",
            notes: [.init("the step is repeated here", at: step.span)])
    }

    private func refuseStepAsValue(_ id: StepID, _ path: Path, _ scope: Scope) -> Typed {
        if let rule = scope.rule { noteReading(id, of: rule, at: path.span) }
        let isMany = scope.rule?.isManyEvents(id, at: scope.position) ?? false
        return refuse(
            .notAValue, "`\(path.text)` is a step and has no value of its own", at: path.span,
            label: isMany
                ? "write `count(\(path.text))` or `first(\(path.text)).field`"
                : "name one of its fields: `\(path.text).time`")
    }
}

extension RulesetChecker.Symbol.Kind {
    var noun: String {
        switch self {
        case .event: "an event type"
        case .table: "a table"
        case .constant: "a constant"
        case .rule: "a rule"
        }
    }
}

extension SourceSpan {
    /// The span from the start of this one to the end of `other`.
    func joined(_ other: SourceSpan) -> SourceSpan {
        let start = range.lowerBound
        return SourceSpan(file, start..<max(start, other.range.upperBound))
    }
}
