// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// Finished attempts to matches. Off the hot path: a match is rare, and its texts are made here.
extension RuleRuntime {
    func build(
        _ frame: EvaluationFrame, _ record: Int, _ memory: inout MatchMemory
    ) -> Match {
        let severity = memory.evaluate(rule.alert.severity, frame)
        let title = memory.evaluate(rule.alert.title, frame)
        return Match(
            rule: rule.index,
            key: memory.key.map { memory.symbols.value(of: $0) },
            start: frame.matchStart,
            end: frame.matchEnd,
            severity: text(severity, memory) ?? "medium",
            title: text(title, memory) ?? "",
            labels: values(rule.alert.labels, frame, &memory),
            fields: values(rule.alert.fields, frame, &memory),
            steps: rule.stepNames.indices.map { bound($0, frame.chain, &memory) },
            completedBy: lastArrival(frame.chain, memory),
            keyOrder: words[base(record) + RecordLayout.boundAt],
            isByClock: isInstant)
    }

    private func text(_ slot: Slot, _ memory: borrowing MatchMemory) -> String? {
        slot.isMissing ? nil : memory.symbols.value(of: slot).displayText
    }

    private func values(
        _ fields: [AlertProgram.Field], _ frame: EvaluationFrame, _ memory: inout MatchMemory
    ) -> [(name: String, value: Value)] {
        fields.map { field in
            let slot = memory.evaluate(field.code, frame)
            return (field.name, memory.symbols.value(of: slot))
        }
    }

    private func bound(
        _ step: Int, _ chain: Int64, _ memory: inout MatchMemory
    ) -> [Match.BoundEvent] {
        var result: [Match.BoundEvent] = []
        var node = chain
        while node != BindingStore.empty {
            if memory.bindings.step(of: node) == step {
                result.append(memory.boundEvent(memory.bindings.event(of: node)))
            }
            node = memory.bindings.parent(of: node)
        }
        return result.sorted { $0.arrival < $1.arrival }
    }
}

extension MatchMemory {
    /// A stored event as a match shows it.
    func boundEvent(_ event: StoredEvent) -> Match.BoundEvent {
        let id = events[event].id
        return Match.BoundEvent(
            givenID: id.isMissing ? nil : symbols.value(of: id).displayText,
            feed: events[event].feed,
            position: events[event].position,
            type: symbols.string(of: events[event].typeName),
            time: events[event].time,
            text: Array(events.text(of: event)),
            derivedFields: derivedFields(of: event),
            arrival: events[event].arrival)
    }

    /// The captured and computed fields of the event, by name, each name once.
    private func derivedFields(of event: StoredEvent) -> [(name: String, value: Value)] {
        let type = Int(events[event].incomingType)
        guard type >= 0 else { return [] }
        return program.derivedFields[type].compactMap { field in
            let value = symbols.value(of: events.slot(Int(field.slot), of: event))
            return value.isMissing ? nil : (field.name, value)
        }
    }
}
