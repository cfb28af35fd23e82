// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Connectors

/// The decoder against Foundation's parser on mutated lines, from a seed.
///
/// Where the two differ, all on purpose: a comma behind the last element (Foundation takes it,
/// RFC 8259 and the decoder do not), a number too large for a double (Foundation refuses the line,
/// here the one value is missing) and a byte order mark (a line reader's business here).
@Suite struct JSONDifferentialTests {
    private static let seeds = [
        #"{"type":"t","time":1,"a":"x\u00e9\ud83d\ude00y","b":-12.5e-3,"#
            + #""c":[1,[true,null],{"d":"e"}]}"#,
        #"{ "a" : 12345678901234567890 , "b":{"c":{"d":false}} , "type":"t" }"#,
        #"{"a":"é日😀\\\"\/\b","c":[],"d":{},"b":0,"e":9007199254740993}"#,
        #"{"b":1E+2,"a":"","c":"\n\r\t\f","a":"again"}"#,
    ].map { Array($0.utf8) }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func bothTakeTheSameLinesAndFindTheSameValues(_ seed: UInt64) throws {
        var numbers = SeededNumbers(state: seed)
        var taken = 0
        for _ in 0..<4000 {
            let line = mutate(Self.seeds.randomElement(using: &numbers)!, &numbers)
            if line.contains(0x0a) || line.starts(with: [0xef, 0xbb, 0xbf]) { continue }
            let harness = DecoderHarness(planOfOneType([("a", .any), ("b", .any)]), fixed("t"))
            let outcome = harness.take(line)
            let isTaken =
                outcome != nil && outcome != .blank
                || harness.reasons.first.map(isOfTheEvent) ?? false
            let theirs = foundation(line)
            let isSame = isTaken == (theirs != nil) || isKnown(line, isTaken: isTaken)
            #expect(isSame, "\(String(decoding: line, as: UTF8.self)) \(harness.reasons)")
            guard let theirs, harness.batch.count == 1 else { continue }
            taken += 1
            // Of equal keys ours takes the last, which Foundation does not promise.
            if hasTwice("a", line) || hasTwice("b", line) { continue }
            for (slot, key) in ["a", "b"].enumerated() {
                let ours = harness.value(slot)
                #expect(
                    agrees(ours, theirs[key]),
                    "\(key) of \(String(decoding: line, as: UTF8.self)): \(ours)")
            }
        }
        #expect(taken > 100)
    }

    /// A reason that is about the event and not about JSON.
    private func isOfTheEvent(_ reason: String) -> Bool {
        reason.contains("time") || reason.contains("no field")
    }

    private func isKnown(_ line: [UInt8], isTaken: Bool) -> Bool {
        // A long exponent may make a number that no double holds; a comma may close a list.
        let pattern = isTaken ? #"[0-9][eE]\+?[0-9]{3,}"# : #",\s*[}\]]"#
        let text = String(decoding: line, as: UTF8.self)
        return text.range(of: pattern, options: .regularExpression) != nil
    }

    private func hasTwice(_ key: String, _ line: [UInt8]) -> Bool {
        String(decoding: line, as: UTF8.self).components(separatedBy: "\"\(key)\"").count > 2
    }

    private func foundation(_ line: [UInt8]) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any]
    }

    private func agrees(_ ours: Value, _ theirs: Any?) -> Bool {
        switch ours {
        case .missing:
            return theirs == nil || theirs is NSNull || theirs is [String: Any]
                || theirs is [Any]
        case .string(let text): return theirs as? String == text
        case .bool(let value): return theirs as? Bool == value
        case .int(let value): return (theirs as? NSNumber)?.int64Value == value
        case .float(let value):
            guard let number = theirs as? NSNumber else { return false }
            return abs(number.doubleValue - value) <= abs(value) * 1e-15
        case .list(let values): return (theirs as? [Any])?.count == values.count
        default: return false
        }
    }

    private func mutate(_ line: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
        var line = line
        let pieces: [[UInt8]] = [
            Array(#"\"#.utf8), Array(#"""#.utf8), Array("{".utf8), Array("}".utf8), Array("[".utf8),
            Array("]".utf8), Array(",".utf8), Array(":".utf8), Array("-".utf8), Array("0".utf8),
            Array("e".utf8), Array(".".utf8), Array(#"\ud83d"#.utf8), Array("null".utf8), [0xc3],
            [0x80], [0x1f], Array(" ".utf8), Array("1".utf8), Array(#","a":7"#.utf8),
        ]
        for _ in 0..<Int.random(in: 0...2, using: &numbers) {
            guard !line.isEmpty else { break }
            let place = Int.random(in: 0..<line.count, using: &numbers)
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0: line.remove(at: place)
            case 1: line.insert(contentsOf: pieces.randomElement(using: &numbers)!, at: place)
            case 2:
                line.replaceSubrange(place...place, with: pieces.randomElement(using: &numbers)!)
            default: line.removeSubrange(place...)
            }
        }
        return line
    }
}
