// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

@Suite struct CSVRowsTests {
    /// The rows of a whole text: objects, or reasons behind an exclamation mark.
    private func rows(_ text: String, delimiter: String = ",") -> [String] {
        var rows = CSVRows(delimiter: delimiter.utf8.first!, rowByteCap: 100)
        var result: [String] = []
        for line in text.utf8.split(
            separator: 0x0a, omittingEmptySubsequences: false)
        {
            let line = Array(line)
            do {
                if try rows.take(line.span) == .row, let columns = rows.columns {
                    let row = rows.joined.isEmpty ? line : rows.joined
                    var object: [UInt8] = []
                    columns.appendObject(of: row.span, to: &object)
                    result.append(String(decoding: object, as: UTF8.self))
                }
            } catch {
                result.append("!" + error.reason)
            }
        }
        if rows.isInsideRow { result.append("!" + rows.abandon().reason) }
        return result
    }

    @Test(arguments: [
        ("a,b\n1,2", [#"{"a":"1","b":"2"}"#]),
        ("a,b\r\n1,2\r\n", [#"{"a":"1","b":"2"}"#]),
        ("a,b\n,", ["{}"]), ("a,b\n\"\",", [#"{"a":""}"#]), ("a,b\n,2", [#"{"b":"2"}"#]),
        ("a\n\"x,\"\"y\"\"\"", [#"{"a":"x,\"y\""}"#]),
        ("a,b\n\"x\ny\r\nz\",2", [#"{"a":"x\ny\r\nz","b":"2"}"#]),
        ("a,b\n\n1,2\n\r\n3,4", [#"{"a":"1","b":"2"}"#, #"{"a":"3","b":"4"}"#]),
        ("\"a,\"\"b\",c\n1,2", [#"{"a,\"b":"1","c":"2"}"#]),
        (
            "a,b,c\n11111,222,33\n,,\n1,,\n,2,\n,,333333333333\n,,,\n4,5,6\r",
            [
                #"{"a":"11111","b":"222","c":"33"}"#, "{}", #"{"a":"1"}"#, #"{"b":"2"}"#,
                #"{"c":"333333333333"}"#, "!4 cells where the header has 3",
                #"{"a":"4","b":"5","c":"6"}"#,
            ]
        ),
        ("a,b\n 1 , 2", [#"{"a":" 1 ","b":" 2"}"#]), ("a\n\t\u{1}", [#"{"a":"\t\u0001"}"#]),
        ("a,b\n1", ["!1 cells where the header has 2"]),
        ("a,b\n1,2,3\n4,5", ["!3 cells where the header has 2", #"{"a":"4","b":"5"}"#]),
        ("a\nx\"y", ["!a quote inside a cell without quotes at byte 2"]),
        ("a\n\"x\"y\nz", ["!text behind a closing quote at byte 4", #"{"a":"z"}"#]),
        ("a\n\"x\ny", ["!a quoted cell is not closed"]),
        (
            "x\"y\n1",
            [
                "!a quote inside a cell without quotes at byte 2",
                "!the row of names could not be read: "
                    + "a quote inside a cell without quotes at byte 2",
            ]
        ),
        ("a", []), ("", []),
    ])
    func rowsBecomeObjectsOfTexts(_ text: String, _ expected: [String]) {
        #expect(rows(text) == expected)
    }

    /// Rows without quotes go a short way of their own.
    @Test func quotesAroundCellsChangeNothing() {
        var state: UInt64 = 3
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let cells = ["1", "ann", "a longer cell of some words", "-2.5e3", "x y", "é", "\u{7f}"]
        for _ in 0..<500 {
            let columns = Int(next(6)) + 1
            let rest = (0..<3).map { _ in
                (0..<columns).map { _ in cells[Int(next(UInt64(cells.count)))] }
            }
            let table = [(0..<columns).map { "c\($0)" }] + rest
            let plain = table.map { $0.joined(separator: ",") }
            let quoted = table.map { $0.map { "\"\($0)\"" }.joined(separator: ",") }
            #expect(
                rows(plain.joined(separator: "\n")) == rows(quoted.joined(separator: "\r\n")))
        }
    }

    @Test func anyByteMayBeTheDelimiter() {
        #expect(rows("a;b\n1,5;2", delimiter: ";") == [#"{"a":"1,5","b":"2"}"#])
        #expect(rows("a\tb\n1\t2", delimiter: "\t") == [#"{"a":"1","b":"2"}"#])
    }

    @Test func aRowThatNeverEndsIsGivenUpAtTheCap() {
        let line = String(repeating: "x", count: 40)
        let rows = rows("a\n\"\(line)\n\(line)\n\(line)\nb")
        #expect(rows == ["!a row longer than 100 bytes", #"{"a":"b"}"#])
    }
}
