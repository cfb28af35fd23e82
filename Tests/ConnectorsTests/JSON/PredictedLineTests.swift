// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

/// The fast way through a line says what the careful way says, or nothing.
@Suite struct PredictedLineTests {
    private static let plan = planOfOneType(
        [("a", .any), ("b", .any), ("b.c", .any), ("s", .string), ("n", .number), ("f", .float)],
        others: true)

    private func compare(_ lines: [String]) -> (difference: String?, predictedCount: Int) {
        DecoderFuzz.comparison(Array(lines.joined(separator: "\n").utf8), Self.plan)
    }

    @Test(arguments: [
        #"{"type":"t","time":1,"a":"x"}"#, #"{"type": "t", "time": 1, "a": "x"}"#,
        #"{ "type" : "t" , "time":1.5 , "a":-1 }"#, "{\t\"type\":\"t\",\"time\":1\t}",
        #"{"type":"t","time":1,"a":1,"a":"last"}"#, #"{"type":"t","time":1,"a":"é日😀"}"#,
        #"{"type":"t","time":1,"a":"\u00e9\n\\\""}"#, #"{"typ\u0065":"t","time":1}"#,
        #"{"type":"t","time":1,"b":{"c":1}}"#, #"{"type":"t","time":1,"b":{"c":1},"b":2}"#,
        #"{"type":"t","time":1,"b":"x","b":{"d":2}}"#, #"{"type":"t","time":1,"a":[1,{"b":2}]}"#,
        #"{"type":"t","time":1,"a":true,"s":null,"n":false}"#,
        #"{"type":"t","time":1760000000001,"a":0,"n":123456789012345678,"f":0.1}"#,
        #"{"type":"t","time":1,"n":12345678901234567890,"f":123456789.123456789}"#,
        #"{"type":"t","time":1,"n":1234567,"f":1234567.5,"id":12345678}"#,
        #"{"type":"t","time":1,"n":9007199254740993.5,"f":9007199254740993}"#,
        #"{"type":"t","time":1,"n":1e3,"f":-0,"a":1.5E-3,"s":-12}"#,
        #"{"type":"t","time":1,"a":2.5,"f":3.1e2,"n":1.5}"#,
        #"{"type":"t","time":1,"a":2.5,"f":1e3,"n":12345678.1234567}"#,
        #"{"type":"t","time":1,"a":2.5,"f":12345678.1234567,"n":-0.5}"#,
        #"{"type":"t","time":1,"f":1.12345678,"a":"1.5","b":1.2}"#,
        #"{"type":"t","time":1,"f":99999999.9999999,"a":"1.5","b":1.2}"#,
        #"{"type":"t","time":1,"f":0.0,"a":"1.5","b":1.2}"#,
        #"{"type":"t","time":-1,"id":-5,"n":-1.25,"f":-7}"#,
        #"{"type":"t","time":123456789012345678,"id":1234567890123456,"n":0.5}"#,
        #"{"type":"t","time":1,"id":12345678901234567,"n":1234567890123456}"#,
        #"{"type":"t","time":1,"id":"1","s":"","a":""}"#,
        #"{"type":"t","time":"2027-01-31T12:00:00Z","id":true}"#, #"{"type":"","time":1}"#,
        #"{"type":"some other type of event","time":1,"a":"more than sixteen bytes"}"#,
        #"{"type":"t","time":1,"a key of more than thirty-two bytes in all":1,"a":2}"#,
        "{\"type\":\"t\",\"time\":1}\r",
    ])
    func theFastWayTakes(_ line: String) {
        let result = compare([line, line, line])
        #expect(result.difference == nil)
        #expect(result.predictedCount == 6)
    }

    @Test(arguments: [
        "", " ", "{}", "{ }", #"{"a":1"#, #"{"a":1}x"#, #"{"a":1} "#, #" {"a":1}"#, #"{"a":01}"#,
        #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":-}"#, #"{"a":"x}"#, #"{"a":"\x"}"#,
        "{\"a\":\"\u{1}\"}", #"{"a":"\ud800"}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a" 1}"#,
        #"{"a":tru}"#, #"{"a":[1,}"#, #"{a:1}"#, #"{"a":1 "b":2}"#, "{\"a\":1}\r\r", "{\"a\":\r1}",
    ])
    func theFastWayLeavesAlone(_ line: String) {
        let result = compare([#"{"a":1,"type":"t","time":1}"#, line, line])
        #expect(result.difference == nil)
        #expect(result.predictedCount == 2)
    }

    /// Blocks of 16 and 32 bytes end everywhere in these texts and numbers.
    @Test func whatIsOddIsFoundWhereverItStands() {
        var lines: [String] = []
        for length in 0..<70 {
            let text = String(repeating: "x", count: length)
            lines.append(#"{"type":"t","time":1,"s":"\#(text)","a":"\#(text)"}"#)
            for odd in ["é", #"\n"#, #"\""#, #"\\"#, "\u{7f}"] {
                lines.append(#"{"type":"t","time":1,"s":"\#(text)\#(odd)\#(text)"}"#)
            }
            let digits = String(repeating: "7", count: length + 1)
            lines.append(#"{"type":"t","time":1,"n":\#(digits),"a":\#(digits).\#(digits)}"#)
        }
        let result = compare(lines)
        #expect(result.difference == nil)
        #expect(result.predictedCount == 2 * lines.count)
    }

    /// Also where the line before it had another kind of value at the key, or none.
    @Test func aValueMayBeOfAnyKindInEachLine() {
        let values = [
            "1", #""x""#, "true", "false", "null", "-1", "1.5", "1e3", #"{"c":1}"#, "[1,2]", #""""#,
        ]
        var lines: [String] = []
        for first in values {
            for second in values {
                lines += [first, second].map { #"{"type":"t","a":\#($0),"b":\#($0),"time":1}"# }
                lines.append(#"{"type":"t","b":\#(second),"time":1}"#)
            }
        }
        let result = compare(lines)
        #expect(result.difference == nil)
        #expect(result.predictedCount == 2 * lines.count)
    }

    /// A decoder that remembers symbols does not take those of one table for those of another.
    @Test func eachTableGetsItsOwnSymbols() throws {
        let line = Array(#"{"type":"t","time":1,"s":"x"}"#.utf8)
        let text = line + [UInt8](repeating: 0x0a, count: RawText.margin + 1)
        var decoder = JSONLineDecoder(plan: Self.plan)
        for number in 0..<3 {
            var symbols = SymbolTable()
            for k in 0..<number { _ = symbols.intern("other \(k)") }
            for _ in 0..<2 {
                var batch = EventBatch(slotCount: Self.plan.slotCount)
                try unsafe text.withUnsafeBufferPointer { bytes in
                    let raw = try #require(unsafe RawText(bytes))
                    try #require(decoder.scanPredicted(raw, text.span, from: 0) == line.count)
                    decoder.meet(symbols)
                    _ = try decoder.understand(text.span)
                    batch.appendRows(upTo: 1) { events, rows, first in
                        decoder.appendPlain(
                            raw, text.span, 0..<line.count, to: &events, &rows, slotsAt: first,
                            symbols: &symbols, feed: 0, position: 1)
                        decoder.finishTexts(&rows, symbols: &symbols)
                    }
                }
                #expect(symbols.string(of: batch.events[0].typeName) == "t")
                #expect(batch.slots.contains(.string(symbols.intern("x"))))
            }
        }
    }

    /// A newline is a blank inside of an object only for somebody who does not read lines.
    @Test func anObjectEndsWithItsLine() {
        let plain = #"{"type":"t","time":1,"a":1}"#
        for cut in [#"{"type":"t","time":1,"a":{"x":1,"#, #"{"type":"t","time":1,"a":[1,"#] {
            let result = compare([plain, cut, #""y":2]}}"#, plain, #"{"type":"t","#, plain])
            #expect(result.difference == nil)
            #expect(result.predictedCount == 6)
        }
    }

    @Test func keysMayComeInAnyOrderAndNumber() {
        var numbers = SeededNumbers(state: 7)
        let members = (0..<700).map { #""key\#($0)":\#($0)"# }
        let lines = (0..<300).map { _ in
            let picked = (0..<6).map { _ in members.randomElement(using: &numbers)! }
            return "{" + (picked + [#""type":"t""#, #""time":1"#]).joined(separator: ",") + "}"
        }
        let result = compare(lines)
        #expect(result.difference == nil)
        #expect(result.predictedCount == 600)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func mutatedLinesAreTakenAlike(_ seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        let seeds = [
            #"{"type":"t","time":1760000000001,"a":"x\u00e9\ud83d\ude00y","b":{"c":[1,null]}}"#,
            #"{"type":"u","time":"2027-01-31T12:00:00Z","s":"é日😀","n":12.5,"f":7,"id":"i"}"#,
            #"{ "time" : 1.25 , "type" : "t" , "b" : { "c" : -1e3 } , "n" : 12345678901 }"#,
        ].map { Array($0.utf8) }
        let spice = Array("{}[]\",:\\\n\r\t 0123456789eE.-+u\u{1}é".utf8)
        var predicted = 0
        for _ in 0..<150 {
            var bytes: [UInt8] = []
            for _ in 0..<8 {
                var line = seeds.randomElement(using: &numbers)!
                for _ in 0..<Int.random(in: 0...2, using: &numbers) {
                    let place = Int.random(in: 0..<line.count, using: &numbers)
                    switch Int.random(in: 0..<3, using: &numbers) {
                    case 0: line[place] = spice.randomElement(using: &numbers)!
                    case 1: line.remove(at: place)
                    default: line.insert(spice.randomElement(using: &numbers)!, at: place)
                    }
                }
                bytes += line + [0x0a]
            }
            let result = DecoderFuzz.comparison(bytes, Self.plan)
            #expect(result.difference == nil)
            predicted += result.predictedCount
        }
        #expect(predicted > 500)
    }
}
