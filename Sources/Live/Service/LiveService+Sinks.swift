// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

extension LiveService {
    func makeWorkers(
        _ store: any AlertStore
    ) throws(StateError) -> [(worker: SinkWorker, first: Int64)] {
        var workers: [(worker: SinkWorker, first: Int64)] = []
        for sink in configuration.sinks {
            let cursor = try store.cursor(of: sink.name)
            let made: any AlertSink
            switch sink.target {
            case .standardOutput:
                made = StandardOutputSink(nextNumber: cursor?.nextNumber ?? 1, write: output)
            case .file(let path):
                let file = try FileAlertSink(disk, path: path, cursor: cursor, firstNumber: 1)
                made = file
                // Where it began is known from now on, whatever happens.
                if cursor == nil {
                    try store.setCursor(file.settle(), of: sink.name)
                    try store.sync()
                }
            }
            workers.append(
                (
                    SinkWorker(sink.name, made, store: store, clock: clock, log: log),
                    cursor?.nextNumber ?? 1
                ))
        }
        return workers
    }
}
