// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Connectors

/// Rows whose cells are noted where they stand, against the objects that are made of them.
@Suite struct CSVFeedTests {
    private static let names = [
        "type", "ts", "user", "a.b", "a", "bytes", "n,m", "ü", "user", "id",
    ]
    private static let cells = [
        "t", "t", "other", "1760000000001", "1760000000001", "2026-01-31T12:00:00Z", "ann", "",
        "17", "0x", "\"q,\"\"x\"", "\"\"", "größe", "a\\b", "true", "\"two\nlines\"", " pad ",
    ]

    private static func options() -> JSONLineDecoder.Options {
        var options = JSONLineDecoder.Options()
        options.isTextual = true
        return options
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func aRowGivesWhatItsObjectWould(_ seed: UInt64) throws {
        var numbers = SeededNumbers(state: seed)
        let plan = planOfOneType(
            [("user", .string), ("a.b", .any), ("a", .string), ("bytes", .int), ("n,m", .float)],
            others: seed % 2 == 0)
        let width = Int.random(in: 2...8, using: &numbers)
        // Types and times are there more often than not, and a name may come twice.
        var header = ["type", "ts"]
        while header.count < width {
            header.append(CSVFeedTests.names.randomElement(using: &numbers) ?? "")
        }
        header = header.map { $0.contains(",") ? "\"\($0)\"" : $0 }
        let lines = (0..<400).map { number in
            number == 0
                ? header
                : header.indices.map { place in
                    place == 0 && Bool.random(using: &numbers)
                        ? "t"
                        : place == 1 && Bool.random(using: &numbers)
                            ? "1760000000\(100 + number)"
                            : CSVFeedTests.cells.randomElement(using: &numbers) ?? ""
                }
        }
        let ending = seed % 3 == 0 ? "\r\n" : "\n"
        let text = lines.map { $0.joined(separator: ",") }.joined(separator: ending)
        let (difference, takenCount) = DecoderFuzz.rowComparison(
            Array(text.utf8), plan, CSVFeedTests.options())
        #expect(difference == nil)
        #expect(takenCount > 20)
    }

    private func write(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".csv"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// The texts and the objects of all events of a file, read `limit` events at a time.
    private func events(
        _ path: String, limit: Int = 100, lateness: TimeSpan = .zero
    ) throws -> [(text: String, object: String, letters: [String])] {
        var options = FeedOptions()
        options.fixedType = "t"
        options.lateness = lateness
        let plan = planOfOneType([("a", .string)])
        var feed = try RecordedFeed(path: path, number: 0, plan: plan, options: options)
        var batch = EventBatch(slotCount: 1)
        var symbols = SymbolTable()
        var result: [(String, String, [String])] = []
        var hasMore = true
        while hasMore {
            batch.removeAll()
            hasMore = try feed.fill(&batch, upTo: limit, symbols: &symbols)
            let letters = feed.takeDeadLetters().map(\.reason)
            for event in 0..<batch.count {
                var object: [UInt8] = []
                batch.appendObject(ofEvent: event, to: &object)
                let text = String(decoding: batch.text[batch.textRange(event)], as: UTF8.self)
                #expect("\(symbols.value(of: batch.slots[event]))".contains("x"))
                result.append((text, String(decoding: object, as: UTF8.self), letters))
            }
        }
        return result
    }

    private static let mixed = #"""
        time,a,b
        2026-01-31T12:00:01Z,x1,ü
        2026-01-31T12:00:02Z,"x2","a ""b"" c"
        2026-01-31T12:00:03Z,"x ""3""",
        2026-01-31T12:00:04Z,"x
        4",""
        2026-01-31T12:00:05Z,x5,5
        """#
    private static let objects = [
        #"{"time":"2026-01-31T12:00:01Z","a":"x1","b":"ü"}"#,
        #"{"time":"2026-01-31T12:00:02Z","a":"x2","b":"a \"b\" c"}"#,
        #"{"time":"2026-01-31T12:00:03Z","a":"x \"3\""}"#,
        #"{"time":"2026-01-31T12:00:04Z","a":"x\n4","b":""}"#,
        #"{"time":"2026-01-31T12:00:05Z","a":"x5","b":"5"}"#,
    ]

    /// Of a row whose wanted cell has quotes in it the object is made at once.
    @Test func aRowWaitsAsItCame() throws {
        let path = try write(CSVFeedTests.mixed)
        defer { try? FileManager.default.removeItem(atPath: path) }
        for limit in [1, 2, 100] {
            let events = try events(path, limit: limit)
            #expect(events.map(\.object) == CSVFeedTests.objects)
            #expect(events[0].text == "2026-01-31T12:00:01Z,x1,ü")
            #expect(events[1].text == #"2026-01-31T12:00:02Z,"x2","a ""b"" c""#)
            #expect(events[2].text == CSVFeedTests.objects[2])
            #expect(events[4].text == "2026-01-31T12:00:05Z,x5,5")
        }
        let held = try events(path, lateness: TimeSpan(nanoseconds: 2_000_000_000))
        #expect(held.map(\.object) == CSVFeedTests.objects)
        #expect(held[4].text == "2026-01-31T12:00:05Z,x5,5")
    }

    /// More rows than the buffer holds, so that places in it are of several fillings.
    @Test func rowsOfAnyNumberAreLeftInTheReadersBuffer() throws {
        let count = 20_000
        let rows = (0..<count).map { "\(1_760_000_000 + $0),x\($0),a longer cell of some words" }
        let path = try write("time,a,b\n" + rows.joined(separator: "\n") + "\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let events = try events(path, limit: 512)
        #expect(events.map(\.text) == rows)
    }

    @Test func whatIsNoRowIsADeadLetterAmongThem() throws {
        let path = try write(
            "time,a\n\n1760000000,x\n1760000001,x,y\n1760000002,\"x\"y\n1760000003,x\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let events = try events(path)
        #expect(events.map(\.text) == ["1760000000,x", "1760000003,x"])
        #expect(
            events[0].letters == [
                "3 cells where the header has 2", "text behind a closing quote at byte 15",
            ])
    }

    @Test func namesThatAreNoUTF8AreNoHeader() throws {
        let path = try write("")
        try Data(Array("time,a\u{7f}\n1,x\n".utf8).map { $0 == 0x7f ? 0xff : $0 })
            .write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var feed = try RecordedFeed(path: path, number: 0, plan: planOfOneType([]))
        var batch = EventBatch(slotCount: 0)
        var symbols = SymbolTable()
        #expect(try feed.fill(&batch, upTo: 9, symbols: &symbols) == false)
        #expect(
            feed.takeDeadLetters().map(\.reason) == [
                "invalid UTF-8 at byte 7",
                "the row of names could not be read: invalid UTF-8 at byte 7",
            ])
    }

    /// Two files whose columns differ, merged.
    @Test func rowsOfSeveralHeadersKeepTheirColumns() throws {
        let paths = try [
            write("time,a\n1760000000,x1\n1760000002,x3\n"),
            write("b,time,a\n1,1760000001,x2\n2,1760000003,x4\n"),
        ]
        defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
        var options = FeedOptions()
        options.fixedType = "t"
        let plan = planOfOneType([("a", .string)])
        var merger = FeedMerger(plan: plan)
        for path in paths { try merger.add(path: path, options: options) }
        var batch = EventBatch(slotCount: 1)
        var symbols = SymbolTable()
        while try merger.fill(&batch, upTo: 9, symbols: &symbols) {}
        var objects: [UInt8] = []
        for event in 0..<batch.count { batch.appendObject(ofEvent: event, to: &objects) }
        #expect(
            String(decoding: objects, as: UTF8.self)
                == #"{"time":"1760000000","a":"x1"}{"b":"1","time":"1760000001","a":"x2"}"#
                + #"{"time":"1760000002","a":"x3"}{"b":"2","time":"1760000003","a":"x4"}"#)
    }

    /// A feed that is stopped keeps the objects of rows that wait.
    @Test func rowsThatWaitOutliveARestart() throws {
        var options = FeedOptions()
        options.format = .csv
        options.fixedType = "t"
        options.lateness = TimeSpan(nanoseconds: 60_000_000_000)
        let plan = planOfOneType([("a", .string)])
        func feed() -> PushedFeed {
            PushedFeed(name: "f", number: 0, plan: plan, options: options)
        }
        var symbols = SymbolTable()
        var first = feed()
        first.take(
            Array("time,a\n1760000001,x2\n".utf8), firstLine: 1, acceptedAt: .zero,
            symbols: &symbols)
        first.take(
            Array("a,time\nx1,1760000000\n".utf8), firstLine: 3, acceptedAt: .zero,
            symbols: &symbols)
        var second = feed()
        #expect(second.restore(first.state, symbols: &symbols) == 0)
        #expect(second.state == first.state)
        for feed in 0..<2 {
            var batch = EventBatch(slotCount: 1)
            while feed == 0
                ? first.release(notAfter: .distantFuture, into: &batch)
                : second.release(notAfter: .distantFuture, into: &batch)
            {}
            var objects: [UInt8] = []
            for event in 0..<batch.count { batch.appendObject(ofEvent: event, to: &objects) }
            #expect(
                String(decoding: objects, as: UTF8.self)
                    == #"{"a":"x1","time":"1760000000"}{"time":"1760000001","a":"x2"}"#)
        }
    }
}
