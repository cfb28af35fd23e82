// SPDX-License-Identifier: Apache-2.0
// xoshiro256** of Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators" (2018),
// seeded by SplitMix64 as they advise. Exercised by SeededRandomTests.

/// Random numbers that are the same for the same seed, on every machine and in every release.
///
/// Draw with the methods here: what the standard library makes of a generator
/// (`Int.random(in:using:)`, `shuffled(using:)`) may change with its version.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    package init(seed: UInt64) {
        var mixer = seed
        a = SeededRandom.splitMix(&mixer)
        b = SeededRandom.splitMix(&mixer)
        c = SeededRandom.splitMix(&mixer)
        d = SeededRandom.splitMix(&mixer)
    }

    package mutating func next() -> UInt64 {
        let scaled = b &* 5
        let result = (scaled << 7 | scaled >> 57) &* 9
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = d << 45 | d >> 19
        return result
    }

    /// A generator for a part of the work: draws from it do not disturb those that follow here.
    package mutating func split() -> SeededRandom { SeededRandom(seed: next()) }

    private static func splitMix(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SeededRandom {
    /// 0 ..< `bound`, each as likely.
    ///
    /// - Precondition: `bound` is positive.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a bound is positive")
        let bound = UInt64(bound)
        // Lemire's multiplication, with the draws refused that would favour small results.
        let refused = (0 &- bound) % bound
        while true {
            let product = next().multipliedFullWidth(by: bound)
            if product.low >= refused { return Int(product.high) }
        }
    }

    /// A number of the range, each as likely.
    ///
    /// - Precondition: the range is narrower than `Int.max`.
    package mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True `times` in `outOf` draws.
    package mutating func chance(_ times: Int, in outOf: Int) -> Bool { below(outOf) < times }

    /// At least 0 and below 1.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// An element of a list that is not empty.
    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, below(last + 1))
        }
    }
}
