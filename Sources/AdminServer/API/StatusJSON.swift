// SPDX-License-Identifier: Apache-2.0
// The forms are those of the schemas in OpenAPISchemas. Exercised by OpenAPITests.

internal import Automata
internal import Connectors
internal import EventModel
internal import Live
internal import RuleLanguage

/// Accounts of a service as JSON.
enum StatusJSON {
    static func write(
        _ status: LiveStatus, _ services: AdminServices, to json: inout JSONWriter
    ) {
        json.beginObject()
        writeMembers(status, services, to: &json)
        json.endObject()
    }

    /// All but the rules.
    static func writeMembers(
        _ status: LiveStatus, _ services: AdminServices, to json: inout JSONWriter
    ) {
        json.pair("version", services.version)
        json.pair("phase", services.control.phase.rawValue)
        json.key("ready")
        json.bool(services.control.isReady)
        json.pair("taken_at", status.takenAt)
        json.pair("started_at", status.startedAt)
        json.pair("watermark", status.watermark)
        json.pair("rule_count", services.catalog.count)
        json.key("ruleset")
        write(services.rules.status, to: &json)
        json.pair("events", status.work.events)
        json.pair("alerts", Int(status.work.alerts))
        json.pair("dead_letters", Int(status.work.deadLetters))
        json.pair("keys", status.work.keys)
        json.pair("bound_events", status.work.boundEvents)
        json.pair("queue_bytes", status.work.waitingBytes)
        json.key("feeds")
        json.beginArray()
        for feed in status.feeds { write(feed, to: &json) }
        json.endArray()
        json.key("sinks")
        json.beginArray()
        for sink in status.sinks { write(sink, to: &json) }
        json.endArray()
        json.key("checkpoint")
        if let checkpoint = status.checkpoint { write(checkpoint, to: &json) } else { json.null() }
        json.key("retention")
        write(status.retention, to: &json)
    }

    private static func write(_ figures: RetentionFigures, to json: inout JSONWriter) {
        json.beginObject()
        json.pair("alert_bytes", Int(figures.alertByteCount))
        json.pair("removed_alerts", figures.removedAlerts)
        json.pair("removed_for_room", figures.removedForRoom)
        json.pair("removed_dead_letters", figures.removedLetters)
        json.endObject()
    }

    private static func write(_ feed: FeedStatus, to json: inout JSONWriter) {
        json.beginObject()
        json.pair("name", feed.name)
        json.pair("lines", feed.lines)
        json.pair("bytes", feed.counts.acceptedByteCount)
        json.pair("requests", feed.counts.requestCount)
        json.pair("refused", feed.counts.refusedCount)
        json.pair("dropped", feed.counts.droppedCount)
        json.pair("open_connections", feed.counts.openConnectionCount)
        json.pair("events", feed.events)
        json.pair("ignored", feed.ignored)
        json.pair("late", feed.late)
        json.pair("undecodable", feed.undecodable)
        json.pair("mistyped", feed.mistyped)
        json.pair("held", feed.held)
        json.pair("heard_at", feed.heardAt)
        json.pair("watermark", feed.watermark)
        json.key("quiet")
        json.bool(feed.isQuiet)
        json.endObject()
    }

    private static func write(_ sink: SinkCounters, to json: inout JSONWriter) {
        json.beginObject()
        json.pair("name", sink.name)
        json.pair("health", sink.health.rawValue)
        json.pair("sent", Int(sink.sent))
        json.pair("failed", Int(sink.failed))
        json.pair("dead_letters", Int(sink.deadLetters))
        json.pair("passed_over", Int(sink.passedOver))
        json.pair("waiting", Int(sink.waiting))
        json.key("problem")
        if let problem = sink.lastFailure { json.string(problem) } else { json.null() }
        json.endObject()
    }

    static func write(_ checkpoint: CheckpointStatus, to json: inout JSONWriter) {
        json.beginObject()
        json.pair("written_at", checkpoint.writtenAt)
        json.pair("entry", Int(checkpoint.entryNumber))
        json.pair("bytes", checkpoint.byteCount)
        json.key("seconds")
        json.float(Double(checkpoint.span.nanoseconds) / 1e9)
        json.endObject()
    }

    // MARK: Rules

    static func writeRules(
        _ status: LiveStatus, _ catalog: RuleCatalog, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.key("rules")
        json.beginArray()
        for rule in status.rules {
            json.beginObject()
            json.pair("name", rule.name)
            if let number = catalog.number(of: rule.name) {
                writeWords(number, catalog, to: &json)
            }
            writeCounts(rule, to: &json)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    static func writeRule(
        _ number: Int, _ status: [RuleStatus]?, _ catalog: RuleCatalog, to json: inout JSONWriter
    ) {
        let name = catalog.rule(number).name
        json.beginObject()
        json.pair("name", name)
        writeWords(number, catalog, to: &json)
        json.pair("sentence", catalog.explanation(number).sentence)
        json.pair("text_html", catalog.text(number))
        json.pair("drawing_svg", catalog.drawingPart(number))
        if let place = catalog.place(number) {
            json.pair("file", place.file)
            json.pair("line", place.line)
        }
        if let status = status?.first(where: { $0.name == name }) {
            writeCounts(status, to: &json)
        }
        json.endObject()
    }

    private static func writeWords(_ number: Int, _ catalog: RuleCatalog, to json: inout JSONWriter)
    {
        let rule = catalog.rule(number)
        json.key("title")
        if let title = rule.title { json.string(title) } else { json.null() }
        json.key("severity")
        if let severity = catalog.severity(number) { json.string(severity) } else { json.null() }
        json.key("tags")
        json.beginArray()
        for tag in rule.tags { json.string(tag) }
        json.endArray()
        json.key("key")
        json.beginArray()
        for part in rule.key { json.string(part.name) }
        json.endArray()
    }

    static func writeCounts(_ rule: RuleStatus, to json: inout JSONWriter) {
        json.pair("events", rule.events)
        json.pair("attempts", rule.attempts)
        json.key("attempts_under_way")
        if let count = rule.attemptsUnderWay { json.int(Int64(count)) } else { json.null() }
        json.pair("matches", rule.matches)
        json.pair("alerts", rule.alerts)
        json.pair("suppressed", rule.suppressed)
        json.pair("limited", rule.limited)
        json.pair("excepted", rule.excepted)
        json.pair("refused", rule.refused)
        json.pair("resolved", rule.resolved)
        json.pair("lacking_key", rule.lackingKey)
        json.key("caps")
        json.beginObject()
        for (name, count) in zip(RuleStatus.capNames, rule.caps) where count > 0 {
            json.pair(name, count)
        }
        json.endObject()
    }
}

extension JSONWriter {
    mutating func pair(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }

    mutating func pair(_ key: String, _ number: Int) {
        self.key(key)
        int(Int64(number))
    }

    mutating func pair(_ key: String, _ time: StreamTime?) {
        self.key(key)
        if let time { string("\(time)") } else { null() }
    }
}
