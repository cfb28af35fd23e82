// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

@Suite struct SQLiteAlertStoreTests {
    @Test func anAlertIsThereOnceHoweverOftenItComes() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/alerts.sqlite"
        var lines = NumberedLines(firstNumber: 1)
        for text in ["{\"id\":\"a\",\"rule\":\"r\"}\n", "{\"id\":\"b\",\"rule\":\"r\"}\n"] {
            lines.bytes += text.utf8
            lines.endLine()
        }
        do {
            let store = try SQLiteAlertStore(path: path)
            #expect(try store.nextNumber() == 1)
            #expect(try store.cursor(of: "out") == nil)
            try store.append(lines)
            try store.append(lines)
            try store.setCursor(LineCursor(nextNumber: 2, place: 22), of: "out")
            try store.setCursor(LineCursor(nextNumber: 3, place: 44), of: "out")
            try store.sync()
        }
        let store = try SQLiteAlertStore(path: path)
        #expect(try store.nextNumber() == 3)
        #expect(
            try store.alerts(from: 2, limit: 10)
                == [StoredAlert(number: 2, json: "{\"id\":\"b\",\"rule\":\"r\"}")])
        #expect(try store.cursor(of: "out") == LineCursor(nextNumber: 3, place: 44))
    }

    @Test func whatIsOpenIsKnownAtAnyAlert() throws {
        let folder = try ScratchFolder()
        let store = try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite")
        var lines = NumberedLines(firstNumber: 1)
        let states = [("a", "open"), ("b", "open"), ("a", "resolved"), ("a", "open"), ("c", "")]
        for (id, status) in states {
            let member = status.isEmpty ? "" : ",\"status\":\"\(status)\""
            lines.bytes += "{\"id\":\"\(id)\"\(member)}\n".utf8
            lines.endLine()
        }
        try store.append(lines)
        #expect(try store.openAlerts(before: 3).map(\.number) == [1, 2])
        #expect(try store.openAlerts(before: 4).map(\.number) == [2])
        #expect(try store.openAlerts(before: 1) == [])
    }

    /// The log is written back beside commits, and begins anew, so that it does not grow for ever.
    @Test func theLogOfTheDatabaseStaysShort() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/alerts.sqlite"
        let store = try SQLiteAlertStore(path: path)
        let pad = String(repeating: "x", count: 4000)
        for first in stride(from: Int64(1), to: 40_000, by: 1000) {
            var lines = NumberedLines(firstNumber: first)
            for number in first..<(first + 1000) {
                lines.bytes += "{\"id\":\"\(number)\",\"pad\":\"\(pad)\"}\n".utf8
                lines.endLine()
            }
            try store.append(lines)
            try store.tidy()
        }
        let disk = SystemDisk()
        #expect(try disk.byteCount(of: path) ?? 0 > 100 << 20)
        #expect(try disk.byteCount(of: path + "-wal") ?? 0 < 16 << 20)
        #expect(try store.alerts(from: 39_999, limit: 10).map(\.number) == [39_999, 40_000])
    }

    @Test func aDatabaseThatIsNoneIsRefused() throws {
        let folder = try ScratchFolder()
        try folder.write(String(repeating: "no database", count: 100), to: "alerts.sqlite")
        #expect { try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite") } throws: {
            "\($0)".contains("not a database")
        }
    }
}
