// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import EventModel

/// The keys of one input.
///
/// A key that is one text is found by its symbol, whose number is a place in an array: nothing is
/// hashed or compared. What that has no room for, and all other keys, are in a table by open
/// addressing over the key's parts.
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
        /// The list of the rules in `HeldStates` where they are more than one; -1: they are not. Of
        /// a row that is free, the next one that is.
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
    /// By symbol, of keys of one text: the row; -1: there is no such key.
    private var direct = RowArray<Int32>()
    private var buckets: RowArray<Bucket>
    /// Keys that are found through `buckets`.
    private var bucketedCount = 0
    private var firstFree: Int32 = -1
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

    private func hash(of index: Int) -> UInt32 {
        var hash: UInt32 = 0
        for part in 0..<partCount { hash = KeyTable.hash(hash, self.part(part, of: index)) }
        return hash
    }

    // MARK: Looking ahead

    /// Where a key of one part is looked for: a place in `direct`, or the complement of its hash.
    @inline(__always)
    func place(of part: Slot) -> Int64 {
        if part.tag == .string, part.bits < UInt64(direct.count) { return Int64(part.bits) }
        return ~Int64(KeyTable.hash(0, part))
    }

    /// Asks for the memory of such a place.
    @inline(__always)
    func prefetchPlace(_ place: Int64) {
        if place >= 0 { return direct.prefetch(Int(place)) }
        let hash = Int(~place)
        buckets.prefetch(hash & (buckets.count - 1))
        // In one of four cases that is another line.
        buckets.prefetch((hash + 2) & (buckets.count - 1))
    }

    /// The row of the key at such a place; of a hash, if it is near where it is looked for first.
    /// Else -1.
    @inline(__always)
    func likelyRow(_ place: Int64) -> Int {
        if place >= 0 { return Int(direct[Int(place)]) }
        var bucketPlace = Int(~place)
        for _ in 0..<3 {
            let bucket = buckets[bucketPlace & (buckets.count - 1)]
            if bucket.index < 0 { return -1 }
            if Int64(bucket.hash) == ~place { return Int(bucket.index) }
            bucketPlace += 1
        }
        return -1
    }

    // MARK: Keys

    /// The symbol by which `direct` tells of the key; -1: it does not.
    @inline(__always)
    private func directPlace(_ key: borrowing RowArray<Slot>) -> Int {
        guard partCount == 1, key[0].tag == .string, key[0].bits < UInt64(direct.count) else {
            return -1
        }
        return Int(key[0].bits)
    }

    /// The index of the key with these parts; -1 if there is none.
    @inline(__always)
    func find(_ key: borrowing RowArray<Slot>) -> Int {
        let place = directPlace(key)
        return place >= 0 ? Int(direct[place]) : findInBuckets(key)
    }

    private func findInBuckets(_ key: borrowing RowArray<Slot>) -> Int {
        if bucketedCount == 0 { return -1 }
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
        count += 1
        let index = makeRow(key)
        if partCount == 1, key[0].tag == .string, key[0].bits >= UInt64(direct.count) {
            growDirect(for: Int(key[0].bits))
        }
        let place = directPlace(key)
        if place >= 0 {
            direct[place] = Int32(index)
        } else {
            if (bucketedCount + 1) * 2 > buckets.count { growBuckets() }
            bucketedCount += 1
            self.place(Bucket(hash: KeyTable.hash(key), index: Int32(index)))
        }
        return index
    }

    private mutating func makeRow(_ key: borrowing RowArray<Slot>) -> Int {
        let row = Row(part: partCount > 0 ? key[0] : .missing)
        guard firstFree >= 0 else {
            rows.append(row)
            for part in 1..<max(partCount, 1) { rest.append(key[part]) }
            return rows.count - 1
        }
        let index = Int(firstFree)
        firstFree = rows[index].list
        // The row that is used next is in no cache.
        if firstFree >= 0 { rows.prefetch(Int(firstFree)) }
        rows[index] = row
        for part in 1..<max(partCount, 1) { rest[index * (partCount - 1) + part - 1] = key[part] }
        return index
    }

    private mutating func place(_ entry: Bucket) {
        let mask = buckets.count - 1
        var bucket = Int(entry.hash) & mask
        while buckets[bucket].index >= 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = entry
    }

    private mutating func growBuckets() {
        var old = RowArray<Bucket>(
            repeating: Bucket(hash: 0, index: -1), count: buckets.count * 2)
        swap(&old, &buckets)
        for bucket in 0..<old.count where old[bucket].index >= 0 { place(old[bucket]) }
    }

    /// As many places in `direct` as there may be for a key, so that it takes no more memory than
    /// buckets do, where most symbols are no keys.
    private static let placesPerKey = 4
    private static let leastPlaces = 4096

    /// Makes room in `direct` for a symbol, if its keys are worth it.
    private mutating func growDirect(for symbol: Int) {
        guard symbol < max(count * KeyTable.placesPerKey, KeyTable.leastPlaces) else { return }
        let wanted = max(symbol + 1, direct.count + direct.count / 2)
        direct.append(repeating: -1, count: wanted - direct.count)
        if bucketedCount == 0 { return }
        var old = RowArray<Bucket>(
            repeating: Bucket(hash: 0, index: -1), count: buckets.count)
        swap(&old, &buckets)
        for bucket in 0..<old.count where old[bucket].index >= 0 {
            let part = rows[Int(old[bucket].index)].part
            if part.tag == .string, part.bits < UInt64(direct.count) {
                direct[Int(part.bits)] = old[bucket].index
                bucketedCount -= 1
            } else {
                place(old[bucket])
            }
        }
    }

    mutating func remove(_ index: Int) {
        let part = partCount == 1 ? rows[index].part : .missing
        if part.tag == .string, part.bits < UInt64(direct.count) {
            direct[Int(part.bits)] = -1
        } else {
            removeFromBuckets(index)
        }
        rows[index].isLive = false
        rows[index].list = firstFree
        firstFree = Int32(index)
        count -= 1
    }

    /// Closes the gap in the probe sequence (backward-shift deletion).
    private mutating func removeFromBuckets(_ index: Int) {
        let mask = buckets.count - 1
        var hole = Int(hash(of: index)) & mask
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
        bucketedCount -= 1
    }

    func markSymbols(in live: inout [Bool]) {
        for key in 0..<rows.count where rows[key].isLive {
            for part in 0..<partCount where self.part(part, of: key).holdsSymbol {
                live[Int(self.part(part, of: key).symbol.id)] = true
            }
        }
    }
}
