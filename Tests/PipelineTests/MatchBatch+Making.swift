// SPDX-License-Identifier: Apache-2.0

import EventModel

@testable import MatchCore

extension MatchBatch {
    /// An event as a test makes it.
    struct MadeEvent {
        var step = 0
        var id: String?
        var position: Int64 = 1
        var text = "{}"
        var incomingType: Int32 = -1
        /// The values of all derived fields of its type.
        var derived: [Value] = []
    }

    /// Appends a match by hand, with texts as its key.
    ///
    /// - Parameter missing: how many labels and fields the rule has, all missing here.
    mutating func append(
        rule: Int, key: [String], missing: Int = 0, severity: String = "low", title: String,
        events: [MadeEvent]
    ) {
        let firstValue = valueCount
        var symbols = SymbolTable()
        for part in key { append(.string(symbols.intern(part)), symbols) }
        for _ in 0..<missing { append(.missing, symbols) }
        let firstEvent = self.events.count
        for (number, event) in events.enumerated() {
            append(event, arrival: Int64(number))
        }
        rows.append(
            Row(
                rule: rule, start: .zero, end: .zero, severity: append(Array(severity.utf8)[...]),
                title: append(Array(title.utf8)[...]), firstValue: firstValue,
                events: firstEvent..<self.events.count, eventCount: events.count,
                completedBy: 1, keyOrder: 0, number: rows.count, isByClock: false, moment: .zero))
    }

    private mutating func append(_ event: MadeEvent, arrival: Int64) {
        let firstValue = valueCount
        var symbols = SymbolTable()
        for value in event.derived { append(Slot(value, in: &symbols), symbols) }
        events.append(
            EventRow(
                step: event.step, feed: 0, position: event.position, time: .zero, arrival: arrival,
                givenID: event.id.map { append(Array($0.utf8)[...]) },
                type: append(Array("login".utf8)[...]), text: append(Array(event.text.utf8)[...]),
                incomingType: event.incomingType, firstValue: firstValue))
    }
}
