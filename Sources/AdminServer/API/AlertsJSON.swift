// SPDX-License-Identifier: Apache-2.0
// The forms are those of the schemas in OpenAPISchemas. Exercised by OpenAPITests.

internal import Connectors
internal import EventModel
internal import Live

/// Stored alerts and what rules hold, as JSON.
enum AlertsJSON {
    static func bytes(_ alert: StoredAlert) -> [UInt8] {
        var json = JSONWriter()
        write(alert, to: &json)
        return json.bytes
    }

    private static func write(_ alert: StoredAlert, to json: inout JSONWriter) {
        json.beginObject()
        json.pair("number", Int(alert.number))
        json.key("alert")
        json.raw(json: Array(alert.json.utf8).span)
        json.endObject()
    }

    /// A page of alerts, the newest first, and the numbers of those whose text is not what was
    /// stored.
    ///
    /// - Parameter isWhole: whether there are no older ones.
    static func write(_ alerts: [StoredAlert], isWhole: Bool, to json: inout JSONWriter) {
        json.beginObject()
        json.key("alerts")
        json.beginArray()
        for alert in alerts where !alert.isDamaged { write(alert, to: &json) }
        json.endArray()
        json.key("damaged")
        json.beginArray()
        for alert in alerts where alert.isDamaged { json.int(alert.number) }
        json.endArray()
        json.key("next_before")
        if let last = alerts.last, !isWhole { json.int(last.number) } else { json.null() }
        json.endObject()
    }

    static func write(
        _ keys: [KeyAccount], ofRule name: String, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.pair("rule", name)
        json.key("keys")
        json.beginArray()
        for key in keys { write(key, to: &json) }
        json.endArray()
        json.endObject()
    }

    private static func write(_ key: KeyAccount, to json: inout JSONWriter) {
        json.beginObject()
        json.key("key")
        json.beginObject()
        for part in key.key {
            json.key(part.name)
            json.value(part.value)
        }
        json.endObject()
        json.pair("form", key.form)
        json.key("count")
        if let count = key.count { json.int(Int64(count)) } else { json.null() }
        json.key("attempts")
        json.beginArray()
        for attempt in key.attempts { write(attempt, to: &json) }
        json.endArray()
        json.endObject()
    }

    private static func write(_ attempt: KeyAccount.Attempt, to json: inout JSONWriter) {
        json.beginObject()
        json.pair("started_at", attempt.startedAt)
        json.key("waits_for")
        json.beginArray()
        for line in attempt.waitsFor { json.string(line) }
        json.endArray()
        json.pair("deadline", attempt.deadline)
        json.pair("expires_at", attempt.expiresAt)
        json.pair("bound_count", attempt.boundCount)
        json.key("bound")
        json.beginArray()
        for bound in attempt.bound {
            json.beginObject()
            json.pair("step", bound.step)
            json.pair("time", bound.time)
            json.key("event")
            json.raw(json: bound.event.span)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }
}
