// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertQueryTests and WorkRouteTests.

internal import GRDB

/// Looks at stored alerts beside whoever stores them: a connection of its own, which only reads and
/// holds nobody up.
package final class AlertHistory: Sendable {
    private let queue: DatabaseQueue
    /// Those that a `StoredAlert` is made of.
    private let columns: String

    /// Reads what older versions have written too, which is changed by a node alone.
    ///
    /// - Throws: `alertStore` where there is no database yet; `unusable` where a newer version has
    ///   written it.
    package init(path: String) throws(StateError) {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            let hasChecksums = try queue.read { database in
                try SQLiteFile.requireKnown(database, by: SQLiteAlertStore.migrator, path: path)
                return try database.columns(in: "alerts").contains { $0.name == "checksum" }
            }
            columns = "number, alert, \(hasChecksums ? "checksum" : "NULL")"
        } catch let error as StateError {
            throw error
        } catch {
            throw .alertStore(SQLiteFile.reason(error))
        }
    }

    /// The newest first.
    package func alerts(_ query: AlertQuery) throws(StateError) -> [StoredAlert] {
        let (conditions, arguments) = query.parts
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try read(
            "SELECT \(columns) FROM alerts \(filter) ORDER BY number DESC LIMIT ?",
            StatementArguments(arguments + [query.limit]))
    }

    /// Alerts from a number on, in order.
    package func alerts(from number: Int64, limit: Int) throws(StateError) -> [StoredAlert] {
        try read(
            "SELECT \(columns) FROM alerts WHERE number >= ? ORDER BY number LIMIT ?",
            [number, limit])
    }

    private func read(
        _ query: String, _ arguments: StatementArguments
    ) throws(StateError) -> [StoredAlert] {
        do {
            return try queue.read { database in
                try Row.fetchAll(database, sql: query, arguments: arguments)
                    .map { StoredAlert($0) }
            }
        } catch {
            throw .alertStore(SQLiteFile.reason(error))
        }
    }
}
