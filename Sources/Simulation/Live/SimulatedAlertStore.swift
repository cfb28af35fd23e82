// SPDX-License-Identifier: Apache-2.0

internal import EventModel
package import Live

/// A store of alerts in memory, which keeps what a database keeps: what was committed, and after a
/// crash of the machine what was synced and a part of the rest.
///
/// Of alerts that are removed it gives none any more, and still knows them, so that all that there
/// ever were can be compared.
// SAFETY: `@unchecked Sendable`: a simulation has one thread.
@safe
package final class SimulatedAlertStore: AlertStore, @unchecked Sendable {
    /// With those that are removed.
    package private(set) var alerts: [StoredAlert] = []
    private var progress = Progress()
    private var durableCount = 0
    private var durableProgress = Progress()

    private struct Progress {
        var cursors: [String: LineCursor] = [:]
        var firstKept: Int64 = 1
        var marks: [AgeMark] = []
    }

    package init() {}

    package func afterCrash(losesPower: Bool, _ random: inout SeededRandom) -> SimulatedAlertStore {
        let next = SimulatedAlertStore()
        next.alerts = alerts
        next.progress = progress
        if losesPower {
            // Transactions are lost from the last one backwards.
            let kept = durableCount + random.below(alerts.count - durableCount + 1)
            next.alerts = Array(alerts.prefix(kept))
            if kept < alerts.count || random.below(2) == 0 { next.progress = durableProgress }
        }
        next.durableCount = next.alerts.count
        next.durableProgress = next.progress
        return next
    }

    package func nextNumber() throws(StateError) -> Int64 { (alerts.last?.number ?? 0) + 1 }

    package func append(_ lines: NumberedLines) throws(StateError) {
        for index in 0..<lines.count {
            let number = lines.firstNumber + Int64(index)
            if let last = alerts.last, number <= last.number { continue }
            let json = lines.bytes[lines.range(index)].dropLast()
            alerts.append(
                StoredAlert(number: number, json: String(decoding: json, as: UTF8.self)))
        }
    }

    package func sync() throws(StateError) {
        durableCount = alerts.count
        durableProgress = progress
    }

    /// Those that are there.
    var keptCount: Int { alerts.count - place(of: progress.firstKept) }

    package func alerts(
        from number: Int64, limit: Int
    ) throws(StateError) -> [StoredAlert] {
        Array(alerts[place(of: max(number, progress.firstKept))...].prefix(limit))
    }

    /// The place of the first alert from a number on.
    private func place(of number: Int64) -> Int {
        // By halves: a long simulation has many.
        var (low, high) = (0, alerts.count)
        while low < high {
            let middle = (low + high) / 2
            if alerts[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package func openAlerts(before number: Int64) throws(StateError) -> [StoredAlert] { [] }

    package func cursor(of sink: String) throws(StateError) -> LineCursor? {
        progress.cursors[sink]
    }

    package func setCursor(_ cursor: LineCursor, of sink: String) throws(StateError) {
        progress.cursors[sink] = cursor
    }

    // MARK: What is removed

    package func firstKeptNumber() throws(StateError) -> Int64 { progress.firstKept }

    package func removeAlerts(
        before limit: Int64, sentBy sinks: [String]
    ) throws(StateError) -> AlertRemoval {
        let sent = sinks.map { progress.cursors[$0]?.nextNumber ?? 0 }.min() ?? .max
        let before = keptCount
        progress.firstKept = max(progress.firstKept, min(limit, sent))
        return AlertRemoval(count: before - keptCount, firstKept: progress.firstKept)
    }

    package func usedByteCount() throws(StateError) -> Int64 {
        alerts[place(of: progress.firstKept)...].reduce(0) { $0 + Int64($1.json.utf8.count) }
    }

    package func tidy() throws(StateError) {}
    package func ageMarks() throws(StateError) -> [AgeMark] { progress.marks }
    package func setAgeMarks(_ marks: [AgeMark]) throws(StateError) { progress.marks = marks }
}
