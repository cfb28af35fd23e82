// SPDX-License-Identifier: Apache-2.0
// Beginning lines and sequences: docs/reference/matching.md, "Beginning a line".

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// Whether `line` can begin with the event at hand, going on from the frame at `block`.
    ///
    /// - Parameter atStart: the event is the attempt's first: connectors and gaps are not asked.
    func canBegin(
        _ line: Int, from block: Int, _ chain: Int64, atStart: Bool, _ memory: inout MatchMemory
    ) -> Bool {
        if !atStart {
            if rule.lines[line].connector == .next,
                words[block + RecordLayout.nextPosition] != 0,
                position != words[block + RecordLayout.nextPosition]
            {
                return false
            }
            let last = words[block + RecordLayout.lastTime]
            if last != RecordLayout.noTime, !fitsGap(line, since: last) { return false }
        }
        switch rule.lines[line].kind {
        case .step(let step): return accepts(step, chain, count: 0, &memory)
        case .group(let group):
            return canBegin(
                sequence: rule.groups[group].body, from: block, chain, atStart: atStart, &memory)
        case .allOf(let index), .anyOf(let index):
            for place in rule.branches[index].sequences
            where canBegin(
                sequence: rule.numbers[place], from: block, chain, atStart: atStart, &memory)
            {
                return true
            }
            return false
        case .absence, .start: return false
        }
    }

    private func fitsGap(_ line: Int, since last: Int64) -> Bool {
        let after = rule.lines[line].after
        let within = rule.lines[line].within
        return (after < 0 || now >= MatchCore.sum(last, after))
            && (within < 0 || now <= MatchCore.sum(last, within))
    }

    func canBegin(
        sequence id: Int, from block: Int, _ chain: Int64, atStart: Bool,
        _ memory: inout MatchMemory
    ) -> Bool {
        for line in firstLine(of: id, atStart: atStart)..<rule.sequences[id].lines.upperBound {
            if canBegin(line, from: block, chain, atStart: atStart, &memory) { return true }
            if !rule.lines[line].isSkippable { return false }
        }
        return false
    }

    /// Begins sequence `id`, whose frame is set, with the event at hand.
    ///
    /// - Precondition: `canBegin` said so.
    mutating func begin(sequence id: Int, _ base: Int, atStart: Bool, _ memory: inout MatchMemory) {
        let block = base + rule.sequences[id].block
        let chain = words[base + rule.sequences[id].chain]
        let first = firstLine(of: id, atStart: atStart)
        var last = first
        while rule.lines[last].isSkippable, last + 1 < rule.sequences[id].lines.upperBound {
            last += 1
        }
        // What follows a skippable line goes before it: the farthest first.
        for line in (first...last).reversed() where isReachable(line, from: first) {
            if canBegin(line, from: block, chain, atStart: atStart, &memory) {
                return begin(line, in: id, base, atStart: atStart, &memory)
            }
        }
        preconditionFailure("a sequence is begun only with an event that can begin it")
    }

    /// The line with which an event begins the sequence.
    private func firstLine(of id: Int, atStart: Bool) -> Int {
        atStart ? rule.sequences[id].firstLine : rule.sequences[id].lines.lowerBound
    }

    /// No absence stands between `first` and `line`.
    private func isReachable(_ line: Int, from first: Int) -> Bool {
        for earlier in first...line {
            if case .absence = rule.lines[earlier].kind { return false }
        }
        return true
    }

    /// Makes `line` the current line of sequence `id`, with the event at hand as its first.
    mutating func begin(
        _ line: Int, in id: Int, _ base: Int, atStart: Bool, _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        let pending = words[block + RecordLayout.pendingDeadline]
        words[block + RecordLayout.current] = Int64(line)
        words[block + RecordLayout.flags] = atStart ? RecordLayout.holdsFirst : 0
        words[block + RecordLayout.count] = 0
        words[block + RecordLayout.rowFirstTime] = now
        words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
        words[block + RecordLayout.anchor] = words[block + RecordLayout.lastTime]
        switch rule.lines[line].kind {
        case .step(let step): beginStep(step, line, in: id, base, atStart: atStart, &memory)
        case .group(let group):
            noteChain(of: id, base, &memory)
            words[block + RecordLayout.rowPosition] = position
            beginGroup(group, line, in: id, base, atStart: atStart, &memory)
        case .allOf(let index):
            noteChain(of: id, base, &memory)
            beginAllOf(index, in: id, base, atStart: atStart, &memory)
        case .anyOf(let index):
            noteChain(of: id, base, &memory)
            beginAnyOf(index, line, in: id, base, atStart: atStart, &memory)
        case .absence, .start: preconditionFailure("an absence is not begun by an event")
        }
        if case .group = rule.lines[line].kind, words[block + RecordLayout.count] == 0 {
            keepDeadline(pending, block)
        } else {
            armIfOpen(id, base, at: now, &memory)
        }
    }

    /// An optional group that has no complete iteration leaves the deadline of what follows where
    /// it was.
    private mutating func keepDeadline(_ pending: Int64, _ block: Int) {
        words[block + RecordLayout.pendingDeadline] = pending
        if pending == RecordLayout.noDeadline {
            words[block + RecordLayout.flags] |= RecordLayout.isBroken
        }
    }

    /// Keeps what was bound before a line of parts, to tell what the line itself holds.
    private mutating func noteChain(of id: Int, _ base: Int, _ memory: inout MatchMemory) {
        let row = base + rule.sequences[id].block + RecordLayout.row
        setChain(row, words[base + rule.sequences[id].chain], &memory)
    }

    private mutating func beginStep(
        _ step: Int, _ line: Int, in id: Int, _ base: Int, atStart: Bool,
        _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        let isFree = rule.lines[line].connector == .then && !atStart
        if isFree, rule.steps[step].spread >= 0, rule.steps[step].minimum > 1 {
            words[block + RecordLayout.flags] |= RecordLayout.hasRows
            bind(rule.steps[step].id, at: block + RecordLayout.row, &memory)
            return
        }
        take(step, line, in: id, base, &memory)
    }

    /// Binds the event at hand to the step and opens it at its least count.
    mutating func take(
        _ step: Int, _ line: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        bind(rule.steps[step].id, at: base + rule.sequences[id].chain, &memory)
        words[block + RecordLayout.lastTime] = now
        words[block + RecordLayout.nextPosition] = position + 1
        words[block + RecordLayout.count] += 1
        openAtLeastCount(
            line, in: id, base, minimum: rule.steps[step].minimum,
            maximum: rule.steps[step].maximum)
    }

    /// Opens a counted line that has its least count. Under `each` that is a choice: open and
    /// collecting no more, or not open until it has collected another one.
    mutating func openAtLeastCount(
        _ line: Int, in id: Int, _ base: Int, minimum: Int64, maximum: Int64
    ) {
        let block = base + rule.sequences[id].block
        let count = words[block + RecordLayout.count]
        guard count >= minimum else { return }
        guard rule.lines[line].connector == .each else {
            words[block + RecordLayout.flags] |= RecordLayout.isOpen
            return
        }
        if count < maximum, choices.choose(2) == 1 {
            noteChoice(.wantsMore, of: line, base)
            words[block + RecordLayout.flags] &= ~RecordLayout.isOpen
        } else {
            noteChoice(.isDone, of: line, base)
            words[block + RecordLayout.flags] |= RecordLayout.isOpen | RecordLayout.isFull
        }
    }

    // MARK: Groups and branches

    /// Sets the frame of sequence `inner` to that of sequence `outer`.
    mutating func copyFrame(
        to inner: Int, from outer: Int, _ base: Int, _ memory: inout MatchMemory
    ) {
        let target = base + rule.sequences[inner].block
        let source = base + rule.sequences[outer].block
        words[target + RecordLayout.lastTime] = words[source + RecordLayout.lastTime]
        words[target + RecordLayout.nextPosition] = words[source + RecordLayout.nextPosition]
        words[target + RecordLayout.current] = RecordLayout.notBegun
        words[target + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
        if rule.sequences[inner].ownsChain {
            let chain = words[base + rule.sequences[outer].chain]
            setChain(target + RecordLayout.chain, chain, &memory)
            words[target + RecordLayout.baseChain] = chain
        }
    }

    private mutating func beginGroup(
        _ group: Int, _ line: Int, in id: Int, _ base: Int, atStart: Bool,
        _ memory: inout MatchMemory
    ) {
        let body = rule.groups[group].body
        copyFrame(to: body, from: id, base, &memory)
        if rule.groups[group].minimum == 0 {
            words[base + rule.sequences[id].block + RecordLayout.flags] |= RecordLayout.isOpen
        }
        begin(sequence: body, base, atStart: atStart, &memory)
        if isOpen(sequence: body, base) { completeIteration(group, line, in: id, base, &memory) }
    }

    private mutating func beginAnyOf(
        _ index: Int, _ line: Int, in id: Int, _ base: Int, atStart: Bool,
        _ memory: inout MatchMemory
    ) {
        let mayFollow = !atStart && rule.lines[line].connector == .then
        words[base + rule.sequences[id].area] = -1
        for place in rule.branches[index].sequences {
            let branch = rule.numbers[place]
            copyFrame(to: branch, from: id, base, &memory)
            let block = base + rule.sequences[branch].block
            let chain = words[base + rule.sequences[branch].chain]
            if canBegin(sequence: branch, from: block, chain, atStart: atStart, &memory) {
                begin(sequence: branch, base, atStart: atStart, &memory)
            } else if !mayFollow {
                end(branch, base, &memory)
            }
        }
        commitAnyOf(index, in: id, base, &memory)
    }

    private mutating func beginAllOf(
        _ index: Int, in id: Int, _ base: Int, atStart: Bool, _ memory: inout MatchMemory
    ) {
        var takers = 0
        for place in rule.branches[index].sequences {
            let branch = rule.numbers[place]
            copyFrame(to: branch, from: id, base, &memory)
            if canBegin(branch: branch, base, atStart: atStart, &memory) { takers += 1 }
        }
        var left = takers > 1 ? choices.choose(takers) : 0
        for place in rule.branches[index].sequences {
            let branch = rule.numbers[place]
            guard canBegin(branch: branch, base, atStart: atStart, &memory) else { continue }
            if left == 0 {
                begin(sequence: branch, base, atStart: atStart, &memory)
                break
            }
            left -= 1
        }
        openAllOf(index, in: id, base)
    }

    /// Makes a line current that takes no event to begin, since what is inside it begins with an
    /// absence: the line before is open, and over.
    mutating func enter(
        _ line: Int, in id: Int, _ base: Int, at time: Int64, _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        clearArea(id, base, &memory)
        noteChain(of: id, base, &memory)
        words[block + RecordLayout.current] = Int64(line)
        words[block + RecordLayout.flags] = 0
        words[block + RecordLayout.count] = 0
        words[block + RecordLayout.rowFirstTime] = time
        words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
        words[block + RecordLayout.anchor] = words[block + RecordLayout.lastTime]
        switch rule.lines[line].kind {
        case .allOf(let index), .anyOf(let index):
            words[base + rule.sequences[id].area] = -1
            for place in rule.branches[index].sequences {
                let branch = rule.numbers[place]
                copyFrame(to: branch, from: id, base, &memory)
                guard case .start = rule.lines[rule.sequences[branch].lines.lowerBound].kind else {
                    continue
                }
                enter(sequence: branch, base, at: time, &memory)
            }
        case .group(let group):
            copyFrame(to: rule.groups[group].body, from: id, base, &memory)
            enter(sequence: rule.groups[group].body, base, at: time, &memory)
            if rule.groups[group].minimum == 0 {
                words[block + RecordLayout.flags] |= RecordLayout.isOpen
                armIfOpen(id, base, at: time, &memory)
            }
        case .step, .absence, .start: preconditionFailure("only what has parts is entered")
        }
    }

    /// Makes the start of a sequence current that no event begins; its frame is set.
    mutating func enter(
        sequence id: Int, _ base: Int, at time: Int64, _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        words[block + RecordLayout.current] = Int64(rule.sequences[id].lines.lowerBound)
        words[block + RecordLayout.flags] = RecordLayout.isOpen | RecordLayout.isClosed
        words[block + RecordLayout.count] = 0
        words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
        words[block + RecordLayout.anchor] = words[block + RecordLayout.lastTime]
        armIfOpen(id, base, at: time, &memory)
    }

    func canBegin(
        branch: Int, _ base: Int, atStart: Bool, _ memory: inout MatchMemory
    ) -> Bool {
        canBegin(
            sequence: branch, from: base + rule.sequences[branch].block,
            words[base + rule.sequences[branch].chain], atStart: atStart, &memory)
    }

    /// The event at hand is the last one bound in sequence `id`.
    mutating func moveFrame(of id: Int, _ base: Int) {
        let block = base + rule.sequences[id].block
        words[block + RecordLayout.lastTime] = now
        words[block + RecordLayout.nextPosition] = position + 1
    }
}

/// The sum, held at the ends of the range.
@inline(__always)
func sum(_ time: Int64, _ span: Int64) -> Int64 {
    let (result, overflow) = time.addingReportingOverflow(span)
    return overflow ? (span < 0 ? .min : .max) : result
}
