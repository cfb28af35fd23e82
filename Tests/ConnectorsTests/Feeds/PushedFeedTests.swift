// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

/// What a pushed feed remembers over a restart, and over a change of rules.
@Suite struct PushedFeedTests {
    private let newYear = StreamTime(nanoseconds: 1_798_761_600_000_000_000)

    private func feed(_ format: FeedFormat, _ fields: [String] = ["message"]) -> PushedFeed {
        var options = FeedOptions()
        options.format = format
        options.fixedType = "t"
        options.lateness = TimeSpan(seconds: 3600)
        let plan = planOfOneType(fields.map { ($0, .string) })
        return PushedFeed(name: "f", number: 0, plan: plan, options: options)
    }

    private func take(
        _ line: String, _ feed: inout PushedFeed, after span: TimeSpan,
        _ symbols: inout SymbolTable
    ) {
        feed.take(
            Array("\(line)\n".utf8), firstLine: feed.lineCount + 1, acceptedAt: newYear + span,
            symbols: &symbols)
    }

    /// Nothing that has a stamp has come before the restart.
    @Test func theYearOfTheFirstStampIsTheSameBehindARestart() {
        var symbols = SymbolTable()
        var first = feed(.lines)
        take("come what may", &first, after: TimeSpan(seconds: 1), &symbols)
        var second = feed(.lines)
        #expect(second.restore(first.state, symbols: &symbols) == 0)
        take("Dec 31 23:59:58 h a: m", &first, after: TimeSpan(seconds: 2), &symbols)
        take("Dec 31 23:59:58 h a: m", &second, after: TimeSpan(seconds: 2), &symbols)
        #expect(first.firstHeldTime == newYear - TimeSpan(seconds: 2))
        #expect(second.firstHeldTime == newYear - TimeSpan(seconds: 2))
    }

    /// A feed of other lines may have had none for long.
    @Test func theFirstStampIsOfTheYearInWhichItComes() {
        var symbols = SymbolTable()
        var feed = feed(.lines)
        take("come what may", &feed, after: TimeSpan(seconds: -86_400 * 40), &symbols)
        take("Jan  1 00:00:03 h a: m", &feed, after: TimeSpan(seconds: 4), &symbols)
        #expect(feed.firstHeldTime == newYear + TimeSpan(seconds: 3))
    }

    @Test func aLineThatWaitsKeepsItsYearForRulesThatReadTheStamp() {
        var symbols = SymbolTable()
        var first = feed(.lines)
        take("Dec 31 23:59:58 h a: m", &first, after: TimeSpan(seconds: 1), &symbols)
        var second = feed(.lines, ["time", "message"])
        #expect(second.restore(first.state, symbols: &symbols) == 0)
        var batch = EventBatch(slotCount: 2)
        while second.release(notAfter: .distantFuture, into: &batch) {}
        #expect(
            batch.slots.map { symbols.value(of: $0) } == [
                .string("2026-12-31T23:59:58Z"), .string("m"),
            ])
    }

    /// Held events are read again in the order of their times, not in that in which they came.
    @Test func eventsThatWaitDoNotChangeTheLastStamp() {
        var symbols = SymbolTable()
        var first = feed(.jsonLines)
        let february = TimeSpan(seconds: 86_400 * 31)
        take("{\"time\":\"Feb  1 00:00:01\"}", &first, after: february, &symbols)
        take("{\"time\":\"Jan 31 23:59:59\"}", &first, after: february, &symbols)
        var second = feed(.jsonLines)
        #expect(second.restore(first.state, symbols: &symbols) == 0)
        #expect(second.state == first.state)
    }
}
