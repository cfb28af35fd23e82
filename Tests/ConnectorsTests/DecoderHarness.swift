// SPDX-License-Identifier: Apache-2.0

import Connectors
import EventModel
import Foundation

/// A decoder with its symbols and one batch, and what it made of the lines it was given.
final class DecoderHarness {
    var decoder: JSONLineDecoder
    var symbols = SymbolTable()
    var batch: EventBatch
    private(set) var reasons: [String] = []
    private(set) var outcomes: [ScannedLine] = []

    init(_ plan: DecodePlan, _ options: JSONLineDecoder.Options = .init()) {
        decoder = JSONLineDecoder(plan: plan, options: options)
        batch = EventBatch(slotCount: plan.slotCount)
    }

    @discardableResult
    func take(_ line: String) -> ScannedLine? { take(Array(line.utf8)) }

    @discardableResult
    func take(_ line: [UInt8]) -> ScannedLine? {
        do {
            let outcome = try decoder.scan(line.span)
            outcomes.append(outcome)
            if case .event = outcome {
                decoder.append(
                    line.span, to: &batch, symbols: &symbols, feed: 0,
                    position: Int64(outcomes.count))
            }
            return outcome
        } catch {
            reasons.append(error.reason)
            return nil
        }
    }

    func value(_ slot: Int, ofEvent event: Int? = nil) -> Value {
        let event = event ?? batch.count - 1
        return symbols.value(of: batch.slots[event * batch.slotCount + slot])
    }
}

/// A plan of one type `t` with a slot a path, in order.
func planOfOneType(_ fields: [(String, ValueType)], type: String = "t", others: Bool = false)
    -> DecodePlan
{
    var wanted: [DecodePlan.Field] = []
    for (slot, field) in fields.enumerated() {
        wanted.append(.init(path: field.0, targets: [.init(slot: slot, type: field.1)]))
    }
    let incoming = DecodePlan.IncomingType(
        name: type, fields: wanted, timePath: nil, timeFormat: nil, idPath: nil)
    return DecodePlan(
        types: [incoming], otherFields: others ? wanted : nil, slotCount: fields.count)
}

/// A folder that goes away with its owner.
final class ScratchFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "martlet-connectors-" + UUID().uuidString
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func file(_ name: String, _ text: String) throws -> String {
        try file(name, Array(text.utf8))
    }
}

/// SplitMix64: the same numbers for the same seed everywhere.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
