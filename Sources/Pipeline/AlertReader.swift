// SPDX-License-Identifier: Apache-2.0
// Exercised by BacktestReportTests.

package import Automata
package import EventModel
package import MatchCore

/// An alert by itself, as people are shown it.
package struct ShownAlert: Sendable {
    package struct Event: Sendable {
        package var step: Int
        package var time: StreamTime
        package var type: String
        package var id: String
        /// Whether it is an alert of another rule.
        package var isAlert: Bool
        /// One JSON object, cut where it is long.
        package var text: String
    }

    /// A value under its name, as text; nil: it is missing.
    package typealias Entry = (name: String, value: String?)

    package var rule: Int
    package var id: String
    /// Index into `AlertWriter.severities`.
    package var severity: Int
    package var title: String
    package var key: [Entry]
    /// Labels, then fields.
    package var fields: [Entry]
    package var moment: StreamTime
    package var start: StreamTime
    package var end: StreamTime
    package var suppressed: Int
    package var limited: Int
    package var excepted: Int
    package var events: [Event]
    /// Events bound that are not among them.
    package var hiddenEventCount: Int
    /// Events that it is of; those of a window are not bound.
    package var eventCount: Int
}

/// Takes single alerts out of matches.
package struct AlertReader: Sendable {
    /// Events that are shown of an alert; of more, the first and the last ones.
    package static let eventCap = 24
    private static let eventsShownLast = 6
    /// Bytes that are shown of an event.
    private static let textCap = 8192

    private let program: RulesetProgram
    private var writer: AlertWriter
    private var eventText = EventText()
    private let feedNames: [[UInt8]]

    package init(_ program: RulesetProgram, feedNames: [String]) {
        self.program = program
        writer = AlertWriter(format: .jsonLines, program: program, feedNames: feedNames)
        self.feedNames = feedNames.map { Array("\($0):".utf8) }
    }

    private static let names = AlertWriter.severities.map { Array($0.utf8) }

    /// The place of its severity among all; of one that is none, that of `medium`.
    package static func severity(
        of row: borrowing MatchBatch.Row, in batch: borrowing MatchBatch
    ) -> Int {
        for (place, name) in names.enumerated()
        where batch.bytes.span.extracting(row.severity).isEqual(to: name.span) {
            return place
        }
        return 2
    }

    /// The digits of the alert's id.
    package mutating func id(
        of row: borrowing MatchBatch.Row, in batch: borrowing MatchBatch
    ) -> String {
        var bytes: [UInt8] = []
        writer.appendID(row, of: batch, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The values of its key, as one text.
    ///
    /// - Precondition: the rule has a key.
    package func keyText(
        of row: borrowing MatchBatch.Row, in batch: borrowing MatchBatch
    ) -> String {
        let count = program.rules[row.rule].keyNames.count
        var text = batch.value(row.firstValue).displayText
        for place in 1..<max(count, 1) {
            text += ", " + batch.value(row.firstValue + place).displayText
        }
        return text
    }

    /// The alert of match `index`.
    package mutating func alert(_ batch: borrowing MatchBatch, _ index: Int) -> ShownAlert {
        let row = batch.rows[index]
        let rule = program.rules[row.rule]
        let names = (rule.alert.labels + rule.alert.fields).map(\.name)
        let values = row.firstValue + rule.keyNames.count
        let shown = shownEvents(of: row)
        return ShownAlert(
            rule: row.rule, id: id(of: row, in: batch),
            severity: AlertReader.severity(of: row, in: batch), title: batch.text(row.title),
            key: entries(rule.keyNames, row.firstValue, of: batch),
            fields: entries(names, values, of: batch), moment: row.moment, start: row.start,
            end: row.end, suppressed: row.suppressed, limited: row.limited, excepted: row.excepted,
            events: shown.map { event($0, of: batch) },
            hiddenEventCount: row.events.count - shown.count,
            eventCount: max(row.eventCount, row.events.count))
    }

    private func entries(
        _ names: [String], _ first: Int, of batch: borrowing MatchBatch
    ) -> [ShownAlert.Entry] {
        var entries: [ShownAlert.Entry] = []
        for (place, name) in names.enumerated() {
            let value = batch.value(first + place)
            entries.append((name, value.isMissing ? nil : value.displayText))
        }
        return entries
    }

    private func shownEvents(of row: borrowing MatchBatch.Row) -> [Int] {
        guard row.events.count > AlertReader.eventCap else { return Array(row.events) }
        return Array(row.events.prefix(AlertReader.eventCap - AlertReader.eventsShownLast))
            + Array(row.events.suffix(AlertReader.eventsShownLast))
    }

    private mutating func event(
        _ index: Int, of batch: borrowing MatchBatch
    ) -> ShownAlert.Event {
        let event = batch.events[index]
        var text: [UInt8] = []
        eventText.append(index, of: batch, program, to: &text)
        var id: [UInt8] = []
        batch.appendEventID(event, feedNames: feedNames, to: &id)
        return ShownAlert.Event(
            step: event.step, time: event.time, type: batch.text(event.type),
            id: AlertReader.unquoted(id), isAlert: event.isAlert,
            text: String(decoding: text.prefix(AlertReader.textCap), as: UTF8.self))
    }

    /// Ids are digits or names, written between quotes.
    private static func unquoted(_ id: [UInt8]) -> String {
        let isQuoted = id.count > 1 && id.first == UInt8(ascii: "\"")
        return String(decoding: isQuoted ? id.dropFirst().dropLast() : id[...], as: UTF8.self)
    }
}
