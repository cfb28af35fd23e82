// SPDX-License-Identifier: Apache-2.0
// Exercised by SQLiteAlertStoreTests.

internal import GRDB

/// Alerts in a SQLite database, which people may query too.
///
/// There are three connections, so that whoever stores alerts waits for nobody: one that writes,
/// one that sinks read by, and one that writes the log back into the database.
///
/// An alert's number is its key, so one that comes again is there once. Columns beside the alert
/// itself are taken out of it by SQLite.
package final class SQLiteAlertStore: AlertStore {
    let queue: DatabaseQueue
    private let reader: DatabaseQueue
    let writeBack: LogWriteBack
    private let path: String
    /// What `retention` has, which nobody else changes.
    let firstKept: Guarded<Int64>

    /// Opens the database, and makes it where there is none.
    package init(path: String) throws(StateError) {
        self.path = path
        // A commit is there for good with the next `sync`; the journal has what it needs.
        let queue = try SQLiteAlertStore.trying {
            try SQLiteFile.open(
                path, .withNextCheckpoint, writesBack: false, SQLiteAlertStore.migrator)
        }
        self.queue = queue
        reader = try SQLiteAlertStore.trying {
            try SQLiteFile.connect(path, .withNextCheckpoint)
        }
        writeBack = LogWriteBack(
            of: queue,
            by: try SQLiteAlertStore.trying {
                try SQLiteFile.connect(path, .withNextCheckpoint)
            })
        firstKept = Guarded(
            try SQLiteAlertStore.trying {
                try queue.read {
                    try Int64.fetchOne($0, sql: "SELECT first_kept FROM retention") ?? 1
                }
            })
    }

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("alerts") { database in
            try database.execute(
                sql: """
                    CREATE TABLE alerts (
                      number INTEGER PRIMARY KEY,
                      alert TEXT NOT NULL,
                      id TEXT AS (json_extract(alert, '$.id')),
                      rule TEXT AS (json_extract(alert, '$.rule')),
                      severity TEXT AS (json_extract(alert, '$.severity')),
                      title TEXT AS (json_extract(alert, '$.title')),
                      start TEXT AS (json_extract(alert, '$.start')),
                      "end" TEXT AS (json_extract(alert, '$.end')),
                      key TEXT AS (json_extract(alert, '$.key'))
                    );
                    CREATE INDEX alerts_by_rule ON alerts (rule, "end");
                    CREATE INDEX alerts_by_end ON alerts ("end");
                    CREATE TABLE cursors (
                      sink TEXT PRIMARY KEY,
                      next_number INTEGER NOT NULL,
                      place INTEGER NOT NULL
                    );
                    """)
        }
        migrator.registerMigration("alert status") { database in
            // Most alerts have none, and take no room in the index then.
            try database.execute(
                sql: """
                    ALTER TABLE alerts
                      ADD COLUMN status TEXT AS (json_extract(alert, '$.status'));
                    CREATE INDEX alerts_by_status ON alerts (status, id) WHERE status IS NOT NULL;
                    """)
        }
        migrator.registerMigration("retention") { database in
            try database.execute(
                sql: """
                    CREATE TABLE retention (
                      one INTEGER PRIMARY KEY CHECK (one = 1),
                      first_kept INTEGER NOT NULL
                    );
                    INSERT INTO retention VALUES (1, 1);
                    CREATE TABLE ages (
                      before_number INTEGER PRIMARY KEY,
                      stored_at INTEGER NOT NULL
                    );
                    """)
        }
        migrator.registerMigration("alert checksums") { database in
            try database.execute(sql: "ALTER TABLE alerts ADD COLUMN checksum INTEGER")
        }
        return migrator
    }

    static func trying<Result>(_ body: () throws -> Result) throws(StateError) -> Result {
        do {
            return try body()
        } catch {
            throw SQLiteFile.outOfSpace(error, in: "alerts.sqlite")
                ?? .alertStore(SQLiteFile.reason(error))
        }
    }

    package func nextNumber() throws(StateError) -> Int64 {
        let last = try SQLiteAlertStore.trying {
            try queue.read { database in
                try Int64.fetchOne(database, sql: "SELECT max(number) FROM alerts") ?? 0
            }
        }
        return max(last + 1, firstKept.with { $0 })
    }

    package func append(_ alerts: NumberedLines) throws(StateError) {
        writeBack.note(byteCount: alerts.bytes.count)
        // What was removed stays so.
        let start = min(max(firstKept.with { $0 } - alerts.firstNumber, 0), Int64(alerts.count))
        try SQLiteAlertStore.trying {
            try queue.write { database in
                let statement = try database.cachedStatement(
                    sql: """
                        INSERT OR IGNORE INTO alerts (number, alert, checksum) VALUES (?, ?, ?)
                        """)
                for index in Int(start)..<alerts.count {
                    let line = alerts.bytes[alerts.range(index)].dropLast()
                    try statement.execute(arguments: [
                        alerts.firstNumber + Int64(index), String(decoding: line, as: UTF8.self),
                        Checksum.crc32c(line.span),
                    ])
                }
            }
        }
    }

    package func sync() throws(StateError) {
        // Commits are in the log of the database. Nobody has to wait while that is synced, as they
        // would while the database itself is written.
        let log = try SystemDisk().openForAppending(path + "-wal")
        try log.sync()
        try log.close()
    }

    package func alerts(
        from number: Int64, limit: Int
    ) throws(StateError) -> [StoredAlert] {
        try SQLiteAlertStore.trying {
            try reader.read { database in
                try Row.fetchAll(
                    database,
                    sql:
                        """
                        SELECT number, alert, checksum FROM alerts
                        WHERE number >= ? ORDER BY number LIMIT ?
                        """,
                    arguments: [number, limit]
                ).map { StoredAlert($0) }
            }
        }
    }

    package func openAlerts(before number: Int64) throws(StateError) -> [StoredAlert] {
        try SQLiteAlertStore.trying {
            try reader.read { database in
                try Row.fetchAll(
                    database,
                    sql:
                        """
                        SELECT number, alert, checksum FROM alerts AS a
                        WHERE status = 'open' AND number < ?1 AND NOT EXISTS (
                          SELECT 1 FROM alerts AS b
                          WHERE b.status = 'resolved' AND b.id = a.id AND b.number < ?1)
                        ORDER BY number
                        """,
                    arguments: [number]
                ).map { StoredAlert($0) }
            }
        }
    }

    package func cursor(of sink: String) throws(StateError) -> LineCursor? {
        try SQLiteAlertStore.trying {
            try reader.read { database in
                try Row.fetchOne(
                    database, sql: "SELECT next_number, place FROM cursors WHERE sink = ?",
                    arguments: [sink]
                ).map { LineCursor(nextNumber: $0[0], place: $0[1]) }
            }
        }
    }

    package func tidy() throws(StateError) {
        try SQLiteAlertStore.trying { try writeBack.step() }
    }

    package func setCursor(_ cursor: LineCursor, of sink: String) throws(StateError) {
        writeBack.note(byteCount: LogWriteBack.pageByteCount)
        try SQLiteAlertStore.trying {
            try queue.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO cursors (sink, next_number, place) VALUES (?, ?, ?)
                        ON CONFLICT (sink) DO UPDATE
                        SET next_number = excluded.next_number, place = excluded.place
                        """,
                    arguments: [sink, cursor.nextNumber, cursor.place])
            }
        }
    }
}

extension StoredAlert {
    /// Out of the columns `number`, `alert` and `checksum`.
    init(_ row: Row) {
        self.init(number: row[0], json: row[1])
        // Those of older databases have none.
        let checksum: UInt32? = row[2]
        if let checksum { isDamaged = Checksum.crc32c(Array(json.utf8).span) != checksum }
    }
}
