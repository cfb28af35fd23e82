// SPDX-License-Identifier: Apache-2.0

import Testing
import TextMatching

@Suite struct RequiredLiteralTests {
    @Test(arguments: [
        (
            "Failed password for (?:invalid user )?(?<user>\\S+) from (?<ip>\\S+)",
            "Failed password for "
        ),
        ("^abc$", "abc"), ("abcd*", "abc"), ("abc+d", "abc"), ("abcd{0,3}efghi", "efghi"),
        ("ab(c)defg", "defg"), ("a\\.b\\[c", "a.b[c"), ("abc\\dxyzw", "xyzw"),
        ("abc[^]x]defg", "defg"), ("(?=(x[)]))abc", "abc"), ("é abc", " abc"),
        ("abc]def}ghij", "ghij"), ("(?<a>b)(?P<c>d)efg", "efg"), ("(a|b)cde", "cde"),
        ("", ""), ("ab", ""), ("ab?c?d?", ""), ("abc|def", ""), ("a{b}cde", ""), ("(?i)abcd", ""),
        ("ab(?i:c)defg", ""), ("abc\\Qd*\\Eefg", ""), ("abcd\\x41", ""), ("abc(?#[)def", ""),
        ("(*ACCEPT)abcd", ""), ("abcd(?|e)", ""), ("abcd[[:alpha:]]", ""), ("(a)abcd\\1", ""),
        ("(a)?(?(1)b|c)defg", ""), ("abc\\Kdef", ""), ("abc\\cdef", ""),
    ])
    func theLongestTextThatIsInEveryMatchIsFound(pattern: String, literal: String) throws {
        let regex = try Regex(pattern: pattern)
        #expect(String(decoding: regex.requiredLiteral, as: UTF8.self) == literal)
    }

    @Test(arguments: ["i", "x", "ix"])
    func whereCaseOrBlanksDoNotCountThereIsNone(flags: String) throws {
        #expect(try Regex(pattern: "abcdef", flags: flags).requiredLiteral.isEmpty)
    }

    @Test func aTextThatIsCutIsSearchedAllTheSame() throws {
        let matcher = RegexMatcher(try Regex(pattern: "needle"))
        let long = [UInt8](repeating: 97, count: RegexLimits.subjectByteCap + 10)
        #expect(matcher.search(long.span) == .limitReached)
        #expect(matcher.search(long.span.extracting(..<1000)) == .noMatch)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func theLiteralChangesNoAnswer(_ seed: UInt64) throws {
        var numbers = SplitMix(state: seed)
        let pieces = [
            "abc", "b", "c", "ab", "x", ".", "\\.", "\\d", "[ab]", "[^]a]", "(", "(?:", ")", "|",
            "*", "+", "?", "{2}", "{0,1}", "^", "$", "(?=", "(?<!", "\\b", "\\Q", "\\E", "é",
            "(?i)",
        ]
        let letters = ["a", "b", "c", "abc", "x", ".", "1", "\n", "é", "A"]
        var (withLiteral, matches) = (0, 0)
        for _ in 0..<1_000 {
            func some() -> String {
                (0..<Int.random(in: 0...3, using: &numbers)).map { _ in
                    pieces.randomElement(using: &numbers) ?? ""
                }.joined()
            }
            let pattern = some() + "abc" + some()
            guard let regex = try? Regex(pattern: pattern), !regex.requiredLiteral.isEmpty else {
                continue
            }
            withLiteral += 1
            let quick = RegexMatcher(regex)
            let plain = RegexMatcher(regex, usesRequiredLiteral: false)
            for _ in 0..<8 {
                let text = (0..<Int.random(in: 0...30, using: &numbers)).map { _ in
                    letters.randomElement(using: &numbers) ?? ""
                }.joined()
                let expected = plain.search(text)
                #expect(quick.search(text) == expected, "\(pattern) in \(text)")
                #expect(quick.captureRange(0) == plain.captureRange(0))
                if expected == .match { matches += 1 }
            }
        }
        #expect(withLiteral > 50 && matches > 50)
    }

    private struct SplitMix: RandomNumberGenerator {
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
