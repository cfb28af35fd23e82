// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import Diagnostics
import EventModel
import Foundation
import Pipeline
import RuleLanguage
import Testing

@testable import Reporting

@Suite struct BacktestReportTests {
    private static let rules = """
        event login { user: string, ip: string, outcome: string, note: string? }

        rule guessed "Guessed <password>" {
          severity high
          by user
          when within 10m {
            at least 2 login as fails where outcome == "fail"
            then login as ok where outcome == "ok"
          }
          suppress 1m
          alert "{user} from {ok.ip}" { note: ok.note }
        }
        rule twice {
          severity critical
          by user
          when within 1d { 2 guessed as hits }
          alert "{user} twice"
        }
        rule never { by user when { login as a where user == "nobody" } alert "x" }
        rule busy {
          severity low
          by ip
          when over tumbling 1h { login as l }
          having count(l) > 2
          alert "{count(l)} from {ip}"
        }

        """

    /// Three guesses of each user, the second of which is suppressed.
    private static func events(_ users: [String]) -> String {
        var lines: [String] = []
        for (index, user) in users.enumerated() {
            let quoted = Value.string(user).json
            for round in [0, 20, 300] {
                for second in 0..<3 {
                    let time =
                        StreamTime(nanoseconds: 1_767_600_000_000_000_000)
                        + TimeSpan(seconds: Int64(index * 1000 + round + second))
                    let outcome = second == 2 ? "ok" : "fail"
                    let line =
                        #"{"type":"login","time":"\#(time)","user":\#(quoted),"ip":"10.0.0."#
                        + #"\#(index)","outcome":"\#(outcome)","#
                        + #""note":"</code><script>x(1)</script>"}"#
                    lines.append(line)
                }
            }
        }
        return lines.map { "\($0)\n" }.joined()
    }

    /// The page of a replay.
    private static func page(
        _ events: String, threads: Int = 1, shownCap: Int = 20, rules: String = rules
    ) throws -> (html: String, recorder: BacktestRecorder) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "in.jsonl").path
        try Data(events.utf8).write(to: URL(filePath: path))
        let file = SourceFile(name: "r.martlet", text: rules)
        let check = RulesetLoader.check([file])
        let ruleset = try #require(
            check.ruleset, "\(DiagnosticRenderer.human(check.diagnostics, colour: false))")
        let program = RulesetCompiler.compile(ruleset)
        let inputs = [ReplayInput(path: path)]
        var options = ReplayOptions()
        options.outputPath = folder.appending(path: "out").path
        options.threads = threads
        options.countsAttempts = true
        let recorder = BacktestRecorder(
            program, feedNames: ReplaySession.feedNames(of: inputs), shownCap: shownCap)
        var session = try ReplaySession(
            program, inputs: inputs, options: options,
            alertObserver: { recorder.take($0, $1) })
        while try session.step() {}
        try session.runOut()
        let span = session.begun.map { $0...max($0, session.reached) }
        let report = try session.finish()
        var backtest = BacktestReport(
            title: "r.martlet", ruleset, files: [file], report: report, recorder)
        backtest.arguments = [("Rules", ["<r>"]), ("None", [])]
        backtest.eventSpan = span
        return (backtest.html, recorder)
    }

    @Test func aPageShowsRulesAlertsAndEvents() throws {
        let (html, recorder) = try Self.page(Self.events(["ann", "bob"]))
        let page = try WellFormed(html)
        #expect(recorder.rules.map(\.count) == [4, 2, 0, 2])
        #expect(page.brokenLinks.isEmpty, "\(page.brokenLinks)")
        #expect(Set(page.ids).count == page.ids.count)
        for part in [
            "3 of 4</dd>", "ann from 10.0.0.0", "fails<small> line 7</small>",
            "suppressed before", "Guessed &lt;password&gt;", "No alert.", "&lt;r&gt;",
            "in the window, from", "r.martlet:3",
        ] {
            #expect(html.contains(part), "\(part)")
        }
        #expect(page.classes["automaton"] == 4 && page.classes["listing"] == 4)
        #expect(!html.contains("None"))
    }

    /// An alert that another rule has bound leads to what is shown of it.
    @Test func alertsLeadToTheAlertsThatTheyComeFrom() throws {
        let (html, recorder) = try Self.page(Self.events(["ann"]))
        let hit = try #require(recorder.rules[1].shown.first)
        #expect(hit.events.count == 2 && hit.events.allSatisfy(\.isAlert))
        for event in hit.events { #expect(html.contains("href=\"#alert-\(event.id)\"")) }
    }

    @Test func valuesOfEventsAreNoMarkup() throws {
        let (html, _) = try Self.page(
            Self.events(["<script>alert('x')</script>", "\"><img src=x>"]))
        let page = try WellFormed(html)
        #expect(page.elements["script"] == 1 && page.elements["img"] == nil)
        #expect(html.contains("&lt;/code&gt;&lt;script&gt;x(1)&lt;/script&gt;"))
        #expect(page.texts.joined().contains("<script>alert('x')</script>"))
    }

    @Test(arguments: [2, 3, 8]) func threadsDoNotChangeAByte(threads: Int) throws {
        // Rules on rules are run by one thread.
        let alone = Self.rules.replacingOccurrences(
            of: "2 guessed as hits", with: "2 login as hits where outcome == \"ok\"")
        let events = Self.events((0..<40).map { "user\($0)" })
        let one = try Self.page(events, rules: alone).html
        #expect(try Self.page(events, threads: threads, rules: alone).html == one)
    }

    @Test func alertsThatAreNotShownAreCounted() throws {
        let (html, recorder) = try Self.page(Self.events(["ann", "bob"]), shownCap: 1)
        #expect(recorder.rules[0].shown.count == 1)
        #expect(html.contains("and 3 more alerts"))
        #expect(try WellFormed(html).brokenLinks.isEmpty)
    }

    /// Looked at behind a batch, so of those that end in it nothing is seen.
    @Test func attemptsUnderWayAtOnceAreCounted() throws {
        #expect(!(try Self.page(Self.events(["ann"])).html.contains("Most at once")))
        let waiting = (0..<3).map { second in
            #"{"type":"login","time":"2027-01-31T12:00:0\#(second)Z","user":"u\#(second)","#
                + #""ip":"10.0.0.1","outcome":"fail"}"# + "\n"
        }
        let html = try Self.page(Self.events(["ann"]) + waiting.joined()).html
        #expect(html.contains("Most at once") && html.contains("<td class=\"number\">3</td>"))
    }

    @Test func nothingFoundIsAPageToo() throws {
        let (html, _) = try Self.page("")
        let page = try WellFormed(html)
        #expect(html.contains("No rule has alerted."))
        #expect(page.elements["rect"] != nil && page.brokenLinks.isEmpty)
    }

    @Test func aPageIsTheSameAsBefore() throws {
        let golden = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "fixtures/golden/pages/backtest.html")
        let (html, _) = try Self.page(Self.events(["ann"]))
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(
                at: golden.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(html.utf8).write(to: golden)
        }
        #expect(html == (try String(contentsOf: golden, encoding: .utf8)))
    }
}
