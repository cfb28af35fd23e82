// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import MatchCore
@testable import Pipeline

@Suite struct BoundEventTextTests {
    private func complete(_ text: String, _ derived: [(String, Value)]) -> String {
        let event = Match.BoundEvent(
            givenID: nil, feed: 0, position: 1, type: "a", time: .zero, text: Array(text.utf8),
            derivedFields: derived.map { (name: $0.0, value: $0.1) }, arrival: 1)
        return String(decoding: event.completeText, as: UTF8.self)
    }

    @Test func anEventWithoutDerivedFieldsIsAsItCame() {
        #expect(complete(#"{ "a" :1.50}"#, []) == #"{ "a" :1.50}"#)
    }

    @Test(arguments: [
        ("{}", #"{"n":1}"#), ("{ }", #"{ "n":1}"#), (#"{"a":1}"#, #"{"a":1,"n":1}"#),
        (#"{"a":{"n":2},"b":["n",{"n":3}]} "#, #"{"a":{"n":2},"b":["n",{"n":3}],"n":1}"#),
        (#"{"a":"\"n\":}"}"#, #"{"a":"\"n\":}","n":1}"#),
        // It has the field already, also where its name is written oddly.
        (#"{"a":1,"n":null}"#, #"{"a":1,"n":null}"#), (#"{"\u006e":2}"#, #"{"\u006e":2}"#),
    ])
    func derivedFieldsStandBehindItsOwn(_ text: String, _ expected: String) {
        #expect(complete(text, [("n", .int(1))]) == expected)
    }

    @Test(arguments: [
        (
            #"{"a\tb\\\"\/":1,"\u00e4\ud83d\ude00":[{"x":1}],"z":{"y":2}}"#,
            ["a\tb\\\"/", "ä😀", "z"]
        ),
        ("[1]", []), ("{", []), (#"{"a"#, ["a"]),
    ])
    func keysAreFoundAtTheTopOnly(_ text: String, _ names: [String]) {
        #expect(ObjectKeys.names(of: Array(text.utf8)) == names)
    }
}
