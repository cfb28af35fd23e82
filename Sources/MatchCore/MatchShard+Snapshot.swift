// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel

/// A wake-up that was pending when a snapshot was taken.
package struct PendingWakeUp: Sendable {
    package var rule: Int32
    package var order: Int64
    package var wakeUp: RuleRuntime.WakeUp

    package init(rule: Int32, order: Int64, wakeUp: RuleRuntime.WakeUp) {
        self.rule = rule
        self.order = order
        self.wakeUp = wakeUp
    }
}

extension MatchShard {
    /// Writes the state of the keys of some key groups.
    ///
    /// - Parameter pending: every wake-up that was asked for; those out of date are left out.
    package func write(
        _ keyGroups: Range<Int>, pending: [PendingWakeUp], to writer: inout SnapshotWriter
    ) {
        writer.write(watchedFrom.nanoseconds)
        writer.write(arrivals)
        let selected = rules.map { $0.snapshotKeys(keyGroups) }
        var graph = SnapshotGraph()
        for (rule, keys) in zip(rules, selected) { rule.addBindings(of: keys, to: &graph, memory) }
        graph.write(to: &writer, memory)
        for (rule, keys) in zip(rules, selected) { rule.write(keys, graph, to: &writer, memory) }
        write(pending, selected, to: &writer)
    }

    private func write(
        _ pending: [PendingWakeUp], _ selected: [[Int]], to writer: inout SnapshotWriter
    ) {
        let numbers = selected.map { keys in
            Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        }
        let valid = pending.compactMap { entry -> (PendingWakeUp, Int)? in
            guard rules[Int(entry.rule)].isAwaited(entry.wakeUp),
                let number = numbers[Int(entry.rule)][Int(entry.wakeUp.key)]
            else { return nil }
            return (entry, number)
        }
        writer.write(valid.count)
        for (entry, number) in valid.sorted(by: { $0.0.order < $1.0.order }) {
            writer.write(Int(entry.rule))
            writer.write(number)
            writer.write(entry.wakeUp.time)
        }
    }

    /// Reads what `write` wrote into a shard without state.
    ///
    /// - Parameter time: the engine's: nothing that was bound is later.
    /// - Returns: the pending wake-ups, in the order in which they were asked for.
    package mutating func read(
        _ reader: inout SnapshotReader, now time: Int64
    ) throws(SnapshotError) -> [PendingWakeUp] {
        watchedFrom = StreamTime(nanoseconds: try reader.int64())
        arrivals = Int64(try reader.int())
        let read = try memory.readGraph(&reader, arrivals: arrivals, now: time)
        for rule in rules.indices {
            try rules[rule].read(&reader, read, arrivals: arrivals, now: time, &memory)
        }
        // The attempts hold their own references now.
        for node in read.nodes where node != BindingStore.empty {
            memory.bindings.release(node, in: &memory.events)
        }
        var pending: [PendingWakeUp] = []
        for order in 0..<(try reader.int()) {
            let rule = try reader.int(below: rules.count)
            let key = try reader.int(below: rules[rule].keyCount)
            let wakeUp = try reader.int64()
            // A key may have asked for one time twice: the second wake-up then does nothing.
            let known = rules[rule].keys.wakeUps[key]
            guard known == .max || known == wakeUp else { throw .damaged }
            pending.append(
                PendingWakeUp(
                    rule: Int32(rule), order: Int64(order),
                    wakeUp: rules[rule].await(key: key, at: wakeUp)))
        }
        guard rules.allSatisfy({ $0.wakesInTime() }) else { throw .damaged }
        return pending
    }
}

extension RuleRuntime {
    /// Whether the wake-up is the one its key waits for.
    func isAwaited(_ wakeUp: WakeUp) -> Bool {
        keys.generations[Int(wakeUp.key)] == wakeUp.generation
            && keys.wakeUps[Int(wakeUp.key)] == wakeUp.time
    }

    mutating func await(key: Int, at time: Int64) -> WakeUp {
        keys.wakeUps[key] = time
        return WakeUp(time: time, key: Int32(key), generation: keys.generations[key])
    }
}
