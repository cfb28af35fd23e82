// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertRetentionTests, and by simulated weeks.

package import EventModel

/// By when alerts had been stored.
package struct AgeMark: Hashable, Sendable {
    /// All with a lower number had been.
    package var before: Int64
    package var storedAt: StreamTime

    package init(before: Int64, storedAt: StreamTime) {
        self.before = before
        self.storedAt = storedAt
    }
}

/// What came of an attempt to remove alerts.
package struct AlertRemoval: Hashable, Sendable {
    /// Alerts that are gone.
    package var count: Int
    /// Below this number there are none any more, but for those that are still open.
    package var firstKept: Int64

    package init(count: Int, firstKept: Int64) {
        self.count = count
        self.firstKept = firstKept
    }
}

/// Removes the oldest alerts of a store, a few at a time: those that have been there for long
/// enough, and those beyond the room that alerts may take.
///
/// How old an alert is, is counted from when it was stored: events may tell any time. Since alerts
/// are stored in the order of their numbers, a few marks say that of all.
struct AlertRetention {
    /// Alerts that are removed at once: for so long whoever stores some has to wait.
    private static let batchCount: Int64 = 200
    /// Marks in the span for which alerts are kept: one is kept longer by at most such a part.
    private static let markShare: Int64 = 256
    /// Beyond so many, every other one is dropped; alerts then count as younger.
    private static let markCap = 1024
    private static let longestStep: Int64 = 86_400_000_000_000
    private static let shortestStep: Int64 = 1_000_000_000

    private let span: TimeSpan?
    private let byteCap: Int64?
    /// Those who have to have had an alert.
    private let sinks: [String]
    private let store: any AlertStore
    private var marks: [AgeMark]

    init(_ options: RetentionOptions, of store: any AlertStore, sinks: [String])
        throws(StateError)
    {
        span = options.alertSpan
        byteCap = options.alertByteCap
        self.sinks = sinks
        self.store = store
        marks = try store.ageMarks()
    }

    enum Step: Hashable {
        /// So many are gone, and there may be more.
        case removed(Int, isForRoom: Bool)
        case nothing
    }

    /// Removes some, if there are any to be removed.
    mutating func step(at now: StreamTime) throws(StateError) -> Step {
        try note(at: now)
        let first = try store.firstKeptNumber()
        var limit = first
        if let span, let oldest = now.nanoseconds.without(span.nanoseconds) {
            limit = marks.last { $0.storedAt.nanoseconds <= oldest }?.before ?? first
        }
        var isForRoom = false
        if let byteCap, limit <= first, try store.usedByteCount() > byteCap {
            limit = try store.nextNumber()
            isForRoom = true
        }
        guard limit > first else { return .nothing }
        let removal = try store.removeAlerts(
            before: min(limit, first + AlertRetention.batchCount), sentBy: sinks)
        return removal.firstKept > first
            ? .removed(removal.count, isForRoom: isForRoom) : .nothing
    }

    /// Notes by when the alerts that there are had been stored, now and then.
    private mutating func note(at now: StreamTime) throws(StateError) {
        let known = marks
        // Of a clock that has been set back: they are younger rather than older.
        for index in marks.indices { marks[index].storedAt = min(marks[index].storedAt, now) }
        let part = (span?.nanoseconds ?? .max) / AlertRetention.markShare
        let step = min(max(part, AlertRetention.shortestStep), AlertRetention.longestStep)
        let isDue = marks.last.map { now.nanoseconds - $0.storedAt.nanoseconds >= step } ?? true
        if isDue {
            let next = try store.nextNumber()
            let first = try store.firstKeptNumber()
            marks.removeAll { $0.before <= first }
            if next > max(marks.last?.before ?? 1, first) {
                marks.append(AgeMark(before: next, storedAt: now))
            }
            if marks.count > AlertRetention.markCap { thin() }
        }
        if marks != known { try store.setAgeMarks(marks) }
    }

    private mutating func thin() {
        marks = marks.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }
}

extension Int64 {
    /// Nil: there is no such number.
    fileprivate func without(_ other: Int64) -> Int64? {
        let (result, isOver) = subtractingReportingOverflow(other)
        return isOver ? nil : result
    }
}
