// SPDX-License-Identifier: Apache-2.0
// With many keys nearly every event meets a key that is in no cache: its bucket, its row, what the
// rule holds of it, the first attempts, what they have bound and the events are seven misses,
// each behind the one before. So while an event is worked on, each of the next few has one of them
// fetched. Nothing here changes what an event does.

internal import Automata
internal import BasicContainers
package import EventModel

/// What is known of the keys of the events that come next.
struct LookAhead: ~Copyable {
    struct Item {
        /// -1: there is nothing to fetch.
        var input: Int32 = -1
        /// Where the key is looked for; see `KeyTable.place`.
        var place: Int64 = 0
        /// The key's row, once its bucket is there; -1: it has none.
        var row: Int32 = -1
        /// What the only rule holds of the key, once the row is there, and its automaton.
        var runtime: Int32 = -1
        var state: Int32 = -1
        /// What the first attempt has bound, once that is there.
        var node: Int32 = 0
        /// What the second one has bound, one event later.
        var second: Int32 = 0
    }

    /// Events that are looked ahead: one for each thing to fetch.
    static let distance = 7
    /// A power of two, more than `distance`.
    private static let itemCount = 8

    /// For each row of the program's tables: the input whose key is fetched; -1: none.
    private(set) var inputs = RowArray<Int32>()
    private var items = RowArray<Item>(repeating: Item(), count: LookAhead.itemCount)

    /// Adds the input that takes the events of the next row.
    mutating func append(input: Int) { inputs.append(Int32(input)) }

    /// That of the event of this number in the batch.
    @inline(__always)
    subscript(event: Int) -> Item {
        get { items[event & (LookAhead.itemCount - 1)] }
        set { items[event & (LookAhead.itemCount - 1)] = newValue }
    }
}

extension MatchShard {
    /// Notes which input's key is worth fetching for events of each incoming type: the first that
    /// takes all of them.
    mutating func prepareLookAhead() {
        for row in 0..<memory.program.memberships.count {
            let membership = memory.program.memberships[row]
            var inputs = memory.program.inputsOfAny
            if membership.derivations.isEmpty {
                for type in membership.given { inputs += memory.program.inputsByType[Int(type)] }
            }
            let first = inputs.min().map { Int($0) } ?? -1
            ahead.append(input: first >= 0 && self.inputs[first].hasPlainKey(row) ? first : -1)
        }
    }

    /// Has memory fetched that the events behind `index` will need.
    package mutating func lookAhead(_ batch: borrowing EventBatch, from index: Int) {
        if index == 0 {
            for event in 0..<min(LookAhead.distance, batch.count) { fetchBucket(batch, event) }
        }
        let event = index + LookAhead.distance
        guard event < batch.count else { return }
        fetchBehindBuckets(event)
        fetchBucket(batch, event)
    }

    /// Like `lookAhead`, leaving out the events that are other shards' alone.
    package mutating func lookAhead(
        _ batch: borrowing EventBatch, from index: Int, groups: borrowing [UInt8]
    ) {
        let first = index == 0 ? 0 : index + LookAhead.distance
        let end = min(index + LookAhead.distance + 1, batch.count)
        if index > 0, first < end { fetchBehindBuckets(first) }
        for event in first..<max(first, end) {
            let group = groups[event]
            if group == KeyRouter.anyGroup || keyGroups.contains(Int(group)) {
                fetchBucket(batch, event)
            } else {
                ahead[event] = LookAhead.Item(input: -1)
            }
        }
    }

    private mutating func fetchBehindBuckets(_ event: Int) {
        fetchBefore(event - 6)
        fetchEvent(event - 5)
        fetchNode(event - 4)
        fetchAttempt(event - 3)
        fetchState(event - 2)
        fetchRow(event - 1)
    }

    private mutating func fetchBucket(_ batch: borrowing EventBatch, _ event: Int) {
        let type = Int(batch.events[event].type)
        let row = type < 0 ? ahead.inputs.count - 1 : type
        var item = LookAhead.Item(input: ahead.inputs[row])
        if item.input >= 0 {
            let slot = inputs[Int(item.input)].plainKeys[row].slot
            let key = batch.slots[event * batch.slotCount + Int(slot)].identity
            item.place = inputs[Int(item.input)].keys.place(of: key)
            inputs[Int(item.input)].keys.prefetchPlace(item.place)
        }
        ahead[event] = item
    }

    private mutating func fetchRow(_ event: Int) {
        let item = ahead[event]
        guard item.input >= 0 else { return }
        let row = inputs[Int(item.input)].keys.likelyRow(item.place)
        ahead[event].row = Int32(row)
        if row >= 0 { inputs[Int(item.input)].keys.rows.prefetch(row) }
    }

    private mutating func fetchState(_ event: Int) {
        let item = ahead[event]
        guard item.row >= 0 else { return }
        let only = inputs[Int(item.input)].keys.rows[Int(item.row)].only
        guard only.rule >= 0 else { return }
        let runtime = places[Int(only.rule)].runtime
        ahead[event].runtime = runtime
        ahead[event].state = only.state
        runtimes[Int(runtime)].keys.prefetch(Int(only.state))
    }

    private func fetchAttempt(_ event: Int) {
        let item = ahead[event]
        if item.runtime >= 0 {
            runtimes[Int(item.runtime)].prefetchAttempt(of: Int(item.state))
        }
    }

    private mutating func fetchNode(_ event: Int) {
        let item = ahead[event]
        guard item.runtime >= 0 else { return }
        let waiting = runtimes[Int(item.runtime)].firstWaiting(of: Int(item.state))
        if waiting != .none { return memory.events.prefetch(waiting) }
        let node = runtimes[Int(item.runtime)].boundByFirst(of: Int(item.state))
        ahead[event].node = node
        if node > 0 { memory.bindings.prefetch(Int64(node)) }
        runtimes[Int(item.runtime)].prefetchSecondAttempt(of: Int(item.state))
    }

    private mutating func fetchEvent(_ event: Int) {
        let node = ahead[event].node
        guard node > 0 else { return }
        memory.events.prefetch(memory.bindings.event(of: Int64(node)))
        memory.bindings.prefetch(memory.bindings.parent(of: Int64(node)))
        let item = ahead[event]
        let second = runtimes[Int(item.runtime)].boundBySecond(of: Int(item.state))
        ahead[event].second = second
        if second > 0 { memory.bindings.prefetch(Int64(second)) }
    }

    /// What was bound before, and by the second attempt.
    private func fetchBefore(_ event: Int) {
        let item = ahead[event]
        guard item.node > 0 else { return }
        fetchBound(by: Int64(item.second))
        fetchBound(by: memory.bindings.parent(of: Int64(item.node)))
    }

    private func fetchBound(by node: Int64) {
        if node <= 0 { return }
        memory.events.prefetch(memory.bindings.event(of: node))
        let parent = memory.bindings.parent(of: node)
        if parent > 0 { memory.bindings.prefetch(parent) }
    }

    /// Has memory fetched that a wake-up will need.
    ///
    /// - Parameter distance: how many others come before it, at most 3; each time it is called for
    ///   the same one, what was fetched the time before is looked at.
    package func lookAhead(to wakeUp: RuleRuntime.WakeUp, distance: Int) {
        let (runtime, state) = (Int(places[Int(wakeUp.rule)].runtime), Int(wakeUp.key))
        switch distance {
        case 3: runtimes[runtime].keys.prefetch(state)
        case 2: runtimes[runtime].prefetchAttempt(of: state)
        case 1:
            let waiting = runtimes[runtime].firstWaiting(of: state)
            if waiting != .none { return memory.events.prefetch(waiting) }
            let node = runtimes[runtime].boundByFirst(of: state)
            if node > 0 { memory.bindings.prefetch(Int64(node)) }
        default: break
        }
    }
}

extension RuleRuntime {
    /// Asks for the first attempt of a key, or for the first event that waits.
    @inline(__always)
    func prefetchAttempt(of state: Int) {
        let head = Int(keys[state].head)
        if head < 0 || isCounted || isWindow { return }
        if rule.queue != nil {
            waiting.prefetch(head)
            return waiting.prefetch(Int(keys[state].tail))
        }
        prefetchRecord(head)
    }

    /// The first event that waits; none where attempts are no queue.
    @inline(__always)
    func firstWaiting(of state: Int) -> StoredEvent {
        let head = Int(keys[state].head)
        if head < 0 || rule.queue == nil || isCounted { return .none }
        return waiting[head].event
    }

    /// The last node that the first attempt of a key has bound; 0: there is none.
    @inline(__always)
    func boundByFirst(of state: Int) -> Int32 {
        let head = Int(keys[state].head)
        if head < 0 || isCounted || isWindow || rule.queue != nil { return 0 }
        return Int32(truncatingIfNeeded: words[base(head) + rule.sequences[0].chain])
    }

    /// Asks for the second attempt of a key, whose first one is there.
    @inline(__always)
    func prefetchSecondAttempt(of state: Int) {
        let second = secondAttempt(of: state)
        if second < 0 { return }
        prefetchRecord(second)
    }

    /// Like `boundByFirst`, of the second attempt.
    @inline(__always)
    func boundBySecond(of state: Int) -> Int32 {
        let second = secondAttempt(of: state)
        if second < 0 { return 0 }
        return Int32(truncatingIfNeeded: words[base(second) + rule.sequences[0].chain])
    }

    /// -1: there is none.
    @inline(__always)
    private func secondAttempt(of state: Int) -> Int {
        let head = Int(keys[state].head)
        if head < 0 || isCounted || isWindow || rule.queue != nil { return -1 }
        return Int(words[base(head) + RecordLayout.next])
    }
}
