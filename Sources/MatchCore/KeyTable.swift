// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import EventModel

/// The keys of one input: open addressing over the key's parts.
///
/// - Shape: finding, inserting and removing are O(parts); nothing is allocated but to grow.
struct KeyTable: ~Copyable {
    struct Row {
        var hash: UInt64
        /// How many events the key's input has had since some rule holds something of it.
        var position: Int64
        /// The first of the key's entries in `HeldStates`; -1: none yet.
        var firstHeld: Int32
        var isLive: Bool
    }

    let partCount: Int
    private(set) var parts = UniqueArray<Slot>()
    var rows = UniqueArray<Row>()
    private var buckets: UniqueArray<Int32>
    private var free = UniqueArray<Int32>()
    private(set) var count = 0

    init(partCount: Int) {
        self.partCount = partCount
        buckets = UniqueArray(repeating: -1, count: 16)
    }

    /// The index of the key with these parts; -1 if there is none.
    @inline(__always)
    func find(_ key: borrowing [Slot], hash: UInt64) -> Int {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: hash) & mask
        while true {
            let index = Int(buckets[bucket])
            if index < 0 { return -1 }
            if rows[index].hash == hash, equals(index, key) { return index }
            bucket = (bucket + 1) & mask
        }
    }

    @inline(__always)
    private func equals(_ index: Int, _ key: borrowing [Slot]) -> Bool {
        var part = 0
        while part < partCount {
            if parts[index * partCount + part] != key[part] { return false }
            part += 1
        }
        return true
    }

    mutating func insert(_ key: borrowing [Slot], hash: UInt64) -> Int {
        if (count + 1) * 2 > buckets.count { grow() }
        count += 1
        let row = Row(hash: hash, position: 0, firstHeld: -1, isLive: true)
        let index: Int
        if let reused = free.popLast() {
            index = Int(reused)
            rows[index] = row
            for part in 0..<partCount { parts[index * partCount + part] = key[part] }
        } else {
            index = rows.count
            rows.append(row)
            for part in 0..<partCount { parts.append(key[part]) }
        }
        place(index)
        return index
    }

    private mutating func place(_ index: Int) {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: rows[index].hash) & mask
        while buckets[bucket] >= 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = Int32(index)
    }

    private mutating func grow() {
        buckets = UniqueArray(repeating: -1, count: buckets.count * 2)
        for index in 0..<rows.count where rows[index].isLive { place(index) }
    }

    /// Gives a key back, closing the gap in its probe sequence (backward-shift deletion).
    mutating func remove(_ index: Int) {
        let mask = buckets.count - 1
        var hole = Int(truncatingIfNeeded: rows[index].hash) & mask
        while buckets[hole] != Int32(index) { hole = (hole + 1) & mask }
        var probe = (hole + 1) & mask
        while buckets[probe] >= 0 {
            let home = Int(truncatingIfNeeded: rows[Int(buckets[probe])].hash) & mask
            if (probe - home) & mask >= (probe - hole) & mask {
                buckets[hole] = buckets[probe]
                hole = probe
            }
            probe = (probe + 1) & mask
        }
        buckets[hole] = -1
        rows[index].isLive = false
        free.append(Int32(index))
        count -= 1
    }

    func markSymbols(in live: inout [Bool]) {
        for key in 0..<rows.count where rows[key].isLive {
            for part in 0..<partCount where parts[key * partCount + part].holdsSymbol {
                live[Int(parts[key * partCount + part].symbol.id)] = true
            }
        }
    }
}
