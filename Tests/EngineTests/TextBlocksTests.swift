// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MatchCore

@Suite struct TextBlocksTests {
    /// Lengths at and around the borders of the sizes of blocks.
    private static let lengths = [
        0, 1, 15, 16, 17, 80, 170, 1023, 1024, 1025, 1536, 1537, 2048, 2049, 3072, 3073, 4096,
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
            stored.append((blocks.store(text.span), text))
        }
        for (block, text) in stored {
            var bytes: [UInt8] = []
            blocks.append(block, to: &bytes)
            #expect(bytes == text)
        }
    }

    @Test(arguments: lengths)
    func aReleasedBlockServesTheNextTextOfItsSize(length: Int) {
        var blocks = TextBlocks()
        let first = blocks.store(Self.text(length, 1).span)
        let other = blocks.store(Self.text(length, 2).span)
        blocks.release(first)
        let second = blocks.store(Self.text(length, 3).span)
        #expect(second == first)
        #expect(second != other)
    }
}
