// SPDX-License-Identifier: Apache-2.0

package import EventModel
internal import MatchCore

/// A batch on its way through the shards, and what comes of it.
///
/// It changes hands and is never held by two that write: the reader fills it, then the shards read
/// it and each writes its own matches, then the reader has it again.
// SAFETY: `@unchecked Sendable` because `ShardQueue` hands it on under a lock.
package final class BatchInFlight: @unchecked Sendable {
    package var batch: EventBatch
    /// The key group of each event, as `KeyRouter` tells it.
    var groups: [UInt8] = []
    /// Whether the memory that there may be is in use.
    package var isMemoryFull = false
    /// Whether attempts under way are to be counted behind it.
    var countsAttempts = false
    /// By shard.
    let outputs: [ShardMatches]

    init(slotCount: Int, shardCount: Int) {
        batch = EventBatch(slotCount: slotCount)
        outputs = (0..<shardCount).map { _ in ShardMatches() }
    }
}

/// The matches of one shard for one batch.
// SAFETY: `@unchecked Sendable` as `BatchInFlight`, of which it is a part.
final class ShardMatches: @unchecked Sendable {
    var matches = MatchBatch()
    /// Nothing comes any more at or before this time, in nanoseconds.
    var settled = Int64.min
    /// Attempts under way behind the batch, by rule, where they are counted; -1: the rule keeps
    /// none by itself.
    var attempts: [Int] = []
}
