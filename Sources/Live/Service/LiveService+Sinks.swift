// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

extension LiveService {
    func makeWorkers(
        _ store: any AlertStore
    ) throws(StateError) -> [(worker: SinkWorker, first: Int64)] {
        let world = SinkSurroundings(
            store: store, disk: disk, clock: clock, log: log, folder: configuration.stateFolder,
            letterFileByteCount: configuration.retention.letterFileByteCount,
            routes: configuration.routes, board: sinkBoard)
        var workers: [(worker: SinkWorker, first: Int64)] = []
        for sink in configuration.sinks {
            let cursor = try store.cursor(of: sink.name)
            let (made, first) = try makeSink(sink, cursor, store)
            if made.recallsOpenAlerts {
                made.recall(try openAlerts(for: sink.name, before: first, in: world))
            }
            workers.append((SinkWorker(sink.name, made, sink.delivery, in: world), first))
        }
        sinkBoard.take(workers.map(\.worker))
        return workers
    }

    /// The open alerts that a sink has had.
    private func openAlerts(
        for sink: String, before first: Int64, in world: SinkSurroundings
    ) throws(StateError) -> [StoredAlert] {
        let open = try world.store.openAlerts(before: first)
        for alert in open where alert.isDamaged {
            log.write(
                .error,
                "sink `\(sink)`: open alert \(alert.number) is not sent again: what "
                    + "`alerts.sqlite` has of it is damaged")
        }
        return open.filter { alert in
            if alert.isDamaged { return false }
            return world.routes.isEmpty
                || world.routes.sinks(for: AlertContent(alert, withEvents: false)).contains(sink)
        }
    }

    /// The sink, and the first alert that it has to send.
    private func makeSink(
        _ sink: SinkConfiguration, _ cursor: LineCursor?, _ store: any AlertStore
    ) throws(StateError) -> (sink: any AlertSink, first: Int64) {
        switch sink.target {
        case .standardOutput(let form):
            let shown = StandardOutputSink(form, on: outputTerminal, write: output)
            return (shown, cursor?.nextNumber ?? 1)
        case .file(let options):
            let file = try FileAlertSink(
                options, disk, clock: clock, cursor: cursor,
                note: { (cursor: LineCursor) throws(StateError) in
                    try store.setCursor(cursor, of: sink.name)
                    try store.sync()
                })
            return (file, cursor?.nextNumber ?? 1)
        case .webhook, .alertmanager, .mail:
            guard let networkSinks else {
                throw .sink(sink.name, reason: "there is no network here")
            }
            let made = try networkSinks(sink, clock)
            if let cursor { return (made, cursor.nextNumber) }
            // A sink that is new gets what comes from now on, and not the past of the node. Where
            // that was is known from now on, whatever happens.
            let first = try store.nextNumber()
            try store.setCursor(LineCursor(nextNumber: first), of: sink.name)
            try store.sync()
            return (made, first)
        }
    }
}
