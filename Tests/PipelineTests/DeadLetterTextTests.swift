// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Connectors
@testable import Pipeline

@Suite struct DeadLetterTextTests {
    private func text(_ bytes: [UInt8], isTruncated: Bool = false) -> String {
        var result: [UInt8] = []
        let letter = DeadLetter(
            feed: 0, lineNumber: 7, reason: "a \"reason\"", bytes: bytes, isTruncated: isTruncated)
        DeadLetterText.append(letter, feedName: "x.jsonl", to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    @Test func aLetterIsOneObjectALine() {
        #expect(
            text(Array("{\"a\":\n1}".utf8))
                == #"{"feed":"x.jsonl","line":7,"reason":"a \"reason\"","text":"{\"a\":\n1}"}"#
                + "\n"
        )
        #expect(text([], isTruncated: true).hasSuffix(#""text":"","truncated":true}"# + "\n"))
    }

    @Test(arguments: [
        ([0xff], #"\udcff"#), ([0x61, 0xc3], #"a\udcc3"#), ([0xc3, 0xa4], "ä"),
        ([0xed, 0xa0, 0x80, 0x62], #"\udced\udca0\udc80b"#),
        ([0x80, 0x22, 0xfe], #"\udc80\"\udcfe"#),
        ([0x00, 0xe2, 0x82], #"\u0000\udce2\udc82"#),
    ])
    func bytesThatAreNoTextAreEscaped(_ bytes: [UInt8], _ expected: String) {
        var result: [UInt8] = []
        DeadLetterText.appendLossless(bytes, to: &result)
        #expect(String(decoding: result, as: UTF8.self) == "\"\(expected)\"")
    }
}
