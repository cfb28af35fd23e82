// SPDX-License-Identifier: Apache-2.0

/// Which rules hold something of each key of which more than one does: a list a key, in the order
/// of the rules.
///
/// - Shape: finding a rule is O(log rules of the key). Lists have room for a power of two and are
///   reused; nothing is allocated but to grow.
struct HeldStates: ~Copyable {
    private let inPlace = InPlace()
    /// Not private: the compiler then loses it (Swift 6.3.1).
    struct List {
        /// Where it begins in `entries`.
        var start: Int32
        var count: Int32
        /// The power of two that there is room for.
        var size: Int32
    }

    private var entries = RowArray<Work>()
    private var lists = RowArray<List>()
    /// The first free list of each size; -1: there is none.
    private var freeBySize = RowArray<Int32>(repeating: -1, count: 32)
    /// By list: of a free one the next free one of its size.
    private var freeNext = RowArray<Int32>()
    private static let leastSize: Int32 = 2

    func count(of list: Int32) -> Int { Int(lists[Int(list)].count) }

    @inline(__always)
    func entry(_ place: Int, of list: Int32) -> Work {
        entries[Int(lists[Int(list)].start) + place]
    }

    /// The first place from `start` on whose rule is not before `rule`.
    func place(of rule: Int32, in list: Int32, from start: Int = 0) -> Int {
        let first = Int(lists[Int(list)].start)
        var low = start
        var high = Int(lists[Int(list)].count)
        while low < high {
            let middle = (low + high) / 2
            if entries[first + middle].rule < rule { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A list of two entries.
    mutating func makeList(_ a: Work, _ b: Work) -> Int32 {
        let list = takeList(size: HeldStates.leastSize)
        let start = Int(lists[Int(list)].start)
        entries[start] = a.rule < b.rule ? a : b
        entries[start + 1] = a.rule < b.rule ? b : a
        lists[Int(list)].count = 2
        return list
    }

    /// - Precondition: the rule is not in the list.
    /// - Returns: the list, which may have moved.
    mutating func insert(_ work: Work, into list: Int32) -> Int32 {
        var list = list
        if lists[Int(list)].count == 1 << lists[Int(list)].size { list = grow(list) }
        let place = place(of: work.rule, in: list)
        let start = Int(lists[Int(list)].start)
        var i = start + Int(lists[Int(list)].count)
        while i > start + place {
            entries[i] = entries[i - 1]
            i -= 1
        }
        entries[i] = work
        lists[Int(list)].count += 1
        return list
    }

    /// Takes the rule's entry out; returns the last entry and gives the list back where only that
    /// one is left.
    mutating func remove(_ rule: Int32, from list: Int32) -> Work? {
        let start = Int(lists[Int(list)].start)
        let end = start + Int(lists[Int(list)].count) - 1
        var i = start + place(of: rule, in: list)
        assert(entries[i].rule == rule, "only what is held can be dropped")
        while i < end {
            entries[i] = entries[i + 1]
            i += 1
        }
        lists[Int(list)].count -= 1
        guard lists[Int(list)].count == 1 else { return nil }
        let last = entries[start]
        giveBack(list)
        return last
    }

    private mutating func grow(_ list: Int32) -> Int32 {
        let larger = takeList(size: lists[Int(list)].size + 1)
        let (from, to) = (Int(lists[Int(list)].start), Int(lists[Int(larger)].start))
        let count = Int(lists[Int(list)].count)
        for i in 0..<count { entries[to + i] = entries[from + i] }
        lists[Int(larger)].count = Int32(count)
        giveBack(list)
        return larger
    }

    private mutating func takeList(size: Int32) -> Int32 {
        let free = freeBySize[Int(size)]
        if free >= 0 {
            freeBySize[Int(size)] = freeNext[Int(free)]
            lists[Int(free)].count = 0
            return free
        }
        lists.append(List(start: Int32(entries.count), count: 0, size: size))
        freeNext.append(-1)
        for _ in 0..<(1 << Int(size)) { entries.append(Work(rule: -1, state: -1)) }
        return Int32(lists.count - 1)
    }

    private mutating func giveBack(_ list: Int32) {
        let size = Int(lists[Int(list)].size)
        freeNext[Int(list)] = freeBySize[size]
        freeBySize[size] = list
    }
}

/// A rule to be worked on for the key at hand.
struct Work {
    var rule: Int32
    /// What the rule holds of the key; -1: nothing.
    var state: Int32
}
