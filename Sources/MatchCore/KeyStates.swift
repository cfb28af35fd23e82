// SPDX-License-Identifier: Apache-2.0

/// What one rule holds of one key: half a line of the cache.
struct KeyState {
    /// The first and last attempt, or the first and last event that waits; -1: none.
    var head: Int32 = -1
    var tail: Int32 = -1
    var attemptCount: Int32 = 0
    /// Of a rule whose attempts are a queue: the number of events that wait.
    var waiting: Int32 = 0
    /// The time of the wake-up asked for; `Int64.max`: none.
    var wakeUp: Int64 = .max
    /// The key's index in the input's table; negative: free, or not known yet.
    var owner: Int32 = -1
    /// The rule that holds it, among those of the automaton.
    var member: Int32

    var isLive: Bool { owner >= 0 }
}

/// The states of an automaton's rules, a row for each rule and key of which it holds something.
struct KeyStates: ~Copyable {
    private let inPlace = InPlace()
    private var rows = RowArray<KeyState>()
    /// Of rules with a leading absence, by state: when its event was last seen; `Int64.min`: never.
    private var absents = RowArray<Int64>()
    private let keepsAbsents: Bool
    /// The state given back last, whose `owner` tells of the one before; see `link`.
    private var firstFree: Int32 = -1
    private(set) var count = 0

    init(keepsAbsents: Bool) { self.keepsAbsents = keepsAbsents }

    var indices: Range<Int> { 0..<rows.count }

    @inline(__always)
    subscript(index: Int) -> KeyState {
        _read { yield rows[index] }
        _modify { yield &rows[index] }
    }

    /// When the leading absence's event was last seen; `Int64.min`: never.
    func lastAbsent(of index: Int) -> Int64 { keepsAbsents ? absents[index] : .min }

    mutating func setLastAbsent(_ time: Int64, of index: Int) {
        if keepsAbsents { absents[index] = time }
    }

    @inline(__always)
    func prefetch(_ index: Int) { rows.prefetch(index) }

    /// A state without attempts; its owner is set by whoever keeps the key.
    @inline(__always)
    mutating func insert(_ member: Int) -> Int {
        count += 1
        let state = KeyState(member: Int32(member))
        if firstFree >= 0 {
            let index = Int(firstFree)
            firstFree = KeyStates.link(rows[index].owner)
            // The one that is used next is in no cache.
            if firstFree >= 0 { rows.prefetch(Int(firstFree)) }
            rows[index] = state
            return index
        }
        rows.append(state)
        if keepsAbsents { absents.append(.min) }
        return rows.count - 1
    }

    mutating func remove(_ index: Int) {
        assert(rows[index].head < 0, "a state goes after its last attempt")
        rows[index] = KeyState(owner: KeyStates.link(firstFree), member: 0)
        if keepsAbsents { absents[index] = .min }
        firstFree = Int32(index)
        count -= 1
    }

    /// From the next free state, or -1, to what the owner of a free state is, and back.
    @inline(__always)
    private static func link(_ value: Int32) -> Int32 { -2 - value }
}
