// SPDX-License-Identifier: Apache-2.0
// Exercised by SinkConfigurationTests. The form is fixed by docs/reference/alert-json.md.

package import Connectors
package import EventModel
internal import Pipeline

/// What an alert says, taken out of its JSON.
package struct AlertContent: Sendable {
    /// From the least to the gravest.
    package static let severities = AlertWriter.severities

    /// The alert as it is, or all that stands before its events.
    package let root: JSONValue

    /// - Parameter withEvents: whether the bound events are read too.
    package init(_ alert: StoredAlert, withEvents: Bool) {
        root =
            JSONValue(Array(alert.json.utf8), upTo: withEvents ? nil : "events") ?? .object([])
    }

    package func text(_ name: String) -> String { root[name]?.string ?? "" }

    package var id: String { text("id") }
    package var rule: String { text("rule") }
    package var severity: String { text("severity") }
    package var title: String { text("title") }
    package var tags: [String] { root["tags"]?.elements.compactMap(\.string) ?? [] }
    package var key: [JSONValue.Member] { root["key"]?.members ?? [] }
    package var labels: [JSONValue.Member] { root["labels"]?.members ?? [] }
    package var fields: [JSONValue.Member] { root["fields"]?.members ?? [] }
    /// Nil for alerts of rules without `resolve on`.
    package var status: String? { root["status"]?.string }
    /// Whether it is the notice that the alert is resolved.
    package var isResolved: Bool { status == "resolved" }
    /// The place of its severity among all; of one that is none, that of `medium`.
    package var severityRank: Int { AlertContent.severities.firstIndex(of: severity) ?? 2 }
    package var end: StreamTime? { time("end") }

    package func time(_ name: String) -> StreamTime? {
        guard case .time(let time) = TimeFormat.automatic.read(text: text(name).utf8.span) else {
            return nil
        }
        return time
    }

    /// One text that no other alert or notice has.
    package var deliveryID: String { isResolved ? "\(id)-resolved" : id }

    /// The key as people read it: `user=ann host=web-1`.
    package var keyText: String {
        key.map { "\($0.name)=\($0.value.displayText)" }.joined(separator: " ")
    }

    /// What a condition reads under a name: what every alert has, then the alert's own fields, its
    /// key and its labels; `key.user`, `labels.team` and `fields.n` say which.
    package func value(named name: String) -> Value {
        switch name {
        case "severity": return .int(Int64(severityRank))
        case "type": return .string(rule)
        case "time": return Value(root["end"] ?? .null)
        case "id", "rule", "title", "tags", "start", "end", "status", "suppressed", "limited",
            "excepted":
            return Value(root[name] ?? .null)
        default: break
        }
        for members in [fields, key, labels] {
            if let found = members.last(where: { $0.name == name }) { return Value(found.value) }
        }
        for (prefix, members) in [("fields.", fields), ("key.", key), ("labels.", labels)]
        where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.count)
            if let found = members.last(where: { $0.name == rest }) { return Value(found.value) }
        }
        return .missing
    }
}

extension Value {
    /// The value of a JSON text; missing where there is none for it.
    fileprivate init(_ json: JSONValue) {
        switch json {
        case .null, .object: self = .missing
        case .bool(let value): self = .bool(value)
        case .number(let text):
            if let int = Int64(text) {
                self = .int(int)
            } else {
                self = Double(text).map(Value.float) ?? .missing
            }
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map { Value($0) })
        }
    }
}
