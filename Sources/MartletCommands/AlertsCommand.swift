// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertsCommandTests.

package import ArgumentParser
internal import Connectors
internal import EventModel
internal import Live
internal import Pipeline

package enum AlertListFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case human, json, jsonl
}

/// A time, or how long ago it was.
package struct MomentArgument: ExpressibleByArgument, Sendable {
    private enum Kind: Sendable {
        case time(StreamTime)
        case ago(TimeSpan)
    }

    private let kind: Kind

    package init?(argument: String) {
        if let span = TimeSpan(argument.utf8.span), span >= .zero {
            kind = .ago(span)
        } else if let time = TimeArgument(argument: argument) {
            kind = .time(time.time)
        } else {
            return nil
        }
    }

    func time(before now: StreamTime) -> StreamTime {
        switch kind {
        case .time(let time): time
        case .ago(let span): now - span
        }
    }
}

/// `martlet alerts`: the alerts that a node has stored.
package struct AlertsCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Lists alerts that `martlet run` has stored.",
        discussion: """
            The newest come last. A node may be at work meanwhile.

            Examples:
              martlet alerts martlet.yaml --since 1h --severity high
              martlet alerts --state /var/lib/martlet --rule brute_force --key user=ann
            """)

    @Argument(help: "The configuration file of the node.")
    package var config: String?

    @Option(
        help: ArgumentHelp(
            "The state folder; that of the configuration otherwise, or `state`.",
            valueName: "folder"))
    package var state: String?

    @Option(
        help: ArgumentHelp("Only alerts of this rule; more than once: of these.", valueName: "name")
    )
    package var rule: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only alerts of this severity or a graver one.", valueName: "severity"))
    package var severity: String?

    @Option(
        help: ArgumentHelp(
            "Only alerts with this part of the key; may be given several times.",
            valueName: "field=value"))
    package var key: [KeyArgument] = []

    @Option(
        help: ArgumentHelp(
            "Only alerts that ended at or after this time, or within this span.",
            valueName: "time or duration"))
    package var since: MomentArgument?

    @Option(
        help: ArgumentHelp(
            "Only alerts that ended before this time.", valueName: "time or duration"))
    package var until: MomentArgument?

    @Option(
        help: ArgumentHelp("The most that are listed: of more, the newest.", valueName: "count"))
    package var limit = 100

    @Option(help: "How to write them; human on a terminal and jsonl elsewhere, if not given.")
    package var format: AlertListFormat?

    @Option(help: "When to use colours.")
    package var color: ColourChoice = .auto

    package init() {}

    package mutating func validate() throws {
        if let severity, !AlertContent.severities.contains(severity) {
            throw ValidationError(
                "there is no severity `\(severity)`: there are "
                    + AlertContent.severities.joined(separator: ", "))
        }
        if limit < 1 { throw ValidationError("`--limit` is 1 or more") }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        let alerts: [StoredAlert]
        do throws(CommandFailure) {
            let folder = try self.folder(in: surroundings)
            let now = surroundings.today ?? SystemClock().now
            do throws(StateError) {
                alerts = try query(at: now).alerts(in: folder)
            } catch {
                return .failed("\(error)", .environment)
            }
        } catch {
            return error.outcome
        }
        switch format ?? (surroundings.outputIsTerminal ? .human : .jsonl) {
        case .jsonl: return CommandOutcome(output: alerts.map { $0.json + "\n" }.joined())
        case .json:
            let list = alerts.map { "\n  " + $0.json }.joined(separator: ",")
            return CommandOutcome(output: list.isEmpty ? "[]\n" : "[\(list)\n]\n")
        case .human:
            let colour = color.isOn(in: surroundings)
            return CommandOutcome(
                output: alerts.map {
                    AlertText.block(AlertContent($0, withEvents: false), colour: colour)
                }.joined(separator: "\n"),
                errors: alerts.count == limit ? "the newest \(limit) alerts; more: --limit\n" : "")
        }
    }

    private func folder(in surroundings: Surroundings) throws(CommandFailure) -> String {
        if let state { return state }
        guard let config else { return "state" }
        return try RunConfiguration.read(config, in: surroundings).stateFolder
    }

    private func query(at now: StreamTime) -> AlertQuery {
        var query = AlertQuery(limit: limit)
        query.rules = rule
        if let least = severity.flatMap(AlertContent.severities.firstIndex) {
            query.severities = Array(least..<AlertContent.severities.count)
        }
        query.key = key.map { ($0.name, $0.value) }
        query.since = since?.time(before: now)
        query.until = until?.time(before: now)
        return query
    }
}

/// An alert as people read it in a list.
enum AlertText {
    /// Lines such as
    ///
    ///     2027-01-31T12:03:00.000Z high     ann: 5 failures, then in
    ///       brute_force user=ann
    ///       attempts: 5
    ///       id 381ba5ca76ee36e2b1c00188f28c7145
    static func block(_ alert: AlertContent, colour: Bool) -> String {
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
        for name in ["suppressed", "limited"] {
            guard case .number(let count)? = alert.root[name], count != "0" else { continue }
            text += name == "limited" ? "  beyond the limit before: " : "  suppressed before: "
            text += "\(count)\n"
        }
        return text + "  id \(TerminalText.printable(alert.id))\n"
    }

    private static func paint(_ severity: String, _ colour: Bool) -> String {
        guard colour else { return severity }
        let styles = ["critical": "1;35", "high": "1;31", "medium": "1;33"]
        return "\u{1b}[\(styles[severity] ?? "1;36")m\(severity)\u{1b}[0m"
    }
}
