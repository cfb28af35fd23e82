// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Connectors
import EventModel
import Foundation
import Live
import Synchronization
import Testing

@testable import MartletCommands

/// A clock that moves when somebody waits, and only then.
private final class StillClock: PlaybackClock {
    /// 2027-01-01T00:00:00Z
    static let start: Int64 = 1_798_761_600_000_000_000
    private let passed = Mutex(Int64(0))

    var nanoseconds: Int64 { passed.withLock { $0 } }
    var now: StreamTime { StreamTime(nanoseconds: StillClock.start + nanoseconds) }
    func sleep(nanoseconds: Int64) { passed.withLock { $0 += nanoseconds } }
}

@Suite struct PlaybackTests {
    /// Lines, each behind the milliseconds that had passed when it was written.
    private func play(
        _ files: [(name: String, text: String)], _ arguments: [String] = [], lines: Int = .max
    ) throws -> [String] {
        let folder = try RulesFolder(
            Dictionary(files.map { ($0.name, $0.text) }, uniquingKeysWith: { $1 }))
        let paths = files.map { "\(folder.path)/\($0.name)" }
        let command = try #require(
            try Martlet.parseAsRoot(["play"] + paths + arguments) as? PlayCommand)
        let clock = StillClock()
        var written: [String] = []
        do {
            try command.play(by: clock) { bytes, _ throws(FeedError) in
                for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                    written.append("\(clock.nanoseconds / 1_000_000) \(line)")
                }
                if written.count >= lines { throw .readerGone(path: "-") }
            }
        } catch FeedError.readerGone {
        }
        return Array(written.prefix(lines))
    }

    private func event(_ name: String, _ second: String) -> String {
        "{\"type\":\"\(name)\",\"time\":\"2026-03-01T08:00:\(second)Z\"}\n"
    }

    private func line(_ passed: Int, _ name: String, _ second: String) -> String {
        let second = second.contains(".") ? second : "\(second).000"
        return "\(passed) {\"type\":\"\(name)\",\"time\":\"2027-01-01T00:00:\(second)Z\"}"
    }

    @Test func recordsComeWhenTheyAreDueAndWithTheTimeOfThen() throws {
        let text = event("a", "10") + event("b", "10.5") + event("c", "14")
        #expect(
            try play([("e.jsonl", text)]) == [
                line(0, "a", "00"), line(500, "b", "00.500"), line(4000, "c", "04"),
            ])
    }

    @Test func speedShrinksTheWaitsAndTheDistances() throws {
        let text = event("a", "10") + event("b", "14")
        #expect(
            try play([("e.jsonl", text)], ["--speed", "4"])
                == [line(0, "a", "00"), line(1000, "b", "01")])
        #expect(
            try play([("e.jsonl", text)], ["--speed", "4", "--keep-distances"])
                == [line(0, "a", "00"), line(1000, "b", "04")])
    }

    @Test func filesAreMergedByTime() throws {
        let files = [
            ("e.jsonl", event("a", "10") + event("c", "12")), ("f.jsonl", event("b", "11")),
        ]
        #expect(
            try play(files) == [line(0, "a", "00"), line(1000, "b", "01"), line(2000, "c", "02")])
        #expect(
            try play(files, ["--together"])
                == [line(0, "a", "00"), line(0, "b", "00"), line(2000, "c", "02")])
    }

    @Test func aLoopGoesOnWhereTheRoundBeforeEnded() throws {
        let text = event("a", "10") + event("b", "12")
        #expect(
            try play([("e.jsonl", text)], ["--loop"], lines: 5) == [
                line(0, "a", "00"), line(2000, "b", "02"), line(2000, "a", "02"),
                line(4000, "b", "04"), line(4000, "a", "04"),
            ])
    }

    @Test func aLoopOfOneMomentTakesASecondARound() throws {
        #expect(
            try play([("e.jsonl", event("a", "10"))], ["--loop"], lines: 3)
                == [line(0, "a", "00"), line(1000, "a", "01"), line(2000, "a", "02")])
    }

    @Test func aRecordThatIsLateComesAtOnceAndStaysLate() throws {
        let text = event("a", "10") + event("c", "13") + event("b", "12") + event("d", "14")
        #expect(
            try play([("e.jsonl", text)]) == [
                line(0, "a", "00"), line(3000, "c", "03"), line(3000, "b", "02"),
                line(4000, "d", "04"),
            ])
    }

    @Test func whatHasNoTimeComesBehindWhatIsBeforeIt() throws {
        let text = "first\n" + event("a", "10") + "second\n" + event("b", "11")
        #expect(
            try play([("e.jsonl", text)])
                == ["0 first", line(0, "a", "00"), "0 second", line(1000, "b", "01")])
    }

    @Test func theFirstRecordMayHaveATimeOfLongAgo() throws {
        let text = event("a", "10") + event("b", "11")
        #expect(
            try play([("e.jsonl", text)], ["--start", "2027-01-01T00:00:30Z"])
                == [line(0, "a", "30"), line(1000, "b", "31")])
    }

    @Test func whatIsBeforeDamageComesOut() throws {
        let folder = try RulesFolder(["here": ""])
        let path = "\(folder.path)/e.jsonl.gz"
        let text = event("a", "10") + event("b", "10") + event("c", "10")
        // A gzip file whose end is missing.
        var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0]
        let count = UInt16(text.utf8.count)
        bytes += [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
        try Data(bytes + Array(text.utf8)).write(to: URL(filePath: path))
        let played = try run(["play", path])
        #expect(played.status == .environment)
        #expect(played.errors.contains("is cut off"))
        #expect(played.output.split(separator: "\n").count == 3)
    }

    @Test func theRowOfNamesComesOnce() throws {
        let (one, two) = ("time,n\n2026-03-01T08:00:00Z,1\n", "time,n\n2026-03-01T08:00:01Z,2\n")
        #expect(
            try play([("a.csv", one), ("b.csv", two)], ["--loop"], lines: 4) == [
                "0 time,n", "0 2027-01-01T00:00:00.000Z,1", "1000 2027-01-01T00:00:01.000Z,2",
                "1000 2027-01-01T00:00:01.000Z,1",
            ])
    }

    @Test func whatCannotBePlayedIsRefused() throws {
        let folder = try RulesFolder([
            "none.jsonl": "{\"a\":1}\n", "a.csv": "time\n2026-03-01\n",
            "b.csv": "time,x\n2026-03-01,1\n", "e.jsonl": event("a", "10"),
        ])
        func refusal(_ names: String..., arguments: [String] = []) -> CommandOutcome {
            outcome(["play"] + names.map { "\(folder.path)/\($0)" } + arguments)
        }
        let undated = refusal("none.jsonl", arguments: ["--loop"])
        #expect(undated.status == .usage)
        #expect(undated.errors.contains("has a time that can be read; `--time-field`"))
        #expect(refusal("e.jsonl", "a.csv").errors.contains("are of different formats"))
        #expect(refusal("a.csv", "b.csv").errors.contains("other columns"))
        #expect(refusal("missing.jsonl").status == .environment)
        #expect(outcome(["play", "e.jsonl", "--speed", "0"]).status == .usage)
        #expect(outcome(["play", "-", "--loop"]).status == .usage)
        #expect(outcome(["play", "-", "-"]).status == .usage)
    }
}
