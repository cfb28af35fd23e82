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
        #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":1e5}"#, #"{"a":-}"#, #"{"a":"x}"#, #"{"a":"\x"}"#,
        "{\"a\":\"\u{1}\"}", #"{"a":"\ud800"}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a" 1}"#,
        #"{"a":tru}"#, #"{"a":[1,}"#, #"{a:1}"#, #"{"a":1 "b":2}"#, "{\"a\":1}\r\r", "{\"a\":\r1}",
    ])
    func theFastWayLeavesAlone(_ line: String) {
        let result = compare([#"{"a":1,"type":"t","time":1}"#, line, line])
        #expect(result.difference == nil)
        #expect(result.predictedCount == 2)
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
