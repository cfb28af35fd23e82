// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

/// Events whose texts are places in the reader's buffer, around the ends of what is read at once.
@Suite struct ChunkTests {
    private let folder = ScratchFolder()
    private let plan = planOfOneType([("a", .int), ("s", .string)])

    private func line(_ number: Int, length: Int) -> String {
        let start = #"{"type":"t","time":\#(number),"a":\#(number),"s":""#
        let padding = max(0, length - start.utf8.count - 2)
        return start + String(repeating: "x", count: padding) + "\"}"
    }

    /// Reads a file of `lines`, each time `limit` events, and holds it against them.
    private func expectLines(
        _ lines: [String], ending: String = "\n", last: String = "\n", limit: Int
    ) throws {
        let text = lines.joined(separator: ending) + last
        var feed = try RecordedFeed(
            path: folder.file("f.jsonl", text), number: 0, plan: plan)
        var symbols = SymbolTable()
        var batch = EventBatch(slotCount: plan.slotCount)
        var next = 0
        var hasMore = true
        while hasMore {
            batch.removeAll()
            hasMore = try feed.fill(&batch, upTo: limit, symbols: &symbols)
            #expect(batch.count <= limit)
            #expect(batch.count > 0 || !hasMore)
            for k in 0..<batch.count {
                let expected = lines[next] + (next == lines.count - 1 ? last : ending)
                let text = String(decoding: batch.text[batch.textRange(k)], as: UTF8.self)
                #expect(text == expected.filter { $0 != "\n" }.replacing("\r\n", with: "\r"))
                #expect(batch.events[k].position == Int64(next + 1))
                #expect(symbols.value(of: batch.slots[k * 2]) == .int(Int64(next)))
                next += 1
            }
        }
        #expect(next == lines.count)
        #expect(feed.takeDeadLetters().isEmpty)
        #expect(feed.statistics.lines == lines.count)
    }

    @Test(arguments: [1, 7, 512, 100_000])
    func linesAcrossTheEndsOfChunksComeWhole(_ limit: Int) throws {
        try expectLines((0..<6000).map { line($0, length: 60 + $0 % 91) }, limit: limit)
    }

    /// The first line ends so many bytes before or behind the end of the first chunk.
    @Test(arguments: [-40, -33, -32, -31, -2, -1, 0, 1, 2, 31, 32, 33])
    func aLineMayEndAnywhereAboutTheEndOfAChunk(_ distance: Int) throws {
        let first = line(0, length: ByteSource.chunkByteCount - 1 + distance)
        try expectLines([first] + (1..<50).map { line($0, length: 80) }, limit: 3)
    }

    @Test(arguments: [1, 64])
    func aLineMayBeLongerThanAChunk(_ limit: Int) throws {
        let lines = (0..<20).map { line($0, length: $0 % 3 == 1 ? 700_000 + $0 : 90) }
        try expectLines(lines, limit: limit)
    }

    @Test func theLastLineNeedsNoNewline() throws {
        try expectLines((0..<5000).map { line($0, length: 80) }, last: "", limit: 512)
    }

    @Test func linesMayEndAsElsewhere() throws {
        let lines = (0..<5000).map { line($0, length: 80) }
        for limit in [5, 512] { try expectLines(lines, ending: "\r\n", last: "\r\n", limit: limit) }
    }

    @Test func aLineOfFiftyMegabytesIsRead() throws {
        let long = line(1, length: 50_000_000)
        let path = try folder.file(
            "long.jsonl", "\(line(0, length: 80))\n\(long)\n\(line(2, length: 80))")
        var options = FeedOptions()
        options.maxLineBytes = 60_000_000
        var feed = try RecordedFeed(path: path, number: 0, plan: plan, options: options)
        var symbols = SymbolTable()
        var lengths: [Int] = []
        var batch = EventBatch(slotCount: plan.slotCount)
        var hasMore = true
        while hasMore {
            batch.removeAll()
            hasMore = try feed.fill(&batch, upTo: 10, symbols: &symbols)
            lengths += (0..<batch.count).map { batch.textRange($0).count }
        }
        #expect(lengths == [80, 50_000_000, 80])
        #expect(feed.takeDeadLetters().isEmpty)
    }

    /// What is lent goes back with the events, and the reader does not write over it before.
    @Test func aBatchThatIsKeptKeepsItsTexts() throws {
        let lines = (0..<9000).map { line($0, length: 100) }
        var feed = try RecordedFeed(
            path: folder.file("f.jsonl", lines.joined(separator: "\n")), number: 0, plan: plan)
        var symbols = SymbolTable()
        var kept: [EventBatch] = []
        var hasMore = true
        while hasMore {
            var batch = EventBatch(slotCount: plan.slotCount)
            hasMore = try feed.fill(&batch, upTo: 1000, symbols: &symbols)
            kept.append(batch)
        }
        let texts = kept.flatMap { batch in
            (0..<batch.count).map {
                String(decoding: batch.text[batch.textRange($0)], as: UTF8.self)
            }
        }
        #expect(texts == lines)
    }
}
