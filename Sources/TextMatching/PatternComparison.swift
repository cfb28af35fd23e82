// SPDX-License-Identifier: Apache-2.0

/// Holds a set of regexes against each of them by itself, on random ones and random texts.
package struct PatternComparison: Sendable {
    /// Regexes that sets took in.
    package private(set) var taken = 0
    /// Regexes looked for in a text of ASCII, and those of them that a set named.
    package private(set) var asked = 0
    package private(set) var named = 0
    package private(set) var matches = 0
    /// A regex that matches and was not named; nil: there was none.
    package private(set) var difference: String?
    private var numbers: Numbers

    /// Makes `rounds` sets of up to 40 regexes, each for 20 texts.
    package init(seed: UInt64, rounds: Int) {
        numbers = Numbers(state: seed)
        for _ in 0..<rounds where difference == nil { compare() }
    }

    private mutating func compare() {
        var patterns: [(pattern: String, flags: String)] = []
        var regexes: [RegexMatcher] = []
        for _ in 0..<40 {
            let pattern = pattern()
            let flags = pick(["", "", "i", "m", "s", "im", "is"])
            guard PatternSet.takes(pattern: pattern, flags: flags),
                let regex = try? Regex(pattern: pattern, flags: flags)
            else { continue }
            patterns.append((pattern, flags))
            regexes.append(RegexMatcher(regex))
        }
        taken += patterns.count
        var set = PatternSet(patterns)
        for _ in 0..<20 {
            let text = text()
            set.find(in: text.span)
            let isPlain = text.allSatisfy { $0 < 0x80 } && !text.isEmpty
            if isPlain {
                asked += patterns.count
                named += set.found.count
            }
            for number in regexes.indices where regexes[number].search(text.span) == .match {
                matches += 1
                if set.found.contains(Int32(number)) { continue }
                let (pattern, flags) = patterns[number]
                difference = "r\"\(pattern)\"\(flags) in \(text)"
                return
            }
        }
    }

    private mutating func pattern() -> String {
        var pattern = ""
        for _ in 0..<Int.random(in: 1...5, using: &numbers) {
            pattern += pick(PatternComparison.atoms) + pick(PatternComparison.counts)
            if Int.random(in: 0..<12, using: &numbers) == 0 { pattern += "|" }
        }
        return Int.random(in: 0..<6, using: &numbers) == 0 ? "(\(pattern))" + "{1,2}" : pattern
    }

    private mutating func text() -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 0...12, using: &numbers) {
            text += pick(PatternComparison.pieces).utf8
        }
        // Most texts are ASCII.
        if Bool.random(using: &numbers) { text.removeAll { $0 >= 0x80 } }
        return text
    }

    private mutating func pick(_ list: [String]) -> String {
        list.randomElement(using: &numbers) ?? ""
    }

    private static let atoms = [
        "a", "b", "ab", "U", "7", "-", "/", ".", "\\.", "\\d", "\\D", "\\w", "\\W", "\\t", "\\n",
        "\\b", "[ab]", "[^ab]", "[a-c0-4_]", "[^\\d.]", "[a\\]]", "(a|b)", "(?:ab|b)", "[^\\w-]",
        "(?<n1>a)", "(?P<x>b)", "(a|)", "^", "$", "k", "s", " ", "\"", "#", "=", "\\[", "\\\\",
        // Not plain: PCRE2's alone.
        "\\s", "\\x41", "(?=a)", "(?i)a", "\\1", "[[:alpha:]]", "a++", "(?>a)", "\\R", "ü", "\\K",
        "(*UCP)", "\\Qa\\E", "{", "a{,2}", "[-a]", "\\h", "\\p{L}", "\\A", "\\z", "(?#x)", "[\\b]",
    ]
    private static let counts = [
        "", "", "", "", "", "", "*", "+", "?", "{2}", "{1,}", "{0,3}", "+?", "*?", "{2}?",
    ]
    private static let pieces = [
        "a", "b", "ab", "U", "u", "7", "77", "-", "/", ".", "\\", "k", "K", "s", "S", " ", "\"",
        "#",
        "\n", "\t", "\r", "\u{b}", "\0", "_", "=", "[", "]", "\u{212a}", "\u{17f}", "ü", "é", "A",
        "B", "\u{7f}", "\u{85}",
    ]

    /// SplitMix64.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }
}
