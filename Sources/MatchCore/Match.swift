// SPDX-License-Identifier: Apache-2.0

package import Automata
package import EventModel

/// A reported match by itself, for whoever looks at single ones: tests and comparisons. What writes
/// alerts reads a `MatchBatch`.
package struct Match: Sendable {
    package struct BoundEvent: Sendable {
        package var position: Int64
        /// The number of the event among all that reached the engine.
        package var arrival: Int64
    }

    /// Index into the program's rules.
    package var rule: Int
    package var status: MatchBatch.Status
    /// When it comes out: its end or, for what resolves an alert, the time of that.
    package var moment: StreamTime
    /// Matches that were kept back before and that this one tells of.
    package var suppressed: Int
    package var limited: Int
    package var excepted: Int
    package var key: [Value]
    package var start: StreamTime
    package var end: StreamTime
    package var severity: String
    package var title: String
    package var labels: [(name: String, value: Value)]
    package var fields: [(name: String, value: Value)]
    /// For each step, in order, the events it bound.
    package var steps: [[BoundEvent]]
    /// The events that it is of: those bound, or those that a window held.
    package var eventCount: Int
    /// Whether a deadline completed it.
    package var isByClock: Bool
}

/// What is wanted of matches.
package struct MatchOutput: Hashable, Sendable {
    package enum Wanted: Hashable, Sendable {
        case matches
        /// Their number alone.
        case count
        /// Their number, but each is gone through with its events: what finding them costs, without
        /// writing them.
        case visits
    }

    package var wanted: Wanted
    /// What runs the rules that it can run; nil: for each rule the best.
    package var backend: Backend?

    package init(_ wanted: Wanted, by backend: Backend? = nil) {
        self.wanted = wanted
        self.backend = backend
    }

    package static let matches = MatchOutput(.matches)
    package static func count(by backend: Backend?) -> MatchOutput {
        MatchOutput(.count, by: backend)
    }
}

/// What happened in a rule so far.
package struct RuleCounters: Hashable, Sendable {
    package var events = 0
    package var attempts = 0
    /// At most `Int.max`.
    package var matches = 0
    /// Whether there were more of them than `Int.max`.
    package var hasMoreMatches = false
    /// Finished matches that `having` refused.
    package var refused = 0
    /// Matches that an `except` has dropped.
    package var excepted = 0
    /// Events that lacked a key field.
    package var lackingKey = 0
    /// Attempts that were not begun because `Caps.attemptsPerKey` was reached.
    package var cappedAttempts = 0
    /// Ways to go on that were not followed because `Caps.choicesPerEvent` was reached.
    package var cappedChoices = 0
    /// Events that began nothing because there was no memory left for more keys, or `Caps.keys`
    /// was reached.
    package var cappedKeys = 0
    /// Events that were not bound because `Caps.bindingsPerRule` was reached.
    package var cappedBindings = 0
    /// Events that left a window early, or did not get into it, because `Caps.windowEventsPerKey`
    /// was reached.
    package var cappedWindowEvents = 0
    /// Events that completed more matches than `Caps.matchesPerEvent`.
    package var cappedMatches = 0

    package init() {}

    /// Adds those of another shard.
    package mutating func add(_ other: RuleCounters) {
        events += other.events
        attempts += other.attempts
        let (sum, overflow) = matches.addingReportingOverflow(other.matches)
        matches = overflow ? .max : sum
        hasMoreMatches = hasMoreMatches || other.hasMoreMatches || overflow
        excepted += other.excepted
        refused += other.refused
        // Every shard sees the events that lack a key, and the first counts them.
        lackingKey += other.lackingKey
        cappedAttempts += other.cappedAttempts
        cappedChoices += other.cappedChoices
        cappedKeys += other.cappedKeys
        cappedBindings += other.cappedBindings
        cappedWindowEvents += other.cappedWindowEvents
        cappedMatches += other.cappedMatches
    }
}
