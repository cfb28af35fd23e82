// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// A wake-up that was pending when a snapshot was taken.
package struct PendingWakeUp: Sendable {
    package var order: Int64
    package var wakeUp: RuleRuntime.WakeUp

    package init(order: Int64, wakeUp: RuleRuntime.WakeUp) {
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
        var owners: [[Int32: Int]] = []
        for input in 0..<inputs.count {
            owners.append(inputs[input].write(keyGroups, to: &writer, memory))
        }
        var selected: [[Int]] = []
        var graph = SnapshotGraph()
        for rule in 0..<rules.count {
            let owners = owners[Int(rules[rule].input)]
            let states = rules[rule].keys.indices.filter {
                owners[rules[rule].keys[$0].owner] != nil
            }
            rules[rule].addBindings(of: states, to: &graph, memory)
            selected.append(states)
        }
        graph.write(to: &writer, memory)
        for rule in 0..<rules.count {
            rules[rule].write(
                selected[rule], owners[Int(rules[rule].input)], graph, to: &writer, memory)
        }
        write(pending, selected, to: &writer)
    }

    private func write(
        _ pending: [PendingWakeUp], _ selected: [[Int]], to writer: inout SnapshotWriter
    ) {
        let numbers = selected.map { states in
            Dictionary(uniqueKeysWithValues: states.enumerated().map { ($1, $0) })
        }
        let valid = pending.compactMap { entry -> (PendingWakeUp, Int)? in
            guard rules[Int(entry.wakeUp.rule)].isAwaited(entry.wakeUp),
                let number = numbers[Int(entry.wakeUp.rule)][Int(entry.wakeUp.key)]
            else { return nil }
            return (entry, number)
        }
        writer.write(valid.count)
        for (entry, number) in valid.sorted(by: { $0.0.order < $1.0.order }) {
            writer.write(Int(entry.wakeUp.rule))
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
        // Moments have to leave room below for keys and instants.
        arrivals = Int64(try reader.int(below: 1 << 40))
        for input in 0..<inputs.count {
            try inputs[input].read(&reader, arrivals: arrivals, &memory)
        }
        let read = try memory.readGraph(&reader, arrivals: arrivals, now: time)
        for rule in 0..<rules.count {
            let input = Int(rules[rule].input)
            try rules[rule].read(
                &reader, read, keyCount: inputs[input].keys.count, arrivals: arrivals, now: time,
                &memory)
            try inputs[input].hold(&rules[rule], Int32(rule))
        }
        for input in 0..<inputs.count {
            // A key without state is not written: nothing would ever give it back.
            for key in 0..<inputs[input].keys.count
            where inputs[input].keys.rows[key].first.rule < 0 {
                throw .damaged
            }
        }
        // The attempts hold their own references now.
        for node in read.nodes where node != BindingStore.empty {
            memory.bindings.release(node, in: &memory.events)
        }
        for event in read.events {
            // An event that nothing binds would never be given back.
            guard memory.events[event].references > 1 else { throw .damaged }
            memory.events.release(event)
        }
        let pending = try readPending(&reader)
        for rule in 0..<rules.count {
            guard rules[rule].wakesInTime() else { throw .damaged }
        }
        return pending
    }

    private mutating func readPending(
        _ reader: inout SnapshotReader
    ) throws(SnapshotError) -> [PendingWakeUp] {
        var pending: [PendingWakeUp] = []
        for order in 0..<(try reader.int()) {
            let rule = try reader.int(below: rules.count)
            let key = try reader.int(below: rules[rule].keyCount)
            let wakeUp = try reader.int64()
            // A key may have asked for one time twice: the second wake-up then does nothing.
            let known = rules[rule].keys[key].wakeUp
            guard known == .max || known == wakeUp else { throw .damaged }
            pending.append(
                PendingWakeUp(
                    order: Int64(order), wakeUp: rules[rule].await(key: key, at: wakeUp)))
        }
        return pending
    }
}

extension RuleRuntime {
    mutating func await(key: Int, at time: Int64) -> WakeUp {
        keys[key].wakeUp = time
        return WakeUp(
            time: time, rule: Int32(rule.index), key: Int32(key),
            generation: keys[key].generation)
    }
}

extension InputRuntime {
    /// Writes the keys of the groups; returns their numbers in what was written.
    func write(
        _ keyGroups: Range<Int>, to writer: inout SnapshotWriter, _ memory: borrowing MatchMemory
    ) -> [Int32: Int] {
        writer.write(events)
        writer.write(lackingKey)
        let selected = (0..<keys.rows.count).filter {
            keys.rows[$0].isLive && keyGroups.contains(memory.group(of: $0, in: keys))
        }
        writer.write(selected.count)
        var numbers: [Int32: Int] = [:]
        for (number, key) in selected.enumerated() {
            for part in 0..<keys.partCount {
                writer.write(keys.part(part, of: key), memory.symbols)
            }
            writer.write(keys.rows[key].position)
            numbers[Int32(key)] = number
        }
        return numbers
    }

    /// - Precondition: the input has no key.
    mutating func read(
        _ reader: inout SnapshotReader, arrivals: Int64, _ memory: inout MatchMemory
    ) throws(SnapshotError) {
        events = try reader.int()
        lackingKey = try reader.int()
        for _ in 0..<(try reader.int()) {
            memory.key.removeAll()
            for _ in 0..<keys.partCount { memory.key.append(try reader.slot(&memory.symbols)) }
            guard keys.find(memory.key) < 0 else { throw .damaged }
            let key = keys.insert(memory.key)
            keys.rows[key].position = Int64(try reader.int(below: Int(arrivals) + 1))
        }
    }

    /// Notes what a rule that was read holds of the keys; rules come in their order.
    mutating func hold(
        _ runtime: inout RuleRuntime, _ rule: Int32
    ) throws(SnapshotError) {
        for state in runtime.keys.indices {
            let key = Int(runtime.keys[state].owner)
            let work = Work(rule: rule, state: Int32(state))
            if keys.rows[key].first.rule < 0 {
                keys.rows[key].first = work
            } else if keys.rows[key].first.rule == rule
                || !held.append(work, to: &keys.rows[key].more)
            {
                throw .damaged
            }
        }
    }
}
