// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import TextMatching

@Suite struct PatternSetTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func noRegexThatMatchesIsMissed(_ seed: UInt64) {
        let comparison = PatternComparison(seed: seed, rounds: 100)
        #expect(comparison.difference == nil)
        #if Vectorscan
            // It would not be worth much if it named them all.
            #expect(comparison.taken > 1_000 && comparison.matches > 1_000)
            #expect(comparison.named < comparison.asked * 3 / 4)
        #else
            #expect(comparison.taken == 0)
        #endif
    }

    @Test func withoutAPassEveryRegexMayMatch() {
        var set = PatternSet([(pattern: "(?=a)b\\", flags: ""), (pattern: "(", flags: "i")])
        set.find(in: "text".utf8.span)
        #expect(set.found.sorted() == [0, 1])
    }

    @Test(arguments: [
        "abc", "a.c", "^a[bc]+$", "[^a-z0-9_.]", "(a|b)*?c", "(?:x|y){2,5}", "\\d{3}-\\w+",
        "(?<ip>\\d+)", "a\\.b", "\\bfoo\\b", "[a-]", "a{200}",
    ])
    func whatMeansTheSameToBothIsPlain(_ pattern: String) {
        #expect(PlainPattern.isPlain(pattern, flags: "ims"))
        #expect((try? Regex(pattern: pattern)) != nil)
    }

    @Test(arguments: [
        "", "\\s", "(?i)a", "(?=a)", "(?!a)", "(?<=a)b", "a++", "(?>a)", "\\1", "(a)\\1", "ü",
        "[[:alpha:]]", "[a-\\d]", "[-a]", "a{,3}", "a{3", "a}", "]", "(", ")", "(a", "*a", "a**",
        "^*", "(*UTF)a", "\\x41", "\\p{L}", "\\Q.\\E", "\\K", "\\R", "\\A", "\\z", "\\Z", "\\G",
        "(?#x)", "(?P=x)", "(?|a)", "[]", "[^]", "[a", "a\\", "[.-9]", "a{201}", "\\b+", "a\tb",
    ])
    func whatMightMeanSomethingElseIsNot(_ pattern: String) {
        #expect(!PlainPattern.isPlain(pattern, flags: ""))
    }

    @Test func blanksAndCommentsInAPatternAreReadByOneAlone() {
        #expect(!PlainPattern.isPlain("a b", flags: "x"))
    }
}
