// SPDX-License-Identifier: Apache-2.0

import Testing
import TextMatching

@Suite struct LikePatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("*", "", true), ("*", "abc", true), ("?", "", false),
        ("?", "é", true), ("??", "é", false), ("a*", "abc", true), ("*c", "abc", true),
        ("a*c", "abcbc", true), ("a*d", "abc", false), ("*b*", "abc", true), ("a?c", "abc", true),
        ("a?c", "ac", false), ("**a**", "bab", true), ("abc", "ABC", false), ("a.c", "abc", false),
        ("*ab", "aab", true), ("*aab*", "aaaaab", true), ("?*?", "a", false), ("?*?", "ab", true),
        ("*😀?", "x😀y", true), ("/etc/*", "/etc/passwd", true),
    ])
    func wildcardsCoverTheWholeText(pattern: String, text: String, accepted: Bool) {
        #expect(LikePattern(pattern).matches(text) == accepted)
        #expect(LikePattern(pattern, ignoringCase: true).matches(text) == accepted || text == "ABC")
    }

    @Test(arguments: [
        ("ADMIN*", "admin-7", true), ("é*", "ÉCOLE", true), ("*Ω", "xω", true), ("k", "K", true),
        ("[", "{", false), ("@", "`", false),
    ])
    func caseCanBeIgnored(pattern: String, text: String, accepted: Bool) {
        #expect(LikePattern(pattern, ignoringCase: true).matches(text) == accepted)
    }

    @Test(
        arguments: [
            ([0xff], "?", true), ([0xff, 0xfe], "?", false), ([0xc3], "*", true),
            ([0x61, 0xff, 0x62], "a?b", true), ([0xc3], "Ã", false),
            ([0xed, 0xa0, 0x80], "???", true),
            ([0xc0, 0x80], "??", true),
        ] as [([UInt8], String, Bool)])
    func anInvalidByteIsOneScalar(bytes: [UInt8], pattern: String, accepted: Bool) {
        #expect(LikePattern(pattern).matches(bytes.span) == accepted)
    }

    @Test(.timeLimit(.minutes(1))) func manyStarsTakeNoExponentialTime() {
        let text = String(repeating: "a", count: 20_000)
        let pattern = String(repeating: "*a", count: 50) + "*b"
        #expect(!LikePattern(pattern).matches(text))
    }
}
