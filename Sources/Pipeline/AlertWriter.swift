// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertWriterTests.

package import Automata
internal import Connectors
internal import EventModel
package import MatchCore

/// Matches to the bytes of alerts.
package struct AlertWriter: Sendable {
    package static let severities = ["info", "low", "medium", "high", "critical"]

    package let format: AlertFormat
    let program: RulesetProgram
    /// By the number of the feed: what stands before the colon in the id of an event that brings
    /// none.
    let feedNames: [String]
    let colour: Bool
    /// Alerts whose rule gave a severity that is none; they are written as `medium`.
    package private(set) var unknownSeverityCount = 0

    /// - Parameter colour: escape sequences of a terminal, in `human` only.
    package init(
        format: AlertFormat, program: RulesetProgram, feedNames: [String], colour: Bool = false
    ) {
        self.format = format
        self.program = program
        self.feedNames = feedNames
        self.colour = colour
    }

    /// A match with what an alert adds to it.
    struct Alert {
        let match: Match
        let rule: RuleProgram
        let id: String
        let severity: String
        /// The ids of all bound events, in the order of binding.
        let eventIDs: [String]
    }

    /// Appends what stands before the first alert.
    package func appendHeader(to bytes: inout [UInt8]) {
        if format == .csv { appendCSVHeader(to: &bytes) }
    }

    package mutating func append(_ match: Match, to bytes: inout [UInt8]) {
        let alert = alert(match)
        switch format {
        case .human: appendHuman(alert, to: &bytes)
        case .jsonLines: appendJSON(alert, to: &bytes)
        case .csv: appendCSV(alert, to: &bytes)
        case .count: break
        }
    }

    private mutating func alert(_ match: Match) -> Alert {
        let rule = program.rules[match.rule]
        var severity = match.severity
        if !AlertWriter.severities.contains(severity) {
            severity = "medium"
            unknownSeverityCount += 1
        }
        let ids = match.steps.map { $0.map(eventID) }
        let bound = zip(match.steps, ids).flatMap { zip($0, $1) }
        return Alert(
            match: match, rule: rule,
            id: AlertID.text(rule: rule.name, key: match.key, eventIDs: ids),
            severity: severity,
            eventIDs: bound.sorted { $0.0.arrival < $1.0.arrival }.map(\.1))
    }

    private func eventID(_ event: Match.BoundEvent) -> String {
        if let id = event.givenID { return id }
        let feed = Int(event.feed)
        let name = feedNames.indices.contains(feed) ? feedNames[feed] : "feed \(feed)"
        return FeedMerger.eventIDText(name: name, position: event.position)
    }
}
