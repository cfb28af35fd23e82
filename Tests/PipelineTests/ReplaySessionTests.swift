// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import EventModel
import Foundation
import Testing

@testable import Pipeline

@Suite struct ReplaySessionTests {
    private let harness: ReplayHarness
    private let logins: String

    init() throws {
        harness = try ReplayHarness(ReplayHarness.guesses)
        logins = try harness.write("logins.jsonl", ReplayHarness.logins)
    }

    @Test(arguments: [1, 2, 3, 7, 10_000])
    func theSizeOfBatchesDoesNotShow(_ count: Int) throws {
        let plain = try harness.replay(events: logins)
        let other = try harness.replay(events: logins) { $0.batchEventCount = count }
        #expect(plain.output == other.output)
        #expect(plain.report.text == other.report.text)
        #expect(!plain.output.isEmpty)
    }

    @Test func severalFilesAreMergedByTime() throws {
        let lines = ReplayHarness.logins.split(separator: "\n").map { $0 + "\n" }
        let odd = try harness.write(
            "b", lines.enumerated().filter { $0.0 % 2 == 1 }.map(\.1).joined())
        let even = try harness.write(
            "a", lines.enumerated().filter { $0.0 % 2 == 0 }.map(\.1).joined())
        var files = ReplayFiles()
        files.events = [odd, even]
        files.common.format = .jsonLines
        let merged = try harness.replay(files) { $0.format = .count }
        let whole = try harness.replay(events: logins) { $0.format = .count }
        #expect(merged.output == "guessed 2\nsilent 2\n")
        #expect(merged.output == whole.output)
    }

    @Test func countingWritesALineARule() throws {
        let result = try harness.replay(events: logins) { $0.format = .count }
        #expect(result.output == "guessed 2\nsilent 2\n")
        #expect(result.report.alertCount == 4)
    }

    @Test func aCountBeyondTheRangeIsWrittenAsMore() throws {
        let steps = (1...20).map { "then each b as b\($0)" }.joined(separator: "\n")
        let harness = try ReplayHarness(
            """
            rule many { when within 1m { a\n\(steps) } skip none }
            rule more { when { a\n\(steps) } skip none }
            """)
        let events = (["a"] + Array(repeating: "b", count: 90)).map {
            #"{"type":"\#($0)","time":"2027-01-31T12:00:00Z"}"# + "\n"
        }
        let path = try harness.write("many.jsonl", events.joined())
        let result = try harness.replay(events: path) { $0.format = .count }
        #expect(result.output == "many 9223372036854775807+\nmore 9223372036854775807+\n")
        #expect(result.report.alertCount == .max)
        #expect(result.report.text.contains("  many: more than 9,223,372,036,854,775,807\n"))
    }

    @Test func allBackendsCountTheSame() throws {
        let harness = try ReplayHarness(
            "rule pairs { by user when within 1m { login then each login as l } skip none }")
        let path = try harness.write("logins.jsonl", ReplayHarness.logins)
        let outputs = try Backend.allCases.map { backend in
            try harness.replay(events: path) {
                $0.format = .count
                $0.backend = backend
            }
        }
        for other in outputs.dropFirst() {
            #expect(outputs[0].output == other.output)
            #expect(outputs[0].report.text == other.report.text)
        }
        #expect(outputs[0].report.alertCount > 1)
    }

    @Test func aReplayWithAnEndStopsTheClockBeforeIt() throws {
        let end = try #require(CalendarTime(year: 2027, month: 1, day: 31, hour: 13).streamTime)
        func silent(at time: StreamTime) throws -> Int? {
            try harness.replay(events: logins) { $0.span.to = time }.report.matches.last?.count
        }
        // Ann was last heard of at 12:00:20.5, Bob at 12:00:22.
        #expect(try silent(at: end) == 0)
        #expect(try silent(at: end + TimeSpan(milliseconds: 20_500)) == 0)
        #expect(try silent(at: end + TimeSpan(milliseconds: 20_501)) == 1)
        #expect(try silent(at: end + TimeSpan(seconds: 60)) == 2)
    }

    @Test func aReplayWithABeginningWatchesFromThere() throws {
        let rules = try ReplayHarness(
            "rule back { by user when { no login for 1h then login as l } alert \"{user}\" }")
        let file = try rules.write("a.jsonl", ReplayHarness.logins)
        let early = try #require(CalendarTime(year: 2027, month: 1, day: 31, hour: 11).streamTime)
        #expect(try rules.replay(events: file).report.alertCount == 0)
        let watched = try rules.replay(events: file) { $0.span.from = early }
        #expect(watched.report.alertCount == 2)
        let late = try #require(CalendarTime(year: 2027, month: 2, day: 1).streamTime)
        let none = try rules.replay(events: file) { $0.span.from = late }
        #expect(none.report.events == 0)
        #expect(none.report.outside == 6)
    }

    @Test func recordsThatAreNoEventsAreCountedQuotedAndKept() throws {
        let old = ReplayHarness.logins.split(separator: "\n")[0]
        let file = try harness.write(
            "bad.jsonl", ReplayHarness.logins + "nonsense\n\(old)\n{\"type\":\"lo")
        let result = try harness.replay(events: file) { $0.deadLetterPath = harness.path("dead") }
        #expect(result.report.events == 6)
        #expect(result.report.late == 1)
        #expect(result.report.undecodable == 2)
        #expect(
            result.report.text == """
                6 events from 10 lines
                  1 of types that no rule reads
                  1 late
                    bad.jsonl:9: late by 22s
                  2 undecodable
                    bad.jsonl:8: not a JSON object
                    bad.jsonl:10: the file ends in the middle of a line
                4 alerts
                  guessed: 2
                  silent: 2

                """)
        let dead = try harness.text("dead").split(separator: "\n")
        #expect(dead.count == 3)
        #expect(
            dead[0]
                == #"{"feed":"bad.jsonl","line":8,"reason":"not a JSON object","text":"nonsense"}"#)
    }

    @Test func eventsOutOfOrderArePutInOrderWithinTheLateness() throws {
        let lines = ReplayHarness.logins.split(separator: "\n").map { $0 + "\n" }
        let file = try harness.write(
            "mixed.jsonl", ([1, 0, 3, 2, 6, 4, 5].map { lines[$0] }).joined())
        var files = ReplayFiles()
        files.events = [file]
        files.common.lateness = TimeSpan(seconds: 15)
        let result = try harness.replay(files) { $0.format = .count }
        #expect(result.output == "guessed 2\nsilent 2\n")
        #expect(result.report.late == 0)
        files.common.lateness = .zero
        #expect(try harness.replay(files).report.late == 3)
    }

    @Test func filesOfOneNameAreToldApart() throws {
        let inputs = ["a/x", "b/x", "c/y", "-"].map { ReplayInput(path: $0) }
        #expect(ReplaySession.feedNames(of: inputs) == ["a/x", "b/x", "y", "stdin"])
        let named = [ReplayInput(path: "a/x"), ReplayInput(path: "/dev/z", name: "x")]
        #expect(ReplaySession.feedNames(of: named) == ["a/x", "x"])
    }

    @Test func anEmptyFileIsAReplayOfNothing() throws {
        let file = try harness.write("empty.jsonl", "")
        let result = try harness.replay(events: file)
        #expect(result.output.isEmpty)
        #expect(
            result.report.text == "0 events from 0 lines\n0 alerts\n  guessed: 0\n  silent: 0\n")
    }

    @Test func aMissingInputLeavesAnOldOutputAlone() throws {
        _ = try harness.write("alerts", "old")
        #expect(throws: FeedError.cannotOpen(path: harness.path("none.jsonl"), errno: ENOENT)) {
            try harness.replay(events: harness.path("none.jsonl"))
        }
        #expect(try harness.text("alerts") == "old")
    }

    @Test(arguments: AlertFormat.allCases)
    func aFullDiskIsAnError(_ format: AlertFormat) throws {
        #expect(throws: FeedError.cannotWrite(path: "/dev/full", errno: ENOSPC)) {
            try harness.replay(events: logins) {
                $0.format = format
                $0.outputPath = "/dev/full"
            }
        }
    }

    @Test func aFullDiskForDeadLettersIsAnErrorToo() throws {
        let file = try harness.write("bad.jsonl", "nonsense\n")
        #expect(throws: FeedError.cannotWrite(path: "/dev/full", errno: ENOSPC)) {
            try harness.replay(events: file) { $0.deadLetterPath = "/dev/full" }
        }
    }

    @Test func aFileThatIsCutOffIsToldAndTheOthersAreRead() throws {
        // A gzip header and nothing behind it.
        let cut = try harness.write("cut.jsonl.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
        let result = try harness.replay(events: cut, logins)
        #expect(result.feedErrors == [.truncated(path: cut)])
        #expect(result.report.alertCount == 4)
    }

    @Test func syslogLinesAreEventsOfTheFeed() throws {
        let rules = try ReplayHarness(
            """
            event failed from syslog {
              message matches r"Failed password for (?<user>\\S+) from (?<ip>\\S+)"
              user: string
              ip: ip
            }
            rule r { by user when within 1m { 2 failed as f } alert "{user} {first(f.ip)}" }
            """)
        let file = try rules.write(
            "auth.log",
            """
            <34>1 2027-01-31T12:00:00Z host sshd 7 - - Failed password for ann from 10.0.0.1
            <34>1 2027-01-31T12:00:01Z host sshd 7 - - Failed password for ann from 10.0.0.2
            """ + "\n")
        let result = try rules.replay(events: file)
        #expect(result.output.contains(#""title":"ann 10.0.0.1""#))
        #expect(result.output.contains(#""user":"ann","ip":"10.0.0.1"}"#))
        #expect(result.output.contains(#""event_ids":["auth.log:1","auth.log:2"]"#))
    }
}
