// SPDX-License-Identifier: Apache-2.0

import Connectors
import Foundation
import Testing

/// No bytes may trap a decoder; `martlet-fuzz` runs the same functions for longer.
@Suite struct DecoderFuzzTests {
    /// The files of the corpus, in order of their paths.
    private static func corpus() throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../fixtures/corpus").standardizedFileURL
        var seeds: [[UInt8]] = []
        for kind in ["csv", "json", "lines", "packed"] {
            let inner = folder.appendingPathComponent(kind).path
            for name in try FileManager.default.contentsOfDirectory(atPath: inner).sorted() {
                seeds.append(Array(try Data(contentsOf: URL(fileURLWithPath: inner + "/" + name))))
            }
        }
        return seeds
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func mutatedInputsAreDecodedOrRefused(_ seed: UInt64) throws {
        let seeds = try Self.corpus()
        var numbers = SeededNumbers(state: seed)
        var events = 0
        for round in 0..<800 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 0...3, using: &numbers) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &numbers)
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: numbers.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            events += DecoderFuzz.json(bytes).made + DecoderFuzz.csv(bytes).made
            events += DecoderFuzz.lines(bytes).made
            if round % seeds.count >= seeds.count - 2 { events += DecoderFuzz.packed(bytes).made }
        }
        #expect(events > 100)
    }
}
