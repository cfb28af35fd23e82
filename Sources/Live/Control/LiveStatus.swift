// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

package import EventModel

/// How a service stands and what it has done so far: what its loop tells of itself about once a
/// second.
package struct LiveStatus: Sendable {
    /// When it was taken, by the wall clock.
    package var takenAt: StreamTime
    /// When the process began.
    package var startedAt: StreamTime
    /// No event before this time is to come any more; nil: nothing is known yet.
    package var watermark: StreamTime?
    /// In the order of the program.
    package var rules: [RuleStatus] = []
    /// In the order of the configuration.
    package var feeds: [FeedStatus] = []
    package var sinks: [SinkCounters] = []
    package var checkpoint: CheckpointStatus?
    package var retention = RetentionFigures()
    package var work = WorkStatus()

    package init(takenAt: StreamTime, startedAt: StreamTime) {
        self.takenAt = takenAt
        self.startedAt = startedAt
    }
}

/// What one rule has done.
package struct RuleStatus: Hashable, Sendable {
    package var name: String
    /// Events in its input, by key.
    package var events = 0
    /// Attempts begun.
    package var attempts = 0
    /// Attempts under way; nil: it keeps sets of them, counters or a window.
    package var attemptsUnderWay: Int?
    package var matches = 0
    package var alerts = 0
    /// Matches that `suppress` or `resolve on` kept back.
    package var suppressed = 0
    /// Matches that `limit` kept back.
    package var limited = 0
    /// Matches that an `except` dropped.
    package var excepted = 0
    /// Matches that `having` refused.
    package var refused = 0
    /// Notices that an alert is resolved.
    package var resolved = 0
    /// Events that lacked a key field.
    package var lackingKey = 0
    /// How often each cap was reached, in the order of `RuleStatus.capNames`.
    package var caps: [Int] = []

    package init(name: String) { self.name = name }

    /// The caps that a rule can reach, by the names that docs/reference/caps.md gives them.
    package static let capNames = [
        "attempts_per_key", "choices_per_event", "keys", "window_events_per_key",
        "matches_per_event", "bindings_per_rule", "untold_suppressions_per_rule",
        "open_alerts_per_rule", "suppressions_per_rule",
    ]
}

/// What one feed has brought.
package struct FeedStatus: Hashable, Sendable {
    package var name: String
    /// Lines, over all starts.
    package var lines = 0
    /// Events given on to the rules.
    package var events = 0
    /// Complete events of types that no rule wants.
    package var ignored = 0
    package var late = 0
    /// Events that came before, by their ids.
    package var repeated = 0
    /// Ids that were forgotten before their time.
    package var forgottenIDs = 0
    package var undecodable = 0
    /// Values that were none of the type that rules need, since the process began.
    package var mistyped = 0
    /// Events that wait to be put in order.
    package var held = 0
    /// When an event of it last moved time on; nil: none has.
    package var heardAt: StreamTime?
    /// No event before this time is to come from it any more.
    package var watermark: StreamTime?
    /// Whether the wall clock moves time on without it.
    package var isQuiet = false
    /// What has been accepted and refused since the process began.
    package var counts = FeedCounts()

    package init(name: String) { self.name = name }
}

/// The last checkpoint.
package struct CheckpointStatus: Hashable, Sendable {
    /// When it was written or, at the start, found to be whole with nothing behind it.
    package var writtenAt: StreamTime
    /// The last journal entry that is in it.
    package var entryNumber: Int64
    package var byteCount: Int
    /// How long it took, most of it beside other work.
    package var span: TimeSpan

    package init(writtenAt: StreamTime, entryNumber: Int64, byteCount: Int, span: TimeSpan) {
        self.writtenAt = writtenAt
        self.entryNumber = entryNumber
        self.byteCount = byteCount
        self.span = span
    }
}

/// What the loop and the engine have done.
package struct WorkStatus: Hashable, Sendable {
    /// The number of the last journal entry.
    package var entryNumber: Int64 = 0
    /// Alerts stored, over all starts.
    package var alerts: Int64 = 0
    /// Records that became no event, over all starts.
    package var deadLetters: Int64 = 0
    /// Dead letters that could not be written.
    package var lostLetters = 0
    /// Alerts that no route takes.
    package var unroutedAlerts: Int64 = 0
    /// Lines of feeds that are not configured.
    package var strayLines = 0
    /// Alerts that were too long, and do without their events.
    package var shortenedAlerts = 0
    /// Events worked in.
    package var events = 0
    /// Computations whose result could not be represented.
    package var overflows = 0
    /// Keys with state, over all rules.
    package var keys = 0
    /// Events that attempts have bound.
    package var boundEvents = 0
    /// Texts that are held, each once.
    package var symbols = 0
    /// Automata at work: rules that differ in constants alone share one.
    package var automata = 0
    /// Bytes accepted from feeds that wait to be journaled.
    package var waitingBytes = 0
    /// How often the disk was full, and nothing was accepted until it was not.
    package var roomWaits = 0
    /// Checkpoints that could not be made.
    package var failedCheckpoints = 0
    /// Of these, those for which the journal led to something else than what runs.
    package var differingCheckpoints = 0
    /// How long it took to journal what had come and work it in.
    package var batches = SpanHistogram()

    package init() {}
}

/// How often something took how long.
package struct SpanHistogram: Hashable, Sendable {
    /// The upper bounds of the first counts; the last count is of all that took longer.
    package static let bounds = [
        TimeSpan(milliseconds: 1), TimeSpan(milliseconds: 5), TimeSpan(milliseconds: 25),
        TimeSpan(milliseconds: 100), TimeSpan(milliseconds: 500), TimeSpan(milliseconds: 2500),
        TimeSpan(milliseconds: 10_000),
    ]

    package private(set) var counts = [Int](repeating: 0, count: SpanHistogram.bounds.count + 1)
    package private(set) var total = TimeSpan.zero

    package init() {}

    package mutating func add(_ span: TimeSpan) {
        let place = SpanHistogram.bounds.firstIndex { span <= $0 } ?? SpanHistogram.bounds.count
        counts[place] += 1
        let (sum, isOver) = total.nanoseconds.addingReportingOverflow(span.nanoseconds)
        total = TimeSpan(nanoseconds: isOver ? .max : sum)
    }
}
