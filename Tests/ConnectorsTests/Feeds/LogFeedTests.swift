// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Connectors

@Suite struct LogFeedTests {
    private static let plans: [DecodePlan] = [
        DecoderFuzz.logPlan,
        planOfOneType([("message", .string), ("message.x", .string), ("host", .any)]),
        planOfOneType([("time", .string), ("line", .string)]),
        DecodePlan(
            types: [
                .init(
                    name: "t", fields: [], timePath: "message", timeFormat: nil, idPath: "host")
            ], otherFields: nil, slotCount: 0),
    ]

    private static let corpus: [[UInt8]] = ["odd.log", "syslog.log"].map { name in
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../fixtures/corpus/lines/\(name)").standardizedFileURL
        return (try? Data(contentsOf: file)).map { Array($0) } ?? []
    }

    @Test(arguments: 0..<4)
    func aLineGivesWhatItsObjectWould(_ plan: Int) {
        var events = 0
        for bytes in Self.corpus {
            let result = DecoderFuzz.logLineComparison(bytes, Self.plans[plan])
            #expect(result.difference == nil)
            events += result.eventCount
        }
        // The stamp as a field, and a time that is not the stamp, go by objects alone.
        #expect(events > 0 || plan >= 2)
        #expect(events == 0 || plan < 2)
    }

    @Test func linesThatWaitOutliveRulesThatReadTheStamp() {
        var options = FeedOptions()
        options.format = .lines
        options.fixedType = "t"
        options.lateness = TimeSpan(nanoseconds: 60_000_000_000)
        var symbols = SymbolTable()
        var first = PushedFeed(
            name: "f", number: 0, plan: planOfOneType([("message", .string)]), options: options)
        first.take(
            Array("2026-01-02T03:04:05Z web-1 cron: come\n".utf8), firstLine: 1,
            acceptedAt: .zero, symbols: &symbols)
        let plan = planOfOneType([("time", .string), ("message", .string)])
        var second = PushedFeed(name: "f", number: 0, plan: plan, options: options)
        #expect(second.restore(first.state, symbols: &symbols) == 0)
        var batch = EventBatch(slotCount: 2)
        while second.release(notAfter: .distantFuture, into: &batch) {}
        #expect(batch.count == 1)
        #expect(batch.slots.map { symbols.value(of: $0) }.last == .string("come"))
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func aStampLikeTheOneBeforeMeansTheSameTime(_ seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        let modified = CalendarTime(year: 2026, month: 1, day: 2).streamTime
        let days = [
            "Dec 31", "Jan  1", "Jan 01", "Jan 1", "Dec 30", "Feb 29", "Feb 28", "Mar  1", "Nov  9",
            "dec 31", "Apr 11",
        ]
        var quick = LogLines(stamps: OldStamps(modified: modified))
        var careful = LogLines(stamps: OldStamps(modified: modified))
        var day = "Dec 31"
        for _ in 0..<2_000 {
            if Int.random(in: 0..<3, using: &numbers) == 0 {
                day = days.randomElement(using: &numbers) ?? day
            }
            func two(_ most: Int) -> String {
                let number = Int.random(in: 0...most, using: &numbers)
                return number < 10 ? "0\(number)" : "\(number)"
            }
            let stamp = "\(day) \(two(24)):\(two(60)):\(two(61))"
            let line = Array("\(stamp) h a: m".utf8)
            // A fraction is always read with care.
            let other = Array("\(stamp).0 h a: m".utf8)
            let (found, expected) = (quick.read(line.span), careful.read(other.span))
            #expect(found?.time == expected?.time, "\(stamp)")
        }
    }

    @Test(arguments: [
        ("Dec 31 23:59:5x h a: m", false), ("Dec 31 23:59/58 h a: m", false),
        ("Dec 31 23;59:58 h a: m", false), ("Dec 31 23:60:58 h a: m", false),
        ("Dec 31 23:59:58h a: m", true), ("Dec 31 24:00:00 h a: m", false),
        ("Dec 31 23:59:58", true), ("Dec 31 23:59:60 h a: m", true),
    ])
    func whatIsNearlyAStampIsReadWithCare(_ line: String, _ isStamp: Bool) {
        var lines = LogLines(stamps: OldStamps(year: 2026))
        let first = Array("Dec 31 23:59:58 h a: m".utf8)
        #expect(lines.read(first.span)?.time != nil)
        let bytes = Array(line.utf8)
        #expect((lines.read(bytes.span)?.time != nil) == isStamp)
    }

    @Test func aLineIsLeftInTheReadersBuffer() throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        try Data("Dec 31 23:59:58 h a: m\r\nDec 31 23:59:59 h a: n\n".utf8)
            .write(to: URL(filePath: folder))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = FeedOptions()
        options.format = .lines
        options.fixedType = "t"
        let plan = planOfOneType([("message", .string)])
        var feed = try RecordedFeed(path: folder, number: 0, plan: plan, options: options)
        var batch = EventBatch(slotCount: 1)
        var symbols = SymbolTable()
        #expect(try feed.fill(&batch, upTo: 10, symbols: &symbols) == false || batch.count > 0)
        #expect(batch.textRange(0) == 0..<22)
        #expect(batch.textRange(1) == 24..<46)
        #expect(batch.events[1].form == TextForm(.oldHeader, place: 16))
        #expect(symbols.value(of: batch.slots[1]) == .string("n"))
    }
}
