// SPDX-License-Identifier: Apache-2.0
// What holds of every engine's state, asked of a snapshot before it is taken over: a checksum that
// fits does not make the bytes behind it an engine's. Exercised by FuzzTests and `martlet-fuzz
// snapshots`.

internal import Automata
internal import BasicContainers
internal import EventModel

extension SnapshotReader {
    /// Counts, positions and arrival numbers stay far from where adding one would overflow.
    static let countCap = 1 << 62

    /// A value, with bits and bytes that a value of its tag can have.
    mutating func slot(_ symbols: inout SymbolTable) throws(SnapshotError) -> Slot {
        guard let tag = SlotTag(rawValue: try byte()) else { throw .damaged }
        let probe = Slot(tag: tag, bits: 0)
        guard probe.holdsSymbol else {
            let slot = Slot(tag: tag, bits: UInt64(bitPattern: try int64()))
            guard SnapshotReader.isSound(slot) else { throw .damaged }
            return slot
        }
        let bytes = Array(try byteString())
        guard SnapshotReader.isSound(tag, bytes[...]) else { throw .damaged }
        return Slot(tag: tag, bits: UInt64(symbols.intern(bytes).id))
    }

    private static func isSound(_ slot: Slot) -> Bool {
        switch slot.tag {
        case .missing: slot.bits == 0
        case .bool: slot.bits <= 1
        case .ipv4: slot.bits <= UInt64(UInt32.max)
        case .float: slot == .float(slot.asFloat)
        case .int, .time, .duration: true
        case .string, .ipv6, .network, .list, .excerpt: false
        }
    }

    /// Whether the bytes are those of a symbol of the tag.
    private static func isSound(_ tag: SlotTag, _ bytes: ArraySlice<UInt8>) -> Bool {
        switch tag {
        case .string: true
        case .ipv6: bytes.count == 16
        case .network:
            bytes.count == 5 && bytes[bytes.startIndex] <= 32
                || bytes.count == 17 && bytes[bytes.startIndex] <= 128
        case .list: isSoundList(bytes)
        default: false
        }
    }

    /// Lists in lists may be as deep as events and rules have made them.
    private static func isSoundList(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        // Where the lists end that are around the place at hand.
        var ends = [bytes.endIndex]
        while let end = ends.last {
            guard rest.startIndex < end else {
                ends.removeLast()
                continue
            }
            guard let first = rest.popFirst(), let tag = SlotTag(rawValue: first) else {
                return false
            }
            let probe = Slot(tag: tag, bits: 0)
            if probe.isMissing { continue }
            let count = probe.holdsSymbol ? 4 : 8
            guard end - rest.startIndex >= count else { return false }
            let number = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(count)
            guard probe.holdsSymbol else {
                guard isSound(Slot(tag: tag, bits: number)) else { return false }
                continue
            }
            guard end - rest.startIndex >= Int(number) else { return false }
            if tag == .list {
                ends.append(rest.startIndex + Int(number))
                continue
            }
            guard isSound(tag, rest.prefix(Int(number))) else { return false }
            rest = rest.dropFirst(Int(number))
        }
        return true
    }
}

/// The nodes of a snapshot as they were read, with what has to be known to check references.
struct SnapshotNodes {
    /// Node 0 is the empty chain.
    var nodes: [Int64] = [BindingStore.empty]
    /// The largest step in the chain that ends with each node.
    var maxSteps: [Int] = [-1]
    /// The events, each with one reference of the snapshot's own.
    var events: [StoredEvent] = []

    /// The node of a number in the snapshot; nil where there is none, or where its chain has a step
    /// that a rule of `stepCount` steps does not have.
    func node(_ number: Int64, stepCount: Int) -> Int64? {
        guard number >= 0, number < Int64(nodes.count), maxSteps[Int(number)] < stepCount else {
            return nil
        }
        return nodes[Int(number)]
    }
}

extension RuleRuntime {
    /// Whether a record that was just read is one that an attempt can have.
    ///
    /// - Parameter last: the arrival number of the attempt before it in the list.
    func isSound(
        _ record: Int, after last: Int64, arrivals: Int64, now: Int64,
        _ memory: borrowing MatchMemory
    ) -> Bool {
        let base = base(record)
        let first = words[base + RecordLayout.firstArrival]
        guard first >= last, first >= RuleRuntime.firstOpening, first != 0, first <= arrivals,
            words[base + RecordLayout.firstTime] <= now,
            words[base + rule.sequences[0].block + RecordLayout.current] >= 0,
            isSound(sequence: 0, base, arrivals, memory)
        else { return false }
        let deadline = rule.hasDeadlines ? earliestDeadline(0, base) : RecordLayout.noDeadline
        return words[base + RecordLayout.deadline] == deadline
    }

    /// Whether a sequence that is in use, with what is in use below it, is one that an attempt can
    /// have.
    private func isSound(
        sequence id: Int, _ base: Int, _ arrivals: Int64, _ memory: borrowing MatchMemory
    ) -> Bool {
        let block = base + rule.sequences[id].block
        let next = words[block + RecordLayout.nextPosition]
        guard next >= 0, next <= arrivals + 1 else { return false }
        let current = words[block + RecordLayout.current]
        if current == RecordLayout.notBegun || current == RecordLayout.ended { return true }
        guard current >= 0, rule.sequences[id].lines.contains(Int(current)) else { return false }
        let line = Int(current)
        let deadline = words[block + RecordLayout.pendingDeadline]
        guard deadline == RecordLayout.noDeadline || rule.lines[line].pendingAbsence >= 0,
            isCount(words[block + RecordLayout.count]),
            words[block + RecordLayout.flags] >= 0, words[block + RecordLayout.flags] < 128
        else { return false }
        switch rule.lines[line].kind {
        case .absence, .start: return true
        case .step(let step):
            let chain = words[base + rule.sequences[id].chain]
            return words[block + RecordLayout.count]
                <= boundCount(of: rule.steps[step].id, chain, memory)
        case .group(let group):
            return isSound(sequence: rule.groups[group].body, base, arrivals, memory)
        case .allOf(let index):
            return rule.branches[index].sequences.allSatisfy { number in
                let branch = rule.numbers[number]
                let place = base + rule.sequences[branch].block + RecordLayout.current
                // A branch that ends takes the others with it.
                return words[place] != RecordLayout.ended
                    && isSound(sequence: branch, base, arrivals, memory)
            }
        case .anyOf(let index):
            let branches = rule.branches[index].sequences
            let committed = words[base + rule.sequences[id].area]
            guard committed >= -1, committed < Int64(branches.count) else { return false }
            if committed >= 0 {
                let taken =
                    base + rule.sequences[rule.numbers[branches.lowerBound + Int(committed)]].block
                guard words[taken + RecordLayout.current] >= 0 else { return false }
            }
            return branches.allSatisfy {
                isSound(sequence: rule.numbers[$0], base, arrivals, memory)
            }
        }
    }

    private func isCount(_ value: Int64) -> Bool {
        value >= 0 && value < Int64(SnapshotReader.countCap)
    }

    private func boundCount(
        of step: Int, _ chain: Int64, _ memory: borrowing MatchMemory
    ) -> Int64 {
        var count: Int64 = 0
        var node = chain
        while node != BindingStore.empty {
            if memory.bindings.step(of: node) == step { count += 1 }
            node = memory.bindings.parent(of: node)
        }
        return count
    }

    /// Whether each key that was read will be woken in time for its deadlines: without that, time
    /// could not be moved on past them.
    func wakesInTime(_ memory: borrowing MatchMemory) -> Bool {
        if isWindow {
            return keys.indices.allSatisfy { keys[$0].wakeUp <= nextMoment(of: $0) }
        }
        if let queue = rule.queue, backend == .attempts {
            guard queue.absence >= 0 else { return true }
            for key in keys.indices where keys[key].head >= 0 {
                if keys[key].wakeUp > nextMoment(of: key, queue, memory) { return false }
            }
            return true
        }
        // Sets have no deadlines.
        return isDetermined
            || keys.indices.allSatisfy { key in
                var record = Int(keys[key].head)
                while record >= 0 {
                    let base = base(record)
                    if words[base + RecordLayout.deadline] < keys[key].wakeUp { return false }
                    record = Int(words[base + RecordLayout.next])
                }
                return true
            }
    }
}
