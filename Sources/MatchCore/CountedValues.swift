// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// How often each value is in each of many small sets: one hash table for all of them, and for
/// each set a list in order of first coming.
///
/// - Shape: 40 bytes and two buckets a value, and 8 bytes more where the events that hold it are
///   followed; adding and removing are O(1).
struct CountedValues: ~Copyable {
    /// A set: its list and how many values it has.
    struct List {
        var head: Int32 = -1
        var tail: Int32 = -1
        var count: Int64 = 0
    }

    struct Entry {
        /// As it came first.
        var value: Slot
        var owner: Int32
        /// Which of the owner's sets.
        var set: Int32
        var count: Int32 = 1
        /// Of entries that are free, the next free one.
        var next: Int32 = -1
        var previous: Int32 = -1
    }

    struct Bucket {
        var hash: UInt32
        /// -1: empty.
        var entry: Int32
    }

    /// The oldest and the newest event that hold a value.
    struct Ends {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private var entries = RowArray<Entry>()
    /// By entry, as far as any is followed.
    private var ends = RowArray<Ends>()
    private var buckets: RowArray<Bucket>
    private var free: Int32 = -1
    private(set) var total = 0

    init() { buckets = RowArray(repeating: Bucket(hash: 0, entry: -1), count: 16) }

    @inline(__always)
    private static func hash(_ value: Slot, _ owner: Int32, _ set: Int32) -> UInt32 {
        let place = UInt64(UInt32(bitPattern: owner)) << 32 | UInt64(UInt32(bitPattern: set))
        var hash = (value.bits ^ UInt64(value.tag.rawValue) << 56) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ hash >> 32 ^ place) &* 0xff51_afd7_ed55_8ccd
        return UInt32(truncatingIfNeeded: hash >> 32)
    }

    /// The bucket of a value, or the empty one where it would be.
    private func find(_ value: Slot, _ hash: UInt32, _ owner: Int32, _ set: Int32) -> Int {
        let mask = buckets.count - 1
        var bucket = Int(hash) & mask
        while buckets[bucket].entry >= 0 {
            if buckets[bucket].hash == hash {
                let entry = Int(buckets[bucket].entry)
                if entries[entry].owner == owner, entries[entry].set == set,
                    entries[entry].value.identity == value
                {
                    return bucket
                }
            }
            bucket = (bucket + 1) & mask
        }
        return bucket
    }

    /// - Returns: the entry of the value.
    @discardableResult
    mutating func add(_ value: Slot, owner: Int32, set: Int32, _ list: inout List) -> Int32 {
        if (total + 1) * 2 > buckets.count { grow() }
        let identity = value.identity
        let hash = CountedValues.hash(identity, owner, set)
        let bucket = find(identity, hash, owner, set)
        if buckets[bucket].entry >= 0 {
            entries[Int(buckets[bucket].entry)].count &+= 1
            return buckets[bucket].entry
        }
        total += 1
        list.count += 1
        let entry = newEntry(
            Entry(value: value, owner: owner, set: set, previous: list.tail))
        if list.tail >= 0 { entries[Int(list.tail)].next = entry } else { list.head = entry }
        list.tail = entry
        buckets[bucket] = Bucket(hash: hash, entry: entry)
        return entry
    }

    private mutating func newEntry(_ entry: Entry) -> Int32 {
        if free >= 0 {
            let reused = free
            free = entries[Int(reused)].next
            entries[Int(reused)] = entry
            return reused
        }
        entries.append(entry)
        return Int32(entries.count - 1)
    }

    private mutating func grow() {
        var old = RowArray<Bucket>(
            repeating: Bucket(hash: 0, entry: -1), count: buckets.count * 2)
        swap(&old, &buckets)
        let mask = buckets.count - 1
        for i in 0..<old.count where old[i].entry >= 0 {
            var bucket = Int(old[i].hash) & mask
            while buckets[bucket].entry >= 0 { bucket = (bucket + 1) & mask }
            buckets[bucket] = old[i]
        }
    }

    /// Whether a set has a value that is equal to this one.
    func contains(_ value: Slot, owner: Int32, set: Int32) -> Bool {
        let identity = value.identity
        let hash = CountedValues.hash(identity, owner, set)
        return buckets[find(identity, hash, owner, set)].entry >= 0
    }

    /// Takes one of a value out that is there.
    ///
    /// - Returns: the entry of the value; -1: it was the last one.
    @discardableResult
    mutating func remove(_ value: Slot, owner: Int32, set: Int32, _ list: inout List) -> Int32 {
        let identity = value.identity
        let hash = CountedValues.hash(identity, owner, set)
        let bucket = find(identity, hash, owner, set)
        let entry = Int(buckets[bucket].entry)
        assert(entry >= 0, "what is taken out is there")
        if entry < 0 { return -1 }
        entries[entry].count -= 1
        guard entries[entry].count == 0 else { return Int32(entry) }
        let (next, previous) = (entries[entry].next, entries[entry].previous)
        if previous >= 0 { entries[Int(previous)].next = next } else { list.head = next }
        if next >= 0 { entries[Int(next)].previous = previous } else { list.tail = previous }
        list.count -= 1
        giveBack(Int32(entry), in: bucket)
        return -1
    }

    /// Closes the gap in the probe sequence (backward-shift deletion).
    private mutating func giveBack(_ entry: Int32, in bucket: Int) {
        let mask = buckets.count - 1
        var hole = bucket
        var probe = (hole + 1) & mask
        while buckets[probe].entry >= 0 {
            let home = Int(buckets[probe].hash) & mask
            if (probe - home) & mask >= (probe - hole) & mask {
                buckets[hole] = buckets[probe]
                hole = probe
            }
            probe = (probe + 1) & mask
        }
        buckets[hole].entry = -1
        entries[Int(entry)].next = free
        free = entry
        total -= 1
    }

    /// Gives all values of a set back.
    mutating func removeAll(_ list: inout List) {
        var entry = list.head
        while entry >= 0 {
            let index = Int(entry)
            let identity = entries[index].value.identity
            let hash = CountedValues.hash(identity, entries[index].owner, entries[index].set)
            let bucket = find(identity, hash, entries[index].owner, entries[index].set)
            let next = entries[index].next
            giveBack(entry, in: bucket)
            entry = next
        }
        list = List()
    }

    /// Appends the values of a set, each once, in order of first coming.
    func append(_ list: List, to values: inout [Slot]) {
        var entry = list.head
        while entry >= 0 {
            values.append(entries[Int(entry)].value)
            entry = entries[Int(entry)].next
        }
    }

    // MARK: Events that hold a value

    /// Notes that `event`, for which a value has just been added, is the newest that holds it.
    ///
    /// - Returns: the one that was; -1: there is none.
    mutating func follow(_ entry: Int32, by event: Int32) -> Int32 {
        let index = Int(entry)
        while ends.count <= index { ends.append(Ends()) }
        let before = entries[index].count == 1 ? -1 : ends[index].last
        if before < 0 { ends[index].first = event }
        ends[index].last = event
        return before
    }

    /// Notes which event is the oldest that holds a value now.
    mutating func begin(_ entry: Int32, with event: Int32) { ends[Int(entry)].first = event }

    /// Appends the oldest event of each value of a set whose values are followed.
    func appendFirstEvents(_ list: List, to events: inout [Int32]) {
        var entry = list.head
        while entry >= 0 {
            events.append(ends[Int(entry)].first)
            entry = entries[Int(entry)].next
        }
    }

    /// - Precondition: every entry that is free holds no symbol that matters.
    func markSymbols(_ list: List, in live: inout [Bool]) {
        var entry = list.head
        while entry >= 0 {
            let value = entries[Int(entry)].value
            if value.holdsSymbol { live[Int(value.symbol.id)] = true }
            entry = entries[Int(entry)].next
        }
    }
}

/// Queues for least and greatest values, the best in front and behind it what may be the best when
/// those before it have left (a monotone queue).
struct ExtremeQueues: ~Copyable {
    struct Node {
        var value: Slot
        /// The event that it is of.
        var event: Int32
        /// Of nodes that are free, the next free one.
        var next: Int32 = -1
        var previous: Int32 = -1
    }

    private var nodes = RowArray<Node>()
    private var free: Int32 = -1
    private(set) var total = 0

    func value(_ node: Int32) -> Slot { nodes[Int(node)].value }
    func event(_ node: Int32) -> Int32 { nodes[Int(node)].event }

    mutating func append(
        _ value: Slot, _ event: Int32, _ front: inout Int32, _ back: inout Int32
    ) {
        total += 1
        let node = Node(value: value, event: event, previous: back)
        let index: Int32
        if free >= 0 {
            index = free
            free = nodes[Int(index)].next
            nodes[Int(index)] = node
        } else {
            nodes.append(node)
            index = Int32(nodes.count - 1)
        }
        if back >= 0 { nodes[Int(back)].next = index } else { front = index }
        back = index
    }

    mutating func removeBack(_ front: inout Int32, _ back: inout Int32) {
        let node = back
        back = nodes[Int(node)].previous
        if back >= 0 { nodes[Int(back)].next = -1 } else { front = -1 }
        giveBack(node)
    }

    mutating func removeFront(_ front: inout Int32, _ back: inout Int32) {
        let node = front
        front = nodes[Int(node)].next
        if front >= 0 { nodes[Int(front)].previous = -1 } else { back = -1 }
        giveBack(node)
    }

    private mutating func giveBack(_ node: Int32) {
        total -= 1
        nodes[Int(node)].next = free
        free = node
    }
}
