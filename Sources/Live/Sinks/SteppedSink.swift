// SPDX-License-Identifier: Apache-2.0
// Exercised by simulations.

/// A sink with its worker but without a thread: whoever has it says when it works, on a clock of
/// their own.
package final class SteppedSink {
    private let worker: SinkWorker
    private var progress: SinkWorker.Progress
    private let clock: any WallClock

    /// - Parameters:
    ///   - first: the first alert that it has to send.
    ///   - folder: where its dead letters go.
    ///   - letterFileByteCount: the length at which a new file of them is begun; nil: none ever is.
    package init(
        _ name: String, _ sink: any AlertSink, _ options: DeliveryOptions, from first: Int64,
        store: any AlertStore, disk: any Disk, clock: any WallClock, folder: String,
        letterFileByteCount: Int64? = nil
    ) {
        let world = SinkSurroundings(
            store: store, disk: disk, clock: clock, log: LiveLog { _, _ in }, folder: folder,
            letterFileByteCount: letterFileByteCount, routes: AlertRoutes(), board: SinkBoard(),
            jitter: { 0.5 })
        worker = SinkWorker(name, sink, options, in: world)
        progress = worker.begin(from: first)
        self.clock = clock
    }

    /// Says up to which number alerts are there.
    package func announce(upTo nextNumber: Int64) { worker.announce(upTo: nextNumber) }

    /// Works until there is nothing to do at this moment.
    package func work() {
        while let outlook = worker.look(progress) {
            guard worker.goesOn(&progress, with: outlook) else { return }
        }
    }

    /// When there is something to do, whether or not an alert comes; nil: never.
    package var dueAt: Int64? { worker.due(progress) }

    /// Alerts that have been taken out of the store and are not sent.
    package var heldCount: Int { progress.waiting.count }
    package static var heldCap: Int { SinkWorker.batchCount }

    package var counters: SinkCounters { worker.counters }

    package static func deadLetterPath(_ name: String, in folder: String) -> String {
        SinkDeadLetters.path(name, in: folder)
    }
}
