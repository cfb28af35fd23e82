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
    private var mark = Int64.min
    /// Of a rule whose attempts are a queue: the number of events that wait.
    var waiting: Int32 = 0
    /// The key's index in the input's table; -1: free.
    var owner: Int32 = -1
    /// The rule that holds it, among those of the automaton.
    var member: Int32 = 0

    init(generation: Int32 = 0, member: Int32 = 0) {
        self.generation = generation
        self.member = member
    }

    /// When the leading absence's event was last seen; `Int64.min`: never.
    var lastAbsent: Int64 {
        get { mark }
        set { mark = newValue }
    }

    /// Of a rule whose attempts are a queue, which has no leading absence: the time of the first
    /// event that waits, kept here since every event of the key asks for it.
    var firstTime: Int64 {
        get { mark }
        set { mark = newValue }
    }

    var isLive: Bool { owner >= 0 }
}

/// The states of an automaton's rules, a row for each rule and key of which it holds something.
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
    func prefetch(_ index: Int) { rows.prefetchWhole(index) }

    /// A state without attempts; its owner is set by whoever keeps the key.
    @inline(__always)
    mutating func insert(_ member: Int) -> Int {
        count += 1
        if let reused = free.popLast() {
            rows[Int(reused)].member = Int32(member)
            return Int(reused)
        }
        rows.append(KeyState(member: Int32(member)))
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
