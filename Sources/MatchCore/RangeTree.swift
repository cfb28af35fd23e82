// SPDX-License-Identifier: Apache-2.0
// A segment tree: the bounds of all ranges cut the line into pieces, each piece is a leaf of a
// binary tree, and a range is noted at the few inner nodes whose leaves it covers. A value finds
// its leaf by binary search, and the ranges that hold it on the way up (Bentley, Solutions to
// Klee's rectangle problems, 1977). Exercised by ManyRulesTests.

internal import Automata
internal import BasicContainers
internal import EventModel

/// The ranges that rules ask for of one field, to find those that hold a value.
///
/// - Shape: finding is O(log bounds + ranges found); building O(ranges × log bounds).
struct RangeTree: ~Copyable {
    let field: Int32
    let kind: AccessRange.Kind
    /// Ascending, each once.
    private let bounds: RowArray<Double>
    /// Of a power of two; node i is above 2i and 2i + 1, and the leaves come last.
    private let leafCount: Int
    /// By node: a range of `numbers`.
    private let nodes: RowArray<Extent>
    /// What the ranges were given with.
    private let numbers: RowArray<Int32>

    init(
        field: Int32, kind: AccessRange.Kind, _ ranges: [(range: AccessRange, number: Int32)]
    ) {
        self.field = field
        self.kind = kind
        let all = Set(ranges.flatMap { [$0.range.low, $0.range.high] }.filter(\.isFinite)).sorted()
        var leafCount = 1
        while leafCount < 2 * all.count + 1 { leafCount *= 2 }
        var lists = [[Int32]](repeating: [], count: 2 * leafCount)
        for (range, number) in ranges where range.low <= range.high {
            var low = leafCount + RangeTree.leaf(range.low, all)
            var high = leafCount + RangeTree.leaf(range.high, all) + 1
            while low < high {
                if low & 1 == 1 {
                    lists[low].append(number)
                    low += 1
                }
                if high & 1 == 1 {
                    high -= 1
                    lists[high].append(number)
                }
                low /= 2
                high /= 2
            }
        }
        var nodes = RowArray<Extent>()
        var numbers = RowArray<Int32>()
        for list in lists {
            let start = numbers.count
            for number in list { numbers.append(number) }
            nodes.append(Extent(start..<numbers.count))
        }
        self.leafCount = leafCount
        self.nodes = nodes
        self.numbers = numbers
        bounds = RowArray(copying: all)
    }

    /// The piece of the line that a value lies in: 2i + 1 is bound i itself, 2i what is below it.
    private static func leaf(_ value: Double, _ bounds: [Double]) -> Int {
        if value == -.infinity { return 0 }
        if value == .infinity { return 2 * bounds.count }
        return 2 * bounds.place(of: value) + 1
    }

    /// Adds the numbers of the ranges that hold the value to `found`.
    ///
    /// - Returns: false where there would be more than `limit`.
    func find(_ value: Slot, limit: Int, _ found: inout RowArray<Int32>) -> Bool {
        guard let position = RangeTree.position(value, kind) else { return true }
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < position { low = middle + 1 } else { high = middle }
        }
        var leaf = 2 * low
        if low < bounds.count, bounds[low] == position { leaf += 1 }
        var node = leafCount + leaf
        while node >= 1 {
            let range = nodes[node]
            node /= 2
            if found.count + range.count > limit { return false }
            var i = Int(range.start)
            while i < range.end {
                found.append(numbers[i])
                i += 1
            }
        }
        return true
    }

    private static func position(_ value: Slot, _ kind: AccessRange.Kind) -> Double? {
        switch (value.tag, kind) {
        case (.int, .number), (.time, .time), (.duration, .duration): return Double(value.asInt)
        case (.float, .number): return value.asFloat.isNaN ? nil : value.asFloat
        default: return nil
        }
    }
}

extension [Double] {
    /// The place of a value that is in a sorted array.
    fileprivate func place(of value: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
