// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

@Suite struct DatedRecordsTests {
    /// 2027-01-05T12:00:00.250Z
    private static let later = StreamTime(nanoseconds: 1_799_150_400_250_000_000)

    private func moved(
        _ line: String, _ format: FeedFormat, timeField: String? = nil, header: String? = nil
    ) -> String? {
        var records = DatedRecords(format: format, timeField: timeField)
        if let header { _ = records.take(Array(header.utf8)) }
        guard case .record(let record) = records.take(Array(line.utf8)) else { return nil }
        return String(decoding: record.bytes(at: Self.later), as: UTF8.self)
    }

    @Test(arguments: [
        (
            #"{"type":"a","time":"2026-03-01T08:00:00Z","n":129.00}"#,
            #"{"type":"a","time":"2027-01-05T12:00:00.250Z","n":129.00}"#
        ),
        (#"{"ts": 1772352000, "t": "\u0001é"}"#, #"{"ts":1799150400,"t":"\u0001é"}"#),
        (#"{"timestamp":1772352000.5}"#, #"{"timestamp":1799150400.250}"#),
        (#"{"@timestamp":1772352000500}"#, #"{"@timestamp":1799150400250}"#),
        (#"{"time":1772352000500000}"#, #"{"time":1799150400250000}"#),
        (#"{"time":1772352000500000000}"#, #"{"time":1799150400250000000}"#),
        (#"{"time":"x","time":"2026-03-01"}"#, #"{"time":"x","time":"2027-01-05T12:00:00.250Z"}"#),
        (#"{"ts":"2026-03-01","time":1}"#, #"{"ts":"2026-03-01","time":1799150400}"#),
    ])
    func aTimeInJSONIsWrittenInItsOwnForm(line: String, expected: String) {
        #expect(moved(line, .jsonLines) == expected)
    }

    @Test func aPathLeadsIntoObjects() {
        #expect(
            moved(#"{"meta":{"at":1},"b":2}"#, .jsonLines, timeField: "meta.at")
                == #"{"meta":{"at":1799150400},"b":2}"#)
        #expect(
            moved(#"{"meta.at":1,"meta":{"at":2}}"#, .jsonLines, timeField: "meta.at")
                == #"{"meta.at":1799150400,"meta":{"at":2}}"#)
    }

    @Test(arguments: [
        "{", "[1]", "{}", #"{"time":true}"#, #"{"time":"soon"}"#, #"{"a":"2026-03-01"}"#,
    ])
    func whatHasNoTimeStaysAsItIs(line: String) {
        var records = DatedRecords(format: .jsonLines)
        #expect(records.take(Array(line.utf8)) == .undated(Array(line.utf8)))
        #expect(records.take([]) == .nothing)
        #expect(records.take(Array(" \r".utf8)) == .nothing)
    }

    @Test func ofCSVTheCellOfTheTimeIsAnother() {
        let header = #"a,"ts",b"#
        #expect(
            moved("1,2026-03-01T08:00:00Z,x\r", .csv, header: header)
                == "1,2027-01-05T12:00:00.250Z,x\r")
        #expect(moved(#""1,2",1772352000,x"#, .csv, header: header) == #""1,2",1799150400,x"#)
        #expect(moved("1,soon,x", .csv, header: header) == nil)
        #expect(moved("1", .csv, header: header) == nil)
    }

    @Test func aRowOfCSVMayGoOnInTheNextLine() {
        var records = DatedRecords(format: .csv)
        #expect(records.take(Array("a,time".utf8)) == .header(Array("a,time".utf8)))
        #expect(records.take(Array("\"one".utf8)) == .nothing)
        guard case .record(let record) = records.take(Array("two\",2026-03-01".utf8)) else {
            Issue.record("a row of two lines")
            return
        }
        #expect(record.bytes(at: Self.later) == Array("\"one\ntwo\",2027-01-05T12:00:00.250Z".utf8))
    }

    @Test(arguments: [
        (
            "<34>Oct 11 22:14:15 mymachine su: failed", "<34>Jan  5 12:00:00 mymachine su: failed"
        ),
        (
            "<165>1 2003-10-11T22:14:15.003Z host app - ID47 - hello",
            "<165>1 2027-01-05T12:00:00.250Z host app - ID47 - hello"
        ),
        (
            "2026-03-02T00:06:05.462000+00:00 mail sshd[1]: no",
            "2027-01-05T12:00:00.250Z mail sshd[1]: no"
        ),
        ("2026-03-02 00:06:05,462 INFO up", "2027-01-05T12:00:00.250Z INFO up"),
    ])
    func aStampOfALineIsWrittenInItsOwnForm(line: String, expected: String) {
        #expect(moved(line, .lines) == expected)
    }

    @Test(arguments: ["  at main.c:12", "<34>1 - host app - - - x", "hello"])
    func aLineWithoutAStampStaysAsItIs(line: String) {
        var records = DatedRecords(format: .lines)
        #expect(records.take(Array(line.utf8)) == .undated(Array(line.utf8)))
    }
}
