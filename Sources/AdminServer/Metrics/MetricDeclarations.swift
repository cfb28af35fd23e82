// SPDX-License-Identifier: Apache-2.0
// A table: every metric. docs/reference/metrics.md comes from it. Exercised by MetricsTests.

internal import EventModel
internal import Live

/// What metrics are made from.
struct MetricSource: Sendable {
    var status: LiveStatus
    var phase: LiveControl.Phase
    var isReady: Bool
    var waitsForRoom: Bool
    var version: String
    /// The wall clock's.
    var now: StreamTime
    var process: ProcessFigures
    var admin: AdminFigures
    /// The rules in force.
    var rules: RulesStatus

    /// Seconds from a time until now, at least 0.
    func age(_ time: StreamTime?) -> Double? {
        guard let time else { return nil }
        return max(0, Double(now.nanoseconds) - Double(time.nanoseconds)) / 1e9
    }
}

/// A metric, declared once: what is served and the page of the reference come from this.
struct MetricDeclaration: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    enum Reading: Sendable {
        case one(@Sendable (MetricSource) -> Double?)
        case rules(@Sendable (RuleStatus) -> Int?)
        case caps
        case feeds(@Sendable (FeedStatus, MetricSource) -> Double?)
        case sinks(@Sendable (SinkCounters) -> Int64)
        case build
        case phases
        case spans(@Sendable (LiveStatus) -> SpanHistogram)
    }

    let name: String
    let kind: Kind
    let help: String
    let reading: Reading

    init(_ name: String, _ kind: Kind, _ help: String, _ reading: Reading) {
        self.name = "martlet_" + name
        self.kind = kind
        self.help = help
        self.reading = reading
    }

    /// The labels of its samples.
    var labels: [String] {
        switch reading {
        case .one, .spans: []
        case .rules: ["rule"]
        case .caps: ["rule", "cap"]
        case .feeds: ["feed"]
        case .sinks: ["sink"]
        case .build: ["version"]
        case .phases: ["phase"]
        }
    }

    func write(_ source: MetricSource, to writer: inout MetricsWriter) {
        writer.head(name, kind.rawValue, help)
        if case .spans(let read) = reading {
            let spans = read(source.status)
            return writer.histogram(
                name, bounds: SpanHistogram.bounds.map { Double($0.nanoseconds) / 1e9 },
                counts: spans.counts, sum: Double(spans.total.nanoseconds) / 1e9)
        }
        for sample in samples(source) { writer.sample(name, sample) }
    }

    private func samples(_ source: MetricSource) -> [MetricSample] {
        switch reading {
        case .one(let read): return read(source).map { [MetricSample($0)] } ?? []
        case .rules(let read):
            return source.status.rules.compactMap { rule in
                read(rule).map { MetricSample($0, [("rule", rule.name)]) }
            }
        case .caps:
            return source.status.rules.flatMap { rule in
                zip(RuleStatus.capNames, rule.caps).map {
                    MetricSample($1, [("rule", rule.name), ("cap", $0)])
                }
            }
        case .feeds(let read):
            return source.status.feeds.compactMap { feed in
                read(feed, source).map { MetricSample($0, [("feed", feed.name)]) }
            }
        case .sinks(let read):
            return source.status.sinks.map {
                MetricSample(Double(read($0)), [("sink", $0.name)])
            }
        case .build: return [MetricSample(1, [("version", source.version)])]
        case .phases:
            return LiveControl.Phase.allCases.map {
                MetricSample($0 == source.phase ? 1 : 0, [("phase", $0.rawValue)])
            }
        case .spans: return []
        }
    }

    static let all = service + rules + feeds + sinks + state + process

    private static let service = [
        MetricDeclaration(
            "build_info", .gauge, "Always 1; the label has the version of the program.", .build),
        MetricDeclaration("phase", .gauge, "1 for the phase that the service is in.", .phases),
        MetricDeclaration(
            "ready", .gauge,
            "Whether records are taken: 0 while starting, draining, or waiting "
                + "for room on the disk.", .one { $0.isReady ? 1 : 0 }),
        MetricDeclaration(
            "waiting_for_room", .gauge,
            "Whether the disk is full and records wait until it is not.",
            .one { $0.waitsForRoom ? 1 : 0 }),
        MetricDeclaration(
            "events_total", .counter, "Events worked into the rules.",
            .one { Double($0.status.work.events) }),
        MetricDeclaration(
            "alerts_total", .counter, "Alerts stored, over all starts.",
            .one { Double($0.status.work.alerts) }),
        MetricDeclaration(
            "dead_letters_total", .counter, "Records that became no event, over all starts.",
            .one { Double($0.status.work.deadLetters) }),
        MetricDeclaration(
            "lost_dead_letters_total", .counter, "Dead letters that could not be written.",
            .one { Double($0.status.work.lostLetters) }),
        MetricDeclaration(
            "unrouted_alerts_total", .counter, "Alerts that no route takes.",
            .one { Double($0.status.work.unroutedAlerts) }),
        MetricDeclaration(
            "shortened_alerts_total", .counter,
            "Alerts that would have had more than 32 MB, and do without their events.",
            .one { Double($0.status.work.shortenedAlerts) }),
        MetricDeclaration(
            "stray_lines_total", .counter, "Journaled lines of feeds that are not configured.",
            .one { Double($0.status.work.strayLines) }),
        MetricDeclaration(
            "overflows_total", .counter, "Computations whose result could not be represented.",
            .one { Double($0.status.work.overflows) }),
        MetricDeclaration(
            "keys", .gauge, "Keys of which some rule holds something.",
            .one { Double($0.status.work.keys) }),
        MetricDeclaration(
            "bound_events", .gauge, "Events that attempts have bound.",
            .one { Double($0.status.work.boundEvents) }),
        MetricDeclaration(
            "automata", .gauge, "Automata at work: rules that differ in constants alone share one.",
            .one { Double($0.status.work.automata) }),
        MetricDeclaration(
            "queue_bytes", .gauge, "Bytes from feeds that wait to be journaled.",
            .one { Double($0.status.work.waitingBytes) }),
        MetricDeclaration(
            "batch_duration_seconds", .histogram,
            "How long it took to journal what had come and work it in.",
            .spans { $0.work.batches }),
        MetricDeclaration(
            "watermark_timestamp_seconds", .gauge,
            "Event time: no event before it is to come any more.",
            .one { $0.status.watermark.map { Double($0.nanoseconds) / 1e9 } }),
        MetricDeclaration(
            "watermark_delay_seconds", .gauge, "How far event time is behind the wall clock.",
            .one { $0.age($0.status.watermark) }),
    ]

    private static let rules = [
        MetricDeclaration(
            "rules_version", .gauge, "The version of the rules in force.",
            .one { Double($0.rules.version) }),
        MetricDeclaration(
            "rules_changes_total", .counter, "Changes of the rules in force.",
            .one { Double($0.rules.changeCount) }),
        MetricDeclaration(
            "rules_refused_changes_total", .counter,
            "Changes of the rules that were refused: those in force stayed.",
            .one { Double($0.rules.refusalCount) }),
        MetricDeclaration(
            "rule_events_total", .counter, "Events in a rule's input, once for each key.",
            .rules { $0.events }),
        MetricDeclaration(
            "rule_attempts_total", .counter, "Attempts begun.", .rules { $0.attempts }),
        MetricDeclaration(
            "rule_attempts_under_way", .gauge,
            "Attempts under way, of rules that keep them one by one.",
            .rules { $0.attemptsUnderWay }),
        MetricDeclaration("rule_matches_total", .counter, "Matches.", .rules { $0.matches }),
        MetricDeclaration("rule_alerts_total", .counter, "Alerts.", .rules { $0.alerts }),
        MetricDeclaration(
            "rule_suppressed_matches_total", .counter,
            "Matches that `suppress` or `resolve on` kept back.", .rules { $0.suppressed }),
        MetricDeclaration(
            "rule_limited_matches_total", .counter, "Matches that `limit` kept back.",
            .rules { $0.limited }),
        MetricDeclaration(
            "rule_excepted_matches_total", .counter, "Matches that an `except` dropped.",
            .rules { $0.excepted }),
        MetricDeclaration(
            "rule_refused_matches_total", .counter, "Matches that `having` refused.",
            .rules { $0.refused }),
        MetricDeclaration(
            "rule_resolved_alerts_total", .counter, "Notices that an alert is resolved.",
            .rules { $0.resolved }),
        MetricDeclaration(
            "rule_keyless_events_total", .counter, "Events that lacked a field of the rule's key.",
            .rules { $0.lackingKey }),
        MetricDeclaration(
            "rule_cap_hits_total", .counter, "How often a cap of the rule was reached.", .caps),
    ]

    private static let feeds = [
        MetricDeclaration(
            "feed_lines_total", .counter, "Lines, over all starts.",
            .feeds { feed, _ in Double(feed.lines) }),
        MetricDeclaration(
            "feed_received_bytes_total", .counter, "Bytes of lines.",
            .feeds { feed, _ in Double(feed.counts.acceptedByteCount) }),
        MetricDeclaration(
            "feed_requests_total", .counter, "Requests, of a feed that has any.",
            .feeds { feed, _ in Double(feed.counts.requestCount) }),
        MetricDeclaration(
            "feed_refusals_total", .counter,
            "Requests and connections that were answered with an error, or not at all.",
            .feeds { feed, _ in Double(feed.counts.refusedCount) }),
        MetricDeclaration(
            "feed_overloads_total", .counter,
            "Of the refusals: there was no room, or there were too many connections.",
            .feeds { feed, _ in Double(feed.counts.overloadCount) }),
        MetricDeclaration(
            "feed_timeouts_total", .counter, "Of the refusals: what was begun came too slowly.",
            .feeds { feed, _ in Double(feed.counts.timeoutCount) }),
        MetricDeclaration(
            "feed_pauses_total", .counter,
            "How often a connection was not read from, because there was no room.",
            .feeds { feed, _ in Double(feed.counts.pauseCount) }),
        MetricDeclaration(
            "feed_connections_total", .counter, "Connections made, to a feed that listens.",
            .feeds { feed, _ in Double(feed.counts.connectionCount) }),
        MetricDeclaration(
            "feed_dropped_messages_total", .counter,
            "Messages that were lost because there was no room for them.",
            .feeds { feed, _ in Double(feed.counts.droppedCount) }),
        MetricDeclaration(
            "feed_open_connections", .gauge, "Connections, of a feed that listens.",
            .feeds { feed, _ in Double(feed.counts.openConnectionCount) }),
        MetricDeclaration(
            "feed_events_total", .counter, "Events that some rule wants.",
            .feeds { feed, _ in Double(feed.events) }),
        MetricDeclaration(
            "feed_ignored_events_total", .counter, "Events of types that no rule wants.",
            .feeds { feed, _ in Double(feed.ignored) }),
        MetricDeclaration(
            "feed_late_events_total", .counter, "Events behind the watermark: dead letters.",
            .feeds { feed, _ in Double(feed.late) }),
        MetricDeclaration(
            "feed_repeated_events_total", .counter,
            "Events that came again within `remember_ids`: passed over.",
            .feeds { feed, _ in Double(feed.repeated) }),
        MetricDeclaration(
            "feed_forgotten_ids_total", .counter,
            "Ids that were forgotten before their time, since there were a million others.",
            .feeds { feed, _ in Double(feed.forgottenIDs) }),
        MetricDeclaration(
            "feed_undecodable_records_total", .counter,
            "Records that are no event: dead letters.",
            .feeds { feed, _ in Double(feed.undecodable) }),
        MetricDeclaration(
            "feed_mistyped_values_total", .counter,
            "Values of another type than the rules say, which count as missing.",
            .feeds { feed, _ in Double(feed.mistyped) }),
        MetricDeclaration(
            "feed_held_events", .gauge, "Events that wait to be put in order.",
            .feeds { feed, _ in Double(feed.held) }),
        MetricDeclaration(
            "feed_lag_seconds", .gauge, "Since when no event of it has moved time on.",
            .feeds { feed, source in source.age(feed.heardAt) }),
        MetricDeclaration(
            "feed_watermark_delay_seconds", .gauge,
            "How far the feed's event time is behind the wall clock.",
            .feeds { feed, source in source.age(feed.watermark) }),
        MetricDeclaration(
            "feed_quiet", .gauge, "Whether the wall clock moves time on without it.",
            .feeds { feed, _ in feed.isQuiet ? 1 : 0 }),
    ]

    private static let sinks = [
        MetricDeclaration("sink_sent_alerts_total", .counter, "Alerts sent.", .sinks { $0.sent }),
        MetricDeclaration(
            "sink_failures_total", .counter, "Attempts to send that failed.",
            .sinks { $0.failed }),
        MetricDeclaration(
            "sink_dead_letters_total", .counter, "Alerts that were given up, or refused for good.",
            .sinks { $0.deadLetters }),
        MetricDeclaration(
            "sink_passed_over_alerts_total", .counter, "Alerts that no route leads there.",
            .sinks { $0.passedOver }),
        MetricDeclaration(
            "sink_up", .gauge, "Whether the last attempt to send went well.",
            .sinks { $0.health == .up ? 1 : 0 }),
        MetricDeclaration(
            "sink_waiting_alerts", .gauge, "Alerts that are stored and have not been sent.",
            .sinks { $0.waiting }),
    ]

    private static let state = [
        MetricDeclaration(
            "checkpoint_age_seconds", .gauge,
            "Since when the last checkpoint is there or, at the start, was found to be whole.",
            .one { $0.age($0.status.checkpoint?.writtenAt) }),
        MetricDeclaration(
            "checkpoint_size_bytes", .gauge, "The size of the last checkpoint.",
            .one { $0.status.checkpoint.map { Double($0.byteCount) } }),
        MetricDeclaration(
            "checkpoint_duration_seconds", .gauge, "How long making the last checkpoint took.",
            .one { $0.status.checkpoint.map { Double($0.span.nanoseconds) / 1e9 } }),
        MetricDeclaration(
            "room_waits_total", .counter,
            "How often the disk was full, and records waited until it was not.",
            .one { Double($0.status.work.roomWaits) }),
        MetricDeclaration(
            "checkpoint_failures_total", .counter, "Checkpoints that could not be made.",
            .one { Double($0.status.work.failedCheckpoints) }),
        MetricDeclaration(
            "checkpoint_differences_total", .counter,
            "Of these, those for which the journal led to something else than what runs.",
            .one { Double($0.status.work.differingCheckpoints) }),
        MetricDeclaration(
            "alert_database_bytes", .gauge,
            "Room that alerts take in their database, without what new ones can take again.",
            .one { Double($0.status.retention.alertByteCount) }),
        MetricDeclaration(
            "removed_alerts_total", .counter,
            "Stored alerts that were removed, since they were old or there was no room for them.",
            .one { Double($0.status.retention.removedAlerts) }),
        MetricDeclaration(
            "removed_alerts_for_room_total", .counter,
            "Of these, those that went before their time, since all took too much room.",
            .one { Double($0.status.retention.removedForRoom) }),
        MetricDeclaration(
            "removed_dead_letters_total", .counter,
            "Dead letters, of feeds and of sinks, that were removed with the oldest files.",
            .one { Double($0.status.retention.removedLetters) }),
        MetricDeclaration(
            "journal_entries_total", .counter, "Entries of the journal, over all starts.",
            .one { Double($0.status.work.entryNumber) }),
        MetricDeclaration(
            "unsaved_journal_entries", .gauge, "Entries behind the last checkpoint.",
            .one { source in
                source.status.checkpoint.map {
                    Double(source.status.work.entryNumber - $0.entryNumber)
                }
            }),
    ]

    private static let process = [
        MetricDeclaration(
            "process_start_timestamp_seconds", .gauge, "When the service began.",
            .one { Double($0.status.startedAt.nanoseconds) / 1e9 }),
        MetricDeclaration(
            "process_cpu_seconds_total", .counter, "Processor time used.",
            .one { $0.process.processorSeconds }),
        MetricDeclaration(
            "process_resident_memory_bytes", .gauge, "Memory in use.",
            .one { $0.process.residentByteCount.map(Double.init) }),
        MetricDeclaration(
            "admin_requests_total", .counter, "Requests to the admin server.",
            .one { Double($0.admin.requests) }),
        MetricDeclaration(
            "admin_refused_requests_total", .counter,
            "Requests to the admin server that were answered with an error.",
            .one { Double($0.admin.refused) }),
        MetricDeclaration(
            "admin_open_connections", .gauge, "Connections to the admin server.",
            .one { Double($0.admin.openConnections) }),
        MetricDeclaration(
            "admin_refused_connections_total", .counter,
            "Connections to the admin server that were too many, and answered with 429.",
            .one { Double($0.admin.refusedConnections) }),
        MetricDeclaration(
            "admin_cut_off_connections_total", .counter,
            "Connections to the admin server that were closed: a request was none, did not come in "
                + "time or was too large, or nobody took the answer.",
            .one { Double($0.admin.cutOffConnections) }),
        MetricDeclaration(
            "admin_streams", .gauge, "Callers that follow events or alerts.",
            .one { Double($0.admin.streams) }),
    ]
}

/// What metrics there are, for the reference.
package enum MetricsReference {
    /// The table of the page of the reference.
    package static var markdown: String {
        var text = "| Metric | Type | Labels | |\n|---|---|---|---|\n"
        for metric in MetricDeclaration.all {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            text += "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |\n"
        }
        return text
    }
}
