// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

@Suite struct LogLinesTests {
    private func object(_ line: String, year: Int? = 2027) -> String? {
        var lines = LogLines(stamps: OldStamps(year: year))
        let bytes = Array(line.utf8)
        guard lines.take(bytes.span) else { return nil }
        return String(decoding: lines.text, as: UTF8.self)
    }

    @Test(arguments: [
        (
            "<34>Oct 11 22:14:15 mymachine su[5]: 'su root' failed",
            #""time":"2027-10-11T22:14:15Z","host":"mymachine","app":"su","pid":"5""#
                + #","message":"'su root' failed""#
        ),
        (
            "Oct  1 02:04:05 web-1 sshd[123]: Failed password",
            #""time":"2027-10-01T02:04:05Z","host":"web-1","app":"sshd","pid":"123""#
                + #","message":"Failed password""#
        ),
        (
            "Oct 01 02:04:05 h cron: x: y",
            #""time":"2027-10-01T02:04:05Z","host":"h","app":"cron","message":"x: y""#
        ),
        (
            "Oct  1 02:04:05 h last message repeated 2 times",
            #""time":"2027-10-01T02:04:05Z","host":"h","message":"last message repeated 2 times""#
        ),
        (
            "Oct  1 02:04:05 h a[1: x",
            #""time":"2027-10-01T02:04:05Z","host":"h","message":"a[1: x""#
        ),
        ("Oct  1 02:04:05 h", #""time":"2027-10-01T02:04:05Z""#),
        ("Oct  1 02:04:05", #""time":"2027-10-01T02:04:05Z""#),
        (
            "<165>1 2003-10-11T22:14:15.003Z host app 8710 ID47 - hello",
            #""time":"2003-10-11T22:14:15.003Z","host":"host","app":"app","pid":"8710""#
                + #","message":"hello""#
        ),
        (
            #"<165>1 2003-10-11T22:14:15.000003-07:00 h a - ID [x@1 k="]\"]"][y] m n"#,
            #""time":"2003-10-12T05:14:15.000003Z","host":"h","app":"a","message":"m n""#
        ),
        ("<165>1 2003-10-11T22:14:15Z - - - - -", #""time":"2003-10-11T22:14:15Z","message":"""#),
        (
            "<0>1 2003-10-11T22:14:15Z h a p m - \u{feff}bom",
            #""time":"2003-10-11T22:14:15Z","host":"h","app":"a","pid":"p","message":"bom""#
        ),
        (
            "2027-01-31T12:00:00.5+01:00 h app[1]: m",
            #""time":"2027-01-31T11:00:00.5Z","host":"h","app":"app","pid":"1","message":"m""#
        ),
        ("2027-01-31T12:00:00Z ERROR something broke", #""time":"2027-01-31T12:00:00Z""#),
        ("2027-01-31 12:00:00,250 ERROR x", #""time":"2027-01-31T12:00:00.25Z""#),
        ("no time here", ""), ("<34>no time", ""), ("<192>Oct 11 22:14:15 h a: m", ""),
        ("Feb 30 00:00:00 h a: m", ""), ("Oct 11 25:00:00 h a: m", ""), ("<", ""), ("<1>1 ", ""),
        ("<1>1 x", ""), ("<1>1 - - - - [", ""), (#"{"a":1}"#, ""), ("Xyz 11 22:14:15 h a: m", ""),
    ])
    func aLineBecomesAnObject(_ line: String, _ expected: String) {
        var quoted: [UInt8] = []
        JSONWriter.append(string: line.utf8.span, to: &quoted)
        let text = String(decoding: quoted, as: UTF8.self)
        #expect(
            object(line) == "{" + expected + (expected.isEmpty ? "" : ",") + "\"line\":\(text)}")
    }

    @Test func blankLinesAreNone() {
        for line in ["", "  ", "\r", " \t\r"] { #expect(object(line) == nil) }
    }

    @Test func theCarriageReturnIsNoPartOfTheLine() {
        #expect(object("x\r") == #"{"line":"x"}"#)
    }

    private func years(_ stamps: [String], year: Int?, modified: StreamTime? = nil) -> [String] {
        var lines = LogLines(stamps: OldStamps(year: year, modified: modified))
        return stamps.map { stamp in
            let line = Array("\(stamp) h a: m".utf8)
            _ = lines.take(line.span)
            return String(String(decoding: lines.text, as: UTF8.self).dropFirst(9).prefix(4))
        }
    }

    @Test func theYearGoesUpFromDecemberToJanuary() {
        let stamps = [
            "Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:58", "Jan  1 00:00:01",
            "Feb  1 00:00:00", "Dec  1 00:00:00", "Nov 30 00:00:00", "Dec  2 00:00:00",
            "Jan  1 00:00:00",
        ]
        let expected = ["2026", "2027", "2026", "2027", "2027", "2027", "2027", "2027", "2028"]
        #expect(years(stamps, year: 2026) == expected)
    }

    @Test func theFirstYearComesFromWhenTheFileWasChanged() {
        let january = CalendarTime(year: 2027, month: 1, day: 10).streamTime
        #expect(
            years(["Dec 20 00:00:00", "Jan  2 00:00:00"], year: nil, modified: january) == [
                "2026", "2027",
            ])
        #expect(years(["Jan  2 00:00:00"], year: nil, modified: january) == ["2027"])
        #expect(years(["Jan 10 20:00:00"], year: nil, modified: january) == ["2027"])
        #expect(years(["Jan  2 00:00:00"], year: nil) == ["1970"])
    }
}
