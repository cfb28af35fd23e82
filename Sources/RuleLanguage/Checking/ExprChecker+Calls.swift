// SPDX-License-Identifier: Apache-2.0
// Calls: scalar functions by their signatures, `first`, `last` and `prev`.

import Diagnostics
import EventModel

extension RulesetChecker {
    func checkCall(
        _ name: Name, _ arguments: [ExprSyntax], _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        if let last = arguments.last, last.isWindowPart {
            return checkPart(last, name, Array(arguments.dropLast()), span, scope)
        }
        switch name.text {
        case "if": return conditional(arguments, span, scope)
        case "coalesce":
            guard arguments.count >= 2 else {
                return refuseCount("coalesce(a, b, …)", name, arguments, span)
            }
            return coalesce(arguments, span, scope)
        case "prev": return previous(name, arguments, span, scope)
        case "first", "last": return firstOrLast(name, arguments, span, scope)
        default: break
        }
        let isAggregate = AggregateName(rawValue: name.text) != nil
        if let function = ScalarFunction(rawValue: name.text), !isAggregate || arguments.count > 1 {
            return scalar(function, name, arguments, span, scope)
        }
        if let aggregate = AggregateName(rawValue: name.text) {
            return checkAggregate(aggregate, name, arguments, span, scope)
        }
        reportUnknown(
            .unknownFunction, "there is no function `\(name.text)`", name,
            among: RulesetChecker.functionNames)
        for argument in arguments { _ = check(argument, scope) }
        return .erroneous(span)
    }

    static let functionNames =
        ScalarFunction.allCases.map(\.rawValue) + AggregateName.allCases.map(\.rawValue)
        + ["if", "coalesce", "prev", "first", "last"]

    func refuseCount(
        _ signature: String, _ name: Name, _ arguments: [ExprSyntax], _ span: SourceSpan
    ) -> Typed {
        let count = arguments.count
        return refuse(
            .argumentCount,
            "`\(name.text)` does not take \(count) argument\(count == 1 ? "" : "s")",
            at: span, label: "", notes: [.init("the function is `\(signature)`")])
    }

    // MARK: scalar functions

    private func scalar(
        _ function: ScalarFunction, _ name: Name, _ arguments: [ExprSyntax], _ span: SourceSpan,
        _ scope: Scope
    ) -> Typed {
        let signature = FunctionSignature.of(function)
        let values = arguments.map { check($0, scope) }
        guard signature.argumentCounts.contains(values.count) else {
            return refuseCount(signature.text, name, arguments, span)
        }
        if values.contains(where: \.isErroneous) { return .erroneous(span) }
        for (index, value) in values.enumerated() {
            guard fits(value, signature, index, first: values[0]) else { return .erroneous(span) }
        }
        guard hasKnownZone(function, values) else { return .erroneous(span) }
        let type: ValueType
        switch signature.result {
        case .type(let fixed): type = fixed
        case .sameAsFirst: type = resolved(values[0])
        case .common:
            let all = values.map(resolved)
            type = all.dropFirst().reduce(all[0]) { $0.joined(with: $1) ?? .any }
        }
        return folded(Typed(.call(function, values.map(\.expr)), type, span))
    }

    /// A time zone that does not exist would make the value missing for every event.
    private func hasKnownZone(_ function: ScalarFunction, _ values: [Typed]) -> Bool {
        guard [.hour, .weekday, .date].contains(function), values.count == 2,
            case .constant(.string(let zone)) = values[1].expr, TimeZoneTable.load(zone) == nil
        else { return true }
        report(
            .argumentType, "there is no time zone `\(zone)`", at: values[1].span,
            label: "write a name such as \"Europe/Berlin\", or an offset such as \"+02:00\"")
        return false
    }

    private func fits(
        _ value: Typed, _ signature: FunctionSignature, _ index: Int, first: Typed
    ) -> Bool {
        let note = [Diagnostic.Note("the function is `\(signature.text)`")]
        let name = signature.text.prefix { $0 != "(" }
        let wanted: ValueType
        switch signature.parameter(index) {
        case .text: wanted = .string
        case .int: wanted = .int
        case .number: wanted = .number
        case .time: wanted = .time
        case .address: wanted = .ip
        case .any: return true
        case .ordered:
            guard index > 0, relate(first, value) == .mismatch else { return true }
            reportIncomparable(first, value, "`\(name)`", value.span)
            return false
        case .sized:
            switch resolved(value) {
            case .list, .any: return true
            default: wanted = .string
            }
        case .magnitude:
            if resolved(value) == .duration { return true }
            wanted = .number
        }
        return expect(
            value, wanted, "`\(name)` takes \(wanted.article) here", notes: note)
    }

    private func conditional(_ arguments: [ExprSyntax], _ span: SourceSpan, _ scope: Scope)
        -> Typed
    {
        guard arguments.count == 3 else {
            return refuseCount("if(condition, then, else)", Name("if", span), arguments, span)
        }
        let test = condition(arguments[0], scope)
        let values = (check(arguments[1], scope), check(arguments[2], scope))
        guard let test, !values.0.isErroneous, !values.1.isErroneous else {
            return .erroneous(span)
        }
        switch relate(values.0, values.1) {
        case .refused: return .erroneous(span)
        case .mismatch:
            reportIncomparable(values.0, values.1, "`if`", values.1.span)
            return .erroneous(span)
        case .fits: break
        }
        let type = resolved(values.0).joined(with: resolved(values.1)) ?? .any
        return Typed(.conditional(test, values.0.expr, values.1.expr), type, span)
    }

    // MARK: first, last, prev

    private func firstOrLast(
        _ name: Name, _ arguments: [ExprSyntax], _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        let signature = "\(name.text)(step.field)"
        guard arguments.count == 1 else { return refuseCount(signature, name, arguments, span) }
        guard let rule = scope.rule else { return refuseStepFunction(name, span) }
        if rule.window != nil, scope.aggregated != nil { return refuseNested(name, span) }
        guard case .path(let path) = arguments[0].kind, let head = path.parts.first else {
            return refuse(
                .aggregateArgument, "`\(name.text)` takes a field of a step",
                at: arguments[0].span, notes: [.init("write `\(signature)`")])
        }
        guard let id = step(head, path, scope) else { return .erroneous(span) }
        if let refused = refuseReading(id, path.span, scope) { return refused }
        guard path.parts.count > 1 else {
            return refuse(
                .notAValue, "`\(name.text)(\(head.text))` is an event and has no value of its own",
                at: span, label: "name one of its fields: `\(name.text)(\(head.text)).time`")
        }
        noteReadingIfLater(id, path.span, scope)
        let field = Path(
            parts: Array(path.parts.dropFirst()), span: path.parts[1].span.joined(path.span))
        return pick(name.text == "first" ? .first : .last, id, field, span, scope)
    }

    /// `first(x).f` and `last(x).f`.
    func checkMember(_ base: ExprSyntax, _ name: Name, _ span: SourceSpan, _ scope: Scope)
        -> Typed
    {
        var parts = [name]
        var inner = base
        while case .member(let deeper, let part) = inner.kind {
            parts.insert(part, at: 0)
            inner = deeper
        }
        if case .call(let function, let arguments) = inner.kind,
            ["first", "last"].contains(function.text), arguments.count == 1,
            case .path(let path) = arguments[0].kind, path.parts.count == 1, scope.rule != nil
        {
            guard let id = step(path.parts[0], path, scope) else { return .erroneous(span) }
            if let refused = refuseReading(id, path.span, scope) { return refused }
            if scope.rule?.window != nil, scope.aggregated != nil {
                return refuseNested(function, span)
            }
            noteReadingIfLater(id, path.span, scope)
            let field = Path(parts: parts, span: parts[0].span.joined(name.span))
            return pick(function.text == "first" ? .first : .last, id, field, span, scope)
        }
        if case .index(let base, let key) = inner.kind, let table = tableName(base, scope) {
            let column = Name(
                parts.map(\.text).joined(separator: "."), parts[0].span.joined(name.span))
            return lookUp(table, key, column, span, scope)
        }
        let value = check(inner, scope)
        if value.isErroneous { return .erroneous(span) }
        return refuse(
            .badElement, "only an event has fields", at: span,
            label: "write `first(step).\(name.text)` or `last(step).\(name.text)`")
    }

    /// The step that a path begins with; reported where there is none.
    func step(_ head: Name, _ path: Path, _ scope: Scope) -> StepID? {
        guard let rule = scope.rule else { return nil }
        if let id = rule.stepIDs[head.text] {
            noteReading(id, of: rule, at: head.span)
            return id
        }
        if rule.isBroken { return nil }
        let known = rule.stepNames
        reportUnknown(
            .unknownStep, "there is no step `\(head.text)`", head, among: known,
            notes: known.isEmpty ? [] : [.init("steps: " + known.joined(separator: ", "))])
        return nil
    }

    /// As `noteReading`, but reading the step's own earlier events is what these are for.
    func noteReadingIfLater(_ id: StepID, _ span: SourceSpan, _ scope: Scope) {
        guard let rule = scope.rule, let position = scope.position else { return }
        let step = rule.steps[id.index]
        if step.isCounted, step.isItself(position) { return }
        noteReading(id, span, scope)
    }

    func refuseStepFunction(_ name: Name, _ span: SourceSpan) -> Typed {
        refuse(
            .notHere, "`\(name.text)` can't be used here", at: span,
            label: "it looks at the events of a step of a rule")
    }

    private func previous(
        _ name: Name, _ arguments: [ExprSyntax], _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        guard arguments.count == 1 else {
            return refuseCount("prev(field)", name, arguments, span)
        }
        guard scope.place == .condition, let rule = scope.rule, scope.aggregated == nil,
            rule.window == nil
        else {
            return refuse(
                .notHere, "`prev` can't be used here", at: span,
                label: "it is the event bound before the one that a step's condition tests")
        }
        guard case .path(let path) = arguments[0].kind,
            rule.stepIDs[path.parts.first?.text ?? ""] == nil || path.parts.count == 1
        else {
            return refuse(
                .previousArgument, "`prev` takes a field of the event bound before",
                at: arguments[0].span, label: "write its bare name: `prev(field)`")
        }
        return previousField(path, span, rule, scope)
    }

    private func previousField(
        _ path: Path, _ span: SourceSpan, _ rule: RuleOutline, _ scope: Scope
    ) -> Typed {
        var refs: [StepID: FieldRef] = [:]
        var type: FieldType?
        for (index, step) in rule.steps.enumerated() {
            guard case .event(let id) = step.subject else { continue }
            let ref: FieldRef
            switch field(path.text, of: id, at: path.span) {
            case .field(let found): ref = found
            case .builtIn(let builtIn): ref = reference(to: builtIn, of: id, at: path.span)
            case .refused, .computedLater, .unknown: continue
            }
            refs[StepID(index)] = ref
            note(.field(ref), at: path.span)
            let next = field(ref).type
            if let known = type {
                let a = Typed(.field(ref), known, path.span)
                switch relate(a, Typed(.field(ref), next, path.span)) {
                case .refused: return .erroneous(span)
                case .mismatch: type = .known(.any)
                case .fits: if case .variable = known { type = next }
                }
            } else {
                type = next
            }
        }
        guard let type else {
            if !rule.isBroken {
                report(
                    .unknownField, "no step of this rule has a field `\(path.text)`", at: path.span)
            }
            return .erroneous(span)
        }
        return Typed(.previous(refs), type, span)
    }
}
