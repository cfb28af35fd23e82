// SPDX-License-Identifier: Apache-2.0

/// What one rule holds of one key.
struct KeyState {
    /// The first and last attempt, or the first and last event that waits; -1: none.
    var head: Int32 = -1
    var tail: Int32 = -1
    var attemptCount: Int32 = 0
    /// Bumped when the state is given back, so that old wake-ups find nobody.
    var generation: Int32 = 0
    /// The time of the wake-up asked for; `Int64.max`: none.
    var wakeUp: Int64 = .max
    /// When the leading absence's event was last seen; `Int64.min`: never.
    var lastAbsent: Int64 = .min
    /// Of a rule whose attempts are a queue: the time of the first event that waits, kept here
    /// since every event of the key asks for it, and the number of those that wait.
    var firstTime: Int64 = 0
    var waiting: Int32 = 0
    /// The key's index in the input's table; -1: free.
    var owner: Int32 = -1

    var isLive: Bool { owner >= 0 }
}

/// The states of one rule, a row for each key of which it holds something.
struct KeyStates: ~Copyable {
    private let inPlace = InPlace()
    private var rows = RowArray<KeyState>()
    private var free = RowArray<Int32>()
    private(set) var count = 0

    var indices: Range<Int> { 0..<rows.count }

    @inline(__always)
    subscript(index: Int) -> KeyState {
        _read { yield rows[index] }
        _modify { yield &rows[index] }
    }

    @inline(__always)
    func prefetch(_ index: Int) { rows.prefetch(index) }

    /// A state without attempts; its owner is set by whoever keeps the key.
    mutating func insert() -> Int {
        count += 1
        if let reused = free.popLast() { return Int(reused) }
        rows.append(KeyState())
        return rows.count - 1
    }

    mutating func remove(_ index: Int) {
        assert(rows[index].head < 0, "a state goes after its last attempt")
        let generation = rows[index].generation &+ 1
        rows[index] = KeyState(generation: generation)
        free.append(Int32(index))
        count -= 1
    }
}

/// Which rules hold something of each key: a list a key, in the order of the rules.
struct HeldStates: ~Copyable {
    private let inPlace = InPlace()
    struct Entry {
        var rule: Int32
        var state: Int32
        /// -1: the last one.
        var next: Int32
    }

    private var entries = RowArray<Entry>()
    private var free: Int32 = -1

    /// Appends the list that begins at `first` to `list`.
    func append(_ first: Int32, to list: inout RowArray<Work>) {
        var entry = first
        while entry >= 0 {
            let held = entries[Int(entry)]
            list.append(Work(rule: held.rule, state: held.state))
            entry = held.next
        }
    }

    /// The list that begins at `first`. For inspection.
    func list(_ first: Int32) -> [Work] {
        var result: [Work] = []
        var entry = first
        while entry >= 0 {
            result.append(Work(rule: entries[Int(entry)].rule, state: entries[Int(entry)].state))
            entry = entries[Int(entry)].next
        }
        return result
    }

    /// Takes the first entry out of a list that has one.
    mutating func popFirst(_ first: inout Int32) -> Work {
        let entry = entries[Int(first)]
        give(back: first)
        first = entry.next
        return Work(rule: entry.rule, state: entry.state)
    }

    /// Makes the list that begins at `first` hold what is held in `list`, in its order.
    ///
    /// - Parameter start: where in `list` to begin.
    /// - Returns: where the list begins now; -1: it is empty.
    mutating func replace(
        _ first: Int32, by list: borrowing RowArray<Work>, from start: Int
    ) -> Int32 {
        var reused = first
        var begin: Int32 = -1
        var last: Int32 = -1
        for i in start..<max(start, list.count) where list[i].state >= 0 {
            let entry = reused >= 0 ? reused : newEntry()
            if reused >= 0 { reused = entries[Int(reused)].next }
            entries[Int(entry)] = Entry(rule: list[i].rule, state: list[i].state, next: -1)
            if last >= 0 { entries[Int(last)].next = entry } else { begin = entry }
            last = entry
        }
        while reused >= 0 {
            let next = entries[Int(reused)].next
            give(back: reused)
            reused = next
        }
        return begin
    }

    /// Puts an entry at the end of the list that begins at `first`. False where the last one is of
    /// the same rule.
    mutating func append(_ work: Work, to first: inout Int32) -> Bool {
        var last: Int32 = -1
        var entry = first
        while entry >= 0 {
            last = entry
            entry = entries[Int(entry)].next
        }
        if last >= 0, entries[Int(last)].rule == work.rule { return false }
        let added = newEntry()
        entries[Int(added)] = Entry(rule: work.rule, state: work.state, next: -1)
        if last >= 0 { entries[Int(last)].next = added } else { first = added }
        return true
    }

    /// Takes the entry of one rule out of the list that begins at `first`.
    ///
    /// - Returns: where the list begins now; -1: it is empty.
    mutating func remove(rule: Int32, from first: Int32) -> Int32 {
        var before: Int32 = -1
        var entry = first
        while entries[Int(entry)].rule != rule {
            before = entry
            entry = entries[Int(entry)].next
        }
        let next = entries[Int(entry)].next
        give(back: entry)
        guard before >= 0 else { return next }
        entries[Int(before)].next = next
        return first
    }

    private mutating func newEntry() -> Int32 {
        if free >= 0 {
            let entry = free
            free = entries[Int(entry)].next
            return entry
        }
        entries.append(Entry(rule: 0, state: 0, next: -1))
        return Int32(entries.count - 1)
    }

    private mutating func give(back entry: Int32) {
        entries[Int(entry)].next = free
        free = entry
    }
}

/// A rule to be worked on for the key at hand.
struct Work {
    var rule: Int32
    /// What the rule holds of the key; -1: nothing.
    var state: Int32
}
