// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MatchCore

@Suite struct LineShapesTests {
    /// Packs lines one after the other; of each the bytes it took, nil where it was not packed.
    /// What was packed has to come back.
    private static func sizes(of lines: [[UInt8]], margin: Int = 64) -> [Int?] {
        var shapes = LineShapes(typeCount: 1)
        var blocks = TextBlocks()
        var packed = RowArray<UInt8>(repeating: 0, count: LineShapes.roomByteCount + 5)
        var sizes: [Int?] = []
        for line in lines {
            let text = [1, 2, 3] + line + Array(repeating: UInt8(ascii: "x"), count: margin)
            let end = shapes.pack(text, 3..<3 + line.count, ofType: 0, to: &packed, from: 5)
            sizes.append(end < 0 ? nil : end - 5)
            guard end >= 0 else { continue }
            let none: [UInt8] = []
            let block = packed.withSpan(0..<end) { blocks.store($0, none.span) }
            var result: [UInt8] = Array("before".utf8)
            shapes.append(block, from: 5, of: blocks, to: &result)
            if result != Array("before".utf8) + line { Issue.record("not the line") }
        }
        return sizes
    }

    private static func order(_ number: Int, _ item: String = "tea") -> [UInt8] {
        Array(
            #"{"id":\#(number),"type":"order","order_id":"o\#(number)","item":"\#(item)"}"#.utf8)
    }

    @Test(arguments: [0, 64]) func onlyWhatDiffersIsKept(margin: Int) {
        let lines = [Self.order(1), Self.order(123_456), Self.order(7, "a cup of coffee")]
        let sizes = Self.sizes(of: lines, margin: margin)
        #expect(sizes[0] == nil)
        #expect(sizes[1]! <= 3 + 2 * (2 + 6))
        #expect(sizes[2]! <= 3 + 2 * (2 + 1) + 3 + 15)
    }

    @Test func linesOfSeveralShapesTakeTurns() {
        let logins = (0..<9).map { Array(#"{"type":"login","user":"u\#($0)","from":"here"}"#.utf8) }
        let orders = (0..<9).map { Self.order($0) }
        let sizes = Self.sizes(of: zip(logins, orders).flatMap { [$0, $1] })
        #expect(sizes[0] == nil && sizes[1] == nil)
        #expect(sizes[2...].allSatisfy { $0 != nil })
    }

    @Test func shortAndVeryLongLinesAreLeftAlone() {
        let line = Self.order(1)
        let long = Array(repeating: UInt8(ascii: "a"), count: LineShapes.lineByteCap + 1)
        let short = Array(#"{"a":1}"#.utf8)
        #expect(
            Self.sizes(of: [line, line, short, short, long, long])[2...] == [nil, nil, nil, nil])
    }

    @Test func longStretchesThatAgreeOrDoNotAreKept() {
        let same = String(repeating: "a long text that stays as it is ", count: 40)
        let lines = [0, 14, 15, 16, 255, 270, 271, 300].map { count in
            Array(#"{"a":"\#(same)","b":"\#(String(repeating: "b", count: count))"}"#.utf8)
        }
        let sizes = Self.sizes(of: lines + lines.reversed())
        #expect(sizes.compactMap { $0 }.count > 8)
    }

    /// Whatever the bytes are: what is packed comes back, which `sizes` sees to.
    @Test(arguments: [1, 2, 3] as [UInt64]) func anyBytesComeBack(seed: UInt64) {
        var state = seed
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var lines: [[UInt8]] = []
        for _ in 0..<600 {
            var line = Self.order(random(1_000_000), String(random(1_000)))
            for _ in 0..<random(4) {
                let place = random(line.count + 1)
                let byte = random(2) == 0 ? UInt8(random(256)) : Array("\",. }{9a".utf8)[random(8)]
                if random(3) > 0 || line.count < 40 {
                    line.insert(byte, at: place)
                } else {
                    line.removeSubrange(random(line.count)..<line.count)
                    line += Self.order(random(100))
                }
            }
            lines.append(line)
        }
        let packedCount = Self.sizes(of: lines, margin: Int(seed) * 16).compactMap { $0 }.count
        #expect(packedCount > 100)
    }

    /// After some that fit nothing, lines are not tried for a while.
    @Test func linesWithNothingInCommonAreGivenUpOn() {
        let wild: [[UInt8]] = (0..<20).map { number in
            (0..<200).map { place -> UInt8 in
                let mixed: Int = place * place * (number + 3) + number * 31
                return UInt8(mixed % 90 + 33)
            }
        }
        let sizes = Self.sizes(of: wild + [Self.order(1), Self.order(2)])
        #expect(sizes.allSatisfy { $0 == nil })
    }
}
