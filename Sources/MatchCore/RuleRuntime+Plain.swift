// SPDX-License-Identifier: Apache-2.0
// What `work` does to an attempt of a plain rule (`PlainSequence`), without asking for what such a
// rule does not have: the same records, step by step the same outcome. Exercised by the scenarios
// of fixtures/golden/matching and by the differential tests, whose rules are of both kinds.

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// Works the event at hand into each attempt of the key, in order of their start.
    mutating func advancePlainAttempts(_ memory: inout MatchMemory) {
        var record = Int(keys[key].head)
        while record >= 0 {
            let base = base(record)
            let next = Int(words[base + RecordLayout.next])
            if next >= 0 { words.prefetch(self.base(next)) }
            settlePlain(record, base, workPlain(base, &memory), &memory)
            record = next
        }
    }

    /// Whether an attempt may begin with the event at hand.
    @inline(__always)
    func plainBegins(_ memory: inout MatchMemory) -> Bool {
        rule.plain.lines[0].id >= 0
            && holds(rule.plain.lines[0].filter, BindingStore.empty, &memory)
    }

    /// Begins an attempt with the event at hand, which its first line takes.
    mutating func beginPlainAttempt(arrival: Int64, _ memory: inout MatchMemory) {
        let record = newRecord()
        prepare(record, arrival: arrival)
        link(record, after: -1)
        let base = base(record)
        beginPlain(0, base, atStart: true, &memory)
        settlePlain(record, base, .taken, &memory)
    }

    private mutating func workPlain(_ base: Int, _ memory: inout MatchMemory) -> Outcome {
        let block = base + rule.plain.block
        let number = Int(words[block + RecordLayout.current]) - rule.plain.first
        let line = rule.plain.lines[number]
        let flags = words[block + RecordLayout.flags]
        let chain = words[base + rule.plain.chain]
        let isOpen = flags & RecordLayout.isOpen != 0
        var breaksAbsence = false
        if isOpen {
            breaksAbsence = line.absence >= 0 && holds(line.absence, chain, &memory)
            if line.follower >= 0, mayFollow(line.follower, block, chain, &memory) {
                beginPlain(line.follower - rule.plain.first, base, atStart: false, &memory)
                return .taken
            }
        }
        let outcome = workPlainLine(line, base, chain, flags, &memory)
        if outcome == .taken {
            if breaksAbsence {
                words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
            }
            if line.absence >= 0 { armIfOpen(0, base, at: now, &memory) }
            return .taken
        }
        if outcome == .ended || breaksAbsence { return .ended }
        if isOpen, line.absence < 0, !line.endsSequence, isExhausted(line, block) { return .ended }
        return .passed
    }

    /// Whether what follows an open line takes the event at hand.
    private func mayFollow(
        _ follower: Int, _ block: Int, _ chain: Int64, _ memory: inout MatchMemory
    ) -> Bool {
        let line = rule.plain.lines[follower - rule.plain.first]
        if line.id < 0 { return false }
        if line.isStrict, words[block + RecordLayout.nextPosition] != 0,
            position != words[block + RecordLayout.nextPosition]
        {
            return false
        }
        return holds(line.filter, chain, &memory)
    }

    private mutating func beginPlain(
        _ number: Int, _ base: Int, atStart: Bool, _ memory: inout MatchMemory
    ) {
        let block = base + rule.plain.block
        let line = rule.plain.lines[number]
        words[block + RecordLayout.current] = Int64(number + rule.plain.first)
        words[block + RecordLayout.flags] = atStart ? RecordLayout.holdsFirst : 0
        words[block + RecordLayout.count] = 0
        words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
        takePlain(line, base, &memory)
        if line.absence >= 0 { armIfOpen(0, base, at: now, &memory) }
    }

    /// Binds the event at hand to the line's step and opens it at its least count.
    @inline(__always)
    private mutating func takePlain(
        _ line: PlainSequence.Line, _ base: Int, _ memory: inout MatchMemory
    ) {
        bind(line.id, at: base + rule.plain.chain, &memory)
        let block = base + rule.plain.block
        words[block + RecordLayout.lastTime] = now
        words[block + RecordLayout.nextPosition] = position + 1
        words[block + RecordLayout.count] += 1
        if words[block + RecordLayout.count] >= line.minimum {
            words[block + RecordLayout.flags] |= RecordLayout.isOpen
        }
    }

    @inline(__always)
    private mutating func workPlainLine(
        _ line: PlainSequence.Line, _ base: Int, _ chain: Int64, _ flags: Int64,
        _ memory: inout MatchMemory
    ) -> Outcome {
        let block = base + rule.plain.block
        if line.id < 0 || flags & RecordLayout.isClosed != 0
            || words[block + RecordLayout.count] >= line.maximum
        {
            return .passed
        }
        let isInPlace = !line.isStrict || position == words[block + RecordLayout.nextPosition]
        if isInPlace, holds(line.filter, chain, &memory) {
            takePlain(line, base, &memory)
            return .taken
        }
        if !line.isStrict { return .passed }
        if flags & RecordLayout.isOpen == 0 { return .ended }
        words[block + RecordLayout.flags] |= RecordLayout.isClosed
        return .passed
    }

    /// Whether neither the open line nor what follows it can ever take an event any more.
    private func isExhausted(_ line: PlainSequence.Line, _ block: Int) -> Bool {
        let isFull = line.id >= 0 && words[block + RecordLayout.count] >= line.maximum
        guard isFull || words[block + RecordLayout.flags] & RecordLayout.isClosed != 0 else {
            return false
        }
        if line.follower < 0 { return true }
        return rule.plain.lines[line.follower - rule.plain.first].isStrict
            && words[block + RecordLayout.nextPosition] != 0
            && position >= words[block + RecordLayout.nextPosition]
    }

    /// Files an attempt by what became of it.
    @inline(__always)
    private mutating func settlePlain(
        _ record: Int, _ base: Int, _ outcome: Outcome, _ memory: inout MatchMemory
    ) {
        switch outcome {
        case .ended, .stuck: return drop(record, &memory)
        case .passed, .taken: break
        }
        if isOpenAtEnd(base) {
            unlink(record)
            candidates.append(record)
        } else if rule.hasDeadlines {
            if limit != .max, waitsForNothing(base) { return drop(record, &memory) }
            words[base + RecordLayout.deadline] =
                words[base + rule.plain.block + RecordLayout.pendingDeadline]
        }
    }

    @inline(__always)
    private func isOpenAtEnd(_ base: Int) -> Bool {
        let block = base + rule.plain.block
        let number = Int(words[block + RecordLayout.current]) - rule.plain.first
        return words[block + RecordLayout.flags] & RecordLayout.isOpen != 0
            && rule.plain.lines[number].endsSequence
    }
}
