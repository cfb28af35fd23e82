// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel

extension RuleRuntime {
    /// The live keys of the groups, in the order in which they are written.
    func snapshotKeys(_ keyGroups: Range<Int>) -> [Int] {
        keys.indices.filter {
            keys.isLive[$0]
                && keyGroups.contains(Int(keys.hashes[$0] % UInt64(MatchShard.keyGroupCount)))
        }
    }

    /// Notes every binding that attempts of the keys hold.
    func addBindings(
        of keys: [Int], to graph: inout SnapshotGraph, _ memory: borrowing MatchMemory
    ) {
        for key in keys {
            var record = Int(self.keys.heads[key])
            while record >= 0 {
                for place in rule.chainWords { graph.add(words[base(record) + place], memory) }
                record = Int(words[base(record) + RecordLayout.next])
            }
        }
    }

    func write(
        _ selected: [Int], _ graph: borrowing SnapshotGraph, to writer: inout SnapshotWriter,
        _ memory: borrowing MatchMemory
    ) {
        for count in counters.all { writer.write(count) }
        writer.write(moment)
        writer.write(nextStrand)
        writer.write(selected.count)
        for key in selected {
            for part in 0..<keys.partCount {
                writer.write(keys.parts[key * keys.partCount + part], memory.symbols)
            }
            writer.write(Int64(bitPattern: keys.hashes[key]))
            writer.write(keys.positions[key])
            writer.write(keys.lastAbsent[key])
            writer.write(Int(keys.attemptCounts[key]))
            var record = Int(keys.heads[key])
            while record >= 0 {
                write(record, graph, to: &writer)
                record = Int(words[base(record) + RecordLayout.next])
            }
        }
    }

    /// The words that name a binding: counted ones, and the places where chains forked.
    private var bindingWords: [Int] {
        rule.chainWords
            + rule.sequences.filter(\.ownsChain).map { $0.block + RecordLayout.baseChain }
    }

    private func write(
        _ record: Int, _ graph: borrowing SnapshotGraph, to writer: inout SnapshotWriter
    ) {
        let base = base(record)
        let bindings = bindingWords
        for word in RecordLayout.firstArrival..<rule.recordWords {
            let value = words[base + word]
            writer.write(bindings.contains(word) ? graph.number(of: value) : value)
        }
    }

    /// - Parameters:
    ///   - arrivals: the events that reached the shard.
    ///   - time: the engine's.
    /// - Precondition: the rule has no state.
    mutating func read(
        _ reader: inout SnapshotReader, _ nodes: SnapshotNodes, arrivals: Int64, now time: Int64,
        _ memory: inout MatchMemory
    ) throws(SnapshotError) {
        var counts: [Int] = []
        for _ in counters.all { counts.append(try reader.int()) }
        counters.all = counts
        moment = Int64(try reader.int())
        nextStrand = Int64(try reader.int())
        for _ in 0..<(try reader.int()) {
            memory.key.removeAll(keepingCapacity: true)
            for _ in 0..<keys.partCount { memory.key.append(try reader.slot(&memory.symbols)) }
            let hash = UInt64(bitPattern: try reader.int64())
            guard keys.find(memory.key, hash: hash) < 0 else { throw .damaged }
            key = keys.insert(memory.key, hash: hash)
            keys.positions[key] = Int64(try reader.int(below: Int(arrivals) + 1))
            keys.lastAbsent[key] = try reader.int64(upTo: time)
            var last: Int64 = 0
            for _ in 0..<(try reader.int()) {
                last = try readRecord(
                    &reader, nodes, after: last, arrivals: arrivals, now: time, &memory)
            }
            // A key without state is not written: nothing would ever give it back.
            guard keys.heads[key] >= 0 || keys.lastAbsent[key] != .min else { throw .damaged }
        }
    }

    /// Reads a record to the end of the key's list; returns the arrival number of its first event.
    private mutating func readRecord(
        _ reader: inout SnapshotReader, _ nodes: SnapshotNodes, after last: Int64,
        arrivals: Int64, now time: Int64, _ memory: inout MatchMemory
    ) throws(SnapshotError) -> Int64 {
        let record = newRecord()
        let base = base(record)
        for word in RecordLayout.firstArrival..<rule.recordWords {
            words[base + word] = try reader.int64()
        }
        for word in bindingWords {
            guard let node = nodes.node(words[base + word], stepCount: rule.stepNames.count) else {
                throw .damaged
            }
            words[base + word] = node
        }
        guard isSound(record, after: last, arrivals: arrivals, now: time, memory) else {
            throw .damaged
        }
        for place in rule.chainWords { memory.bindings.retain(words[base + place]) }
        link(record, after: -1)
        return words[base + RecordLayout.firstArrival]
    }
}

extension RuleCounters {
    var all: [Int] {
        get {
            [
                events, attempts, matches, refused, lackingKey, cappedAttempts, cappedChoices,
            ]
        }
        set {
            events = newValue[0]
            attempts = newValue[1]
            matches = newValue[2]
            refused = newValue[3]
            lackingKey = newValue[4]
            cappedAttempts = newValue[5]
            cappedChoices = newValue[6]
        }
    }
}
