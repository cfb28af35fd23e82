// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertsCommandTests and LiveSampleTests.

internal import Connectors
internal import Pipeline

/// An alert as people read it in a list.
package enum AlertText {
    /// Lines such as
    ///
    ///     2027-01-31T12:03:00.000Z high     ann: 5 failures, then in
    ///       brute_force user=ann
    ///       attempts: 5
    ///       id 381ba5ca76ee36e2b1c00188f28c7145
    package static func block(_ alert: AlertContent, colour: Bool) -> String {
        let severity = AlertContent.severities[alert.severityRank]
        let padding = String(repeating: " ", count: max(0, 8 - severity.count))
        let title = TerminalText.printable(alert.title)
        let moment = alert.isResolved ? alert.text("resolved_at") : alert.text("end")
        var text = "\(moment) \(paint(severity, colour))\(padding) "
        text += alert.isResolved ? "resolved: \(title)\n" : "\(title)\n"
        text += "  \(TerminalText.printable(alert.rule))"
        if !alert.key.isEmpty { text += " \(TerminalText.printable(alert.keyText))" }
        text += "\n"
        for member in alert.labels + alert.fields {
            let value = member.value == .null ? "(missing)" : member.value.displayText
            text += "  \(TerminalText.printable(member.name)): \(TerminalText.printable(value))\n"
        }
        if alert.isResolved { text += "  open since \(alert.text("end"))\n" }
        let counts = [
            ("suppressed", "suppressed"), ("limited", "beyond the limit"), ("excepted", "excepted"),
        ]
        for (name, words) in counts {
            guard case .number(let count)? = alert.root[name], count != "0" else { continue }
            text += "  \(words) before: \(count)\n"
        }
        return text + "  id \(TerminalText.printable(alert.id))\n"
    }

    private static func paint(_ severity: String, _ colour: Bool) -> String {
        guard colour else { return severity }
        let styles = ["critical": "1;35", "high": "1;31", "medium": "1;33"]
        return "\u{1b}[\(styles[severity] ?? "1;36")m\(severity)\u{1b}[0m"
    }
}
