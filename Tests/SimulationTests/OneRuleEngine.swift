// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import EventModel
import MatchCore
import Oracle
import Testing

/// An engine of one rule that is sent single events, for tests of a backend.
struct OneRuleEngine: ~Copyable {
    var engine: RuleEngine
    private let encoder: EventEncoder
    private let output: MatchOutput
    private var position: Int64 = 0

    init(_ program: RulesetProgram, _ output: MatchOutput, caps: Caps = Caps()) {
        self.output = output
        engine = RuleEngine(program, caps: caps, output: output)
        encoder = EventEncoder(program.decodePlan)
    }

    /// - Returns: the arrival numbers that each match bound, step by step; nothing where matches
    ///   are only counted.
    @discardableResult
    mutating func send(_ event: ReferenceEvent) -> [[Int64]] {
        position += 1
        var batch = EventBatch(slotCount: engine.program.decodePlan.slotCount)
        _ = encoder.append(
            type: event.type, time: event.time, id: event.id,
            fields: event.fields.map { ($0.name, $0.value) }, position: position,
            to: &batch, symbols: &engine.symbols)
        engine.apply(batch)
        return engine.drain().map { $0.steps.flatMap { $0.map(\.arrival) } }
    }

    /// - Parameter types: one event a letter, which is its type.
    @discardableResult
    mutating func send(_ types: String, at seconds: Int64, times: Int = 1) -> [[Int64]] {
        String(repeating: types, count: times).flatMap { type in
            send(
                ReferenceEvent(
                    type: "\(type)", time: StreamTime(nanoseconds: seconds * 1_000_000_000),
                    id: "", fields: []))
        }
    }

    var counters: RuleCounters { engine.counters(ofRule: 0) }

    mutating func restart() throws {
        let bytes = engine.snapshot()
        var fresh = RuleEngine(engine.program, output: output)
        try fresh.restore(bytes)
        #expect(fresh.snapshot() == bytes)
        engine = fresh
    }
}
