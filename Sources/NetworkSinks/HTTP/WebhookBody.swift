// SPDX-License-Identifier: Apache-2.0
// Exercised by WebhookBodyTests.

internal import Connectors
internal import EventModel
internal import Live

/// The bodies of a webhook's requests.
struct WebhookBody {
    private let options: WebhookOptions
    private let template: AlertTemplate?
    private let routingKey: String

    init(_ name: String, _ options: WebhookOptions) throws(StateError) {
        self.options = options
        routingKey = try options.routingKey?.read() ?? ""
        guard let text = options.template else {
            template = nil
            return
        }
        let isJSON = options.contentType.lowercased().contains("json")
        let template = try AlertTemplate(text, isJSON ? .json : .text, ofSink: name)
        if isJSON, JSONValue(Array(template.text(of: .sample).utf8)) == nil {
            throw .sink(
                name,
                reason: "the template does not give JSON; write texts as `\"{{title}}\"`, "
                    + "and quote numbers too, since they may be missing")
        }
        self.template = template
    }

    /// Whether it looks at the events of an alert as more than bytes.
    var needsEvents: Bool { template != nil }

    func bytes(of alerts: ArraySlice<StoredAlert>, _ contents: [AlertContent]) -> [UInt8] {
        guard let first = contents.first else { return [] }
        if let template { return Array(template.text(of: first).utf8) }
        switch options.preset {
        case .slack: return WebhookBody.slack(first)
        case .pagerduty: return WebhookBody.pagerDuty(first, routingKey: routingKey)
        case .json:
            let texts = alerts.map(\.json)
            if options.batchCount == 1 { return Array((texts.first ?? "").utf8) }
            return Array("[\(texts.joined(separator: ","))]".utf8)
        }
    }

    // MARK: Presets

    /// What Slack's incoming webhooks take, and those of others that take the same.
    static func slack(_ alert: AlertContent) -> [UInt8] {
        let colours = [
            "info": "#439fe0", "low": "#439fe0", "medium": "#daa038", "high": "#d50200",
            "critical": "#8b0000",
        ]
        let severity = alert.isResolved ? "resolved" : alert.severity
        var json = JSONWriter()
        json.beginObject()
        json.pair("text", escaped("[\(severity)] \(alert.title)"))
        json.key("attachments")
        json.beginArray()
        json.beginObject()
        json.pair("color", alert.isResolved ? "#2eb886" : colours[alert.severity] ?? "#daa038")
        json.pair("fallback", escaped(alert.title))
        json.key("fields")
        json.beginArray()
        json.field("rule", alert.rule)
        for member in alert.key + alert.fields where member.value != .null {
            json.field(member.name, member.value.displayText)
        }
        if !alert.tags.isEmpty { json.field("tags", alert.tags.joined(separator: ", ")) }
        json.endArray()
        json.pair("footer", "martlet \(alert.id)")
        if let end = alert.end {
            json.key("ts")
            json.int(end.nanoseconds / 1_000_000_000)
        }
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// The three signs that mean something there.
    fileprivate static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }

    /// An event of version 2 of PagerDuty's API: the alert's id joins a notice to its alert.
    static func pagerDuty(_ alert: AlertContent, routingKey: String) -> [UInt8] {
        let severities = ["critical": "critical", "high": "error", "medium": "warning"]
        var json = JSONWriter()
        json.beginObject()
        json.pair("routing_key", routingKey)
        json.pair("event_action", alert.isResolved ? "resolve" : "trigger")
        json.pair("dedup_key", alert.id)
        json.pair("client", "martlet")
        json.key("payload")
        json.beginObject()
        json.pair("summary", String(alert.title.prefix(1024)))
        json.pair("source", alert.keyText.isEmpty ? "martlet" : alert.keyText)
        json.pair("severity", severities[alert.severity] ?? "info")
        json.pair("timestamp", alert.text("end"))
        json.pair("class", alert.rule)
        json.key("custom_details")
        json.beginObject()
        for name in ["tags", "labels", "key", "start", "end", "fields", "event_ids"] {
            guard let value = alert.root[name] else { continue }
            json.key(name)
            value.append(to: &json)
        }
        json.endObject()
        json.endObject()
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    mutating func pair(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    fileprivate mutating func field(_ title: String, _ value: String) {
        beginObject()
        pair("title", WebhookBody.escaped(title))
        pair("value", WebhookBody.escaped(value))
        key("short")
        bool(value.count <= 40)
        endObject()
    }
}
