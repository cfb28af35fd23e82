// SPDX-License-Identifier: Apache-2.0

package import Live

/// A store of alerts in memory, which keeps what a database keeps: what was committed, and after a
/// crash of the machine what was synced and a part of the rest.
// SAFETY: `@unchecked Sendable`: a simulation has one thread.
@safe
package final class SimulatedAlertStore: AlertStore, @unchecked Sendable {
    package private(set) var alerts: [StoredAlert] = []
    private var cursors: [String: LineCursor] = [:]
    private var durableCount = 0
    private var durableCursors: [String: LineCursor] = [:]

    package init() {}

    package func afterCrash(losesPower: Bool, _ random: inout SeededRandom) -> SimulatedAlertStore {
        let next = SimulatedAlertStore()
        next.alerts = alerts
        next.cursors = cursors
        if losesPower {
            // Transactions are lost from the last one backwards.
            let kept = durableCount + random.below(alerts.count - durableCount + 1)
            next.alerts = Array(alerts.prefix(kept))
            if kept < alerts.count || random.below(2) == 0 { next.cursors = durableCursors }
        }
        next.durableCount = next.alerts.count
        next.durableCursors = next.cursors
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
        durableCursors = cursors
    }

    package func alerts(
        from number: Int64, limit: Int
    ) throws(StateError) -> [StoredAlert] {
        // By halves: a long simulation has many.
        var (low, high) = (0, alerts.count)
        while low < high {
            let middle = (low + high) / 2
            if alerts[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return Array(alerts[low...].prefix(limit))
    }

    package func openAlerts(before number: Int64) throws(StateError) -> [StoredAlert] { [] }

    package func cursor(of sink: String) throws(StateError) -> LineCursor? { cursors[sink] }

    package func setCursor(_ cursor: LineCursor, of sink: String) throws(StateError) {
        cursors[sink] = cursor
    }
}
