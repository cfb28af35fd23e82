// SPDX-License-Identifier: Apache-2.0

/// Events given as values (tests, generated streams) to batches, by the same plan that decoders
/// follow.
package struct EventEncoder: Sendable {
    private let plan: DecodePlan
    private let typeIndex: [String: Int32]

    package init(_ plan: DecodePlan) {
        self.plan = plan
        var index: [String: Int32] = [:]
        for (i, type) in plan.types.enumerated() { index[type.name] = Int32(i) }
        typeIndex = index
    }

    /// Appends an event to `batch`; false where no rule wants its type.
    ///
    /// - Parameter fields: names may be dotted paths; a flat field of a name goes before a nested
    ///   one, so a path given here is found whichever way a rule means it.
    package func append(
        type: String, time: StreamTime, id: String?, fields: [(name: String, value: Value)],
        feed: Int32 = 0, position: Int64, to batch: inout EventBatch,
        symbols: inout SymbolTable
    ) -> Bool {
        let index = typeIndex[type] ?? Int32(DecodePlan.otherType)
        guard index >= 0 || plan.otherFields != nil else { return false }
        let text = batch.append(text: Array(EventEncoder.json(fields).utf8)[...])
        batch.append(
            EventBatch.Event(
                type: index, typeName: symbols.intern(type), time: time,
                id: id.map { .string(symbols.intern($0)) } ?? .missing, feed: feed,
                position: position, textStart: text.lowerBound, textEnd: text.upperBound))
        let base = (batch.count - 1) * batch.slotCount
        let wanted = index >= 0 ? plan.types[Int(index)].fields : plan.otherFields ?? []
        for field in wanted {
            // The last one of a name wins, as in JSON.
            guard let value = fields.last(where: { $0.name == field.path })?.value else { continue }
            for target in field.targets {
                batch.slots[base + target.slot] =
                    Slot(value, as: target.type, in: &symbols) ?? .missing
            }
        }
        return true
    }

    /// The fields as one JSON object.
    package static func json(_ fields: [(name: String, value: Value)]) -> String {
        var text = "{"
        for (i, field) in fields.enumerated() {
            if i > 0 { text += "," }
            Value.appendJSONString(field.name, to: &text)
            text += ":"
            field.value.appendJSON(to: &text)
        }
        return text + "}"
    }
}
