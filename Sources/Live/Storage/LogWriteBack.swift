// SPDX-License-Identifier: Apache-2.0
// Exercised by SQLiteAlertStoreTests.

internal import GRDB

/// Writes the log of a database back into it, beside whoever commits.
///
/// Left to itself SQLite does that within the commit that finds the log to be long: it syncs the
/// log, writes some megabytes all over the database, and syncs that, while everything waits for
/// the alerts to be stored. By a connection of its own nobody waits. Only, the log begins anew just
/// when all of it has been written back, and where alerts come all the time there always is a rest:
/// so where it gets too long, that rest, which is short, is written back between two commits.
final class LogWriteBack: Sendable {
    static let pageByteCount = 4096
    /// What has to have been written, about, for it to be worth while.
    private static let dueByteCount = 1 << 20
    /// Pages in the log from which on it is to begin anew.
    private static let longPageCount = 16_384

    private let writer: DatabaseQueue
    private let aside: DatabaseQueue
    private let unwritten = Guarded(0)

    /// - Parameters:
    ///   - writer: the connection by which others commit.
    ///   - aside: one to the same database that nobody else uses.
    init(of writer: DatabaseQueue, by aside: DatabaseQueue) {
        self.writer = writer
        self.aside = aside
    }

    /// Counts what is committed.
    func note(byteCount: Int) { unwritten.with { $0 += byteCount } }

    /// Writes back what there is, if there is much.
    func step() throws {
        let isDue = unwritten.with { unwritten in
            guard unwritten >= LogWriteBack.dueByteCount else { return false }
            unwritten = 0
            return true
        }
        guard isDue else { return }
        do {
            let log = try aside.inDatabase { try $0.checkpoint(.passive) }
            if log.walFrameCount > LogWriteBack.longPageCount {
                try writer.inDatabase { _ = try $0.checkpoint(.passive) }
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Somebody else is at it.
            note(byteCount: LogWriteBack.dueByteCount)
        }
    }
}
