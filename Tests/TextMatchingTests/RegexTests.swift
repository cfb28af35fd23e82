// SPDX-License-Identifier: Apache-2.0

import Testing
import TextMatching

@Suite struct RegexTests {
    @Test(arguments: [
        ("b+", "", "abbbc", true),
        ("^b", "", "abc", false),
        ("ABC", "i", "xabcx", true),
        ("STRASSE|É", "i", "é", true),
        ("^b$", "", "a\nb\nc", false),
        ("^b$", "m", "a\nb\nc", true),
        ("a.c", "", "a\nc", false),
        ("a.c", "s", "a\nc", true),
        ("a b # c", "x", "ab", true),
        ("^.$", "", "é", true),
        ("^\\w$", "", "é", false),
        ("", "", "", true),
        ("^$", "", "", true),
        ("x", "", "", false),
        ("(?<=a)b(?!c)", "", "abd", true),
    ])
    func findsWhatItShould(pattern: String, flags: String, text: String, found: Bool) throws {
        let regex = try Regex(pattern: pattern, flags: flags)
        #expect(regex.matches(text) == found)
        #expect(regex.matches(Array(text.utf8)) == found)
        #expect(RegexMatcher(regex).search(text) == (found ? .match : .noMatch))
    }

    @Test(arguments: [
        ("a(b", "", 3, "parenthesis"), ("*", "", 0, "quantifier"), ("[z-a]", "", 3, "range"),
        ("é(?<1>x)", "", 5, "name"), ("\\C", "", 2, "\\C"), ("a", "ig", nil, "`g`"),
    ])
    func aBadPatternIsRefusedWithItsPlace(
        pattern: String, flags: String, offset: Int?, message: String
    ) throws {
        let error = #expect(throws: RegexError.self) { try Regex(pattern: pattern, flags: flags) }
        #expect(error?.offset == offset)
        #expect(error?.message.contains(message) == true)
    }

    @Test func groupsAreFoundByNameAndNumber() throws {
        let regex = try Regex(pattern: #"for (invalid user )?(?<user>\S+) from (?<ip>\S+)"#)
        #expect(regex.captureNames == ["user", "ip"])
        #expect(regex.captureIndex(named: "ip") == 3)
        #expect(regex.captureIndex(named: "port") == nil)
        let groups = regex.firstMatch(in: "Failed for ann from 10.0.0.1 port 7")
        #expect(groups == ["for ann from 10.0.0.1", nil, "ann", "10.0.0.1"])
        #expect(regex.firstMatch(in: "nothing") == nil)
    }

    @Test func rangesAreThoseOfTheLastSearch() throws {
        let matcher = RegexMatcher(try Regex(pattern: "(b)(c)?"))
        #expect(matcher.captureRange(0) == nil)
        #expect(matcher.search("éab") == .match)
        #expect(matcher.captureRange(1) == 3..<4)
        #expect(matcher.captureRange(2) == nil)
        #expect(matcher.captureRange(3) == nil)
        #expect(matcher.captureRange(-1) == nil)
        #expect(matcher.search("xyz") == .noMatch)
        #expect(matcher.captureRange(0) == nil)
    }

    @Test(
        arguments: [
            ([0xff, 0x61], "a", true), ([0xff, 0xfe], ".", false), ([0x61, 0xc3], "^a", true),
            ([0xe2, 0x82], "^.", false), ([0x61, 0x80, 0x62], "a.b", false),
            ([0xed, 0xa0, 0x80, 0x62], "b$", true), ([0xf8, 0x61], "A", false),
        ] as [([UInt8], String, Bool)])
    func bytesThatAreNotUTF8AreSafe(bytes: [UInt8], pattern: String, found: Bool) throws {
        #expect(try Regex(pattern: pattern).matches(bytes) == found)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "(a+)+$", "(a|a)*$", "(a*)*[bc]", "(.*.*.*.*.*)[xy]", "^(([a-z])+.)+[A-Z]([a-z])+$",
            "(?:a?){30}a{30}[bc]", "(a(?1)?b?)+[cd]", "(*NO_JIT)(a+)+[bc]",
        ])
    func aPatternThatExplodesIsGivenUp(pattern: String) throws {
        let text = String(repeating: "a", count: 5000) + "!"
        let regex = try Regex(pattern: pattern)
        let clock = ContinuousClock()
        var result = RegexResult.match
        let time = clock.measure { result = regex.search(text.utf8.span) }
        #expect(result != .match)
        #expect(time < .seconds(20))
    }

    @Test func theLimitIsReportedAsSuch() throws {
        let text = String(repeating: "a", count: 100) + "!"
        #expect(try Regex(pattern: "(a|a)*$").search(text.utf8.span) == .limitReached)
        #expect(try !Regex(pattern: "(a|a)*$").matches(text))
    }

    @Test func aPlainPatternFitsTheLimitsOnTheLongestText() throws {
        let filler = [UInt8](repeating: 120, count: RegexLimits.subjectByteCap - 2)
        let regex = try Regex(pattern: "a.*[bc]")
        #expect(regex.search(([97] + filler + [33]).span) == .noMatch)
        #expect(regex.search(([97, 98] + filler).span) == .match)
    }

    @Test func aLongTextIsSearchedInItsFirstPart() throws {
        let filler = [UInt8](repeating: 97, count: RegexLimits.subjectByteCap - 1)
        let regex = try Regex(pattern: "b")
        #expect(regex.search(([98] + filler).span) == .match)
        #expect(regex.search((filler + [98]).span) == .match)
        #expect(regex.search((filler + [97, 98]).span) == .limitReached)
        #expect(try Regex(pattern: "a$").search((filler + [97, 97]).span) == .limitReached)
    }

    @Test func oneExpressionServesManyThreads() async throws {
        let regex = try Regex(pattern: "^(x+)y$")
        let good = await withTaskGroup(of: Bool.self) { group in
            for i in 0..<8 {
                group.addTask {
                    let matcher = RegexMatcher(regex)
                    let text = String(repeating: "x", count: i + 1) + "y"
                    return (0..<200).allSatisfy { _ in
                        matcher.search(text) == .match && matcher.captureRange(1) == 0..<(i + 1)
                            && regex.matches(text) && !regex.matches("z")
                    }
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(good)
    }
}
