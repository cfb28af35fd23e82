// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LanguageServer

@Suite struct JSONTests {
    private static let readable: [(String, JSON)] = [
        ("null", JSON.null), (" true ", true), ("-0", 0), ("12", 12), ("1.5e3", .float(1500)),
        ("9223372036854775808", .float(9_223_372_036_854_775_808)), ("[]", []),
        ("[1, [2]]", [1, [2]]), ("{}", [:]), (#"{"a": {"b": null}}"#, ["a": ["b": .null]]),
        (#""a\n\"\\\/é\u00e9\ud83d\ude00""#, "a\n\"\\/éé😀"), (#""\ud83d""#, "\u{fffd}"),
        (#""\ud83dx""#, "\u{fffd}x"), (#""\ude00\ud83d\u0041""#, "\u{fffd}\u{fffd}A"),
    ]

    @Test(arguments: readable)
    func whatIsJSONIsRead(_ text: String, _ value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        "", "nul", "01", "-", "1.", "1e", "[1,]", "[1", "{\"a\"}", "{\"a\":1,}", "{a:1}", "\"a",
        "\"\\x\"", "\"\\u12\"", "\"\n\"", "1 2", "tru", "\"\\u+123\"",
    ])
    func whatIsNotIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test func nestingHasABound() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSON(parsing: deep) }
    }

    @Test func writingAndReadingAreInverse() throws {
        let value: JSON = [
            "a": [1, -2, .float(0.5), true, .null], "ü\u{1}\"\\\n": "\u{7f}😀\t", "": [:],
        ]
        #expect(try JSON(parsing: value.bytes) == value)
        #expect(JSON.string("a\u{1}\"").text == #""a\u0001\"""#)
    }

    @Test func everyPrefixOfAMessageIsRefused() throws {
        let message: JSON = ["id": 1, "method": "é\n", "params": ["x": [.float(1.5), false]]]
        for length in 0..<message.bytes.count {
            #expect(throws: JSONError.self) {
                try JSON(parsing: Array(message.bytes.prefix(length)))
            }
        }
    }
}
