// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Connectors

@Suite struct TableFileTests {
    private func read(_ name: String, _ text: String, key: String? = nil) throws -> LookupTable {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "martlet-table-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: name)
        try Data(text.utf8).write(to: path)
        return try TableFile.read(path.path, key: key)
    }

    private func rows(_ table: LookupTable) -> [[String]] {
        (0..<table.rowCount).map { row in
            table.columns.indices.map { table.value(row: row, column: $0).json }
        }
    }

    @Test func aCSVFileHasARowOfNames() throws {
        let table = try read(
            "t.csv",
            "\u{feff}ip, reason ,score\r\n10.0.0.1,\"a, \"\"b\"\"\",3\n\n10.0.0.0/8 , ,\n::1,x,2.5")
        #expect(table.columns.map(\.name) == ["ip", "reason", "score"])
        #expect(table.columns.map(\.type) == [.network, .string, .float])
        #expect(table.keyColumn == 0)
        #expect(
            rows(table) == [
                [#""10.0.0.1/32""#, #""a, \"b\"""#, "3.0"], [#""10.0.0.0/8""#, "null", "null"],
                [#""::1/128""#, #""x""#, "2.5"],
            ])
    }

    @Test func aKeyMayBeAnyColumn() throws {
        let table = try read("t.tsv", "a\tb\n1\tx\n2\ty\n", key: "b")
        #expect(table.keyColumn == 1)
        #expect(rows(table) == [["1", #""x""#], ["2", #""y""#]])
    }

    @Test func objectsOfJSONLinesMayDiffer() throws {
        let table = try read(
            "t.jsonl",
            #"""
            {"user": "ann", "level": 3, "vip": true}

            {"level": 4.5, "user": "b\u00f6b", "na\u006de": null}
            {"user": "cy", "since": "2027-01-31"}
            """#)
        #expect(table.columns.map(\.name) == ["user", "level", "vip", "name", "since"])
        #expect(table.columns.map(\.type) == [.string, .float, .bool, .any, .time])
        #expect(
            rows(table) == [
                [#""ann""#, "3.0", "true", "null", "null"],
                [#""böb""#, "4.5", "null", "null", "null"],
                [#""cy""#, "null", "null", "null", #""2027-01-31T00:00:00.000Z""#],
            ])
    }

    @Test func aListHasAValueALine() throws {
        let table = try read("t.txt", "# the worst\n10.0.0.1\n  10.2.0.0/16  \n\n")
        #expect(table.columns == [.init(name: "value", type: .network)])
        #expect(table.rowCount == 2)
        #expect(try read("t.list", "").columns == [.init(name: "value", type: .any)])
    }

    @Test(arguments: [
        ("t.csv", "a,b\n1\n", 2, "1 cells where the header has 2"),
        ("t.csv", "a,b\n1,\"x\n", 2, "a quoted cell is not closed"),
        ("t.csv", "a,a\n", 1, "two columns are called `a`"),
        ("t.csv", "a,\n", 1, "a column has no name"),
        ("t.csv", "a,b\n1,2\n3,\u{1}\"\n", 3, "a quote inside a cell without quotes at byte 4"),
        ("t.jsonl", "{\"a\": 1}\n[1]\n", 2, "not a JSON object"),
        ("t.jsonl", "{\"a\": 1} x\n", 1, "more text behind the JSON object at byte 9"),
        ("t.jsonl", "{\"a\": 1\n", 1, "the JSON object is not closed"),
        ("t.jsonl", "{\"a\": [1]}\n", 1, "`a` is a list or an object"),
    ])
    func aBrokenFileSaysWhere(name: String, text: String, line: Int64, reason: String) throws {
        let problem = try #require(throws: TableFileProblem.self) { try read(name, text) }
        #expect(problem.reason == reason)
        #expect(problem.line == line)
    }

    @Test func aFileThatIsNotThereOrEmptyIsNoTable() throws {
        #expect(throws: TableFileProblem.self) { try TableFile.read("/nowhere/t.csv", key: nil) }
        #expect(throws: TableFileProblem.self) { try read("t.bin", "a\n") }
        #expect(throws: TableFileProblem.self) { try read("t.csv", "") }
        let problem = try #require(throws: TableFileProblem.self) {
            try read("t.csv", "a,b\n1,2\n", key: "c")
        }
        #expect(problem.columns == ["a", "b"])
    }
}
