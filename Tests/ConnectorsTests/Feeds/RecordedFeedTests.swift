// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import GzipPacking
import Testing

@testable import Connectors

/// What a merger gave: ids or positions in order, dead letters, errors.
struct Given: Equatable {
    var events: [String] = []
    var letters: [String] = []
    var errors: [FeedError] = []
}

/// Reads everything, `limit` events at a time.
func drain(_ merger: inout FeedMerger, _ plan: DecodePlan, limit: Int = 3) -> Given {
    var symbols = SymbolTable()
    var given = Given()
    var more = true
    while more {
        var batch = EventBatch(slotCount: plan.slotCount)
        do throws(FeedError) {
            more = try merger.fill(&batch, upTo: limit, symbols: &symbols)
        } catch {
            given.errors.append(error)
        }
        #expect(batch.count <= limit)
        for k in 0..<batch.count {
            let values = (0..<plan.slotCount).map { slot in
                describe(symbols.value(of: batch.slots[k * plan.slotCount + slot]))
            }
            let event = batch.events[k]
            let id = "\(merger.name(ofFeed: Int(event.feed))):\(event.position)"
            given.events.append(([id] + values).joined(separator: " "))
        }
        for letter in merger.takeDeadLetters() {
            let text = String(decoding: letter.bytes, as: UTF8.self)
            given.letters.append("\(letter.lineNumber): \(letter.reason): \(text)")
        }
    }
    return given
}

private func describe(_ value: Value) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return String(decoding: writer.bytes, as: UTF8.self)
}

@Suite struct RecordedFeedTests {
    private let folder = ScratchFolder()
    private let plan = planOfOneType([("a", .int)])

    private func read(
        _ name: String, _ text: String, plan: DecodePlan? = nil,
        span: EventTimeSpan = EventTimeSpan(), _ change: (inout FeedOptions) -> Void = { _ in }
    ) throws -> (given: Given, statistics: FeedStatistics) {
        try read(name, Array(text.utf8), plan: plan, span: span, change)
    }

    private func read(
        _ name: String, _ bytes: [UInt8], plan: DecodePlan? = nil,
        span: EventTimeSpan = EventTimeSpan(), _ change: (inout FeedOptions) -> Void = { _ in }
    ) throws -> (given: Given, statistics: FeedStatistics) {
        var options = FeedOptions()
        change(&options)
        var merger = FeedMerger(plan: plan ?? self.plan, span: span)
        try merger.add(path: folder.file(name, bytes), options: options)
        let given = drain(&merger, plan ?? self.plan)
        #expect(merger.progress.readByteCount == Int64(bytes.count))
        return (given, merger.statistics(ofFeed: 0))
    }

    @Test(arguments: [
        ("a.jsonl", FeedFormat.jsonLines), ("A.NDJSON", .jsonLines), ("a.json.gz", .jsonLines),
        ("a.csv", .csv), ("a.csv.zst", .csv), ("a.log", .lines), ("a", .lines), ("-", .lines),
        ("json", .lines), ("a.gz", .lines),
    ])
    func theFormatIsGuessedFromTheName(_ name: String, _ format: FeedFormat) {
        #expect(FeedFormat(guessedFrom: name) == format)
    }

    @Test func jsonLinesAreReadAndEverythingElseIsCounted() throws {
        let (given, statistics) = try read(
            "f.jsonl",
            """
            {"type":"t","time":1,"a":1}

            {"type":"x","time":1}
            {"type":"t","time":2,"a":"no"}
            nonsense
            {"type":"t","time":1,"a":3}
            {"type":"t","time":3,"a":4}
            """)
        #expect(given.events == ["f.jsonl:1 1", "f.jsonl:4 null", "f.jsonl:7 4"])
        #expect(
            given.letters == [
                "5: not a JSON object: nonsense",
                #"6: late by 1s: {"type":"t","time":1,"a":3}"#,
            ])
        #expect(statistics.lines == 7)
        #expect(statistics.events == 3)
        #expect(statistics.late == 1)
        #expect(statistics.undecodable == 1)
        #expect(statistics.ignored.byName.map(\.name) == ["x"])
        #expect(statistics.mismatched.map(\.path) == ["a"])
    }

    @Test func aLastLineWithoutItsEndIsSaidToBeCut() throws {
        let whole = #"{"type":"t","time":1,"a":1}"#
        for count in 1..<whole.utf8.count {
            let cut = String(whole.prefix(count))
            let given = try read("f.jsonl", whole + "\n" + cut).given
            #expect(given.events == ["f.jsonl:1 1"])
            #expect(given.letters == ["2: the file ends in the middle of a line: \(cut)"])
        }
        #expect(try read("f.jsonl", whole).given.events == ["f.jsonl:1 1"])
    }

    @Test func aHugeLineIsUndecodableAndTheNextOneDecodes() throws {
        let long =
            #"{"type":"t","time":1,"a":""# + String(repeating: "x", count: 3_000_000) + #""}"#
        let text = long + "\n" + #"{"type":"t","time":1,"a":2}"# + "\n"
        let (given, statistics) = try read("f.jsonl", text) { $0.maxLineBytes = 1_000_000 }
        #expect(given.events == ["f.jsonl:2 2"])
        #expect(given.letters.count == 1)
        #expect(
            given.letters[0].hasPrefix("1: a line of 3000028 bytes, which is more than 1000000: {"))
        #expect(statistics.undecodable == 1)
        #expect(try read("f.jsonl", text).given.events == ["f.jsonl:1 null", "f.jsonl:2 2"])
    }

    @Test func eventsWithinTheLatenessArePutInOrder() throws {
        let times = [10, 12, 11, 10, 15, 13, 12, 20, 9, 17, 18]
        let text = times.map { #"{"type":"t","time":\#($0),"a":\#($0)}"# }.joined(separator: "\n")
        let given = try read("f.jsonl", text + "\n") { $0.lateness = TimeSpan(seconds: 3) }.given
        #expect(
            given.events == [
                "f.jsonl:1 10", "f.jsonl:4 10", "f.jsonl:3 11", "f.jsonl:2 12", "f.jsonl:7 12",
                "f.jsonl:6 13", "f.jsonl:5 15", "f.jsonl:10 17", "f.jsonl:11 18", "f.jsonl:8 20",
            ])
        #expect(given.letters == [#"9: late by 8s: {"type":"t","time":9,"a":9}"#])
    }

    @Test func eventsOutsideOfTheSpanArePassedOver() throws {
        let text = (0..<10).map { #"{"type":"t","time":\#($0),"a":\#($0)}"# + "\n" }.joined()
        let span = EventTimeSpan(
            from: StreamTime(nanoseconds: 3_000_000_000), to: StreamTime(nanoseconds: 6_000_000_000)
        )
        let (given, statistics) = try read("f.jsonl", text, span: span)
        #expect(given.events == ["f.jsonl:4 3", "f.jsonl:5 4", "f.jsonl:6 5"])
        #expect(statistics.outside == 7)
    }

    @Test func csvRowsAreEventsOfTexts() throws {
        let text = "type,time,a\nt,1,1\nt,2,x\nt,3,\nt,4\nt,5,\"5\"\nt,6,\"a\nb\"\nt,\u{1},1\nt,8,8"
        let (given, statistics) = try read("f.csv", text)
        #expect(
            given.events == [
                "f.csv:2 1", "f.csv:3 null", "f.csv:4 null", "f.csv:6 5", "f.csv:7 null",
                "f.csv:10 8",
            ])
        #expect(
            given.letters == [
                "5: 2 cells where the header has 3: t,4",
                "9: the field `time` is not a time: t,\u{1},1",
            ])
        #expect(statistics.mismatched.map(\.count) == [2])
    }

    @Test func aRowCutOffInsideQuotesIsBuried() throws {
        let given = try read("f.csv", "type,time,a\nt,1,1\nt,2,\"x\ny").given
        #expect(given.events == ["f.csv:2 1"])
        #expect(given.letters == ["3: a quoted cell is not closed: t,2,\"x\ny"])
    }

    @Test func linesOfTextAreEvents() throws {
        let plan = planOfOneType(
            [("app", .string), ("pid", .int), ("message", .string)], type: "syslog")
        let bytes =
            Array(
                """
                Jan  1 00:00:00 h sshd[7]: one
                no stamp
                Jan  1 00:00:01 h cron: two

                """.utf8) + Array("Jan  1 00:00:02 h a: ".utf8) + [0xff, 0x0a]
        let given = try read("auth.log", bytes, plan: plan) {
            $0.fixedType = "syslog"
            $0.assumedYear = 2027
        }.given
        #expect(given.events == [#"auth.log:1 "sshd" 7 "one""#, #"auth.log:3 "cron" null "two""#])
        #expect(given.letters.first == "2: no time: no stamp")
        #expect(given.letters.last?.hasPrefix("4: invalid UTF-8 at byte 22: ") == true)
    }

    @Test func aTruncatedFileGivesWhatItHasAndThenAnError() throws {
        let text = (0..<20_000).map { #"{"type":"t","time":\#($0),"a":\#($0 &* 7919)}"# + "\n" }
            .joined()
        for (name, packed) in [
            ("f.jsonl.gz", gzip(Array(text.utf8))), ("f.jsonl.zst", zstd(Array(text.utf8))),
        ] {
            #expect(try read(name, packed).given.events.count == 20_000)
            let given = try read(name, Array(packed[..<(packed.count - 9)])).given
            #expect(given.errors == [.truncated(path: folder.path + "/" + name)])
            #expect(given.events.count > 5_000)
            #expect(
                given.events.enumerated().allSatisfy { k, event in
                    event == "\(name):\(k + 1) \(k &* 7919)"
                })
        }
    }

    @Test func aFileOfNothingButGarbageNeedsNoMemory() throws {
        let text = String(repeating: "x\n", count: 5000)
        var feed = try RecordedFeed(path: folder.file("g.jsonl", text), number: 0, plan: plan)
        var batch = EventBatch(slotCount: 1)
        var symbols = SymbolTable()
        var (calls, letters) = (0, 0)
        while try feed.fill(&batch, upTo: 10, symbols: &symbols) {
            calls += 1
            let taken = feed.takeDeadLetters().count
            #expect(taken <= RecordedFeed.deadLetterCap)
            letters += taken
        }
        letters += feed.takeDeadLetters().count
        #expect(letters == 5000)
        #expect(calls == 5)
    }

    @Test func aLateRowIsKeptAsItStood() throws {
        let text = "type,time,a,note\nt,2,1,x\nt,1,2,\"a \"\"b\"\"\"\nt,1,3,\"one\ntwo\"\n"
        let given = try read("f.csv", text).given
        #expect(
            given.letters == [
                "3: late by 1s: t,1,2,\"a \"\"b\"\"\"", "4: late by 1s: t,1,3,\"one\ntwo\"",
            ])
    }
}
