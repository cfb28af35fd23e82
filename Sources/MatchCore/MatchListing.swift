// SPDX-License-Identifier: Apache-2.0
// The matches that one event completes, out of a compact set. Walking the set costs one visit a
// match and none in vain; it gives them by the event bound last, then by the one before, and so on.
// The order of preference is the other way round: a stable distribution sort on each event but the
// last, the first one finally, turns the one into the other (D. Knuth, The Art of Computer
// Programming 3, 5.2.5). Exercised by DeterminedTests.

internal import BasicContainers

/// Matches as rows of the nodes that bound their events.
///
/// - Shape: O(length) a match; nothing is allocated but to grow.
struct MatchListing: ~Copyable {
    /// Events of a match, without the one that completes it.
    private var width = 0
    private var nodes = UniqueArray<UInt32>()
    /// The rows, by number, in order of preference.
    private var order = UniqueArray<UInt32>()
    private var otherOrder = UniqueArray<UInt32>()
    private var cursor = UniqueArray<UInt32>()
    private var buckets = UniqueArray<UInt32>()
    private(set) var count = 0

    /// The node of event `place` of match `number`.
    @inline(__always)
    func node(_ place: Int, of number: Int) -> UInt32 {
        nodes[Int(order[number]) * width + place]
    }

    private mutating func begin(_ width: Int) {
        self.width = width
        count = 0
        nodes.removeAll(keepingCapacity: true)
        order.removeAll(keepingCapacity: true)
        while cursor.count < width { cursor.append(CompactSets.none) }
    }

    /// Lists what is in `set`, whose attempts have bound `width` events.
    ///
    /// - Returns: false where there were more than `cap`: those are left out that bound earlier
    ///   events.
    mutating func list(
        _ set: UInt32, width: Int, since bound: Int64, cap: Int, in sets: borrowing CompactSets
    ) -> Bool {
        begin(width)
        let isWhole = walk(set, since: bound, cap: cap, in: sets)
        var row = count
        while row > 0 {
            row -= 1
            order.append(UInt32(row))
        }
        if !isOrdered { sort(since: sets.first) }
        return isWhole
    }

    private mutating func walk(
        _ set: UInt32, since bound: Int64, cap: Int, in sets: borrowing CompactSets
    ) -> Bool {
        var place = width - 1
        cursor[place] = set
        while true {
            while place > 0 {
                cursor[place - 1] = sets.below(cursor[place])
                place -= 1
            }
            var node = cursor[0]
            repeat {
                if count == cap { return false }
                count += 1
                nodes.append(node)
                var above = 1
                while above < width {
                    nodes.append(cursor[above])
                    above += 1
                }
                node = sets.older(node, since: bound)
            } while node != CompactSets.none
            place = 1
            while place < width {
                let older = sets.older(cursor[place], since: bound)
                if older != CompactSets.none {
                    cursor[place] = older
                    break
                }
                place += 1
            }
            if place >= width { return true }
        }
    }

    /// Lists the preferred one of what is in `set`: of each list the oldest batch leads there, for
    /// a batch that entered a state earlier holds no later attempts.
    ///
    /// - Shape: O(batches on the way), all of which end with the match.
    mutating func listPreferred(
        _ set: UInt32, width: Int, since bound: Int64, in sets: borrowing CompactSets
    ) {
        begin(width)
        for _ in 0..<width { nodes.append(CompactSets.none) }
        order.append(0)
        count = 1
        var node = set
        var place = width
        while place > 0 {
            place -= 1
            var older = node
            while older != CompactSets.none {
                node = older
                older = sets.older(node, since: bound)
            }
            nodes[place] = node
            node = sets.below(node)
        }
    }

    // MARK: Order

    /// Whether row `a` goes before row `b`, as far as nodes tell: they are numbered as they come.
    private func precedes(_ a: UInt32, _ b: UInt32, _ base: UInt32) -> Bool {
        var place = 0
        while place < width {
            let (x, y) = (nodes[Int(a) * width + place], nodes[Int(b) * width + place])
            if x != y { return x &- base < y &- base }
            place += 1
        }
        return false
    }

    private var isOrdered: Bool { width < 2 || count < 2 }

    /// Below this an insertion sort is quicker.
    private static let distributedFrom = 24

    private mutating func sort(since base: UInt32) {
        if count < MatchListing.distributedFrom { return insertionSort(since: base) }
        // By the last event the rows are in order as they come.
        var place = width - 1
        while place > 0 {
            place -= 1
            distribute(by: place, since: base)
        }
    }

    private mutating func insertionSort(since base: UInt32) {
        var i = 1
        while i < count {
            let row = order[i]
            var j = i
            while j > 0, precedes(row, order[j - 1], base) {
                order[j] = order[j - 1]
                j -= 1
            }
            order[j] = row
            i += 1
        }
    }

    private static let digitBits = 11

    /// Puts the rows in order of the nodes at `place`, those of one node as they are.
    private mutating func distribute(by place: Int, since base: UInt32) {
        var (least, greatest) = (UInt32.max, UInt32.min)
        var row = 0
        while row < count {
            let key = nodes[row * width + place] &- base
            least = min(least, key)
            greatest = max(greatest, key)
            row += 1
        }
        let bits = UInt32.bitWidth - (greatest - least).leadingZeroBitCount
        var shift = 0
        while shift < bits {
            let taken = min(MatchListing.digitBits, bits - shift)
            distribute(by: place, from: base &+ least, shift: UInt32(shift), bits: taken)
            shift += taken
        }
    }

    private mutating func distribute(by place: Int, from least: UInt32, shift: UInt32, bits: Int) {
        let mask = UInt32(1) << UInt32(bits) - 1
        buckets.removeAll(keepingCapacity: true)
        var bucket = 0
        while bucket <= Int(mask) + 1 {
            buckets.append(0)
            bucket += 1
        }
        var row = 0
        while row < count {
            let digit = (nodes[row * width + place] &- least) >> shift & mask
            buckets[Int(digit) + 1] += 1
            row += 1
        }
        bucket = 1
        while bucket <= Int(mask) {
            buckets[bucket] += buckets[bucket - 1]
            bucket += 1
        }
        while otherOrder.count < count { otherOrder.append(0) }
        row = 0
        while row < count {
            let number = order[row]
            let digit = Int((nodes[Int(number) * width + place] &- least) >> shift & mask)
            otherOrder[Int(buckets[digit])] = number
            buckets[digit] += 1
            row += 1
        }
        swap(&order, &otherOrder)
    }
}
