// SPDX-License-Identifier: Apache-2.0
// The determinised automaton of one rule. Its states of sets of attempts are not made and looked up
// but are what they stand for: a word with a bit for each state that holds attempts. An event moves
// all of them by a few operations on words, as in Shift-And (R. Baeza-Yates, G. Gonnet, A New
// Approach to Text Searching, CACM 35(10), 1992), so there is no table that could grow.
// Exercised by DeterminedTests.

internal import Automata
internal import BasicContainers
internal import EventModel

/// What a rule holds of its keys on the determinised automaton.
struct DeterminedRuntime: ~Copyable {
    /// What the events that satisfy a filter do, a bit for each state.
    struct Effect {
        var filter: Int
        /// The states that they lead on from; bit 0: they begin attempts.
        var leads: UInt32 = 0
        var endsFirst: UInt32 = 0
        var ends: UInt32 = 0
        var endsNext: UInt32 = 0
        var resets = false

        /// The states for which the filter has to be asked.
        var states: UInt32 { resets ? ~1 | leads : leads | endsFirst | ends | endsNext }
    }

    /// What the rule holds of a key.
    struct Row {
        /// The states that hold attempts.
        var live: UInt32 = 0
        /// Those whose newest batch the key's last event made.
        var fresh: UInt32 = 0
    }

    /// The set in one state of a key; only of states that are live does it mean anything.
    struct Top {
        /// That of its newest batch.
        var latestStart: Int64 = 0
        var node: UInt32 = CompactSets.none
    }

    /// The events of a match.
    let stateCount: Int
    /// Whether a match ends all attempts of its key.
    let endsAll: Bool
    /// States that keep what an event leads on, and those that keep what it does not.
    let keepsLed: UInt32
    let keepsOthers: UInt32
    let effects: UniqueArray<Effect>
    /// By state: the step that binds the event which leads out of it.
    let steps: UniqueArray<Int>

    var sets: CompactSets
    private var rows = UniqueArray<Row>()
    /// By key, those of the states behind 0.
    private var tops = UniqueArray<Top>()
    /// The latest time that an event or an instant has had, and the earliest start that has not
    /// expired by then.
    private(set) var clock = Int64.min
    private(set) var bound = Int64.min

    /// The next node when it was last found out what can go.
    private var lastMarking: UInt32 = 1

    // Scratch.
    var listing = MatchListing()
    var counts = WayCounts()
    /// The match at hand as a chain: a binding each event.
    var chain = UniqueArray<Int64>()
    /// What walking through matches without writing them has seen, so that it cannot be left out.
    var seen: Int64 = 0

    /// - Parameter program: nil where the rule is not run here.
    init(_ program: DeterminedProgram?, resets: [Int]) {
        let states = program?.states ?? []
        stateCount = states.count
        endsAll = program?.endsAll ?? false
        var (keepsLed, keepsOthers) = (UInt32(0), UInt32(0))
        var steps = UniqueArray<Int>()
        for (number, state) in states.enumerated() {
            steps.append(state.step)
            if number > 0, state.connector == .each { keepsLed |= 1 << UInt32(number) }
            if number > 0, state.connector != .next { keepsOthers |= 1 << UInt32(number) }
        }
        self.keepsLed = keepsLed
        self.keepsOthers = keepsOthers
        self.steps = steps
        effects = UniqueArray(
            copying: DeterminedRuntime.effects(of: states, resets: states.isEmpty ? [] : resets))
        sets = CompactSets(capacity: states.isEmpty ? 1 : 16)
    }

    private static func effects(
        of states: [DeterminedProgram.State], resets: [Int]
    ) -> [Effect] {
        var all: [Effect] = []
        func place(of filter: Int) -> Int {
            if let known = all.firstIndex(where: { $0.filter == filter }) { return known }
            all.append(Effect(filter: filter))
            return all.count - 1
        }
        for (number, state) in states.enumerated() {
            let bit: UInt32 = 1 << UInt32(number)
            all[place(of: state.filter)].leads |= bit
            guard number > 0 else { continue }
            for filter in state.endsFirst { all[place(of: filter)].endsFirst |= bit }
            for filter in state.ends { all[place(of: filter)].ends |= bit }
            for filter in state.endsNext { all[place(of: filter)].endsNext |= bit }
        }
        for filter in resets { all[place(of: filter)].resets = true }
        return all
    }

    /// The bit of the state from which a match is completed.
    var lastState: UInt32 { 1 << UInt32(stateCount - 1) }

    // MARK: Time

    /// Moves the clock, which never goes back: an event out of order counts as of the clock's time.
    mutating func moveClock(to time: Int64, limit: Int64) {
        guard time > clock else { return }
        clock = time
        // Without a limit nothing expires.
        guard limit != .max else { return }
        let (earliest, isOver) = time.subtractingReportingOverflow(limit)
        bound = isOver ? .min : earliest
    }

    // MARK: Keys

    private var width: Int { stateCount - 1 }

    /// Makes room for `key`, of which nothing is held.
    mutating func open(_ key: Int) {
        while rows.count <= key {
            rows.append(Row())
            for _ in 0..<width { tops.append(Top()) }
        }
        rows[key] = Row()
    }

    @inline(__always)
    func row(_ key: Int) -> Row { rows[key] }

    @inline(__always)
    mutating func setRow(_ key: Int, _ row: Row) { rows[key] = row }

    @inline(__always)
    func top(_ state: Int, of key: Int) -> Top { tops[key * width + state - 1] }

    @inline(__always)
    mutating func setTop(_ state: Int, of key: Int, _ top: Top) {
        tops[key * width + state - 1] = top
    }

    /// The states of a key whose attempts have not all expired.
    func unexpired(_ key: Int) -> UInt32 {
        var live = rows[key].live
        var left = live
        while left != 0 {
            let state = left.trailingZeroBitCount
            left &= left - 1
            if top(state, of: key).latestStart < bound { live &= ~(1 << UInt32(state)) }
        }
        return live
    }

    /// The latest start of an attempt of a key that has one.
    func latestStart(of key: Int) -> Int64 {
        var latest = Int64.min
        var left = rows[key].live
        while left != 0 {
            let state = left.trailingZeroBitCount
            left &= left - 1
            latest = max(latest, top(state, of: key).latestStart)
        }
        return latest
    }

    /// Drops the newest batches of `states`, of which there are some.
    ///
    /// - Returns: those of the states in which nothing is left.
    mutating func dropNewest(_ states: UInt32, of key: Int) -> UInt32 {
        var emptied: UInt32 = 0
        var left = states
        while left != 0 {
            let state = left.trailingZeroBitCount
            left &= left - 1
            let older = sets.older(top(state, of: key).node, since: bound)
            if older == CompactSets.none {
                emptied |= 1 << UInt32(state)
            } else {
                setTop(state, of: key, Top(latestStart: sets[older].latestStart, node: older))
            }
        }
        return emptied
    }

    /// Makes room for what one event can make, if that is allowed: gives back what has expired, or
    /// what nothing leads to, or doubles the ring.
    ///
    /// - Shape: O(nodes) where the ring is full, which it then is not for as many nodes more.
    mutating func makeRoom(cap: Int, _ events: inout EventStore) {
        sets.expire(before: bound, &events)
        let capacity = sets.capacity
        guard capacity - sets.count <= stateCount else { return }
        // At the cap looking for what can go is not worth it for a few nodes.
        guard capacity < cap || Int(sets.next &- lastMarking) >= capacity / 4 else { return }
        lastMarking = sets.next
        sets.beginMarking()
        var kept = 0
        for key in 0..<rows.count { kept += markSets(of: key) }
        if kept <= capacity / 2 {
            compact(&events)
        } else if capacity < cap {
            sets.grow()
        }
    }

    private mutating func markSets(of key: Int) -> Int {
        var marked = 0
        var left = unexpired(key)
        while left != 0 {
            marked += sets.mark(top(left.trailingZeroBitCount, of: key).node, since: bound)
            left &= left - 1
        }
        return marked
    }

    private mutating func compact(_ events: inout EventStore) {
        let oldFirst = sets.compact(&events)
        for key in 0..<rows.count {
            var left = unexpired(key)
            while left != 0 {
                let state = left.trailingZeroBitCount
                left &= left - 1
                var top = top(state, of: key)
                top.node = sets.name(of: top.node, oldFirst: oldFirst)
                setTop(state, of: key, top)
            }
        }
        lastMarking = sets.next
        counts.forget()
    }

    /// Puts a batch into `state` of a key.
    ///
    /// - Parameters:
    ///   - set: what the event is bound behind.
    ///   - keeps: whether the state holds something already.
    mutating func add(
        _ event: StoredEvent, behind set: Top, to state: Int, of key: Int, keeps: Bool,
        _ events: inout EventStore
    ) {
        let rest = keeps ? top(state, of: key).node : CompactSets.none
        let node = sets.append(
            CompactSets.Node(
                latestStart: set.latestStart, below: set.node, rest: rest, event: event,
                state: UInt32(state)), &events)
        setTop(state, of: key, Top(latestStart: set.latestStart, node: node))
    }
}
