// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// Notes every binding that attempts of the keys hold.
    func addBindings(
        of keys: [Int], to graph: inout SnapshotGraph, _ memory: borrowing MatchMemory
    ) {
        if isDetermined { return determined.addEvents(of: keys, to: &graph) }
        for key in keys {
            if rule.queue != nil {
                addQueue(of: key, to: &graph)
                continue
            }
            var record = Int(self.keys[key].head)
            while record >= 0 {
                for i in 0..<rule.chainWords.count {
                    graph.add(words[base(record) + rule.chainWords[i]], memory)
                }
                record = Int(words[base(record) + RecordLayout.next])
            }
        }
    }

    /// - Parameters:
    ///   - member: the rule, among those of the automaton; `selected` are states of it.
    ///   - owners: the numbers of the input's keys in what was written.
    func write(
        _ member: Int, _ selected: [Int], _ owners: [Int32: Int], _ graph: borrowing SnapshotGraph,
        to writer: inout SnapshotWriter, _ memory: borrowing MatchMemory
    ) {
        var counters = allCounters[member]
        if backend != .attempts {
            // This one alone may be as large as there is room for.
            writer.write(counters.hasMoreMatches ? 1 : 0)
            writer.write(counters.matches)
            counters.matches = 0
        }
        for count in counters.all { writer.write(count) }
        writer.write(moments[member])
        writer.write(nextStrand)
        let nodes =
            isDetermined ? determined.writeNodes(of: selected, graph, to: &writer) : [:]
        writer.write(selected.count)
        for key in selected {
            writer.write(owners[keys[key].owner] ?? 0)
            if isDetermined {
                determined.write(key, nodes, to: &writer)
                continue
            }
            if rule.queue != nil {
                writeQueue(of: key, graph, to: &writer)
                continue
            }
            if isWindow {
                windows.write(key, to: &writer, memory.symbols)
                continue
            }
            writer.write(keys.lastAbsent(of: key))
            if isCounted { counting.write(key, to: &writer) }
            writer.write(Int(keys[key].attemptCount))
            var record = Int(keys[key].head)
            while record >= 0 {
                write(record, graph, to: &writer)
                record = Int(words[base(record) + RecordLayout.next])
            }
        }
    }

    /// The words that name a binding: counted ones, and the places where chains forked.
    private var bindingWords: [Int] {
        var places = (0..<rule.chainWords.count).map { rule.chainWords[$0] }
        for id in 0..<rule.sequences.count
        where rule.sequences[id].ownsChain && rule.plain.isEmpty {
            places.append(rule.sequences[id].block + RecordLayout.baseChain)
        }
        return places
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
    ///   - keyCount: the keys of the input, which were read before.
    ///   - arrivals: the events that reached the shard.
    ///   - time: the engine's.
    /// - Precondition: the rule has no state.
    mutating func read(
        _ member: Int, _ reader: inout SnapshotReader, _ nodes: SnapshotNodes, keyCount: Int,
        arrivals: Int64, now time: Int64, _ memory: inout MatchMemory
    ) throws(SnapshotError) {
        self.member = member
        var matches: Int64 = 0
        if backend != .attempts {
            counters.hasMoreMatches = try reader.int(below: 2) == 1
            matches = try reader.int64()
            guard counters.hasMoreMatches ? matches == .max : matches >= 0 else { throw .damaged }
        }
        var counts: [Int] = []
        for _ in counters.all { counts.append(try reader.int()) }
        counters.all = counts
        if backend != .attempts { counters.matches = Int(matches) }
        moment = Int64(try reader.int())
        // Rules that share an automaton number theirs together.
        nextStrand = max(nextStrand, Int64(try reader.int()))
        var others = 0
        if isDetermined {
            others = try determined.readNodes(
                &reader, nodes.events, limit: limit, now: time, &memory.events)
        }
        for _ in 0..<(try reader.int()) {
            let owner = try reader.int(below: keyCount)
            key = keys.insert(member)
            keys[key].owner = Int32(owner)
            if isDetermined {
                determined.open(key)
                try determined.read(key, behind: others, &reader)
                continue
            }
            if let queue = rule.queue {
                try readQueue(queue, &reader, nodes, &memory)
                continue
            }
            if isWindow {
                windows.open(key)
                try windows.read(key, &reader, arrivals: arrivals, now: time, &memory)
                continue
            }
            let absent = try reader.int64(upTo: time)
            guard absent == .min || rule.leadingAbsence != nil else { throw .damaged }
            keys.setLastAbsent(absent, of: key)
            if isCounted {
                counting.open(key)
                try counting.read(key, &reader, now: time)
            }
            var last = Int64.min
            for _ in 0..<(try reader.int()) {
                last = try readRecord(
                    &reader, nodes, after: last, arrivals: arrivals, now: time, &memory)
            }
            let holds = keys[key].head >= 0 || keys.lastAbsent(of: key) != .min
            guard holds != isCounted else { throw .damaged }
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
        for i in 0..<rule.chainWords.count {
            memory.bindings.retain(words[base + rule.chainWords[i]])
        }
        link(record, after: -1)
        return words[base + RecordLayout.firstArrival]
    }
}

extension RuleCounters {
    /// What the rule counts by itself.
    var all: [Int] {
        get {
            [
                attempts, matches, refused, excepted, cappedAttempts, cappedChoices,
                cappedWindowEvents, cappedMatches, cappedKeys, cappedBindings,
            ]
        }
        set {
            attempts = newValue[0]
            matches = newValue[1]
            refused = newValue[2]
            excepted = newValue[3]
            cappedAttempts = newValue[4]
            cappedChoices = newValue[5]
            cappedWindowEvents = newValue[6]
            cappedMatches = newValue[7]
            cappedKeys = newValue[8]
            cappedBindings = newValue[9]
        }
    }
}
