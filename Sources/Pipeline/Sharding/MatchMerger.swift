// SPDX-License-Identifier: Apache-2.0
// Exercised by ShardedEngineTests.

package import Automata
package import MatchCore

/// The matches of all shards for one stretch of the input, in the order in which one engine would
/// report them.
package struct MatchMerger: Sendable {
    /// By shard.
    package internal(set) var batches: [MatchBatch]
    private var next: [Int]

    package init(shardCount: Int) {
        batches = Array(repeating: MatchBatch(), count: shardCount)
        next = Array(repeating: 0, count: shardCount)
    }

    /// Begins with the first matches of the batches.
    mutating func rewind() {
        for shard in next.indices { next[shard] = 0 }
    }

    /// Where the next match is; nil: there are no more.
    ///
    /// - Shape: O(shards).
    package mutating func advance() -> (shard: Int, index: Int)? {
        var best = -1
        for shard in next.indices where next[shard] < batches[shard].count {
            if best < 0
                || batches[shard].precedes(next[shard], next[best], of: batches[best])
            {
                best = shard
            }
        }
        if best < 0 { return nil }
        next[best] += 1
        return (best, next[best] - 1)
    }

    /// Puts all matches into the first batch, in order.
    mutating func combine() {
        guard batches.count > 1 else { return }
        var order: [(batch: Int, index: Int)] = []
        while let place = advance() { order.append((place.shard, place.index)) }
        MatchBatch.combine(&batches, in: order)
        rewind()
    }

    /// The matches that are left, each by itself.
    package mutating func takeMatches(of program: RulesetProgram) -> [Match] {
        var matches: [Match] = []
        while let place = advance() {
            matches.append(batches[place.shard].match(place.index, of: program))
        }
        return matches
    }
}
