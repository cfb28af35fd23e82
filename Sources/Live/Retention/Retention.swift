// SPDX-License-Identifier: Apache-2.0
// Exercised by RetentionTests, and by simulated weeks.

package import EventModel

/// What was removed from a state folder since the start, and what there is.
package struct RetentionFigures: Hashable, Sendable {
    package var removedAlerts = 0
    /// Of these, those that were removed before their time, to make room.
    package var removedForRoom = 0
    package var removedLetters = 0
    /// Bytes that alerts take in their database.
    package var alertByteCount: Int64 = 0

    package init() {}
}

/// Removes what nothing needs any more from a state folder: old alerts and old dead letters. One
/// step is short; whoever calls it has a thread for it, or a clock of their own.
package struct Retention {
    private var alerts: AlertRetention
    private let letters: LetterRetention
    private let store: any AlertStore
    package private(set) var figures = RetentionFigures()

    /// - Parameters:
    ///   - sinks: those who have to have had an alert before it is removed.
    ///   - letterPath: the file of dead letters of the feeds; nil: the one in the folder.
    package init(
        _ options: RetentionOptions, of store: any AlertStore, sinks: [String], folder: String,
        letterPath: String? = nil, _ disk: any Disk
    ) throws(StateError) {
        alerts = try AlertRetention(options, of: store, sinks: sinks)
        let paths =
            [letterPath ?? NodeSurroundings.letterPath(in: folder)]
            + sinks.map { SinkDeadLetters.path($0, in: folder) }
        letters = LetterRetention(paths, keeping: options.letterFileCount, disk)
        self.store = store
    }

    /// Does a little; false: there is nothing more to do at this time.
    package mutating func step(at now: StreamTime) throws(StateError) -> Bool {
        if case .removed(let count, let isForRoom) = try alerts.step(at: now) {
            figures.removedAlerts += count
            if isForRoom { figures.removedForRoom += count }
            return true
        }
        try store.tidy()
        figures.removedLetters += try letters.step()
        figures.alertByteCount = try store.usedByteCount()
        return false
    }
}
