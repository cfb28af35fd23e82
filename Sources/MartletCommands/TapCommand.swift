// SPDX-License-Identifier: Apache-2.0
// Exercised by RunAdminTests.

package import ArgumentParser
internal import Connectors
internal import Glibc
internal import Live
internal import Synchronization

/// `martlet tap`: what goes on in a running service, as it happens.
package struct TapCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tap",
        abstract: "Follows the alerts or the decoded events of a running service.",
        discussion: """
            Each comes as a line of JSON. Where events come faster than they can be shown some \
            are left out, and how many is said on standard error; rules are never held up.

            Examples:
              martlet tap
              martlet tap alerts --rule brute_force
              martlet tap events --type login --limit 10
            """)

    package enum Topic: String, ExpressibleByArgument, CaseIterable, Sendable {
        case alerts, events
    }

    @Argument(help: "What to follow: alerts or events.")
    package var topic = Topic.alerts

    @Option(help: ArgumentHelp("Alerts of this rule alone.", valueName: "name"))
    package var rule: String?

    @Option(help: ArgumentHelp("Events of this feed alone.", valueName: "name"))
    package var feed: String?

    @Option(help: ArgumentHelp("Events of this type alone.", valueName: "name"))
    package var type: String?

    @Option(help: ArgumentHelp("End after so many.", valueName: "count"))
    package var limit: Int?

    @OptionGroup package var server: AdminClientOptions

    package init() {}

    package mutating func validate() throws {
        if topic == .events, rule != nil {
            throw ValidationError("`--rule` is for alerts: events belong to no rule")
        }
        if topic == .alerts, feed != nil || type != nil {
            throw ValidationError("`--feed` and `--type` are for events")
        }
        if let limit, limit < 1 { throw ValidationError("`--limit` is at least 1") }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        let (path, filter) = (path, filter)
        return server.outcome { client throws(AdminClientError) in
            try Waiting.result { () async throws(AdminClientError) in
                try await client.follow(path) { name, data in filter.take(name, data) }
            }
            return CommandOutcome()
        }
    }

    private var path: String {
        switch topic {
        case .events: return "/api/v1/tap"
        case .alerts:
            let query = rule.map { "?rule=\(AdminClient.escaped($0))" } ?? ""
            return "/api/v1/events\(query)"
        }
    }

    private var filter: TapFilter {
        TapFilter(topic: topic, feed: feed, type: type, left: limit)
    }
}

/// What of a stream is shown.
final class TapFilter: Sendable {
    private let topic: TapCommand.Topic
    private let feed: String?
    private let type: String?
    private let left: Mutex<Int?>

    init(topic: TapCommand.Topic, feed: String?, type: String?, left: Int?) {
        self.topic = topic
        self.feed = feed
        self.type = type
        self.left = Mutex(left)
    }

    /// Shows an event, if it is wanted; false: no more are.
    func take(_ name: String, _ data: [UInt8]) -> Bool {
        if name == "skipped" {
            let count = JSONValue(data)?["count"]?.displayText ?? "some"
            _ = CommandOutcome.write(Array("\(count) left out\n".utf8), to: STDERR_FILENO)
            return true
        }
        guard let line = line(name, data) else { return true }
        // Whoever reads may have gone.
        if CommandOutcome.write(line + [0x0a], to: STDOUT_FILENO) != 0 { return false }
        return left.withLock { left in
            guard let count = left else { return true }
            left = count - 1
            return count > 1
        }
    }

    func line(_ name: String, _ data: [UInt8]) -> [UInt8]? {
        switch topic {
        case .alerts:
            guard name == "alert", let alert = JSONValue(data)?["alert"] else { return nil }
            return Array(alert.json.utf8)
        case .events:
            guard name == "event" else { return nil }
            if feed == nil, type == nil { return data }
            let event = JSONValue(data)
            if let feed, event?["feed"]?.string != feed { return nil }
            if let type, event?["type"]?.string != type { return nil }
            return data
        }
    }
}
