// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MatchCore

@Suite struct TextBlocksTests {
    /// Lengths at and around the borders of the sizes of blocks.
    private static let lengths = [
        0, 1, 7, 8, 9, 15, 16, 17, 80, 170, 1023, 1024, 1025, 1536, 1537, 2048, 2049, 3072, 3073,
        4096,
        100_000,
    ]

    private static func text(_ length: Int, _ seed: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed) }
    }

    @Test func textsOfAllLengthsKeepApart() {
        var blocks = TextBlocks()
        var stored: [(TextBlock, [UInt8])] = []
        for (seed, length) in (Self.lengths + Self.lengths).enumerated() {
            let text = Self.text(length, seed)
            let head = [UInt8(seed)]
            stored.append((blocks.store(head.span, text.span), head + text))
        }
        for (block, text) in stored {
            let bytes = blocks.withSpan(of: block, from: 0) { span in
                span.indices.map { span[$0] }
            }
            #expect(bytes == text)
        }
    }

    @Test(arguments: lengths)
    func aReleasedBlockServesTheNextTextOfItsSize(length: Int) {
        var blocks = TextBlocks()
        let none: [UInt8] = []
        let first = blocks.store(none.span, Self.text(length, 1).span)
        let other = blocks.store(none.span, Self.text(length, 2).span)
        blocks.release(first)
        blocks.release(other)
        let second = blocks.store(none.span, Self.text(length, 3).span)
        let third = blocks.store(none.span, Self.text(length, 4).span)
        #expect(second == other)
        #expect(third == first)
    }
}
