// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

@Suite struct SeededRandomTests {
    /// The generator is part of the meaning of a committed seed.
    @Test func theFirstNumbersOfASeedStayTheSame() {
        var random = SeededRandom(seed: 1)
        let first = [random.next(), random.next(), random.next()]
        #expect(first == SeededRandomTests.firstOfSeedOne)
    }

    // Computed apart, with the authors' reference code in C.
    static let firstOfSeedOne: [UInt64] = [
        0xb3f2_af6d_0fc7_10c5, 0x853b_5596_4736_4cea, 0x92f8_9756_082a_4514,
    ]

    @Test func twoSeedsDiffer() {
        var (one, two) = (SeededRandom(seed: 1), SeededRandom(seed: 2))
        #expect(one.next() != two.next())
    }

    @Test func everyNumberBelowABoundIsDrawnAboutAsOften() {
        var random = SeededRandom(seed: 3)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[random.below(7)] += 1 }
        #expect(counts.allSatisfy { (9_500...10_500).contains($0) }, "\(counts)")
    }

    @Test func theEndsOfARangeAreDrawn() {
        var random = SeededRandom(seed: 4)
        let drawn = Set((0..<200).map { _ in random.int(-2...2) })
        #expect(drawn == [-2, -1, 0, 1, 2])
    }

    @Test func unitIsBelowOne() {
        var random = SeededRandom(seed: 5)
        let sum = (0..<10_000).reduce(0.0) { sum, _ in
            let value = random.unit()
            #expect(value >= 0 && value < 1)
            return sum + value
        }
        #expect(abs(sum / 10_000 - 0.5) < 0.02)
    }

    @Test func aShuffleKeepsTheElements() {
        var random = SeededRandom(seed: 6)
        var list = Array(0..<50)
        random.shuffle(&list)
        #expect(list != Array(0..<50))
        #expect(list.sorted() == Array(0..<50))
    }

    @Test func drawsFromASplitGeneratorDoNotDisturbTheFirst() {
        var one = SeededRandom(seed: 7)
        var two = SeededRandom(seed: 7)
        var part = one.split()
        _ = two.split()
        _ = part.next()
        #expect(one.next() == two.next())
    }
}
