// SPDX-License-Identifier: Apache-2.0

internal import Engine

/// An engine over some key groups.
// SAFETY: `@unchecked Sendable` because the engine is used by whoever has claimed the shard from
// the queue, and otherwise by the reader while no batch is on its way.
final class Shard: @unchecked Sendable {
    let number: Int
    var engine: RuleEngine

    init(_ number: Int, _ engine: consuming RuleEngine) {
        self.number = number
        self.engine = engine
    }

    /// Works a batch in.
    func apply(_ job: BatchInFlight, isAlone: Bool) {
        engine.setMemoryIsFull(job.isMemoryFull)
        if isAlone {
            engine.apply(job.batch)
        } else {
            engine.apply(job.batch, groups: job.groups)
        }
        engine.drain(into: &job.outputs[number].matches)
        job.outputs[number].settled = engine.settled
        if job.countsAttempts { engine.countAttempts(into: &job.outputs[number].attempts) }
    }
}
