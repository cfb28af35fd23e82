// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Connectors

@Suite struct JSONValueTests {
    private func read(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

    @Test(arguments: [
        #"{"a":[1,-2.5e3,true,false,null,"x"],"b":{}}"#, "[]", "0", #""\"\\\n""#, #"{"":""}"#,
    ])
    func whatIsReadIsWrittenAgain(text: String) {
        #expect(read(text)?.json == text)
    }

    @Test(arguments: [
        "", "{", "{]", "[1 2]", "{\"a\"}", "01", "1.", "-", "1e", "tru", "nul",
        "\"\\x\"", "\"\\u12\"", "\"a", "\"\u{1}\"", "1 2", "{a:1}", "+1", "\"\\ud800", ".5",
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(read(text) == nil)
        let data = Data(text.utf8)
        #expect(
            (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) == nil)
    }

    /// Foundation's parser takes these.
    @Test(arguments: ["[1,]", "{\"a\":1,}"])
    func aCommaBehindTheLastIsRefused(text: String) {
        #expect(read(text) == nil)
    }

    @Test func escapesAreResolved() {
        #expect(
            read(#""\u0041\ud83d\ude00\ud800x\/\b\f\r\t""#)
                == .string("A😀\u{fffd}x/\u{8}\u{c}\r\t"))
    }

    @Test func ofMembersOfOneNameTheLastCounts() {
        #expect(read(#"{"a":1,"a":2}"#)?["a"] == .number("2"))
        #expect(read("[1]")?["a"] == nil)
    }

    @Test func readingEndsBeforeAMemberOfTheOutermostObject() {
        let text = Array(#"{"a":{"events":1},"events":"#.utf8)
        #expect(JSONValue(text, upTo: "events")?.json == #"{"a":{"events":1}}"#)
        #expect(JSONValue(text) == nil)
    }

    @Test func depthIsBounded() {
        let deep = { (count: Int) in
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(read(deep(JSONValue.depthCap)) != nil)
        #expect(read(deep(JSONValue.depthCap + 1)) == nil)
        #expect(read(String(repeating: "[", count: 1_000_000)) == nil)
    }

    @Test func peopleAreShownTextsWithoutQuotes() {
        #expect(read(#"["a",1,null,true]"#)?.displayText == "a, 1, , true")
    }
}
