// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import TextMatching

@Suite struct LiteralSetTests {
    private static func found(
        _ literals: [String], in text: String, ignoringCase: Bool = false
    ) -> [String] {
        let set = LiteralSet(literals.map { Array($0.utf8) }, ignoringCase: ignoringCase)
        var scan = LiteralScan(set)
        scan.find(set, in: text.utf8.span)
        return scan.found.map { literals[Int($0)] }.sorted()
    }

    @Test func literalsInsideOfOthersAreFoundToo() {
        #expect(Self.found(["he", "she", "his", "hers"], in: "ushers") == ["he", "hers", "she"])
        #expect(Self.found(["a", "aa", "aaa"], in: "xaay") == ["a", "aa"])
        #expect(Self.found(["abcd", "bc"], in: "abce") == ["bc"])
        #expect(Self.found(["b"], in: "") == [])
    }

    @Test func aLiteralIsFoundOnceHoweverOftenItStands() {
        #expect(Self.found(["ab"], in: "abababab") == ["ab"])
    }

    @Test func aLiteralGivenTwiceHasTheNumberOfTheFirst() {
        let set = LiteralSet([[1, 2], [3], [1, 2]], ignoringCase: false)
        #expect(set.numbers == [0, 1, 0])
    }

    @Test func caseIsIgnoredAsInPatterns() {
        #expect(Self.found(["ÄRGER"], in: "viel ärger", ignoringCase: true) == ["ÄRGER"])
        // The sign of Kelvin is a k in lower case.
        #expect(Self.found(["ok"], in: "O\u{212a}", ignoringCase: true) == ["ok"])
        #expect(Self.found(["ÄRGER"], in: "viel ärger") == [])
    }

    /// Against a search for each literal by itself, over a small alphabet that makes ends of one
    /// literal begin others.
    @Test(arguments: [false, true]) func whatIsFoundIsWhatIsThere(ignoringCase: Bool) {
        var state: UInt64 = 99
        func below(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        func text(_ length: Int) -> String {
            String((0..<length).map { _ in ["a", "b", "A", "c"][below(4)].first! })
        }
        for _ in 0..<400 {
            let literals = Set((0..<1 + below(30)).map { _ in text(1 + below(5)) }).sorted()
            let whole = text(below(40))
            let expected = literals.filter { literal in
                ignoringCase
                    ? LikePattern("*\(literal)*", ignoringCase: true).matches(whole)
                    : whole.utf8.has(literal.utf8)
            }
            var found = Self.found(literals, in: whole, ignoringCase: ignoringCase)
            if ignoringCase {
                // Literals that are equal but for case have one number.
                found = literals.filter { literal in
                    found.contains { $0.lowercased() == literal.lowercased() }
                }
            }
            #expect(found == expected, "\(literals) in \(whole)")
        }
    }

    @Test(arguments: [
        ("Failed (pass|key)word", "", "Failed ", false), ("x", "", nil, false),
        ("ab", "i", "ab", true), ("disk error", "i", " error", true), ("kiss", "i", nil, true),
        ("a b c", "x", nil, false), ("one|two", "", nil, false),
    ]) func aPatternSaysWhatItNeeds(
        pattern: String, flags: String, text: String?, ignoresCase: Bool
    ) {
        let found = Regex.requiredText(pattern: pattern, flags: flags)
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == text)
        if let found { #expect(found.ignoresCase == ignoresCase) }
    }

    @Test func aPatternOfWildcardsSaysWhatItNeeds() {
        #expect(LikePattern("*ab?cde*").requiredText == "cde")
        #expect(LikePattern("*?").requiredText == "")
        #expect(LikePattern("plain").isPlain)
        #expect(!LikePattern("plai?").isPlain)
    }
}

extension Sequence<UInt8> {
    fileprivate func has(_ part: some Collection<UInt8>) -> Bool {
        let all = Array(self)
        return all.indices.contains { all[$0...].starts(with: part) }
    }
}
