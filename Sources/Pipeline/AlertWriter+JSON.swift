// SPDX-License-Identifier: Apache-2.0
// The form is fixed by docs/reference/alert-json.md.

internal import Automata
internal import Connectors
internal import EventModel
internal import MatchCore

extension AlertWriter {
    func appendJSON(_ alert: Alert, to bytes: inout [UInt8]) {
        var json = JSONWriter()
        swap(&json.bytes, &bytes)
        json.beginObject()
        json.key("id")
        json.string(alert.id)
        json.key("rule")
        json.string(alert.rule.name)
        json.key("severity")
        json.string(alert.severity)
        json.key("tags")
        json.strings(alert.rule.alert.tags)
        json.key("labels")
        json.object(alert.match.labels)
        json.key("key")
        json.object(alert.key)
        json.key("start")
        json.string(alert.match.start.description)
        json.key("end")
        json.string(alert.match.end.description)
        json.key("title")
        json.string(alert.match.title)
        json.key("fields")
        json.object(alert.match.fields)
        json.key("events")
        json.events(alert)
        json.key("event_ids")
        json.strings(alert.eventIDs)
        json.endObject()
        json.bytes.append(UInt8(ascii: "\n"))
        swap(&json.bytes, &bytes)
    }
}

extension AlertWriter.Alert {
    /// The parts of the key by name.
    var key: [(name: String, value: Value)] { Array(zip(rule.keyNames, match.key)) }
}

extension JSONWriter {
    mutating func strings(_ texts: [String]) {
        beginArray()
        for text in texts { string(text) }
        endArray()
    }

    mutating func object(_ fields: [(name: String, value: Value)]) {
        beginObject()
        for field in fields {
            key(field.name)
            value(field.value)
        }
        endObject()
    }

    fileprivate mutating func events(_ alert: AlertWriter.Alert) {
        beginObject()
        for (name, events) in zip(alert.rule.stepNames, alert.match.steps) {
            key(name)
            beginArray()
            for event in events { raw(json: event.completeText.span) }
            endArray()
        }
        endObject()
    }
}
