// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import EventModel
internal import MatchCore

/// What every alert of a rule has in common, as bytes that are there when an alert is written.
struct AlertPieces: Sendable {
    let name: [UInt8]
    let naming: AlertNaming
    /// Of each label, part of the key and field: `"name":`.
    let labels: [[UInt8]]
    let key: [[UInt8]]
    let fields: [[UInt8]]
    /// What stands in a JSON object between its values.
    let json: JSONPieces
    /// Whether its alerts are resolved, can have been suppressed, can have been limited: alerts say
    /// so only where they can.
    let hasStatus: Bool
    let hasSuppressed: Bool
    let hasLimited: Bool
    let hasLineage: Bool

    /// Stands where a rule has had no alert yet.
    static let none = AlertPieces()

    private init() {
        name = []
        naming = AlertNaming(rule: "", partCount: 0, stepCount: 0, isWindow: false)
        (labels, key, fields) = ([], [], [])
        json = JSONPieces()
        (hasStatus, hasSuppressed, hasLimited, hasLineage) = (false, false, false, false)
    }

    init(_ rule: RuleProgram) {
        name = Array(rule.name.utf8)
        naming = AlertNaming(
            rule: rule.name, partCount: rule.keyNames.count, stepCount: rule.stepNames.count,
            isWindow: rule.window != nil)
        labels = rule.alert.labels.map { AlertPieces.quoted($0.name) + Array(":".utf8) }
        key = rule.keyNames.map { AlertPieces.quoted($0) + Array(":".utf8) }
        fields = rule.alert.fields.map { AlertPieces.quoted($0.name) + Array(":".utf8) }
        json = JSONPieces(rule, labels: labels, key: key, fields: fields)
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

    /// All that stands between the values of an alert as a JSON object, value by value.
    struct JSONPieces: Sendable {
        /// From behind the id to the severity.
        let head: [UInt8]
        /// From behind the severity to the first label, part of the key or time.
        let tags: [UInt8]
        /// Behind each label and then each part of the key: up to the next, or to the start.
        let labelsAndKey: [[UInt8]]
        /// From behind the title to the first field or event.
        let beforeFields: [UInt8]
        /// Behind each field: up to the next, or to the first event.
        let fields: [[UInt8]]
        /// Behind the events of each step: up to those of the next, or to the ids.
        let steps: [[UInt8]]

        init() {
            (head, tags, beforeFields) = ([], [], [])
            (labelsAndKey, fields, steps) = ([], [], [])
        }

        init(_ rule: RuleProgram, labels: [[UInt8]], key: [[UInt8]], fields: [[UInt8]]) {
            var tags = JSONWriter()
            tags.beginArray()
            for tag in rule.alert.tags { tags.string(tag) }
            tags.endArray()
            let begin = Array(",\"labels\":{".utf8)
            let middle = Array("},\"key\":{".utf8)
            let end = Array("},\"start\":\"".utf8)
            var pieces = JSONPieces.pieces(labels, from: begin, to: middle)
            pieces[pieces.count - 1] += key.first ?? []
            pieces += JSONPieces.pieces(key, from: [], to: end).dropFirst()
            if key.isEmpty { pieces[pieces.count - 1] += end }
            let first = pieces.removeFirst()
            head =
                Array("\",\"rule\":".utf8) + AlertPieces.quoted(rule.name)
                + Array(",\"severity\":\"".utf8)
            self.tags = Array("\",\"tags\":".utf8) + tags.bytes + first
            labelsAndKey = pieces
            let names = rule.stepNames.map { AlertPieces.quoted($0) + Array(":[".utf8) }
            let events = Array("},\"events\":{".utf8) + (names.first ?? [])
            let ids = Array("},\"event_ids\":".utf8)
            var inner = JSONPieces.pieces(fields, from: Array(",\"fields\":{".utf8), to: events)
            if names.isEmpty { inner[inner.count - 1] += ids }
            beforeFields = inner.removeFirst()
            self.fields = inner
            steps = names.indices.map { step in
                Array("]".utf8)
                    + (step + 1 < names.count ? Array(",".utf8) + names[step + 1] : ids)
            }
        }

        /// What stands in front of the first of the named values, between them, and behind the
        /// last.
        private static func pieces(
            _ names: [[UInt8]], from begin: [UInt8], to end: [UInt8]
        ) -> [[UInt8]] {
            var pieces = [begin]
            for name in names {
                if pieces.count > 1 { pieces[pieces.count - 1] += Array(",".utf8) }
                pieces[pieces.count - 1] += name
                pieces.append([])
            }
            pieces[pieces.count - 1] += end
            return pieces
        }
    }
}
