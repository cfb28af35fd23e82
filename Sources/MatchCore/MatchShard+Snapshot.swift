// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

extension MatchShard {
    /// Events of a snapshot that can be gone on from: at a million a second those of two years.
    private static let arrivalCap: Int64 = 1 << 46

    /// Writes the state of the keys of some key groups.
    ///
    /// - Parameter pending: every wake-up that was asked for; those out of date are left out.
    package func write(
        _ keyGroups: Range<Int>, pending: [RuleRuntime.WakeUp], to writer: inout SnapshotWriter
    ) {
        writer.write(watchedFrom.nanoseconds)
        writer.write(arrivals)
        var owners: [[Int32: Int]] = []
        for input in 0..<inputs.count {
            owners.append(inputs[input].write(keyGroups, to: &writer, memory))
        }
        let selected = states(ownedBy: owners)
        var graph = SnapshotGraph()
        for rule in 0..<places.count {
            runtimes[Int(places[rule].runtime)].addBindings(of: selected[rule], to: &graph, memory)
        }
        graph.write(to: &writer, memory)
        for rule in 0..<places.count {
            let runtime = Int(places[rule].runtime)
            runtimes[runtime].write(
                Int(places[rule].member), selected[rule],
                owners[Int(runtimes[runtime].input)], graph, to: &writer, memory)
        }
        write(pending, selected, to: &writer) { $0 }
    }

    /// By rule: its states of the keys of each input that are in `owners`.
    private func states(ownedBy owners: [[Int32: Int]]) -> [[Int]] {
        var states = [[Int]](repeating: [], count: places.count)
        for runtime in 0..<runtimes.count {
            let owners = owners[Int(runtimes[runtime].input)]
            for state in runtimes[runtime].keys.indices {
                let row = runtimes[runtime].keys[state]
                guard owners[row.owner] != nil else { continue }
                states[Int(runtimes[runtime].ruleNumbers[Int(row.member)])].append(state)
            }
        }
        return states
    }

    /// - Parameter number: that of a rule here in what is written; -1: the rule is left out.
    func write(
        _ pending: [RuleRuntime.WakeUp], _ selected: [[Int]], to writer: inout SnapshotWriter,
        numbering number: (Int32) -> Int32
    ) {
        let numbers = selected.map { states in
            Dictionary(uniqueKeysWithValues: states.enumerated().map { ($1, $0) })
        }
        var valid: [(time: Int64, rule: Int32, number: Int)] = []
        for wakeUp in pending {
            let runtime = Int(places[Int(wakeUp.rule)].runtime)
            let rule = number(wakeUp.rule)
            guard rule >= 0, runtimes[runtime].isAwaited(wakeUp),
                let state = numbers[Int(rule)][Int(wakeUp.key)]
            else { continue }
            valid.append((wakeUp.time, rule, state))
        }
        valid.sort { $0 < $1 }
        // A key may have asked for one time twice.
        var each: [(time: Int64, rule: Int32, number: Int)] = []
        for entry in valid {
            if let last = each.last, last == entry { continue }
            each.append(entry)
        }
        writer.write(each.count)
        for entry in each {
            writer.write(Int(entry.rule))
            writer.write(entry.number)
            writer.write(entry.time)
        }
    }

    /// Writes since when rules have been watched that have not been from the beginning.
    package func writeWatchStarts(to writer: inout SnapshotWriter) {
        let later = (0..<places.count).filter { places[$0].watchedFrom != watchedFrom }
        writer.write(later.count)
        for rule in later {
            writer.write(rule)
            writer.write(places[rule].watchedFrom.nanoseconds)
        }
    }

    /// - Precondition: what `write` wrote has been read.
    package mutating func readWatchStarts(
        _ reader: inout SnapshotReader
    ) throws(SnapshotError) {
        for rule in 0..<places.count { places[rule].watchedFrom = watchedFrom }
        for _ in 0..<(try reader.int(below: places.count + 1)) {
            let rule = try reader.int(below: places.count)
            places[rule].watchedFrom = StreamTime(nanoseconds: try reader.int64())
        }
    }

    /// Reads what `write` wrote into a shard without state.
    ///
    /// - Parameter time: nothing that was bound is later.
    /// - Returns: the pending wake-ups.
    package mutating func read(
        _ reader: inout SnapshotReader, now time: Int64
    ) throws(SnapshotError) -> [RuleRuntime.WakeUp] {
        watchedFrom = StreamTime(nanoseconds: try reader.int64())
        // Moments have to leave room below for keys and instants.
        arrivals = Int64(try reader.int())
        guard arrivals < MatchShard.arrivalCap else { throw .tooManyEvents }
        for input in 0..<inputs.count {
            try inputs[input].read(&reader, arrivals: arrivals, &memory)
        }
        let read = try memory.readGraph(&reader, arrivals: arrivals, now: time)
        var states: [Range<Int>] = []
        for rule in 0..<places.count {
            let runtime = Int(places[rule].runtime)
            let input = Int(runtimes[runtime].input)
            let first = runtimes[runtime].keys.indices.upperBound
            try runtimes[runtime].read(
                Int(places[rule].member), &reader, read, keyCount: inputs[input].keys.count,
                arrivals: arrivals, now: time, &memory)
            states.append(first..<runtimes[runtime].keys.indices.upperBound)
            try inputs[input].hold(&runtimes[runtime], Int32(rule), states[rule])
        }
        for input in 0..<inputs.count {
            // A key without state is not written: nothing would ever give it back.
            for key in 0..<inputs[input].keys.count where !inputs[input].isHeld(key) {
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
        let pending = try readPending(&reader, states)
        for runtime in 0..<runtimes.count {
            guard runtimes[runtime].wakesInTime(memory) else { throw .damaged }
        }
        return pending
    }

    private mutating func readPending(
        _ reader: inout SnapshotReader, _ states: [Range<Int>]
    ) throws(SnapshotError) -> [RuleRuntime.WakeUp] {
        var pending: [RuleRuntime.WakeUp] = []
        for _ in 0..<(try reader.int()) {
            let rule = try reader.int(below: places.count)
            let runtime = Int(places[rule].runtime)
            let number = try reader.int(below: states[rule].count)
            let key = states[rule].lowerBound + number
            let wakeUp = try reader.int64()
            // A key may have asked for one time twice: the second wake-up then does nothing.
            let known = runtimes[runtime].keys[key].wakeUp
            guard known == .max || known == wakeUp else { throw .damaged }
            pending.append(runtimes[runtime].await(key: key, at: wakeUp))
        }
        return pending
    }
}

extension RuleRuntime {
    mutating func await(key: Int, at time: Int64) -> WakeUp {
        keys[key].wakeUp = time
        return WakeUp(
            time: time, rule: ruleNumbers[Int(keys[key].member)], key: Int32(key))
    }
}

extension InputRuntime {
    /// Writes the keys of the groups; returns their numbers in what was written.
    func write(
        _ keyGroups: Range<Int>, to writer: inout SnapshotWriter, _ memory: borrowing MatchMemory
    ) -> [Int32: Int] {
        let selected = (0..<keys.rows.count).filter {
            keys.rows[$0].isLive && keyGroups.contains(memory.group(of: $0, in: keys))
        }
        return write(selected, to: &writer, memory)
    }

    /// Writes some of the keys; returns their numbers in what was written.
    func write(
        _ selected: [Int], to writer: inout SnapshotWriter, _ memory: borrowing MatchMemory
    ) -> [Int32: Int] {
        writer.write(events)
        writer.write(lackingKey)
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
        _ runtime: inout RuleRuntime, _ rule: Int32, _ states: Range<Int>
    ) throws(SnapshotError) {
        for state in states {
            let key = Int(runtime.keys[state].owner)
            guard holders(of: key).last?.rule != rule else { throw .damaged }
            hold(Work(rule: rule, state: Int32(state)), of: key)
        }
    }
}
