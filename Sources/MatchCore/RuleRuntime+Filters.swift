// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// Whether the event at hand satisfies a filter.
extension RuleRuntime {
    /// - Parameter chain: what the attempt has bound.
    func holds(_ filter: Int, _ chain: Int64, _ memory: inout MatchMemory) -> Bool {
        guard routes & (1 << UInt64(rule.filters[filter].route)) != 0 else { return false }
        let type = rule.filters[filter].type
        guard type < 0 || memory.current.isMember[Int(type)] else { return false }
        let asked = asked(filter)
        guard memory.conditionHolds(Int(asked.condition)) else { return false }
        guard let code = asked.code else { return true }
        if asked.comparison >= 0 {
            return memory.holds(comparison: Int(asked.comparison), chain)
        }
        return memory.evaluate(code, EvaluationFrame(chain: chain)).isTrue
    }

    /// Whether the event at hand may satisfy a filter, whatever an attempt has bound.
    func mayHold(_ filter: Int, _ memory: inout MatchMemory) -> Bool {
        guard routes & (1 << UInt64(rule.filters[filter].route)) != 0 else { return false }
        let type = rule.filters[filter].type
        guard type < 0 || memory.current.isMember[Int(type)] else { return false }
        return memory.conditionHolds(Int(asked(filter).condition))
    }

    /// Whether an event bound or kept earlier satisfies the condition of a filter, given `chain`.
    func holds(
        _ filter: Int, for event: StoredEvent, _ chain: Int64, _ memory: inout MatchMemory
    ) -> Bool {
        var frame = EvaluationFrame(chain: chain)
        frame.event = event
        guard memory.conditionHolds(Int(asked(filter).condition), frame) else {
            return false
        }
        guard let code = asked(filter).code else { return true }
        return memory.evaluate(code, frame).isTrue
    }

    enum Guard { case butNo, butNotNext, until }

    /// Whether the event satisfies one of a line's guards.
    func someHolds(
        _ guards: Guard, of line: Int, _ chain: Int64, _ memory: inout MatchMemory
    ) -> Bool {
        let filters =
            switch guards {
            case .butNo: rule.lines[line].butNo
            case .butNotNext: rule.lines[line].butNotNext
            case .until: rule.lines[line].until
            }
        for i in filters where holds(rule.numbers[i], chain, &memory) { return true }
        return false
    }

    /// Whether the event's value of the step's `distinct` field is present, and none of the last
    /// `count` events that the step has bound has it.
    func isDistinct(
        _ step: Int, _ event: StoredEvent, _ chain: Int64, count: Int64,
        _ memory: borrowing MatchMemory
    ) -> Bool {
        let field = Int(rule.steps[step].distinct)
        let value = memory.field(field, of: event).identity
        if value.isMissing { return false }
        var node = chain
        var left = count
        while node != BindingStore.empty, left > 0 {
            if memory.bindings.step(of: node) == rule.steps[step].id {
                let bound = memory.field(field, of: memory.bindings.event(of: node))
                if bound.identity == value { return false }
                left -= 1
            }
            node = memory.bindings.parent(of: node)
        }
        return true
    }

    /// Whether the step takes the event at hand, as far as its condition goes.
    ///
    /// - Parameter count: how many events this repetition of the step has bound.
    func accepts(
        _ step: Int, _ chain: Int64, count: Int64, _ memory: inout MatchMemory
    ) -> Bool {
        holds(rule.steps[step].filter, chain, &memory)
            && (rule.steps[step].distinct < 0
                || isDistinct(step, .none, chain, count: count, memory))
    }
}
