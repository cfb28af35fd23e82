// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers

/// How many attempts there are in compact sets, without walking them: sets share what they have in
/// common, so each node is looked at once for all events of one time.
///
/// - Shape: O(nodes below a set) where the time has moved on since the last count. As many words as
///   the ring has places, three for two. Nothing is allocated but when the ring has grown.
struct WayCounts: ~Copyable {
    /// By place in the ring: the round in which a node was counted, and the attempts in its batch
    /// and those that entered the state before.
    private var rounds = UniqueArray<UInt32>()
    private var ways = UniqueArray<UInt64>()
    private var round: UInt32 = 0
    private var bound = Int64.min
    private var path = UniqueArray<UInt32>()
    private var isOutOfDate = true

    /// To be called when nodes are given back that have not expired: others may come in their
    /// places.
    mutating func forget() { isOutOfDate = true }

    /// The attempts in `set` that began at `bound` or later; at most `UInt64.max`.
    ///
    /// - Parameter width: how many events they have bound.
    mutating func count(
        _ set: UInt32, width: Int, since bound: Int64, in sets: borrowing CompactSets
    ) -> UInt64 {
        if rounds.count != sets.capacity {
            rounds = UniqueArray(repeating: 0, count: sets.capacity)
            ways = UniqueArray(repeating: 0, count: sets.capacity)
            round = 0
            isOutOfDate = true
        }
        if bound != self.bound || isOutOfDate { beginRound(bound) }
        return count(set, below: width, in: sets)
    }

    private mutating func beginRound(_ bound: Int64) {
        self.bound = bound
        isOutOfDate = false
        round &+= 1
        guard round == 0 else { return }
        for place in 0..<rounds.count { rounds[place] = 0 }
        round = 1
    }

    /// - Shape: recursion as deep as a match is long.
    private mutating func count(
        _ set: UInt32, below width: Int, in sets: borrowing CompactSets
    ) -> UInt64 {
        let start = path.count
        var sum: UInt64 = 0
        var node = set
        while node != CompactSets.none {
            let place = sets.place(of: node)
            if rounds[place] == round {
                sum = ways[place]
                break
            }
            path.append(node)
            node = sets.older(node, since: bound)
        }
        while path.count > start {
            let node = path.removeLast()
            let own = width == 1 ? 1 : count(sets.below(node), below: width - 1, in: sets)
            let (total, isOver) = sum.addingReportingOverflow(own)
            sum = isOver ? .max : total
            let place = sets.place(of: node)
            rounds[place] = round
            ways[place] = sum
        }
        return sum
    }
}
