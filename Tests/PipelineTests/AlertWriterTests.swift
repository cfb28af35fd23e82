// SPDX-License-Identifier: Apache-2.0

import Automata
import EventModel
import Testing

@testable import MatchCore
@testable import Pipeline

/// The visible forms of alerts, whole: a change here is a change for everybody who reads them.
@Suite struct AlertWriterTests {
    private static let json = ##"""
        {"id":"381ba5ca76ee36e2b1c00188f28c7145","rule":"guessed","severity":"high","tags":["T1110","a,b"],"labels":{"team":"blue"},"key":{"user":"ann"},"start":"2027-01-31T12:00:00.000Z","end":"2027-01-31T12:00:20.500Z","title":"ann: 2 failures","fields":{"took":"20s500ms"},"events":{"fails":[{"type":"login","time":"2027-01-31T12:00:00Z","user":"ann","ip":"10.0.0.1","outcome":"fail","host":"a"},{"type":"login","time":"2027-01-31T12:00:10Z","user":"ann","ip":"10.0.0.1","outcome":"fail","id":"x7","host":"a"}],"_2":[{"type":"login","time":"2027-01-31T12:00:20.5Z","user":"ann","ip":"10.0.0.1","outcome":"ok","host":"a"}]},"event_ids":["logins.jsonl:1","x7","logins.jsonl:5"]}
        {"id":"6dffaa0a22da5e34ee05b4b41b09693f","rule":"guessed","severity":"high","tags":["T1110","a,b"],"labels":{"team":"blue"},"key":{"user":"b\"ob"},"start":"2027-01-31T12:00:10.000Z","end":"2027-01-31T12:00:22.000Z","title":"b\"ob: 2 failures","fields":{"took":"12s"},"events":{"fails":[{"type":"login","time":"2027-01-31T12:00:10Z","user":"b\"ob","ip":"10.0.0.2","outcome":"fail","host":"a"},{"type":"login","time":"2027-01-31T12:00:21Z","user":"b\"ob","ip":"10.0.0.2","outcome":"fail","host":"a"}],"_2":[{"type":"login","time":"2027-01-31T12:00:22Z","user":"b\"ob","ip":"10.0.0.2","outcome":"ok","host":"a"}]},"event_ids":["logins.jsonl:4","logins.jsonl:6","logins.jsonl:7"]}
        {"id":"97b82a50aafc87b206b4e3bbe516e20c","rule":"silent","severity":"medium","tags":[],"labels":{},"key":{"user":"ann"},"start":"2027-01-31T12:00:20.500Z","end":"2027-01-31T13:00:20.500Z","title":"silent","fields":{},"events":{"last":[{"type":"login","time":"2027-01-31T12:00:20.5Z","user":"ann","ip":"10.0.0.1","outcome":"ok","host":"a"}]},"event_ids":["logins.jsonl:5"]}
        {"id":"09fbab68be9dd39df71d70230f95a15c","rule":"silent","severity":"medium","tags":[],"labels":{},"key":{"user":"b\"ob"},"start":"2027-01-31T12:00:22.000Z","end":"2027-01-31T13:00:22.000Z","title":"silent","fields":{},"events":{"last":[{"type":"login","time":"2027-01-31T12:00:22Z","user":"b\"ob","ip":"10.0.0.2","outcome":"ok","host":"a"}]},"event_ids":["logins.jsonl:7"]}

        """##

    private static let csv = ##"""
        id,rule,severity,key,start,end,title,fields,event_ids,status,suppressed,limited,\##
        excepted,lineage
        381ba5ca76ee36e2b1c00188f28c7145,guessed,high,"{""user"":""ann""}",2027-01-31T12:00:00.000Z,2027-01-31T12:00:20.500Z,ann: 2 failures,"{""took"":""20s500ms""}","[""logins.jsonl:1"",""x7"",""logins.jsonl:5""]",,,,,
        6dffaa0a22da5e34ee05b4b41b09693f,guessed,high,"{""user"":""b\""ob""}",2027-01-31T12:00:10.000Z,2027-01-31T12:00:22.000Z,"b""ob: 2 failures","{""took"":""12s""}","[""logins.jsonl:4"",""logins.jsonl:6"",""logins.jsonl:7""]",,,,,
        97b82a50aafc87b206b4e3bbe516e20c,silent,medium,"{""user"":""ann""}",2027-01-31T12:00:20.500Z,2027-01-31T13:00:20.500Z,silent,{},"[""logins.jsonl:5""]",,,,,
        09fbab68be9dd39df71d70230f95a15c,silent,medium,"{""user"":""b\""ob""}",2027-01-31T12:00:22.000Z,2027-01-31T13:00:22.000Z,silent,{},"[""logins.jsonl:7""]",,,,,

        """##

    private static let human = ##"""
        2027-01-31T12:00:20.500Z high     ann: 2 failures
          guessed user=ann
          team: blue
          took: 20s500ms
          fails 2027-01-31T12:00:00.000Z login {"type":"login","time":"2027-01-31T12:00:00Z","user":"ann","ip":"10.0.0.1","outcome":"fail","host":"a"}
                2027-01-31T12:00:10.000Z login {"type":"login","time":"2027-01-31T12:00:10Z","user":"ann","ip":"10.0.0.1","outcome":"fail","id":"x7","host":"a"}
          _2    2027-01-31T12:00:20.500Z login {"type":"login","time":"2027-01-31T12:00:20.5Z","user":"ann","ip":"10.0.0.1","outcome":"ok","host":"a"}

        2027-01-31T12:00:22.000Z high     b"ob: 2 failures
          guessed user=b"ob
          team: blue
          took: 12s
          fails 2027-01-31T12:00:10.000Z login {"type":"login","time":"2027-01-31T12:00:10Z","user":"b\"ob","ip":"10.0.0.2","outcome":"fail","host":"a"}
                2027-01-31T12:00:21.000Z login {"type":"login","time":"2027-01-31T12:00:21Z","user":"b\"ob","ip":"10.0.0.2","outcome":"fail","host":"a"}
          _2    2027-01-31T12:00:22.000Z login {"type":"login","time":"2027-01-31T12:00:22Z","user":"b\"ob","ip":"10.0.0.2","outcome":"ok","host":"a"}

        2027-01-31T13:00:20.500Z medium   silent
          silent user=ann
          last 2027-01-31T12:00:20.500Z login {"type":"login","time":"2027-01-31T12:00:20.5Z","user":"ann","ip":"10.0.0.1","outcome":"ok","host":"a"}

        2027-01-31T13:00:22.000Z medium   silent
          silent user=b"ob
          last 2027-01-31T12:00:22.000Z login {"type":"login","time":"2027-01-31T12:00:22Z","user":"b\"ob","ip":"10.0.0.2","outcome":"ok","host":"a"}


        """##

    @Test(arguments: [
        (AlertFormat.jsonLines, json), (.csv, csv), (.human, human),
        (.count, "guessed 2\nsilent 2\n"),
    ])
    func alertsAreWrittenAsEver(_ format: AlertFormat, _ expected: String) throws {
        let harness = try ReplayHarness(ReplayHarness.guesses)
        let logins = try harness.write("logins.jsonl", ReplayHarness.logins)
        let first = try harness.replay(events: logins) { $0.format = format }
        #expect(first.output == expected)
        #expect(try harness.replay(events: logins) { $0.format = format }.output == first.output)
    }

    /// A match of the rule `silent`.
    private func match(_ title: String, severity: String = "low", events: Int = 1) -> MatchBatch {
        var batch = MatchBatch()
        batch.append(
            rule: 1, key: ["ann"], severity: severity, title: title,
            events: (1...events).map { .init(position: Int64($0)) })
        return batch
    }

    private func written(
        _ batch: MatchBatch, _ format: AlertFormat, colour: Bool = false
    ) throws -> (text: String, unknownSeverities: Int) {
        let program = try ReplayHarness(ReplayHarness.guesses).program
        var writer = AlertWriter(
            format: format, program: program, feedNames: ["x"], colour: colour)
        var bytes: [UInt8] = []
        writer.append(batch, 0, to: &bytes)
        return (String(decoding: bytes, as: UTF8.self), writer.unknownSeverityCount)
    }

    @Test func aTextCannotGiveATerminalOrders() throws {
        let text = try written(match("a\u{1b}[2Jb\nc\u{9b}d\u{202e}e"), .human).text
        #expect(text.contains(#"a\u{1b}[2Jb\u{a}c\u{9b}d\u{202e}e"#))
        #expect(text.split(separator: "\n").count == 3)
    }

    @Test(arguments: [("critical", "critical", 0), ("dire", "medium", 1), ("", "medium", 1)])
    func aSeverityThatIsNoneIsMedium(_ given: String, _ shown: String, _ count: Int) throws {
        let (text, unknown) = try written(match("t", severity: given), .jsonLines)
        #expect(text.contains(#""severity":"\#(shown)""#))
        #expect(unknown == count)
    }

    @Test func ofManyEventsTheFirstAndTheLastAreShown() throws {
        let few = try written(match("t", events: 20), .human).text
        #expect(few.split(separator: "\n").count == 2 + 20)
        let many = try written(match("t", events: 1000), .human).text
        #expect(many.split(separator: "\n").count == 2 + 16)
        #expect(many.contains("\n       … 985 more\n"))
    }

    @Test(arguments: [(100_000, ""), (1000, "events"), (100, "values")])
    func ofAnAlertThatIsTooLongSomethingIsLeftOut(_ cap: Int, _ leftOut: String) throws {
        let program = try ReplayHarness(ReplayHarness.guesses).program
        let batch = match("a title", severity: "dire", events: 1000)
        var writer = AlertWriter(format: .jsonLines, program: program, feedNames: ["x"])
        var whole: [UInt8] = []
        writer.append(batch, 0, to: &whole)
        writer.jsonByteCap = cap
        var bytes: [UInt8] = []
        writer.append(batch, 0, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(bytes.prefix(40) == whole.prefix(40), "its id is the same")
        #expect(text.contains(#""title":"\#(leftOut == "values" ? "silent" : "a title")""#))
        #expect(text.contains("x:1000") == leftOut.isEmpty)
        #expect(text.hasSuffix(#""left_out":"\#(leftOut)"}\#n"#) == !leftOut.isEmpty)
        #expect(writer.shortenedCount == (leftOut.isEmpty ? 0 : 1))
        #expect(writer.unknownSeverityCount == 2)
    }

    @Test func aCellWithSignsOfCSVIsQuoted() throws {
        #expect(try written(match("a,\"b\"\r\n"), .csv).text.contains(",\"a,\"\"b\"\"\r\n\","))
        #expect(try written(match(" a"), .csv).text.contains(",\" a\","))
    }

    @Test func coloursAreForPeopleOnly() throws {
        #expect(
            try written(match("t"), .human, colour: true).text.contains("\u{1b}[1;36mlow\u{1b}[0m"))
        #expect(!(try written(match("t"), .jsonLines, colour: true).text.contains("\u{1b}")))
    }
}
