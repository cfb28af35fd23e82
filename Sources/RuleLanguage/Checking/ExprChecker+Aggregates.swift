// SPDX-License-Identifier: Apache-2.0
// Aggregates over the events that one step has bound.

import Diagnostics
import EventModel

extension RulesetChecker {
    func checkAggregate(
        _ aggregate: AggregateName, _ name: Name, _ arguments: [ExprSyntax], _ span: SourceSpan,
        _ scope: Scope
    ) -> Typed {
        guard arguments.count == 1 + aggregate.parameterCount else {
            return refuseCount(aggregate.signature, name, arguments, span)
        }
        guard scope.rule != nil else { return refuseStepFunction(name, span) }
        guard scope.aggregated == nil else { return refuseNested(name, span) }
        guard let id = aggregatedStep(name, arguments[0], scope) else { return .erroneous(span) }
        if let refused = refuseReading(id, span, scope) { return refused }
        noteReadingIfLater(id, span, scope)
        guard let function = aggregate.function(parameter(aggregate, arguments, scope)) else {
            return .erroneous(span)
        }
        if aggregate == .count, case .path(let path) = arguments[0].kind, path.parts.count == 1 {
            if let rule = scope.rule { noteReading(id, of: rule, at: path.span) }
            return Typed(.aggregate(.count, id, argument: nil), .int, span)
        }
        var inner = scope
        inner.aggregated = id
        inner.subject = .none
        let value = check(arguments[0], inner)
        if value.isErroneous { return .erroneous(span) }
        guard let type = aggregateType(aggregate, value) else { return .erroneous(span) }
        return Typed(.aggregate(function, id, argument: value.expr), type, span)
    }

    func refuseNested(_ name: Name, _ span: SourceSpan) -> Typed {
        refuse(.aggregateArgument, "`\(name.text)` can't stand inside another aggregate", at: span)
    }

    /// The one step whose fields an aggregate's argument reads; reported where it is not one.
    private func aggregatedStep(_ name: Name, _ argument: ExprSyntax, _ scope: Scope) -> StepID? {
        guard let rule = scope.rule else { return nil }
        let heads = argument.pathHeads
        let steps = heads.filter { rule.stepIDs[$0.text] != nil }
        guard let first = steps.first, let id = rule.stepIDs[first.text] else {
            if rule.isBroken { return nil }
            if case .path(let path) = argument.kind {
                if path.parts.count > 1 || name.text == "count" {
                    return step(path.parts[0], path, scope)
                }
            }
            report(
                .aggregateArgument, "`\(name.text)` takes fields of a step", at: argument.span,
                label: rule.stepNames.first.map { "write `\(name.text)(\($0).field)`" }
                    ?? "name a step with `as`")
            return nil
        }
        if let other = steps.first(where: { $0.text != first.text }) {
            report(
                .aggregateArgument, "`\(name.text)` is over the events of one step", at: other.span,
                label: "`\(other.text)` is another step than `\(first.text)`")
            return nil
        }
        if case .path(let path) = argument.kind, path.parts.count == 1, name.text != "count" {
            report(
                .aggregateArgument, "`\(name.text)` takes a field of the step", at: argument.span,
                label: "write `\(name.text)(\(first.text).field)`")
            return nil
        }
        return id
    }

    private func parameter(
        _ aggregate: AggregateName, _ arguments: [ExprSyntax], _ scope: Scope
    ) -> Double?? {
        guard aggregate.parameterCount == 1 else { return .some(nil) }
        let value = check(arguments[1], scope)
        if value.isErroneous { return nil }
        switch value.expr {
        case .constant(.int(let number)) where aggregate.allows(Double(number)):
            return Double(number)
        case .constant(.float(let number))
        where aggregate == .percentile && aggregate.allows(number):
            return number
        default:
            report(
                .argumentType,
                aggregate == .percentile
                    ? "`percentile` takes a number from 0 to 100 that is written out"
                    : "`ema` takes a whole number of events, at least 1, that is written out",
                at: value.span, notes: [.init("the function is `\(aggregate.signature)`")])
            return nil
        }
    }

    private func aggregateType(_ aggregate: AggregateName, _ value: Typed) -> ValueType? {
        switch aggregate {
        case .count, .countDistinct: return .int
        case .distinct: return .list(resolved(value))
        case .min, .max:
            switch resolved(value) {
            case .bool, .list, .network:
                report(
                    .argumentType, "`\(aggregate.rawValue)` needs values that have an order",
                    at: value.span, label: "this is \(resolved(value).article)")
                return nil
            case let type: return type
            }
        case .sum, .avg, .median, .percentile, .stddev, .ema:
            let type = resolved(value)
            if type == .duration { return .duration }
            guard expect(value, .number, "`\(aggregate.rawValue)` takes a number") else {
                return nil
            }
            return aggregate == .sum ? resolved(value) : .float
        }
    }
}

/// The aggregates by the names that authors write.
enum AggregateName: String, CaseIterable {
    case count, sum, avg, min, max
    case countDistinct = "count_distinct"
    case distinct, stddev, median, percentile, ema

    var parameterCount: Int { self == .percentile || self == .ema ? 1 : 0 }

    var signature: String {
        switch self {
        case .count: "count(step)"
        case .percentile: "percentile(step.field, from 0 to 100)"
        case .ema: "ema(step.field, events)"
        default: "\(rawValue)(step.field)"
        }
    }

    func allows(_ parameter: Double) -> Bool {
        self == .percentile ? (0...100).contains(parameter) : (1...1_000_000).contains(parameter)
    }

    /// The aggregate with its parameter; nil where the parameter was refused.
    func function(_ parameter: Double??) -> Aggregate? {
        guard let parameter else { return nil }
        switch self {
        case .count: return .count
        case .sum: return .sum
        case .avg: return .average
        case .min: return .minimum
        case .max: return .maximum
        case .countDistinct: return .countDistinct
        case .distinct: return .distinct
        case .stddev: return .standardDeviation
        case .median: return .median
        case .percentile: return parameter.map(Aggregate.percentile)
        case .ema: return parameter.map { .exponentialMovingAverage(Int($0)) }
        }
    }
}

extension ExprSyntax {
    /// The first names of all paths that the expression reads from the event at hand.
    fileprivate var pathHeads: [Name] {
        switch kind {
        case .path(let path): return path.parts.prefix(1).map { $0 }
        case .call(let name, let arguments):
            return ["first", "last"].contains(name.text) ? [] : arguments.flatMap(\.pathHeads)
        case .member(let base, _): return base.pathHeads
        case .index(let a, let b), .binary(_, let a, let b): return a.pathHeads + b.pathHeads
        case .list(let elements): return elements.flatMap(\.pathHeads)
        case .not(let a), .negate(let a), .isMissing(let a), .isPresent(let a): return a.pathHeads
        case .between(let a, let b, let c): return a.pathHeads + b.pathHeads + c.pathHeads
        case .literal, .template, .regex, .windowLast, .windowIn, .invalid: return []
        }
    }
}
