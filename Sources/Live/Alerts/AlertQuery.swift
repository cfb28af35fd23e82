// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertQueryTests.

package import EventModel
internal import GRDB

/// Which of the stored alerts are wanted.
package struct AlertQuery: Sendable {
    /// Any of these; none: every rule.
    package var rules: [String] = []
    /// Places among `AlertContent.severities`; none: every one.
    package var severities: [Int] = []
    /// Parts of the key, by name, as texts.
    package var key: [(name: String, value: String)] = []
    /// By their ends: from the first, and before the second.
    package var since: StreamTime?
    package var until: StreamTime?
    /// Those with a number below this.
    package var before: Int64?
    /// Of more, the newest.
    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    /// Looks them up in the database of a state folder, also while a node is at work on it.
    ///
    /// - Returns: in the order in which they were stored.
    package func alerts(in folder: String) throws(StateError) -> [StoredAlert] {
        let path = "\(folder)/alerts.sqlite"
        guard try SystemDisk().byteCount(of: path) != nil else {
            throw .unusable(path: folder, reason: "it has no database of alerts")
        }
        return try AlertHistory(path: path).alerts(self).reversed()
    }

    /// What SQL asks for.
    var parts: (conditions: [String], arguments: [any DatabaseValueConvertible]) {
        var conditions: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        for (column, texts) in [
            ("rule", rules), ("severity", severities.map { AlertContent.severities[$0] }),
        ] where !texts.isEmpty {
            let marks = texts.map { _ in "?" }.joined(separator: ", ")
            conditions.append("\(column) IN (\(marks))")
            arguments += texts
        }
        for (name, value) in key {
            conditions.append(
                """
                EXISTS (SELECT 1 FROM json_each(alert, '$.key') AS part WHERE part.key = ? AND
                  CASE part.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
                    ELSE CAST(part.value AS TEXT) END = ?)
                """)
            arguments += [name, value]
        }
        if let since {
            conditions.append("\"end\" >= ?")
            arguments.append(AlertQuery.text(since))
        }
        if let until {
            conditions.append("\"end\" < ?")
            arguments.append(AlertQuery.text(until))
        }
        if let before {
            conditions.append("number < ?")
            arguments.append(before)
        }
        return (conditions, arguments)
    }

    /// A time as alerts write it, so that texts compare as times do.
    private static func text(_ time: StreamTime) -> String { time.description }
}
