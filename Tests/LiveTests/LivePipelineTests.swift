// SPDX-License-Identifier: Apache-2.0

import Connectors
import EventModel
import Testing

@testable import Live

@Suite struct LivePipelineTests {
    private static let rules = """
        rule unpaid {
          by user
          when {
            order
            then no payment for 20s
          }
        }
        rule twice {
          by user
          when within 1m {
            login as a
            then login as b
          }
        }
        """

    private func pipeline(_ feeds: LiveFeedOptions...) throws -> LivePipeline {
        LivePipeline(try program(Self.rules), feeds: feeds)
    }

    @Test func anAbsenceFiresOnAQuietFeed() throws {
        var pipeline = try pipeline(feed("a", idleAfter: 5))
        pipeline.apply(.records(records("a", 2, line("order", "ann", 0))))
        for seconds in stride(from: 3.0, through: 26, by: 1) {
            #expect(pipeline.alerts.isEmpty, "\(seconds)")
            #expect(pipeline.isWaitingForClock(at: at(seconds)) == (seconds >= 7), "\(seconds)")
            pipeline.apply(.tick(at(seconds)))
        }
        // Due at 20 by the events' clock, which is 2 s behind; the feed may be quiet for 5.
        pipeline.apply(.tick(at(27)))
        #expect(pipeline.alerts.isEmpty)
        pipeline.apply(.tick(at(28)))
        #expect(pipeline.alerts.text.contains("\"rule\":\"unpaid\""))
    }

    /// No database takes any length, and a start would come to the same alert again.
    @Test func anAlertThatIsTooLongDoesWithoutItsEvents() throws {
        let rules = """
            rule thrice { by user when within 1m { 3 login as l } alert "{user}" { n: count(l) } }
            """
        var pipeline = LivePipeline(try program(rules), feeds: [feed("a")])
        for (second, size) in [12, 12, 12, 1, 1, 1].enumerated() {
            let user = size == 1 ? "bob" : "ann"
            let pad = ",\"pad\":\"\(String(repeating: "x", count: size << 20))\""
            pipeline.apply(
                .records(records("a", 9, line("login", user, Double(second), pad))))
        }
        pipeline.apply(.records(records("a", 9, line("login", "eve", 9))))
        let lines = pipeline.alerts.text.split(separator: "\n")
        try #require(lines.count == 2)
        #expect(lines[0].utf8.count < 1000)
        #expect(lines[0].contains(#""title":"ann","fields":{"n":3},"events":{"l":[]}"#))
        #expect(lines[0].hasSuffix(#","event_ids":[],"left_out":"events"}"#))
        #expect(lines[1].utf8.count > 3 << 20)
        #expect(!lines[1].contains("left_out"))
        #expect(pipeline.shortenedAlertCount == 1)
    }

    @Test func aByteOrderMarkIsNoPartOfARecord() throws {
        var pipeline = try pipeline(feed("a", lateness: 5))
        pipeline.apply(
            .records(
                records("a", 1, "\u{feff}" + line("login", "ann", 1) + line("login", "ann", 2))))
        var options = feed("b", lateness: 5)
        options.reading.format = .csv
        var ofRows = try self.pipeline(options)
        let time = at(1).nanoseconds / 1_000_000
        ofRows.apply(
            .records(
                records(
                    "b", 1,
                    "\u{feff}type,user,time\nlogin,ann,\(time)\nlogin,ann,\(time)\n")))
        for seconds in [20.0, 40] {
            pipeline.apply(.tick(at(seconds)))
            ofRows.apply(.tick(at(seconds)))
        }
        #expect(pipeline.deadLetters.text == "" && ofRows.deadLetters.text == "")
        #expect(pipeline.alerts.text.contains("\"rule\":\"twice\""))
        #expect(ofRows.alerts.text.contains("\"rule\":\"twice\""))
    }

    @Test func anIDStandsWhereItsFeedSays() throws {
        var options = feed("a")
        options.reading.idField = "meta.uid"
        options.reading.rememberedIDSpan = TimeSpan(seconds: 60)
        var pipeline = try pipeline(options)
        let order = line("order", "ann", 0, ",\"meta\":{\"uid\":\"e1\"}")
        pipeline.apply(.records(records("a", 1, order + order)))
        pipeline.apply(.tick(at(60)))
        #expect(pipeline.eventCount == 1)
        #expect(pipeline.alerts.text.contains("\"event_ids\":[\"e1\"]"))
    }

    @Test func anEventWithoutATimeMayHaveThatAtWhichItCame() throws {
        var options = feed("a", lateness: 5)
        let line = "{\"type\":\"order\",\"user\":\"ann\"}\n"
        var strict = try pipeline(options)
        strict.apply(.records(records("a", 10, line)))
        #expect(strict.deadLetters.text.contains("no time"))
        options.reading.assumesArrivalTime = true
        var first = try pipeline(options)
        first.apply(.records(records("a", 10, line)))
        #expect(first.deadLetters.isEmpty)
        // Also where it waits over a restart.
        var second = try pipeline(options)
        try second.restore(PipelineState(first.state.bytes[...]))
        #expect(second.lostHeldCount == 0)
        second.apply(.tick(at(60)))
        #expect(second.alerts.text.contains("\"start\":\"\(at(10))\""))
        // What is there and no time is no event all the same.
        second.apply(.records(records("a", 61, line.replacing("}", with: ",\"time\":\"x\"}"))))
        #expect(second.deadLetters.text.contains("is not a time"))
    }

    @Test func eachPieceOfRowsHasItsHeader() throws {
        var options = feed("a", lateness: 5)
        options.reading.format = .csv
        func row(_ type: String, _ seconds: Double) -> String {
            "\(type),ann,\(at(seconds).nanoseconds / 1_000_000)\n"
        }
        let (one, other) = ("type,user,time\n", "user;type\n")
        let pieces = [
            one + row("login", 1) + "\"login,ann\n", one + row("login", 2),
            one + "login,ann\n" + row("payment", 30), other + "ann;login\n",
        ]
        // In one life, or each piece in a life of its own.
        for lives in [1, pieces.count] {
            var pipeline = try pipeline(options)
            var (alerts, letters) = ("", "")
            for piece in pieces {
                pipeline.apply(.records(records("a", 0, piece)))
                alerts += pipeline.alerts.text
                letters += pipeline.deadLetters.text
                pipeline.alerts.removeAll()
                pipeline.deadLetters.removeAll()
                if lives > 1 {
                    let state = pipeline.state
                    pipeline = try self.pipeline(options)
                    try pipeline.restore(state)
                }
            }
            #expect(alerts.contains("\"rule\":\"twice\""))
            let reasons = [
                "a quoted cell is not closed", "2 cells where the header has 3", "no field `type`",
            ]
            for reason in reasons { #expect(letters.contains(reason), "\(letters)") }
        }
    }

    @Test func anEventFromTheFutureMovesNoTime() throws {
        for format in [FeedFormat.jsonLines, .lines] {
            var options = feed("a")
            options.reading.maxAhead = TimeSpan(seconds: 60)
            options.reading.format = format
            options.reading.fixedType = format == .lines ? "login" : nil
            let rules = """
                event login { user: string? = "ann" }
                rule twice { when within 1m { login then login } }
                """
            var pipeline = LivePipeline(
                format == .lines ? try program(rules) : try program(Self.rules), feeds: [options])
            func event(_ seconds: Double) -> String {
                if format == .jsonLines { return line("login", "ann", seconds) }
                return "<13>1 \(at(seconds)) host app - - - hello\n"
            }
            pipeline.apply(.records(records("a", 0, event(0) + event(61) + event(1e9))))
            pipeline.apply(.records(records("a", 1, event(60.5) + event(61.5))))
            #expect(pipeline.alerts.isEmpty, "60.5 is more than a minute after 0")
            #expect(pipeline.deadLetters.count == 3, "\(pipeline.deadLetters.text)")
            #expect(pipeline.deadLetters.text.contains("is too far ahead of the clock"))
            pipeline.apply(.records(records("a", 2, event(61.5) + event(62))))
            #expect(!pipeline.alerts.isEmpty)
        }
    }

    @Test func eventsThatNoRuleWantsKeepNoFeedFromBeingQuiet() throws {
        var pipeline = try pipeline(feed("a", idleAfter: 5))
        pipeline.apply(.records(records("a", 0, line("order", "ann", 0))))
        for seconds in 1...30 {
            pipeline.apply(.records(records("a", Double(seconds), line("noise", "x", 0))))
        }
        #expect(pipeline.alerts.count == 1)
    }

    @Test func aFeedThatSpeaksHoldsTimeBackAndAQuietOneDoesNot() throws {
        var pipeline = try pipeline(feed("a", idleAfter: 5), feed("b", idleAfter: 5))
        pipeline.apply(.records(records("a", 0, line("login", "ann", 1))))
        pipeline.apply(.records(records("b", 0, line("other", "ann", 0))))
        pipeline.apply(.records(records("a", 1, line("login", "ann", 3))))
        #expect(pipeline.alerts.isEmpty, "`b` may still bring something earlier")
        pipeline.apply(.records(records("b", 2, line("login", "ann", 2))))
        pipeline.apply(.records(records("a", 8, line("login", "ann", 9))))
        #expect(pipeline.alerts.text.contains(line("login", "ann", 2).dropLast()))
        #expect(pipeline.alerts.count == 2, "`b` is quiet, and does not hold 3 and 9 back")
    }

    @Test func whatIsBehindTheClockIsLateAndKept() throws {
        var pipeline = try pipeline(feed("a", lateness: 2))
        pipeline.apply(.records(records("a", 0, line("login", "ann", 10))))
        pipeline.apply(
            .records(records("a", 0, line("login", "ann", 8) + line("login", "ann", 7.5))))
        #expect(pipeline.deadLetters.text.contains("late by 500ms"))
        #expect(pipeline.deadLetters.count == 1)
        pipeline.apply(.records(records("a", 0, "{nothing\n")))
        #expect(pipeline.deadLetters.count == 2)
        pipeline.apply(.records(records("x", 0, "a\nb\n")))
        #expect(pipeline.strayLineCount == 2)
    }

    /// Every event in an entry of its own, or all in one: the same alerts.
    @Test func howLinesAreCutIntoEntriesChangesNothing() throws {
        let lines = (0..<200).map { (k: Int) -> String in
            let seconds = Double(k * 7 % 11 + k)
            return line(k % 3 == 0 ? "order" : "login", "u\(k % 5)", seconds)
        }
        var texts: Set<String> = []
        for size in [1, 7, 200] {
            var pipeline = try pipeline(feed("a", lateness: 5))
            for start in stride(from: 0, to: lines.count, by: size) {
                let chunk = lines[start..<min(start + size, lines.count)].joined()
                var one = records("a", 0, chunk)
                one.firstLine = Int64(start + 1)
                pipeline.apply(.records(one))
            }
            texts.insert(pipeline.alerts.text + pipeline.deadLetters.text)
        }
        #expect(texts.count == 1)
        #expect(texts.first?.contains("unpaid") == true)
    }

    private static func entry(_ k: Int) -> JournalEntry {
        let seconds = Double(k) * 2
        if k % 9 == 8 { return .tick(at(seconds + 9)) }
        let text = line(k % 3 == 0 ? "order" : "login", "u\(k % 2)", seconds - Double(k % 5))
        var one = records(k % 4 == 0 ? "b" : "a", seconds, text)
        one.firstLine = Int64(k + 1)
        one.resumption = [UInt8(k)]
        return .records(one)
    }

    /// A restart between any two entries.
    @Test func aStateThatIsRestoredGoesOnAsIfNothingHadBeen() throws {
        let entries = (0..<40).map(Self.entry)
        func feeds() -> [LiveFeedOptions] { [feed("a", lateness: 4), feed("b", lateness: 1)] }
        let program = try program(Self.rules)
        var whole = LivePipeline(program, feeds: feeds())
        for entry in entries { whole.apply(entry) }
        for cut in 0..<entries.count {
            var first = LivePipeline(program, feeds: feeds())
            for entry in entries[..<cut] { first.apply(entry) }
            let text = first.alerts.text
            first.alerts.removeAll()
            first.deadLetters.removeAll()
            var second = LivePipeline(program, feeds: feeds())
            try second.restore(PipelineState(first.state.bytes[...]))
            for entry in entries[cut...] { second.apply(entry) }
            #expect(text + second.alerts.text == whole.alerts.text, "cut at \(cut)")
            #expect(second.alerts.nextNumber == whole.alerts.nextNumber)
            #expect(second.resumption(ofFeed: "a") == whole.resumption(ofFeed: "a"))
        }
        #expect(whole.alerts.count > 5)
    }
}
