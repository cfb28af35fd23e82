// SPDX-License-Identifier: Apache-2.0

import EventModel
import GzipPacking
import Testing

@testable import Connectors

@Suite struct FeedMergerTests {
    private let folder = ScratchFolder()
    private let plan = planOfOneType([("a", .int)])

    @Test func eventsOfEqualTimesComeInTheOrderOfTheFeeds() throws {
        var merger = FeedMerger(plan: plan)
        try merger.add(path: folder.file("x.jsonl", lines([1, 3, 3, 5])))
        try merger.add(path: folder.file("y.jsonl", lines([1, 2, 3, 6])))
        try merger.add(path: folder.file("z.jsonl", lines([0, 3])))
        #expect(
            drain(&merger, plan).events == [
                "z.jsonl:1 0", "x.jsonl:1 1", "y.jsonl:1 1", "y.jsonl:2 2", "x.jsonl:2 3",
                "x.jsonl:3 3",
                "y.jsonl:3 3", "z.jsonl:2 3", "x.jsonl:4 5", "y.jsonl:4 6",
            ])
    }

    @Test func nothingComesOfNoFeeds() throws {
        var merger = FeedMerger(plan: plan)
        #expect(drain(&merger, plan) == Given())
    }

    @Test func aDamagedFeedDoesNotStopTheOthers() throws {
        let packed = gzip(Array(lines(Array(0..<500)).utf8))
        var merger = FeedMerger(plan: plan)
        try merger.add(path: folder.file("x.jsonl.gz", Array(packed[..<(packed.count - 4)])))
        try merger.add(path: folder.file("y.jsonl", lines(Array(0..<500))))
        let given = drain(&merger, plan)
        #expect(given.errors == [.truncated(path: folder.path + "/x.jsonl.gz")])
        #expect(given.events.filter { $0.hasPrefix("y") }.count == 500)
        #expect(given.events.filter { $0.hasPrefix("x") }.count >= 400)
    }

    /// Whatever the files, the lateness and the size of a batch, the events that are not late come
    /// sorted by (time, feed, arrival), each once.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func theMergeIsASort(_ seed: UInt64) throws {
        var numbers = SeededNumbers(state: seed)
        var merger = FeedMerger(plan: plan)
        var expected: [(time: Int, feed: Int, line: Int)] = []
        var lateCount = 0
        let lateness = Int.random(in: 0...20, using: &numbers)
        for feed in 0..<Int.random(in: 1...4, using: &numbers) {
            var (times, clock, largest) = ([Int](), 100, Int.min)
            for line in 1...Int.random(in: 1...800, using: &numbers) {
                clock += Int.random(in: 0...2, using: &numbers)
                let time = clock - Int.random(in: 0...25, using: &numbers) / 2
                times.append(time)
                if largest != .min, time < largest - lateness {
                    lateCount += 1
                } else {
                    expected.append((time, feed, line))
                }
                largest = max(largest, time)
            }
            var options = FeedOptions()
            options.lateness = TimeSpan(seconds: Int64(lateness))
            try merger.add(path: folder.file("\(feed).jsonl", lines(times)), options: options)
        }
        expected.sort { ($0.time, $0.feed, $0.line) < ($1.time, $1.feed, $1.line) }
        let given = drain(&merger, plan, limit: Int.random(in: 1...600, using: &numbers))
        #expect(given.events == expected.map { "\($0.feed).jsonl:\($0.line) \($0.time)" })
        #expect(given.letters.count == lateCount)
    }

    @Test func symbolsOfWaitingEventsOutliveASweep() throws {
        let plan = planOfOneType([("s", .any)])
        var merger = FeedMerger(plan: plan)
        for name in ["x", "y"] {
            let text = (0..<300).map { k in
                #"{"type":"t","time":\#(k),"id":"\#(name)\#(k)","s":["\#(name)",\#(k)]}"# + "\n"
            }.joined()
            var options = FeedOptions()
            options.lateness = TimeSpan(seconds: 50)
            try merger.add(path: folder.file("\(name).jsonl", text), options: options)
        }
        var symbols = SymbolTable()
        var seen: [String] = []
        var more = true
        while more {
            var batch = EventBatch(slotCount: 1)
            more = try merger.fill(&batch, upTo: 7, symbols: &symbols)
            for k in 0..<batch.count {
                guard case .string(let id) = symbols.value(of: batch.events[k].id),
                    case .list(let list) = symbols.value(of: batch.slots[k])
                else { continue }
                #expect(list == [.string(String(id.prefix(1))), .int(Int64(id.dropFirst())!)])
                seen.append(id)
            }
            var live = [Bool](repeating: false, count: symbols.idLimit)
            merger.markSymbols(in: &live)
            symbols.sweep(keeping: live)
        }
        #expect(seen == (0..<300).flatMap { ["x\($0)", "y\($0)"] })
    }

    private func lines(_ times: [Int]) -> String {
        times.map { #"{"type":"t","time":\#($0),"a":\#($0)}"# + "\n" }.joined()
    }
}
