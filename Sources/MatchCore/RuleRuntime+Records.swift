// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// Records: making, copying, linking, giving back.
extension RuleRuntime {
    @inline(__always)
    func base(_ record: Int) -> Int { record * rule.recordWords }

    /// The places of what plain rules do not have.
    @inline(__always)
    func strand(_ base: Int) -> Int { base + rule.recordWords - RecordLayout.strandFromEnd }
    @inline(__always)
    func movedAt(_ base: Int) -> Int { base + rule.recordWords - RecordLayout.movedAtFromEnd }

    mutating func newRecord() -> Int {
        if freeRecord >= 0 {
            let record = Int(freeRecord)
            freeRecord = words[base(record) + RecordLayout.next]
            // The one that is used next is in no cache.
            if freeRecord >= 0 { prefetchRecord(Int(freeRecord)) }
            return record
        }
        let record = words.count / rule.recordWords
        words.append(repeating: 0, count: rule.recordWords)
        return record
    }

    /// Clears a record for an attempt that begins with the event at hand.
    mutating func prepare(_ record: Int, arrival: Int64) {
        let base = base(record)
        words.fill(base..<base + rule.recordWords, with: 0)
        words[base + RecordLayout.firstArrival] = arrival
        words[base + RecordLayout.firstTime] = now
        if rule.plain.isEmpty {
            words[strand(base)] = nextStrand
            words[movedAt(base)] = moment
        }
        words[base + RecordLayout.deadline] = RecordLayout.noDeadline
        nextStrand += 1
        let block = base + rule.sequences[0].block
        words[block + RecordLayout.lastTime] = RecordLayout.noTime
        words[block + RecordLayout.nextPosition] = 0
        words[block + RecordLayout.current] = RecordLayout.notBegun
        words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
    }

    /// Puts `record` behind `place` in the key's list; -1: at the end.
    mutating func link(_ record: Int, after place: Int) {
        let base = base(record)
        let before = place < 0 ? Int(keys[key].tail) : place
        let after = before < 0 ? -1 : Int(words[self.base(before) + RecordLayout.next])
        words[base + RecordLayout.previous] = Int64(before)
        words[base + RecordLayout.next] = Int64(after)
        if before < 0 {
            keys[key].head = Int32(record)
        } else {
            words[self.base(before) + RecordLayout.next] = Int64(record)
        }
        if after < 0 {
            keys[key].tail = Int32(record)
        } else {
            words[self.base(after) + RecordLayout.previous] = Int64(record)
        }
        keys[key].attemptCount += 1
        addAttempts(1)
    }

    mutating func unlink(_ record: Int) {
        let before = Int(words[base(record) + RecordLayout.previous])
        let after = Int(words[base(record) + RecordLayout.next])
        if before < 0 {
            keys[key].head = Int32(after)
        } else {
            words[base(before) + RecordLayout.next] = Int64(after)
        }
        if after < 0 {
            keys[key].tail = Int32(before)
        } else {
            words[base(after) + RecordLayout.previous] = Int64(before)
        }
        keys[key].attemptCount -= 1
        addAttempts(-1)
    }

    /// Gives back a record that is in no list.
    @inline(__always)
    mutating func free(_ record: Int, _ memory: inout MatchMemory) {
        let base = base(record)
        for i in 0..<rule.chainWords.count {
            memory.bindings.release(words[base + rule.chainWords[i]], in: &memory.events)
        }
        words[base + RecordLayout.next] = freeRecord
        freeRecord = Int64(record)
    }

    /// Asks for the memory of a record.
    @inline(__always)
    func prefetchRecord(_ record: Int) {
        words.prefetch(base(record))
        words.prefetch(base(record) + rule.recordWords - 1)
    }

    mutating func drop(_ record: Int, _ memory: inout MatchMemory) {
        unlink(record)
        free(record, &memory)
    }

    /// Keeps a copy of the record in `saved`, with references of its own.
    mutating func save(_ record: Int, _ memory: inout MatchMemory) {
        let base = base(record)
        saved.removeAll(keepingCapacity: true)
        for i in 0..<rule.recordWords { saved.append(words[base + i]) }
        for i in 0..<rule.chainWords.count {
            memory.bindings.retain(saved[rule.chainWords[i]])
        }
    }

    mutating func releaseSaved(_ memory: inout MatchMemory) {
        for i in 0..<rule.chainWords.count {
            memory.bindings.release(saved[rule.chainWords[i]], in: &memory.events)
        }
    }

    /// A new record with what `saved` holds, but for the links.
    mutating func recordFromSaved(_ memory: inout MatchMemory) -> Int {
        let record = newRecord()
        let base = base(record)
        for i in 0..<rule.recordWords { words[base + i] = saved[i] }
        for i in 0..<rule.chainWords.count {
            memory.bindings.retain(saved[rule.chainWords[i]])
        }
        return record
    }

    // MARK: Chains

    mutating func setChain(_ place: Int, _ chain: Int64, _ memory: inout MatchMemory) {
        memory.bindings.retain(chain)
        memory.bindings.release(words[place], in: &memory.events)
        words[place] = chain
    }

    /// Binds the event at hand to `step` in the chain at `place`.
    mutating func bind(_ step: Int, at place: Int, _ memory: inout MatchMemory) {
        words[place] = memory.bindings.bind(
            memory.storedCurrent(), step: step, ordinal: memory.keyOrdinal, position: position,
            after: words[place], in: &memory.events)
    }

    /// Takes the chain at `place` back to `node`, and binds once more behind it what is to be kept:
    /// the nodes of `boundScratch` from `first` on, the newest first, which are taken off it.
    mutating func cut(
        at place: Int, to node: Int64, keepingFrom first: Int, _ memory: inout MatchMemory
    ) {
        let head = words[place]
        memory.bindings.retain(head)
        setChain(place, node, &memory)
        for kept in boundScratch[first...].reversed() { rebind(kept, at: place, &memory) }
        memory.bindings.release(head, in: &memory.events)
        boundScratch.removeLast(boundScratch.count - first)
    }

    /// Binds an event of `node` once more, behind the chain at `place`.
    mutating func rebind(_ node: Int64, at place: Int, _ memory: inout MatchMemory) {
        words[place] = memory.bindings.bind(
            memory.bindings.event(of: node), step: memory.bindings.step(of: node),
            ordinal: memory.bindings.ordinal(of: node),
            position: memory.bindings.position(of: node), after: words[place], in: &memory.events)
    }

    /// Clears what the lines of sequence `id` keep outside its header, with its row.
    mutating func clearArea(_ id: Int, _ base: Int, _ memory: inout MatchMemory) {
        let block = base + rule.sequences[id].block
        memory.bindings.release(words[block + RecordLayout.row], in: &memory.events)
        words[block + RecordLayout.row] = BindingStore.empty
        guard rule.sequences[id].words > RecordLayout.blockWords else { return }
        for i in rule.sequences[id].areaChains {
            let place = rule.numbers[i]
            memory.bindings.release(words[base + place], in: &memory.events)
        }
        for i in rule.sequences[id].area..<rule.sequences[id].block + rule.sequences[id].words {
            words[base + i] = 0
        }
    }

    /// Ends sequence `id`: nothing of it is left but the mark.
    mutating func end(_ id: Int, _ base: Int, _ memory: inout MatchMemory) {
        clearArea(id, base, &memory)
        let block = base + rule.sequences[id].block
        if rule.sequences[id].ownsChain {
            memory.bindings.release(words[block + RecordLayout.chain], in: &memory.events)
        }
        for i in 0..<RecordLayout.blockWords { words[block + i] = 0 }
        words[block + RecordLayout.current] = RecordLayout.ended
        words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
    }
}
