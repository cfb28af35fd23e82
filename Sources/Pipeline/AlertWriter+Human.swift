// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel
internal import MatchCore

extension AlertWriter {
    /// Events of one step that are shown; of more, the first and the last ones.
    private static let eventCap = 20
    private static let eventsShownFirst = 10
    private static let eventsShownLast = 5
    /// Signs of an event's text that are shown.
    private static let textCap = 400

    /// A block of lines:
    ///
    /// 2027-01-31T12:03:00.000Z high     ann: 5 failures from 1 addresses, then in from 10.0.0.9
    ///       brute_force user=ann
    ///       attempts: 5
    ///       fails  2027-01-31T12:00:00.000Z login {"user":"ann","outcome":"fail"}
    ///       ok     2027-01-31T12:03:00.000Z login {"user":"ann","outcome":"ok"}
    mutating func appendHuman(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        let rule = program.rules[row.rule]
        let severity = AlertWriter.severities[severity(row, of: batch)]
        let padding = String(repeating: " ", count: max(0, 8 - severity.count))
        let title = TerminalText.printable(batch.text(row.title))
        let isResolved = row.status == .resolved
        var text = "\(row.moment.description) \(paint(severity))\(padding) "
        text += isResolved ? "resolved: \(title)\n" : "\(title)\n"
        text += "  \(rule.name)"
        var value = row.firstValue
        for name in rule.keyNames {
            text += " \(name)=\(shown(batch.value(value)))"
            value += 1
        }
        text += "\n"
        for field in rule.alert.labels + rule.alert.fields {
            text += "  \(TerminalText.printable(field.name)): \(shown(batch.value(value)))\n"
            value += 1
        }
        appendPolicy(row, to: &text)
        if isResolved {
            bytes.append(contentsOf: "\(text)\n".utf8)
            return
        }
        let width = rule.stepNames.map(\.count).max() ?? 0
        if row.eventCount > 0, rule.window != nil {
            text += "  \(row.eventCount) events from \(row.start) to \(row.end)\n"
        }
        for (step, name) in rule.stepNames.enumerated() {
            if step == 0, row.isOpened {
                let label = name + String(repeating: " ", count: width - name.count)
                let table = program.tables[Int(rule.keysFrom)].name
                text += "  \(label) \(row.start) no event: keys from \(table)\n"
            }
            let events = row.events.filter { batch.events[$0].step == step }
            appendEvents(events, of: batch, name: name, width: width, to: &text)
        }
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    private func appendPolicy(_ row: borrowing MatchBatch.Row, to text: inout String) {
        if row.status == .resolved { text += "  open since \(row.end.description)\n" }
        if row.suppressed > 0 { text += "  suppressed before: \(row.suppressed)\n" }
        if row.limited > 0 { text += "  beyond the limit before: \(row.limited)\n" }
        if row.excepted > 0 { text += "  excepted before: \(row.excepted)\n" }
    }

    private mutating func appendEvents(
        _ events: [Int], of batch: borrowing MatchBatch, name: String, width: Int,
        to text: inout String
    ) {
        let hidden =
            events.count > AlertWriter.eventCap
            ? AlertWriter.eventsShownFirst..<(events.count - AlertWriter.eventsShownLast) : 0..<0
        for (k, event) in events.enumerated() {
            let label = k == 0 ? name : ""
            let indent = "  " + label + String(repeating: " ", count: width - label.count)
            if hidden.contains(k) {
                if k == hidden.lowerBound { text += "\(indent) … \(hidden.count) more\n" }
                continue
            }
            var content: [UInt8] = []
            appendEvent(event, of: batch, to: &content)
            let type = TerminalText.printable(batch.text(batch.events[event].type))
            text += "\(indent) \(batch.events[event].time) \(type) "
            let shown = String(decoding: content, as: UTF8.self)
            text += "\(TerminalText.printable(shown, upTo: AlertWriter.textCap))\n"
        }
    }

    private func shown(_ value: Value) -> String {
        value.isMissing ? "(missing)" : TerminalText.printable(value.displayText)
    }

    private func paint(_ severity: String) -> String {
        guard colour else { return severity }
        let style =
            switch severity {
            case "critical": "1;35"
            case "high": "1;31"
            case "medium": "1;33"
            default: "1;36"
            }
        return "\u{1b}[\(style)m\(severity)\u{1b}[0m"
    }
}

/// Texts from outside, on their way to a terminal.
package enum TerminalText {
    /// The text on one line, with what a terminal would obey instead of show written as
    /// `\u{1b}`; cut at a number of signs.
    package static func printable(_ text: String, upTo cap: Int = .max) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == cap { return result + "…" }
            count += 1
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
