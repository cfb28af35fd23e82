// SPDX-License-Identifier: Apache-2.0

package import EventModel
internal import RuleLanguage

/// An event that a test sends.
package struct TestEvent: Sendable {
    package var type: String
    package var time: StreamTime
    /// When it reaches the engine: its time, unless the line says `arriving`.
    package var arrival: StreamTime
    package var id: String?
    /// Names may be dotted paths.
    package var fields: [(name: String, value: Value)]

    package init(
        type: String, time: StreamTime, arrival: StreamTime? = nil, id: String?,
        fields: [(name: String, value: Value)]
    ) {
        self.type = type
        self.time = time
        self.arrival = arrival ?? time
        self.id = id
        self.fields = fields
    }
}

/// The lines of a case as what happens, in the order in which it does.
///
/// What a test sends arrives in the order of time and, at equal times, as written. `arriving T`
/// lets an event arrive when the clock is at T; all events of such a line arrive then.
struct TestSchedule {
    enum Action {
        case event(TestEvent)
        /// Snapshot and restore, at this point of every run of the case.
        case restart
        /// A point where the run that restarts everywhere does so too.
        case mayRestart
    }

    private(set) var actions: [Action] = []
    private(set) var watchedFrom: StreamTime
    /// Where the clock stops: what would arrive later does not; nil: when no deadline is pending.
    private(set) var until: StreamTime?

    private struct Entry {
        var clock: StreamTime
        var action: Action
        /// The last event of its line.
        var endsLine = false
    }

    /// - Parameter recordings: the events of each `replay` line, in order.
    init(_ test: CheckedTest, in ruleset: CheckedRuleset, recordings: [[TestEvent]]) {
        var entries: [Entry] = []
        var recordings = recordings[...]
        for line in test.lines {
            switch line.kind {
            case .events:
                entries += TestSchedule.entries(
                    TestSchedule.events(of: line, in: ruleset))
            case .replay: entries += TestSchedule.entries(recordings.popFirst() ?? [])
            case .restart(let time): entries.append(Entry(clock: time, action: .restart))
            case .until(let time): until = min(until ?? time, time)
            }
        }
        watchedFrom = TestSchedule.watchStart(test, entries)
        let ordered = entries.enumerated().sorted {
            ($0.element.clock, $0.offset) < ($1.element.clock, $1.offset)
        }
        let limit = until ?? .distantFuture
        for (_, entry) in ordered where entry.clock <= limit {
            actions.append(entry.action)
            if entry.endsLine { actions.append(.mayRestart) }
        }
    }

    private static func entries(_ events: [TestEvent]) -> [Entry] {
        var entries = events.map { Entry(clock: $0.arrival, action: .event($0)) }
        if !entries.isEmpty {
            entries[0].endsLine = true
            entries[entries.count - 1].endsLine = true
        }
        return entries
    }

    private static func events(
        of line: CheckedTest.Line, in ruleset: CheckedRuleset
    ) -> [TestEvent] {
        guard
            case .events(let type, let first, let count, let interval, let fields, let arriving) =
                line.kind
        else { return [] }
        let eventType = ruleset[type]
        let id = fields.last { $0.name == eventType.idPath ?? "id" }?.value
        return (0..<count).map { number in
            let time = first + span(interval, times: number)
            return TestEvent(
                type: eventType.name, time: time, arrival: arriving, id: id.flatMap(text),
                fields: fields)
        }
    }

    private static func span(_ interval: TimeSpan, times count: Int) -> TimeSpan {
        let (span, isOver) = interval.nanoseconds.multipliedReportingOverflow(by: Int64(count))
        return TimeSpan(nanoseconds: isOver ? .max : span)
    }

    /// An id as text; only texts and ints are ids.
    private static func text(_ value: Value) -> String? {
        switch value {
        case .string(let text): text
        case .int(let number): String(number)
        default: nil
        }
    }

    /// From the case's start; in a case of recordings alone from the first event recorded.
    private static func watchStart(_ test: CheckedTest, _ entries: [Entry]) -> StreamTime {
        let times = entries.compactMap { entry -> StreamTime? in
            if case .event(let event) = entry.action { event.time } else { nil }
        }
        let isRecorded = test.lines.allSatisfy {
            if case .replay = $0.kind { true } else { false }
        }
        guard let first = times.min() else { return test.start }
        return isRecorded ? first : min(test.start, first)
    }
}
