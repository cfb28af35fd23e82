// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

extension DeterminedRuntime {
    /// The nodes that hold attempts of some keys which have not expired, in the order in which they
    /// were made.
    private func nodes(of keys: [Int]) -> [UInt32] {
        var stack: [UInt32] = []
        for key in keys {
            let live = unexpired(key)
            for state in 1..<max(stateCount, 1) where live & 1 << UInt32(state) != 0 {
                stack.append(top(state, of: key).node)
            }
        }
        var known: Set<UInt32> = []
        while let node = stack.popLast() {
            guard node != CompactSets.none, known.insert(node).inserted else { continue }
            stack.append(sets.below(node))
            stack.append(sets.older(node, since: bound))
        }
        return known.sorted { $0 &- sets.first < $1 &- sets.first }
    }

    /// Notes every event that attempts of the keys have bound.
    func addEvents(of keys: [Int], to graph: inout SnapshotGraph) {
        for node in nodes(of: keys) { graph.add(sets[node].event) }
    }

    /// Writes the clock and the nodes of the keys, what they go on from by its number: 1 is the
    /// first.
    ///
    /// - Returns: the numbers.
    func writeNodes(
        of keys: [Int], _ graph: borrowing SnapshotGraph, to writer: inout SnapshotWriter
    ) -> [UInt32: Int] {
        writer.write(clock)
        let nodes = nodes(of: keys)
        writer.write(nodes.count)
        var numbers: [UInt32: Int] = [CompactSets.none: 0]
        for (place, node) in nodes.enumerated() {
            numbers[node] = place + 1
            writer.write(sets[node].latestStart)
            writer.write(numbers[sets.below(node)] ?? 0)
            writer.write(numbers[sets.older(node, since: bound)] ?? 0)
            writer.write(graph.number(of: sets[node].event))
            writer.write(Int(sets[node].state))
        }
        return numbers
    }

    func write(_ key: Int, _ numbers: [UInt32: Int], to writer: inout SnapshotWriter) {
        let live = unexpired(key)
        writer.write(Int(live))
        writer.write(Int(row(key).fresh & live))
        for state in 1..<max(stateCount, 1) where live & 1 << UInt32(state) != 0 {
            writer.write(numbers[top(state, of: key).node] ?? 0)
        }
    }

    /// Reads what `writeNodes` wrote.
    ///
    /// - Parameter now: nothing that was bound is later.
    /// - Precondition: the only nodes are those of other rules, which were read before.
    /// - Returns: how many of these there are.
    mutating func readNodes(
        _ reader: inout SnapshotReader, _ stored: [StoredEvent], limit: Int64, now: Int64,
        _ events: inout EventStore
    ) throws(SnapshotError) -> Int {
        moveClock(to: try reader.int64(upTo: now), limit: limit)
        let others = sets.count
        for number in 0..<(try reader.int(below: Int(Int32.max))) {
            let latestStart = try reader.int64(upTo: clock)
            let below = try reader.int(below: number + 1)
            let rest = try reader.int(below: number + 1)
            let event = stored[try reader.int(below: stored.count)]
            let state = UInt32(try reader.int(below: stateCount))
            let node = CompactSets.Node(
                latestStart: latestStart, below: CompactSets.number(below, behind: others),
                rest: CompactSets.number(rest, behind: others), event: event, state: state)
            guard isSound(node, events) else { throw .damaged }
            _ = sets.append(node, &events)
        }
        return others
    }

    /// Whether a node is one that an event can make: the sets it goes on from are those of the
    /// states they have to be of, and are older.
    private func isSound(_ node: CompactSets.Node, _ events: borrowing EventStore) -> Bool {
        guard node.state > 0, node.latestStart >= bound,
            (node.below == CompactSets.none) == (node.state == 1)
        else { return false }
        if node.below != CompactSets.none {
            let below = sets[node.below]
            guard below.state == node.state - 1, below.latestStart == node.latestStart,
                events[below.event].arrival < events[node.event].arrival
            else { return false }
        }
        guard node.rest != CompactSets.none else { return true }
        let rest = sets[node.rest]
        return rest.state == node.state && rest.latestStart <= node.latestStart
            && events[rest.event].arrival < events[node.event].arrival
    }

    /// Reads what was written of a key, which is open.
    ///
    /// - Parameter others: what `readNodes` returned.
    mutating func read(
        _ key: Int, behind others: Int, _ reader: inout SnapshotReader
    ) throws(SnapshotError) {
        let live = UInt32(try reader.int(below: 1 << stateCount))
        let fresh = UInt32(try reader.int(below: 1 << stateCount))
        guard live & 1 == 0, fresh & ~live == 0 else { throw .damaged }
        for state in 1..<max(stateCount, 1) where live & 1 << UInt32(state) != 0 {
            let number = try reader.int(below: sets.count - others + 1)
            let node = CompactSets.number(number, behind: others)
            guard node != CompactSets.none, sets[node].state == UInt32(state) else {
                throw .damaged
            }
            setTop(state, of: key, Top(latestStart: sets[node].latestStart, node: node))
        }
        setRow(key, Row(live: live, fresh: fresh))
    }

    /// The attempts of all keys that have not expired, at most `Int.max`.
    ///
    /// - Shape: O(nodes): for inspection.
    func attemptCount(of keys: borrowing KeyStates) -> Int {
        var (count, sums) = (0, [CompactSets.none: 0])
        let live = keys.indices.filter { keys[$0].isLive }
        for node in nodes(of: Array(live)) {
            let below = sets.below(node)
            let own = below == CompactSets.none ? 1 : sums[below] ?? 0
            sums[node] = cappedSum(own, sums[sets.older(node, since: bound)] ?? 0)
        }
        for key in live {
            let states = unexpired(key)
            for state in 1..<max(stateCount, 1) where states & 1 << UInt32(state) != 0 {
                count = cappedSum(count, sums[top(state, of: key).node] ?? 0)
            }
        }
        return count
    }

    /// The first thing found wrong in the sets; nil where all agree. For tests.
    func violation(keys: borrowing KeyStates, _ events: borrowing EventStore) -> String? {
        if keys.count == 0, sets.count > 0 { return "a node outlives its key" }
        for key in keys.indices where keys[key].isLive {
            let (live, row) = (unexpired(key), row(key))
            if row.fresh & ~row.live != 0 || row.live & 1 != 0 { return "a row of no key" }
            for state in 1..<max(stateCount, 1) where live & 1 << UInt32(state) != 0 {
                let top = top(state, of: key)
                if !sets.isHeld(top.node) { return "a set has been given back" }
                if sets[top.node].state != UInt32(state) { return "a set is in another state" }
                if sets[top.node].latestStart != top.latestStart {
                    return "a start is not its set's"
                }
            }
            for number in nodes(of: [key]) {
                var node = sets[number]
                if !events.isLive(Int(node.event.index)) { return "an event is gone" }
                // What has expired may have been given back.
                node.rest = sets.older(number, since: bound)
                if !isSound(node, events) { return "a node of no event" }
            }
        }
        return nil
    }
}

/// The sum, at most `Int.max`.
private func cappedSum(_ a: Int, _ b: Int) -> Int {
    let (sum, isOver) = a.addingReportingOverflow(b)
    return isOver ? .max : sum
}
