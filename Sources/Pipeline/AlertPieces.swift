// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import EventModel
internal import MatchCore

/// What every alert of a rule has in common, as bytes that are there when an alert is written.
struct AlertPieces: Sendable {
    let name: [UInt8]
    let naming: AlertNaming
    /// From behind the id to the severity.
    let head: [UInt8]
    /// From behind the severity to the first label.
    let tags: [UInt8]
    /// Of each label, part of the key and field: `"name":`.
    let labels: [[UInt8]]
    let key: [[UInt8]]
    let fields: [[UInt8]]
    /// Of each step: `"name":[`.
    let steps: [[UInt8]]
    /// Whether its alerts are resolved, can have been suppressed, can have been limited: alerts say
    /// so only where they can.
    let hasStatus: Bool
    let hasSuppressed: Bool
    let hasLimited: Bool
    let hasLineage: Bool

    init(_ rule: RuleProgram) {
        name = Array(rule.name.utf8)
        let quoted = AlertPieces.quoted(rule.name)
        naming = AlertNaming(
            rule: rule.name, partCount: rule.keyNames.count, stepCount: rule.stepNames.count,
            isWindow: rule.window != nil)
        head = Array("\",\"rule\":".utf8) + quoted + Array(",\"severity\":\"".utf8)
        var tags = JSONWriter()
        tags.beginArray()
        for tag in rule.alert.tags { tags.string(tag) }
        tags.endArray()
        self.tags = Array("\",\"tags\":".utf8) + tags.bytes + Array(",\"labels\":".utf8)
        labels = rule.alert.labels.map { AlertPieces.quoted($0.name) + Array(":".utf8) }
        key = rule.keyNames.map { AlertPieces.quoted($0) + Array(":".utf8) }
        fields = rule.alert.fields.map { AlertPieces.quoted($0.name) + Array(":".utf8) }
        steps = rule.stepNames.map { AlertPieces.quoted($0) + Array(":[".utf8) }
        let policy = rule.alert.policy
        hasStatus = policy.resolution != nil
        hasSuppressed = policy.suppression != nil || policy.resolution != nil
        hasLimited = policy.limit != nil
        hasLineage = rule.chain.rank > 0
    }

    static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(string: text.utf8.span, to: &bytes)
        return bytes
    }
}
