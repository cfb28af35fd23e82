// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Automata
@testable import MatchCore
@testable import Pipeline

@Suite struct EventTextTests {
    /// The text of an event whose type has the derived fields `n` and `m`.
    private func complete(_ text: String, _ derived: [Value]) throws -> String {
        var program = try ReplayHarness(ReplayHarness.guesses).program
        program.derivedFields = [
            [.init(name: "n", slot: 0), .init(name: "m", slot: 1)]
        ]
        var batch = MatchBatch()
        batch.append(
            rule: 1, key: ["ann"], title: "t",
            events: [.init(text: text, incomingType: derived.isEmpty ? -1 : 0, derived: derived)])
        var writer = EventText()
        var bytes: [UInt8] = []
        writer.append(0, of: batch, program, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func anEventWithoutDerivedFieldsIsAsItCame() throws {
        #expect(try complete(#"{ "a" :1.50}"#, []) == #"{ "a" :1.50}"#)
        #expect(try complete(#"{ "a" :1.50} "#, [.missing, .missing]) == #"{ "a" :1.50} "#)
    }

    @Test func theEndOfItsLineIsNotPartOfAnEvent() throws {
        #expect(try complete("{\"a\":1}\r", []) == #"{"a":1}"#)
        #expect(try complete("{\"a\":1}\r", [.int(1), .missing]) == #"{"a":1,"n":1}"#)
    }

    @Test(arguments: [
        ("{}", #"{"n":1}"#), ("{ }", #"{ "n":1}"#), (#"{"a":1}"#, #"{"a":1,"n":1}"#),
        (#"{"a":{"n":2},"b":["n",{"n":3}]} "#, #"{"a":{"n":2},"b":["n",{"n":3}],"n":1}"#),
        (#"{"a":"\"n\":}"}"#, #"{"a":"\"n\":}","n":1}"#),
        // It has the field already, also where its name is written oddly.
        (#"{"a":1,"n":null}"#, #"{"a":1,"n":null}"#), (#"{"\u006e":2}"#, #"{"\u006e":2}"#),
    ])
    func derivedFieldsStandBehindItsOwn(_ text: String, _ expected: String) throws {
        #expect(try complete(text, [.int(1), .missing]) == expected)
    }

    @Test func eachFieldThatIsThereIsAdded() throws {
        #expect(
            try complete(#"{"a":1}"#, [.list([.string("x\"")]), .bool(true)])
                == #"{"a":1,"n":["x\""],"m":true}"#)
        #expect(try complete(#"{"n":1}"#, [.int(2), .int(3)]) == #"{"n":1,"m":3}"#)
    }

    @Test(arguments: [
        (
            #"{"a\tb\\\"\/":1,"\u00e4\ud83d\ude00":[{"x":1}],"z":{"y":2}}"#,
            ["a\tb\\\"/", "ä😀", "z"]
        ),
        ("[1]", []), ("{", []), (#"{"a"#, ["a"]),
    ])
    func keysAreFoundAtTheTopOnly(_ text: String, _ names: [String]) {
        var found: [String] = []
        var keys = ObjectKeys()
        let bytes = text.utf8.span
        while let key = keys.next(in: bytes) {
            found.append(ObjectKeys.unescaped(bytes.extracting(key)))
        }
        #expect(found == names)
    }
}
