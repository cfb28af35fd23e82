// SPDX-License-Identifier: Apache-2.0

/// Where alerts go. One thread at a time uses it.
protocol AlertSink: AnyObject, Sendable {
    /// Sends alerts, in order. What it throws is tried again, with the same alerts first.
    func send(_ alerts: [StoredAlert]) throws(StateError)
    /// Up to which alert everything is sent for good.
    func settle() throws(StateError) -> LineCursor
    /// What was not as it should be, once; for the log.
    func takeProblem() -> String?
}

/// A file that has each alert exactly once.
// SAFETY: `@unchecked Sendable`: only the thread of its worker uses it.
@safe
final class FileAlertSink: AlertSink, @unchecked Sendable {
    private var file: LineFile

    init(
        _ disk: any Disk, path: String, cursor: LineCursor?, firstNumber: Int64
    ) throws(StateError) {
        file = try LineFile(disk, path: path, cursor: cursor, firstNumber: firstNumber)
    }

    func send(_ alerts: [StoredAlert]) throws(StateError) {
        guard let last = alerts.last else { return }
        var bytes: [UInt8] = []
        for alert in alerts {
            bytes += alert.json.utf8
            bytes.append(0x0a)
        }
        try file.append(bytes, upTo: last.number + 1)
    }

    func settle() throws(StateError) -> LineCursor {
        try file.sync()
        return file.cursor
    }

    func takeProblem() -> String? { file.takeProblem() }
}

/// Standard output: after a crash the last alerts may come again.
// SAFETY: `@unchecked Sendable`: only the thread of its worker uses it.
@safe
final class StandardOutputSink: AlertSink, @unchecked Sendable {
    private let write: @Sendable ([UInt8]) throws(StateError) -> Void
    private var nextNumber: Int64

    init(
        nextNumber: Int64, write: @escaping @Sendable ([UInt8]) throws(StateError) -> Void
    ) {
        self.nextNumber = nextNumber
        self.write = write
    }

    func send(_ alerts: [StoredAlert]) throws(StateError) {
        for alert in alerts {
            try write(Array(alert.json.utf8) + [0x0a])
            nextNumber = alert.number + 1
        }
    }

    func settle() throws(StateError) -> LineCursor { LineCursor(nextNumber: nextNumber) }
    func takeProblem() -> String? { nil }
}
