// SPDX-License-Identifier: Apache-2.0
// Rules that go on in another program. What they hold is written as a shard of that program would
// write it, which then reads it as a snapshot of its own. Exercised by RuleSuccessionTests.

internal import Automata
internal import BasicContainers
package import EventModel

/// Which rules of a program go on from rules of another one.
package struct RuleSuccession: Sendable {
    /// By rule of the new program: the rule of the old one; nil: it begins with nothing.
    package var predecessors: [Int?]
    /// By rule of the new program: whether what is between its matches and alerts goes on too.
    package var keepsPolicy: [Bool]

    package init(predecessors: [Int?], keepsPolicy: [Bool]) {
        precondition(predecessors.count == keepsPolicy.count, "both are by rule")
        self.predecessors = predecessors
        self.keepsPolicy = keepsPolicy
    }
}

extension MatchShard {
    /// Writes what a shard of other rules holds once it has taken over from this one.
    ///
    /// - Parameters:
    ///   - successor: that shard, which has seen nothing.
    ///   - pending: every wake-up that was asked for.
    /// - Precondition: rules that go on are laid out alike, and take in the same events.
    package func write(
        as successor: borrowing MatchShard, _ succession: RuleSuccession,
        pending: [RuleRuntime.WakeUp], to writer: inout SnapshotWriter
    ) {
        writer.write(watchedFrom.nanoseconds)
        writer.write(arrivals)
        let selected = states(in: succession)
        var owners: [[Int32: Int]] = []
        for input in 0..<successor.inputs.count {
            owners.append(
                write(input: input, of: successor, succession, selected, to: &writer))
        }
        var graph = SnapshotGraph()
        for (rule, predecessor) in succession.predecessors.enumerated() {
            guard let predecessor else { continue }
            runtimes[Int(places[predecessor].runtime)].addBindings(
                of: selected[rule], to: &graph, memory)
        }
        var translation = EventTranslation(
            from: memory.program, to: successor.memory.program)
        graph.write(to: &writer, memory, &translation)
        for (rule, predecessor) in succession.predecessors.enumerated() {
            let place = successor.places[rule]
            guard let predecessor else {
                successor.runtimes[Int(place.runtime)].write(
                    Int(place.member), [], [:], graph, to: &writer, successor.memory)
                continue
            }
            let old = places[predecessor]
            let input = Int(successor.runtimes[Int(place.runtime)].input)
            runtimes[Int(old.runtime)].write(
                Int(old.member), selected[rule], owners[input], graph, to: &writer, memory)
        }
        write(pending, as: succession, selected, to: &writer)
    }

    /// By rule of the successor: the states here of the rule that it goes on from.
    private func states(in succession: RuleSuccession) -> [[Int]] {
        succession.predecessors.map { predecessor in
            guard let predecessor else { return [] }
            let place = places[predecessor]
            let runtime = Int(place.runtime)
            return runtimes[runtime].keys.indices.filter {
                runtimes[runtime].keys[$0].isLive
                    && runtimes[runtime].keys[$0].member == place.member
            }
        }
    }

    /// Writes the keys of an input of the successor; returns their numbers by their places here.
    private func write(
        input: Int, of successor: borrowing MatchShard, _ succession: RuleSuccession,
        _ selected: [[Int]], to writer: inout SnapshotWriter
    ) -> [Int32: Int] {
        var known: Int?
        var isHeld: [Bool] = []
        for (rule, predecessor) in succession.predecessors.enumerated() {
            let runtime = Int(successor.places[rule].runtime)
            guard let predecessor, Int(successor.runtimes[runtime].input) == input else { continue }
            let oldRuntime = Int(places[predecessor].runtime)
            let old = Int(runtimes[oldRuntime].input)
            precondition(known ?? old == old, "rules with one input had one before")
            if known == nil {
                isHeld = [Bool](repeating: false, count: inputs[old].keys.rows.count)
            }
            known = old
            for state in selected[rule] {
                isHeld[Int(runtimes[oldRuntime].keys[state].owner)] = true
            }
        }
        guard let known else {
            for _ in 0..<3 { writer.write(0) }
            return [:]
        }
        return inputs[known].write(isHeld.indices.filter { isHeld[$0] }, to: &writer, memory)
    }

    private func write(
        _ pending: [RuleRuntime.WakeUp], as succession: RuleSuccession, _ selected: [[Int]],
        to writer: inout SnapshotWriter
    ) {
        var successors = [Int32](repeating: -1, count: places.count)
        for (rule, predecessor) in succession.predecessors.enumerated() {
            if let predecessor { successors[predecessor] = Int32(rule) }
        }
        write(pending, selected, to: &writer) { successors[Int($0)] }
    }

    /// Begins what a new set of rules begins with: rules that go on have been watching since they
    /// did, others do from now on; and each key of a table begins an attempt unless it was in the
    /// table before.
    ///
    /// - Precondition: what goes on has been read.
    package mutating func begin(
        at time: StreamTime, after old: borrowing MatchShard, _ succession: RuleSuccession
    ) {
        for (rule, predecessor) in succession.predecessors.enumerated() {
            places[rule].watchedFrom = predecessor.map { old.places[$0].watchedFrom } ?? time
            guard memory.program.rules[rule].keysFrom >= 0 else { continue }
            var known: Set<Value> = []
            if let predecessor, let table = old.memory.program.keyTable(ofRule: predecessor) {
                for row in 0..<table.rowCount {
                    known.insert(table.value(row: row, column: table.keyColumn))
                }
            }
            open(rule, at: time, except: known)
        }
    }
}

extension RulesetProgram {
    /// The table whose keys begin attempts of a rule; nil: there is none.
    fileprivate func keyTable(ofRule rule: Int) -> LookupTable? {
        let table = Int(rules[rule].keysFrom)
        return table < 0 ? nil : tables[table].contents
    }
}
