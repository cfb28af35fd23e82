// SPDX-License-Identifier: Apache-2.0

import EventModel
import GRDB
import Testing

@testable import Live

@Suite struct AlertQueryTests {
    private let folder: ScratchFolder
    private let store: SQLiteAlertStore

    init() throws {
        folder = try ScratchFolder()
        store = try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite")
        var lines = NumberedLines(firstNumber: 1)
        let alerts = [
            ("r", "low", "{\"user\":\"ann\",\"n\":1}", 10), ("s", "high", "{\"user\":\"bob\"}", 20),
            ("r", "critical", "{\"user\":\"ann\",\"n\":2}", 30), ("t", "high", "{\"on\":true}", 15),
        ]
        for (rule, severity, key, second) in alerts {
            lines.bytes +=
                """
                {"id":"x","rule":"\(rule)","severity":"\(severity)","key":\(key),\
                "end":"\(at(Double(second)))"}

                """.utf8
            lines.endLine()
        }
        try store.append(lines)
    }

    private func numbers(
        limit: Int = 10, _ change: (inout AlertQuery) -> Void = { _ in }
    ) throws -> [Int64] {
        var query = AlertQuery(limit: limit)
        change(&query)
        return try query.alerts(in: folder.path).map(\.number)
    }

    @Test func everyConditionHasToHold() throws {
        #expect(try numbers() == [1, 2, 3, 4])
        #expect(try numbers(limit: 2) == [3, 4])
        #expect(try numbers { $0.rules = ["r", "t"] } == [1, 3, 4])
        #expect(try numbers { $0.severities = [3, 4] } == [2, 3, 4])
        #expect(try numbers { $0.key = [("user", "ann")] } == [1, 3])
        #expect(try numbers { $0.key = [("user", "ann"), ("n", "2")] } == [3])
        #expect(try numbers { $0.key = [("on", "true")] } == [4])
        #expect(try numbers { $0.key = [("us\"er'", "ann")] } == [])
        #expect(try numbers { ($0.since, $0.until) = (at(15), at(30)) } == [2, 4])
        #expect(try numbers { ($0.rules, $0.since) = (["r"], at(11)) } == [3])
    }

    @Test func whatOlderVersionsHaveStoredIsRead() throws {
        try changeDatabase("ALTER TABLE alerts DROP COLUMN checksum")
        #expect(try numbers() == [1, 2, 3, 4])
        #expect(try numbers { $0.rules = ["s"] } == [2])
    }

    @Test func whatANewerVersionHasStoredIsRefused() throws {
        try changeDatabase("INSERT INTO grdb_migrations VALUES ('what comes next')")
        #expect { try numbers() } throws: {
            "\($0)".contains("a newer version of Martlet has written it")
        }
    }

    private func changeDatabase(_ statement: String) throws {
        try DatabaseQueue(path: "\(folder.path)/alerts.sqlite").write {
            try $0.execute(sql: statement)
        }
    }

    @Test func aFolderWithoutAlertsIsRefused() throws {
        let empty = try ScratchFolder()
        #expect { try AlertQuery(limit: 1).alerts(in: empty.path) } throws: {
            "\($0)".contains("it has no database of alerts")
        }
        #expect(try SystemDisk().names(in: empty.path) == [])
    }
}
