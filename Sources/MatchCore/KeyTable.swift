// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import EventModel

/// The keys of one input: open addressing over the key's parts.
///
/// - Shape: finding, inserting and removing are O(parts); nothing is allocated but to grow. A key
///   of one part of which one rule holds something is one row: one line of the cache.
struct KeyTable: ~Copyable {
    private let inPlace = InPlace()
    /// 32 bytes: two to a line of the cache.
    struct Row {
        private var partBits: UInt64
        /// How many events the key's input has had since some rule holds something of it.
        var position: Int64 = 0
        /// The rule that holds something of the key, and what; rule -1: none does yet, or more than
        /// one does.
        var only = Work(rule: -1, state: -1)
        /// The list of the rules in `HeldStates` where they are more than one; -1: they are not.
        var list: Int32 = -1
        private var partTag: SlotTag
        var isLive = true

        init(part: Slot) {
            partBits = part.bits
            partTag = part.tag
        }

        /// The first part; the others are in `rest`.
        var part: Slot { Slot(tag: partTag, bits: partBits) }
    }

    struct Bucket {
        var hash: UInt32
        /// -1: empty.
        var index: Int32
    }

    let partCount: Int
    var rows = RowArray<Row>()
    private var rest = RowArray<Slot>()
    private var buckets: RowArray<Bucket>
    private var free = RowArray<Int32>()
    private(set) var count = 0

    init(partCount: Int) {
        self.partCount = partCount
        buckets = RowArray(repeating: Bucket(hash: 0, index: -1), count: 16)
    }

    func part(_ part: Int, of key: Int) -> Slot {
        part == 0 ? rows[key].part : rest[key * (partCount - 1) + part - 1]
    }

    /// A hash of the parts as they are: good for this table alone, since symbols are numbers.
    private static func hash(_ key: borrowing RowArray<Slot>) -> UInt32 {
        var hash: UInt32 = 0
        var part = 0
        while part < key.count {
            hash = KeyTable.hash(hash, key[part])
            part += 1
        }
        return hash
    }

    @inline(__always)
    private static func hash(_ hash: UInt32, _ part: Slot) -> UInt32 {
        let mixed = part.bits ^ UInt64(part.tag.rawValue) << 56 ^ UInt64(hash) << 24
        return UInt32(truncatingIfNeeded: (mixed &* 0x9e37_79b9_7f4a_7c15) >> 32)
    }

    /// The hash of a key of one part.
    @inline(__always)
    static func hash(_ part: Slot) -> UInt32 { hash(0, part) }

    /// Asks for the buckets where a key of this hash would be looked for first.
    @inline(__always)
    func prefetchBucket(_ hash: UInt32) {
        buckets.prefetch(Int(hash) & (buckets.count - 1))
        // In one of four cases that is another line.
        buckets.prefetch((Int(hash) + 2) & (buckets.count - 1))
    }

    /// The row that a key of this hash has, if it is near where it is looked for first; else -1.
    @inline(__always)
    func likelyRow(_ hash: UInt32) -> Int {
        var place = Int(hash)
        for _ in 0..<3 {
            let bucket = buckets[place & (buckets.count - 1)]
            if bucket.index < 0 { return -1 }
            if bucket.hash == hash { return Int(bucket.index) }
            place += 1
        }
        return -1
    }

    /// The index of the key with these parts; -1 if there is none.
    func find(_ key: borrowing RowArray<Slot>) -> Int {
        let hash = KeyTable.hash(key)
        let mask = buckets.count - 1
        var bucket = Int(hash) & mask
        while true {
            let index = Int(buckets[bucket].index)
            if index < 0 { return -1 }
            if buckets[bucket].hash == hash, equals(index, key) { return index }
            bucket = (bucket + 1) & mask
        }
    }

    @inline(__always)
    private func equals(_ index: Int, _ key: borrowing RowArray<Slot>) -> Bool {
        guard partCount > 0 else { return true }
        if rows[index].part != key[0] { return false }
        var part = 1
        while part < partCount {
            if rest[index * (partCount - 1) + part - 1] != key[part] { return false }
            part += 1
        }
        return true
    }

    mutating func insert(_ key: borrowing RowArray<Slot>) -> Int {
        if (count + 1) * 2 > buckets.count { grow() }
        count += 1
        let row = Row(part: partCount > 0 ? key[0] : .missing)
        let index: Int
        if let reused = free.popLast() {
            index = Int(reused)
            rows[index] = row
            for part in 1..<max(partCount, 1) {
                rest[index * (partCount - 1) + part - 1] = key[part]
            }
        } else {
            index = rows.count
            rows.append(row)
            for part in 1..<max(partCount, 1) { rest.append(key[part]) }
        }
        place(Bucket(hash: KeyTable.hash(key), index: Int32(index)))
        return index
    }

    private mutating func place(_ entry: Bucket) {
        let mask = buckets.count - 1
        var bucket = Int(entry.hash) & mask
        while buckets[bucket].index >= 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = entry
    }

    private mutating func grow() {
        var old = RowArray<Bucket>(
            repeating: Bucket(hash: 0, index: -1), count: buckets.count * 2)
        swap(&old, &buckets)
        for bucket in 0..<old.count where old[bucket].index >= 0 { place(old[bucket]) }
    }

    /// Gives a key back, closing the gap in its probe sequence (backward-shift deletion).
    mutating func remove(_ index: Int) {
        let mask = buckets.count - 1
        var hash: UInt32 = 0
        for part in 0..<partCount { hash = KeyTable.hash(hash, self.part(part, of: index)) }
        var hole = Int(hash) & mask
        while buckets[hole].index != Int32(index) { hole = (hole + 1) & mask }
        var probe = (hole + 1) & mask
        while buckets[probe].index >= 0 {
            let home = Int(buckets[probe].hash) & mask
            if (probe - home) & mask >= (probe - hole) & mask {
                buckets[hole] = buckets[probe]
                hole = probe
            }
            probe = (probe + 1) & mask
        }
        buckets[hole].index = -1
        rows[index].isLive = false
        free.append(Int32(index))
        count -= 1
    }

    func markSymbols(in live: inout [Bool]) {
        for key in 0..<rows.count where rows[key].isLive {
            for part in 0..<partCount where self.part(part, of: key).holdsSymbol {
                live[Int(self.part(part, of: key).symbol.id)] = true
            }
        }
    }
}
