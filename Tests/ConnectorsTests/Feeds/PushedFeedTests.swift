// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

/// What a pushed feed remembers over a restart, and over a change of rules.
@Suite struct PushedFeedTests {
    private let newYear = StreamTime(nanoseconds: 1_798_761_600_000_000_000)

    private func feed(
        _ format: FeedFormat, _ fields: [(String, ValueType)] = [("message", .string)]
    ) -> PushedFeed {
        var options = FeedOptions()
        options.format = format
        options.fixedType = "t"
        options.lateness = TimeSpan(seconds: 3600)
        let plan = planOfOneType(fields)
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

    @Test func aLineThatWaitsKeepsItsYearForRulesThatReadTheStamp() {
        var symbols = SymbolTable()
        var first = feed(.lines)
        take("Dec 31 23:59:58 h a: m", &first, after: TimeSpan(seconds: 1), &symbols)
        var second = feed(.lines, [("time", .string), ("message", .string)])
        #expect(second.restore(first.state, symbols: &symbols) == 0)
        var batch = EventBatch(slotCount: 2)
        while second.release(notAfter: .distantFuture, into: &batch) {}
        #expect(
            batch.slots.map { symbols.value(of: $0) } == [
                .string("2026-12-31T23:59:58Z"), .string("m"),
            ])
    }

    /// Of a feed that had no stamp in December or in January, too.
    @Test(
        arguments: [
            // Days from New Year to when it comes, seconds from then to the stamp's time.
            ("Feb 10 11:00:00", 40, 39_600), ("Oct 30 11:00:00", 40, -102 * 86_400 + 39_600),
            ("Dec 31 23:59:58", 0, -2), ("Jan  1 00:00:03", 0, 3),
            // The sender's clock is ahead.
            ("Jan  1 00:00:00", -1, 86_400), ("Feb 11 00:00:00", 40, 86_400),
            ("Feb 11 23:59:59", 40, 2 * 86_400 - 1),
            ("Feb 12 00:00:00", 40, (2 - 365) * 86_400),
            // There is no such day in 2027.
            ("Feb 29 12:00:00", 365 + 70, -11 * 86_400 + 43_200),
        ] as [(String, Int64, Int64)])
    func aStampIsOfTheYearInWhichItComes(stamp: String, day: Int64, seconds: Int64) {
        for format in [FeedFormat.lines, .jsonLines] {
            var symbols = SymbolTable()
            var first = feed(format)
            func line(_ stamp: String) -> String {
                format == .lines ? "\(stamp) h a: m" : "{\"time\":\"\(stamp)\"}"
            }
            // What came before changes nothing.
            take(line("Nov 20 10:00:00"), &first, after: TimeSpan(seconds: -86_400 * 42), &symbols)
            var batch = EventBatch(slotCount: 1)
            while first.release(notAfter: .distantFuture, into: &batch) {}
            let came = TimeSpan(seconds: 86_400 * day)
            take(line(stamp), &first, after: came, &symbols)
            let expected = newYear + came + TimeSpan(seconds: seconds)
            let isLate = expected < newYear - TimeSpan(seconds: 86_400 * 41)
            #expect(first.firstHeldTime == (isLate ? nil : expected), "\(format) \(stamp)")
        }
    }

    /// How lines are cut into chunks changes nothing.
    @Test func aDayIsOfOneYearInWhateverOrderItComes() {
        var symbols = SymbolTable()
        let morning = TimeSpan(seconds: 6 * 3600 + 1)
        let stamps = ["Jan  2 06:00:00", "Jan  2 06:30:00", "Jan  2 06:00:02"]
        for order in [stamps, stamps.reversed()] {
            var whole = feed(.lines)
            take(
                order.map { "\($0) h a: m" }.joined(separator: "\n"), &whole, after: morning,
                &symbols)
            var cut = feed(.lines)
            for stamp in order { take("\(stamp) h a: m", &cut, after: morning, &symbols) }
            #expect(whole.state.held.map(\.time) == cut.state.held.map(\.time))
            #expect(whole.firstHeldTime == newYear + TimeSpan(seconds: 86_400 + 6 * 3600))
        }
    }
}
