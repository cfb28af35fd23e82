// SPDX-License-Identifier: Apache-2.0

/// What a sink has done since the start, and how it is.
package struct SinkCounters: Hashable, Sendable {
    /// Whether its receiver is taken to be there.
    package enum Health: String, Hashable, Sendable {
        case up
        /// The last attempt failed.
        case failing
        /// So many in a row did that it is tried now and then only.
        case down
    }

    package var name: String
    /// Alerts sent.
    package var sent: Int64 = 0
    /// Attempts that failed.
    package var failed: Int64 = 0
    /// Alerts that were given up, or refused for good.
    package var deadLetters: Int64 = 0
    /// Alerts that no route leads here.
    package var passedOver: Int64 = 0
    /// Alerts that are stored, and not yet looked at or sent.
    package var waiting: Int64 = 0
    package var health = Health.up
    /// Why the last attempt that failed did; nil since one succeeded.
    package var lastFailure: String?

    package init(name: String) { self.name = name }
}

/// The sinks at work, for whoever wants to know how they are; from any thread.
package final class SinkBoard: Sendable {
    private let workers = Guarded<[SinkWorker]>([])
    private let unrouted = Guarded(UnroutedAlerts())

    package init() {}

    func take(_ workers: [SinkWorker]) { self.workers.with { $0 = workers } }

    /// In the order of the configuration; none before the sinks are at work.
    package var counters: [SinkCounters] { workers.with { $0 }.map(\.counters) }

    /// Alerts that no route takes.
    package var unroutedCount: Int64 { unrouted.with { $0.count } }

    /// Counts an alert that no route takes, once, whichever sinks come across it; true: it is the
    /// first one.
    func noteUnrouted(_ number: Int64) -> Bool { unrouted.with { $0.note(number) } }
}

/// Alerts that no route takes. Each sink looks at all alerts in order, so what one has not counted
/// up to its last is none.
private struct UnroutedAlerts {
    var count: Int64 = 0
    private var lastNumber: Int64 = 0

    mutating func note(_ number: Int64) -> Bool {
        guard number > lastNumber else { return false }
        lastNumber = number
        count += 1
        return count == 1
    }
}
