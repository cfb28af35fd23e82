// SPDX-License-Identifier: Apache-2.0
// One event's work on one attempt, by recursion over the pattern: docs/reference/matching.md, "One
// attempt, one event". Every way to go on is returned. Nothing here is fast.

package import EventModel
package import RuleLanguage

/// What a rule's pattern is walked over: the input of one value of its key.
struct Walker {
    let rule: CheckedRule
    let key: [Value]
    let evaluator: ExprEvaluator
    /// The input; position p is `input[p - 1]`.
    var input: [ReadEvent] = []

    func time(_ position: Int) -> StreamTime { input[position - 1].time }
}

/// The event being worked on.
struct Moment {
    var position: Int
    var time: StreamTime
    /// The position of the attempt's first event.
    var first: Int
    /// False where another branch of an `all of` has taken the event: then it satisfies no step.
    var isTakeable = true

    /// Whether the attempt begins with this event.
    var isStart: Bool { first == position }

    var taken: Moment {
        var moment = self
        moment.isTakeable = false
        return moment
    }
}

/// Something the author left to choice by `each`: whether a line takes an event, and how it
/// goes on.
struct Choice: Hashable {
    enum Kind: Hashable { case begins, repeats, isDone, wantsMore }
    var step: StepID?
    var position: Int
    var kind: Kind
}

/// One way to go on.
struct Outcome<State> {
    /// Nil: ended.
    var state: State?
    /// Whether some step has bound the event.
    var took: Bool
    /// What tells the copies of an attempt apart; alternatives of one copy have the same.
    var choices: [Choice] = []
    /// Of what has ended, why.
    var ending: Ending?

    static func ended(_ ending: Ending?) -> Outcome {
        Outcome(state: nil, took: false, ending: ending)
    }
}

/// The ways to begin a line or sequence with an event; none where it cannot.
struct Beginnings<State> {
    var outcomes: [Outcome<State>] = []
    /// Whether the author left it to choice: then not to begin is followed too.
    var isChoice = false

    var isEmpty: Bool { outcomes.isEmpty }
    static var none: Beginnings { Beginnings() }
}

struct LineWork: Hashable {
    var line: LineState
    var isClosed = false
}

// MARK: Filters

extension Walker {
    func satisfies(_ filter: Filter, _ position: Int, bound: [Binding]) -> Bool {
        let event = input[position - 1]
        // Nothing but the first line is asked of it.
        if event.isOpening { return true }
        guard event.isMember(of: filter.eventType),
            rule.routes[filter.route].keys(of: event).contains(where: { isSameKey($0, key) })
        else { return false }
        guard let condition = filter.condition else { return true }
        return evaluator.isTrue(condition, in: context(event: event, bound: bound))
    }

    func firstSatisfied(_ filters: [Filter], _ position: Int, bound: [Binding]) -> Filter? {
        filters.first { satisfies($0, position, bound: bound) }
    }

    func context(event: ReadEvent?, bound: [Binding]) -> EvaluationContext {
        var context = EvaluationContext(event: event, key: key)
        for binding in bound.sorted(by: { $0.position < $1.position }) {
            context.bound[binding.step, default: []].append(input[binding.position - 1])
            context.previous = (binding.step, input[binding.position - 1])
        }
        return context
    }
}

package func isSameKey(_ a: [Value], _ b: [Value]) -> Bool {
    a.map(ValueIdentity.init) == b.map(ValueIdentity.init)
}

extension CheckedRule {
    /// The keys that the event has in the rule's input, each once, in order.
    package func keys(of event: ReadEvent, isAlert: Bool) -> [[Value]] {
        // `any event` is one that came in, or an alert that the rule names otherwise.
        let isNamed = routes.contains {
            $0.eventType != nil && event.isMember(of: $0.eventType)
        }
        if isAlert, !isNamed { return [] }
        var keys: [[Value]] = []
        for key in routes.flatMap({ $0.keys(of: event) })
        where !keys.contains(where: { isSameKey($0, key) }) {
            keys.append(key)
        }
        return keys
    }
}

extension CheckedRule.Route {
    /// The keys that this route gives the event, in order; none if it is not for the event or a
    /// field is missing.
    func keys(of event: ReadEvent) -> [[Value]] {
        guard event.isMember(of: eventType) else { return [] }
        let values =
            eventType == nil
            ? fieldNames.map { event.value(named: $0) } : fields.map { event.value(of: $0) }
        var keys: [[Value]] = [[]]
        for value in values {
            let choices: [Value] = if case .list(let elements) = value { elements } else { [value] }
            keys = keys.flatMap { key in
                choices.filter { !$0.isMissing }.map { key + [$0] }
            }
        }
        return keys
    }
}
