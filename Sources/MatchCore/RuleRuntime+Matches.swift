// SPDX-License-Identifier: Apache-2.0

internal import Automata
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
        let i = Int(event.index)
        let id = events.ids[i]
        return Match.BoundEvent(
            givenID: id.isMissing ? nil : symbols.value(of: id).displayText,
            feed: events.feeds[i],
            position: events.positions[i],
            type: symbols.string(of: events.typeNames[i]),
            time: events.times[i],
            text: Array(events.text(of: event)),
            derivedFields: derivedFields(of: event),
            arrival: events.arrivals[i])
    }

    /// The captured and computed fields of the event, by name, each name once.
    private func derivedFields(of event: StoredEvent) -> [(name: String, value: Value)] {
        let type = Int(events.incomingTypes[Int(event.index)])
        guard type >= 0 else { return [] }
        return program.derivedFields[type].compactMap { field in
            let value = symbols.value(of: events.slot(Int(field.slot), of: event))
            return value.isMissing ? nil : (field.name, value)
        }
    }
}
