// SPDX-License-Identifier: Apache-2.0
// An event seen through the event types of a ruleset. Everything is worked out anew at each
// question: nothing here can be stale.

package import EventModel
package import RuleLanguage
import TextMatching

/// What all events of one ruleset are read with.
package struct EventReading: Sendable {
    package let types: [EventType]
    package let evaluator: ExprEvaluator
    /// For each type the expressions of its `patterns`; nil where one cannot be compiled.
    let regexes: [[Regex?]]

    package init(_ ruleset: CheckedRuleset) {
        types = ruleset.eventTypes
        evaluator = ExprEvaluator(tables: ruleset.tables)
        regexes = ruleset.eventTypes.map { type in
            type.patterns.map { try? Regex(pattern: $0.regex.pattern, flags: $0.regex.flags) }
        }
    }
}

package struct ReadEvent: EventReader {
    let reading: EventReading
    package let event: ReferenceEvent
    /// Whether it stands for the first line of a rule with `keys from`: it has a time and no more.
    package let isOpening: Bool

    package init(reading: EventReading, event: ReferenceEvent) {
        self.reading = reading
        self.event = event
        isOpening = false
    }

    /// The opening of a key that is watched since `start`.
    package init(reading: EventReading, openingAt start: StreamTime) {
        self.reading = reading
        event = ReferenceEvent(type: "", time: start, id: "", fields: [])
        isOpening = true
    }

    package var time: StreamTime { event.time }

    // MARK: Types

    /// Nil stands for any type.
    package func isMember(of type: EventTypeID?) -> Bool {
        guard let id = type else { return true }
        let type = reading.types[id.index]
        if isNamed(id) {
            // Whoever wrote the name of a derived type vouches for its conditions.
            return !type.sources.isEmpty || conditionsHold(id)
        }
        return type.sources.contains { isMember(of: $0) } && conditionsHold(id)
    }

    /// Whether the event came in under this type's name, or under that of a type which has it as
    /// its one source.
    private func isNamed(_ id: EventTypeID) -> Bool {
        if reading.types[id.index].name == event.type { return true }
        guard reading.types[id.index].isDeclared else { return false }
        return reading.types.indices.contains { index in
            reading.types[index].sources == [id] && isNamed(EventTypeID(index))
        }
    }

    private func conditionsHold(_ id: EventTypeID) -> Bool {
        let type = reading.types[id.index]
        for index in type.patterns.indices where captures(id, index) == nil { return false }
        guard let filter = type.filter else { return true }
        return reading.evaluator.isTrue(filter, in: EvaluationContext(event: Inside(event: self)))
    }

    /// The groups of a pattern of the type, or nil where it does not match.
    private func captures(_ id: EventTypeID, _ index: Int) -> [String?]? {
        let subject = reading.types[id.index].patterns[index].subject
        guard let regex = reading.regexes[id.index][index],
            case .string(let text) = uncheckedValue(of: subject)
        else { return nil }
        return regex.firstMatch(in: text)
    }

    // MARK: Fields

    package func value(of field: FieldRef) -> Value {
        if isOpening {
            // It has what every event has, of whatever type it is.
            let origin = reading.types[field.type.index].fields[field.field].origin
            guard case .builtIn(let builtIn) = origin else { return .missing }
            return value(of: builtIn)
        }
        return isMember(of: field.type) ? uncheckedValue(of: field) : .missing
    }

    /// The value without asking whether the event is a member: the conditions of the type
    /// themselves read its fields.
    package func uncheckedValue(of ref: FieldRef) -> Value {
        let type = reading.types[ref.type.index]
        let field = type.fields[ref.field]
        if isNamed(ref.type), !type.sources.isEmpty {
            if case .builtIn(let builtIn) = field.origin { return value(of: builtIn) }
            let given = incoming(field.name).coerced(to: field.type)
            guard given.isMissing, case .computed = field.origin else { return given }
        }
        switch field.origin {
        case .incoming: return incoming(field.name).coerced(to: field.type)
        case .builtIn(let builtIn): return value(of: builtIn)
        case .computed(let expr):
            let context = EvaluationContext(event: Inside(event: self))
            return reading.evaluator.evaluate(expr, in: context).coerced(to: field.type)
        case .inherited(let refs):
            guard let ref = refs.first(where: { isMember(of: $0.type) }) else { return .missing }
            return uncheckedValue(of: ref)
        case .captured(let pattern, let group):
            guard let groups = captures(ref.type, pattern),
                let index = reading.regexes[ref.type.index][pattern]?.captureIndex(named: group),
                let text = groups[index]
            else { return .missing }
            return Value.string(text).coercedFromText(to: field.type)
        }
    }

    package func value(named name: String) -> Value {
        for (index, type) in reading.types.enumerated() where type.name == event.type {
            if let field = type.fields.firstIndex(where: { $0.name == name }) {
                return value(of: FieldRef(type: EventTypeID(index), field: field))
            }
        }
        return EventType.BuiltInField(rawValue: name).map(value(of:)) ?? incoming(name)
    }

    package func value(of field: EventType.BuiltInField) -> Value {
        switch field {
        case .time: .time(event.time)
        case .id: isOpening ? .missing : .string(event.id)
        case .type: isOpening ? .missing : .string(event.type)
        }
    }

    private func incoming(_ name: String) -> Value {
        event.fields.last { $0.name == name }?.value ?? .missing
    }
}

/// The event as the conditions and computed fields of its own types read it.
private struct Inside: EventReader {
    let event: ReadEvent

    func value(of field: FieldRef) -> Value { event.uncheckedValue(of: field) }
    func value(named name: String) -> Value { event.value(named: name) }
    func value(of field: EventType.BuiltInField) -> Value { event.value(of: field) }
}

extension Value {
    /// A captured text as a value of `type`: unlike fields of events, numbers and truth values
    /// come as texts too.
    func coercedFromText(to type: ValueType) -> Value {
        guard case .string(let text) = self else { return .missing }
        switch type {
        case .int: return Int64(text).map(Value.int) ?? .missing
        case .float: return Double(text).map(Value.float) ?? .missing
        case .number:
            return Int64(text).map(Value.int) ?? Double(text).map(Value.float) ?? .missing
        case .bool: return Bool(text).map(Value.bool) ?? .missing
        default: return coerced(to: type)
        }
    }
}
