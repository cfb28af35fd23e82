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
        let (output, notes) = shown(alerts.filter { !$0.isDamaged }, in: surroundings)
        let damaged = alerts.filter(\.isDamaged).map { alert in
            "warning: what is stored of alert \(alert.number) is damaged: it is left out\n"
        }
        return CommandOutcome(output: output, errors: damaged.joined() + notes)
    }

    private func shown(
        _ alerts: [StoredAlert], in surroundings: Surroundings
    ) -> (output: String, notes: String) {
        switch format ?? (surroundings.outputIsTerminal ? .human : .jsonl) {
        case .jsonl: return (alerts.map { $0.json + "\n" }.joined(), "")
        case .json:
            let list = alerts.map { "\n  " + $0.json }.joined(separator: ",")
            return (list.isEmpty ? "[]\n" : "[\(list)\n]\n", "")
        case .human:
            let colour = color.isOn(in: surroundings)
            let blocks = alerts.map {
                AlertText.block(AlertContent($0, withEvents: false), colour: colour)
            }
            return (
                blocks.joined(separator: "\n"),
                alerts.count == limit ? "the newest \(limit) alerts; more: --limit\n" : ""
            )
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
