// SPDX-License-Identifier: Apache-2.0

import Live
import Testing

@testable import NetworkFeeds

@Suite struct MessageCutterTests {
    /// The messages of a text that comes in parts of a size.
    private func messages(
        _ text: String, _ framing: MessageFraming, partSize: Int, max: Int = 100
    ) throws -> [String] {
        var cutter = MessageCutter(framing, maxByteCount: max, newlineText: Array("#012".utf8))
        var lines: [UInt8] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: partSize) {
            try cutter.take(bytes[start..<min(start + partSize, bytes.count)], into: &lines)
        }
        cutter.finish(into: &lines)
        return String(decoding: lines, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).dropLast().map(String.init)
    }

    @Test(arguments: [1, 2, 3, 5, 1000])
    func messagesEndWhereTheirFramingSays(partSize: Int) throws {
        let cases: [(String, MessageFraming, [String])] = [
            ("a\nbc\n\nd", .lines, ["a", "bc", "d"]),
            ("a\r\nb\0\n", .lines, ["a", "b"]),
            ("5 <1>a\n6 <2>b\nc", .octetCounted, ["<1>a", "<2>b#012c"]),
            ("4 <1>a\n4 <2>b\n", .octetCounted, ["<1>a", "<2>b"]),
            (
                "<1>a\n4 <2>b<3>c\n2027 lines\n12 apples\n", .auto,
                ["<1>a", "<2>b", "<3>c", "2027 lines", "12 apples"]
            ),
            ("{\"a\":1}\n10\n0 <x\n", .auto, ["{\"a\":1}", "10", "0 <x"]),
            ("1234567890 <1>a\n", .auto, ["1234567890 <1>a"]),
            ("20 <1>cut off", .auto, ["<1>cut off"]), ("20 <1>cut", .octetCounted, ["<1>cut"]),
            ("20", .auto, ["20"]),
        ]
        for (text, framing, expected) in cases {
            #expect(try messages(text, framing, partSize: partSize) == expected, "\(text)")
        }
    }

    @Test(arguments: [1, 4, 11, 1000])
    func whatIsTooLongIsCutAndTheNextIsWhole(partSize: Int) throws {
        let long = String(repeating: "x", count: 30)
        #expect(
            try messages("\(long)\nshort\n", .lines, partSize: partSize, max: 10)
                == [String(long.prefix(11)), "short"])
        #expect(
            try messages("33 <1>\(long)5 <2>ab", .auto, partSize: partSize, max: 10)
                == ["<1>" + String(long.prefix(8)), "<2>ab"])
    }

    @Test func howAStreamIsCutChangesNothing() throws {
        var state: UInt64 = 11
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let alphabet = Array("<1 3>a\n0".utf8)
        for _ in 0..<3000 {
            let bytes = (0..<random(60)).map { _ in alphabet[random(alphabet.count)] }
            let text = String(decoding: bytes, as: UTF8.self)
            let whole = try messages(text, .auto, partSize: 1000, max: 8)
            let inParts = try messages(text, .auto, partSize: 1 + random(9), max: 8)
            #expect(inParts == whole, "\(text)")
            #expect(whole.allSatisfy { $0.utf8.count <= 9 * 4 })
        }
    }

    @Test func withoutALengthNothingIsUnderstood() {
        for text in ["<1>a", "0 <1>", "x", "12345678901 <1>a", "4<1>a"] {
            #expect(throws: MessageCutter.FramingError.self) {
                try messages(text, .octetCounted, partSize: 100)
            }
        }
    }
}
