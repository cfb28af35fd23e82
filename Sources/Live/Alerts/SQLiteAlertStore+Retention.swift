// SPDX-License-Identifier: Apache-2.0
// Exercised by SQLiteAlertStoreTests and AlertRetentionTests.

internal import EventModel
internal import GRDB

extension SQLiteAlertStore {
    package func firstKeptNumber() throws(StateError) -> Int64 { firstKept.with { $0 } }

    package func removeAlerts(
        before limit: Int64, sentBy sinks: [String]
    ) throws(StateError) -> AlertRemoval {
        let first = firstKept.with { $0 }
        let removal = try SQLiteAlertStore.trying {
            try queue.write { database in
                let end = min(limit, try SQLiteAlertStore.leastNext(of: sinks, database))
                guard end > first else { return AlertRemoval(count: 0, firstKept: first) }
                let count = try SQLiteAlertStore.remove(first..<end, database)
                try database.execute(sql: "UPDATE retention SET first_kept = ?", arguments: [end])
                return AlertRemoval(count: count, firstKept: end)
            }
        }
        firstKept.with { $0 = removal.firstKept }
        writeBack.note(byteCount: removal.count * LogWriteBack.pageByteCount)
        return removal
    }

    /// The first alert that one of the sinks has not had for good; 0: one has not begun.
    private static func leastNext(of sinks: [String], _ database: Database) throws -> Int64 {
        try sinks.map { sink in
            try Int64.fetchOne(
                database, sql: "SELECT next_number FROM cursors WHERE sink = ?", arguments: [sink])
                ?? 0
        }.min() ?? .max
    }

    private static func remove(_ numbers: Range<Int64>, _ database: Database) throws -> Int {
        // Those that stayed because they were open, and whose notice goes now.
        try database.execute(
            sql: """
                DELETE FROM alerts WHERE number < ?1 AND status = 'open' AND id IN (
                  SELECT id FROM alerts
                  WHERE number >= ?1 AND number < ?2 AND status = 'resolved')
                """, arguments: [numbers.lowerBound, numbers.upperBound])
        let resolved = database.changesCount
        try database.execute(
            sql: """
                DELETE FROM alerts AS a WHERE number >= ?1 AND number < ?2
                  AND NOT (ifnull(status, '') = 'open' AND NOT EXISTS (
                    SELECT 1 FROM alerts AS b
                    WHERE b.status = 'resolved' AND b.id = a.id AND b.number < ?2))
                """, arguments: [numbers.lowerBound, numbers.upperBound])
        return resolved + database.changesCount
    }

    package func usedByteCount() throws(StateError) -> Int64 {
        try SQLiteAlertStore.trying {
            try queue.read { database in
                let figures = try ["page_count", "freelist_count", "page_size"].map {
                    try Int64.fetchOne(database, sql: "PRAGMA \($0)") ?? 0
                }
                return (figures[0] - figures[1]) * figures[2]
            }
        }
    }

    package func ageMarks() throws(StateError) -> [AgeMark] {
        try SQLiteAlertStore.trying {
            try queue.read { database in
                try Row.fetchAll(
                    database,
                    sql: "SELECT before_number, stored_at FROM ages ORDER BY before_number"
                ).map {
                    AgeMark(before: $0[0], storedAt: StreamTime(nanoseconds: $0[1]))
                }
            }
        }
    }

    package func setAgeMarks(_ marks: [AgeMark]) throws(StateError) {
        try SQLiteAlertStore.trying {
            try queue.write { database in
                try database.execute(sql: "DELETE FROM ages")
                for mark in marks {
                    try database.execute(
                        sql: "INSERT INTO ages (before_number, stored_at) VALUES (?, ?)",
                        arguments: [mark.before, mark.storedAt.nanoseconds])
                }
            }
        }
    }
}
