// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@Suite struct SpellingTests {
    @Test(arguments: [
        ("whenn", "when"), ("thn", "then"), ("evnet", "event"), ("sevrity", "severity"),
        ("outcom", "outcome"), ("srcip", "src_ip"), ("dstPort", "dst_port"), ("USER", "user"),
    ])
    func aSlipFindsTheWordMeant(slip: String, meant: String) {
        let names = ["when", "then", "event", "severity", "outcome", "src_ip", "dst_port", "user"]
        #expect(Spelling.closest(to: slip, among: names) == meant)
        #expect(Spelling.closest(to: slip, among: names.reversed()) == meant)
    }

    @Test(arguments: ["", "x", "id", "banana", "outcome_of_it", String(repeating: "u", count: 65)])
    func anUnlikeWordFindsNothing(word: String) {
        #expect(Spelling.closest(to: word, among: ["user", "ip", "outcome", "", "y"]) == nil)
    }

    @Test func theWordItselfIsNoSuggestion() {
        #expect(Spelling.closest(to: "user", among: ["user"]) == nil)
        #expect(Spelling.closest(to: "user", among: ["user", "users"]) == "users")
    }

    @Test func equalsAreSettledByFirstLetterThenAlphabet() {
        #expect(Spelling.closest(to: "cart", among: ["dart", "cars"]) == "cars")
        #expect(Spelling.closest(to: "cart", among: ["carp", "card"]) == "card")
    }
}
