// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

/// The grammar of a line, as a table: the line, and the reason why it is none (nil: it is one).
@Suite struct JSONScannerTests {
    @Test(arguments: [
        "{}", " {} ", "{}\r", "\t{ }\t", #"{"a":1}"#, #"{"a" : 1 , "b" : 2}"#, #"{"a":{}}"#,
        #"{"a":[]}"#, #"{"a":[ ]}"#, #"{"a":[1,2,3]}"#, #"{"a":[[[]]]}"#, #"{"a":[{"b":[{}]}]}"#,
        #"{"a":true,"b":false,"c":null}"#, #"{"a":0}"#, #"{"a":-0}"#, #"{"a":-1}"#,
        #"{"a":1234567890}"#, #"{"a":0.5}"#, #"{"a":-0.5e10}"#, #"{"a":1E5}"#, #"{"a":1e+5}"#,
        #"{"a":1e-5}"#, #"{"a":123456789012345678901234567890}"#, #"{"a":0e0}"#,
        #"{"a":""}"#, #"{"":1}"#, #"{"a":"é"}"#, #"{"é":"日本語"}"#, #"{"a":"😀"}"#,
        #"{"a":"\"\\\/\b\f\n\r\t"}"#, #"{"a":"\u0041"}"#, #"{"a":"\u00e9\u65E5"}"#,
        #"{"a":"\ud83d\ude00"}"#, #"{"a":"\u0000"}"#, #"{"\u0061":1}"#, #"{"a":1,"a":2}"#,
        "{\"a\":\"\u{7f}\"}", "{\"a\":\"\u{2028}\"}", #"{"a":"/*"}"#, #"{"a":"}"}"#,
        #"{"a":"\\"}"#, #"{"a":"\\\""}"#, "{\"a\":\"\u{10ffff}\"}", #"{"a":"\uFFFF"}"#,
    ])
    func aCompleteObjectIsTaken(_ line: String) {
        #expect(reason(Array(line.utf8)) == nil)
    }

    @Test(arguments: [
        ("[]", "not a JSON object"), ("1", "not a JSON object"), (#""a""#, "not a JSON object"),
        ("null", "not a JSON object"), ("x", "not a JSON object"), ("}", "not a JSON object"),
        ("{", "the JSON object is not closed"), (#"{"#, "the JSON object is not closed"),
        (#"{"a"#, "the JSON object is not closed"), (#"{"a""#, "the JSON object is not closed"),
        (#"{"a":"#, "the JSON object is not closed"), (#"{"a":1"#, "the JSON object is not closed"),
        (#"{"a":1,"#, "the JSON object is not closed"),
        (#"{"a":[1"#, "the JSON object is not closed"),
        (#"{"a":[1,"#, "the JSON object is not closed"),
        (#"{"a":tr"#, "the JSON object is not closed"),
        (#"{"a":"x\"#, "the JSON object is not closed"),
        (#"{"a":-"#, "the JSON object is not closed"),
        (#"{}x"#, "more text behind the JSON object at byte 3"),
        (#"{} {}"#, "more text behind the JSON object at byte 4"),
        (#"{"a":1}}"#, "more text behind the JSON object at byte 8"),
        (#"{"a":1},"#, "more text behind the JSON object at byte 8"),
        (#"{,}"#, "not JSON at byte 2"), (#"{"a":1,}"#, "not JSON at byte 8"),
        (#"{"a":[1,]}"#, "not JSON at byte 9"), (#"{"a":[,1]}"#, "not JSON at byte 7"),
        (#"{"a" 1}"#, "not JSON at byte 6"), (#"{"a":}"#, "not JSON at byte 6"),
        (#"{"a"}"#, "not JSON at byte 5"), (#"{a:1}"#, "not JSON at byte 2"),
        (#"{'a':1}"#, "not JSON at byte 2"), (#"{"a":1 "b":2}"#, "not JSON at byte 8"),
        (#"{"a":True}"#, "not JSON at byte 6"), (#"{"a":trux}"#, "not JSON at byte 9"),
        (#"{"a":nul}"#, "not JSON at byte 9"), (#"{"a":truee}"#, "not JSON at byte 10"),
        (#"{"a":NaN}"#, "not JSON at byte 6"), (#"{"a":Infinity}"#, "not JSON at byte 6"),
        (#"{"a":+1}"#, "not JSON at byte 6"), (#"{"a":.5}"#, "not JSON at byte 6"),
        (#"{"a":01}"#, "not a number at byte 6"), (#"{"a":-01}"#, "not a number at byte 6"),
        (#"{"a":00}"#, "not a number at byte 6"), (#"{"a":1.}"#, "not a number at byte 6"),
        (#"{"a":1.e5}"#, "not a number at byte 6"), (#"{"a":1e}"#, "not a number at byte 6"),
        (#"{"a":1e+}"#, "not a number at byte 6"), (#"{"a":-}"#, "not a number at byte 6"),
        (#"{"a":-x}"#, "not a number at byte 6"), (#"{"a":0x10}"#, "not JSON at byte 7"),
        (#"{"a":1_000}"#, "not JSON at byte 7"), (#"{"a":1.5.5}"#, "not JSON at byte 9"),
        (#"{"a":/*x*/1}"#, "not JSON at byte 6"), (#"{"a":1//x"#, "not JSON at byte 7"),
        (#"{"a":[1}"#, "not JSON at byte 8"), (#"{"a":1]"#, "not JSON at byte 7"),
        (#"{"a":"\x"}"#, "not an escape at byte 7"), (#"{"a":"\'"}"#, "not an escape at byte 7"),
        (#"{"a":"\u12"}"#, "not an escape at byte 7"),
        (#"{"a":"\u12g4"}"#, "not an escape at byte 7"),
        (#"{"a":"\U0041"}"#, "not an escape at byte 7"),
        (#"{"a":"\ud83d"}"#, "half of a surrogate pair at byte 7"),
        (#"{"a":"\ude00"}"#, "half of a surrogate pair at byte 7"),
        (#"{"a":"\ud83dx"}"#, "half of a surrogate pair at byte 7"),
        (#"{"a":"\ud83d\n"}"#, "half of a surrogate pair at byte 7"),
        (#"{"a":"\ud83d\u0041"}"#, "half of a surrogate pair at byte 7"),
        (#"{"a":"\ude00\ud83d"}"#, "half of a surrogate pair at byte 7"),
        (#"{"\ud83d":1}"#, "half of a surrogate pair at byte 3"),
        ("{\"a\":\"\t\"}", "a raw control character in a string at byte 7"),
        ("{\"a\":\"\u{0}\"}", "a raw control character in a string at byte 7"),
        ("{\"a\":\"\u{1f}\"}", "a raw control character in a string at byte 7"),
        ("{\"\u{1}\":1}", "a raw control character in a string at byte 3"),
        ("{\u{a0}}", "not JSON at byte 2"), ("\u{feff}{}", "not a JSON object"),
        ("{\u{b}}", "not JSON at byte 2"),
    ])
    func anythingElseIsRefusedWithItsReason(_ line: String, _ expected: String) {
        #expect(reason(Array(line.utf8)) == expected)
    }

    @Test(
        arguments: [
            [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xc2, 0x41], [0xe0, 0x80, 0x80],
            [0xe0, 0x9f, 0xbf], [0xe1, 0x80], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
            [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
            [0xf5, 0x80, 0x80, 0x80], [0xf1, 0x80, 0x80], [0xff], [0xfe],
        ] as [[UInt8]])
    func invalidUTF8IsRefused(_ bytes: [UInt8]) {
        let line = Array(#"{"a":"é"#.utf8) + bytes + Array(#""}"#.utf8)
        #expect(reason(line) == "invalid UTF-8 at byte 9")
    }

    @Test func nestingIsTakenToTheCapAndNoDeeper() {
        let cap = JSONScanner.depthCap
        func nested(_ depth: Int) -> [UInt8] {
            let arrays = depth - 1
            let open = String(repeating: "[", count: arrays)
            return Array((#"{"a":"# + open + String(repeating: "]", count: arrays) + "}").utf8)
        }
        #expect(reason(nested(cap)) == nil)
        #expect(reason(nested(cap + 1))?.hasPrefix("nested deeper than 512 levels") == true)
        let objects = String(repeating: #"{"a":"#, count: 100_000)
        #expect(reason(Array(objects.utf8))?.hasPrefix("nested deeper") == true)
    }

    @Test func wantedObjectsCountTowardsTheDepth() {
        let deep = Array(repeating: "a", count: 600).joined(separator: ".")
        let harness = DecoderHarness(planOfOneType([(deep, .int)]))
        harness.take(
            String(repeating: #"{"a":"#, count: 600) + "1" + String(repeating: "}", count: 600))
        #expect(harness.reasons.first?.hasPrefix("nested deeper than 512 levels") == true)
    }

    /// The reason of the grammar alone: what has no type or time is a complete object too.
    private func reason(_ line: [UInt8]) -> String? {
        let harness = DecoderHarness(planOfOneType([("a", .any)]), fixed("none"))
        harness.take(line)
        return harness.reasons.first
    }
}

func fixed(_ type: String) -> JSONLineDecoder.Options {
    var options = JSONLineDecoder.Options()
    options.fixedType = type
    return options
}
