// SPDX-License-Identifier: Apache-2.0
// One attempt, one event: docs/reference/matching.md, "One attempt, one event". The numbers in the
// comments are those of its steps. Exercised by the scenarios of fixtures/golden/matching and by
// the
// differential tests.

internal import Automata
internal import BasicContainers
internal import EventModel

/// What an event did to a sequence.
enum Outcome {
    case passed
    case taken
    /// Passed, and nothing can ever be taken any more; what is bound is held still.
    case stuck
    /// The attempt, or the branch, is over.
    case ended
}

extension RuleRuntime {
    /// Whether the sequence could be left now.
    func isOpen(sequence id: Int, _ base: Int) -> Bool {
        let block = base + rule.sequences[id].block
        let line = words[block + RecordLayout.current]
        return line >= 0 && words[block + RecordLayout.flags] & RecordLayout.isOpen != 0
            && rule.lines[Int(line)].endsSequence
    }

    /// Works the event at hand into sequence `id` of the attempt at `base`.
    ///
    /// - Parameter mayTake: false where the event went to another branch of an `all of`.
    mutating func work(
        _ id: Int, _ base: Int, mayTake: Bool, _ memory: inout MatchMemory
    ) -> Outcome {
        let block = base + rule.sequences[id].block
        let line = Int(words[block + RecordLayout.current])
        let chain = words[base + rule.sequences[id].chain]
        let wasOpen = words[block + RecordLayout.flags] & RecordLayout.isOpen != 0
        var breaksAbsence = false
        if wasOpen {
            // 1: what is awaited must not be over before it begins.
            let awaited = rule.lines[line].mandatoryFollower
            if awaited >= 0, someHolds(.until, of: awaited, chain, &memory) { return .ended }
            let absence = pendingAbsence(line)
            if absence >= 0, holds(absence, chain, &memory) { breaksAbsence = true }
            // 2
            if mayTake, follow(line, in: id, base, breaksAbsence, &memory) { return .taken }
        }
        // 3
        let known = everythingBound(line, in: id, base)
        if !rule.lines[line].butNo.isEmpty, hasBound(line, in: id, base, memory),
            someHolds(.butNo, of: line, known, &memory)
        {
            return .ended
        }
        // 4
        var isStopped = false
        if someHolds(.until, of: line, known, &memory) {
            guard wasOpen else { return .ended }
            close(id, base, &memory)
            isStopped = true
        }
        // 5
        let before = LineState(words, block)
        let outcome = isStopped ? .passed : workLine(line, in: id, base, mayTake, &memory)
        if outcome == .ended { return .ended }
        if breaksAbsence {
            guard outcome == .taken else { return .ended }
            words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
            // The event is bound for good only if leaving the line now would keep it.
            if words[block + RecordLayout.nextPosition] != position + 1 {
                words[block + RecordLayout.flags] |= RecordLayout.isBroken
            }
        }
        if outcome == .stuck {
            words[block + RecordLayout.flags] |= RecordLayout.isStuck
            if !wasOpen { return .stuck }
        }
        rearm(line, in: id, base, since: before, wasOpen: wasOpen, &memory)
        // 6
        if outcome != .taken, wasOpen, words[block + RecordLayout.current] == Int64(line) {
            if position == words[block + RecordLayout.nextPosition],
                someHolds(.butNotNext, of: line, chain, &memory)
            {
                return .ended
            }
            return isHopeless(line, block) ? .stuck : .passed
        }
        return outcome
    }

    /// What a line has bound before it works.
    struct LineState {
        let count: Int64
        let nextPosition: Int64

        init(_ words: borrowing RowArray<Int64>, _ block: Int) {
            count = words[block + RecordLayout.count]
            nextPosition = words[block + RecordLayout.nextPosition]
        }
    }

    /// Arms the absence behind the line after the line has worked. The first complete iteration of
    /// an optional group counts as the last event bound; so does one that took the absence's event,
    /// also in the branch of an `any of` that goes on.
    mutating func rearm(
        _ line: Int, in id: Int, _ base: Int, since before: LineState, wasOpen: Bool,
        _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        let bindsForGood: Bool
        switch rule.lines[line].kind {
        case .group: bindsForGood = words[block + RecordLayout.count] > before.count
        case .anyOf:
            bindsForGood = words[block + RecordLayout.nextPosition] != before.nextPosition
        case .step, .allOf, .absence, .start: bindsForGood = false
        }
        if bindsForGood {
            let wasBroken = words[block + RecordLayout.flags] & RecordLayout.isBroken != 0
            words[block + RecordLayout.flags] &= ~RecordLayout.isBroken
            var isFirst = false
            if case .group = rule.lines[line].kind { isFirst = before.count == 0 && wasOpen }
            if isFirst || wasBroken {
                words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
            }
        }
        armIfOpen(id, base, at: now, &memory)
    }

    /// What the current line has bound, an unfinished iteration included, and what was before.
    private func everythingBound(_ line: Int, in id: Int, _ base: Int) -> Int64 {
        if case .group(let group) = rule.lines[line].kind {
            let body = rule.groups[group].body
            let current = words[base + rule.sequences[body].block + RecordLayout.current]
            if current >= 0 { return everythingBound(Int(current), in: body, base) }
        }
        return words[base + rule.sequences[id].chain]
    }

    /// The filter of the absence that follows the line; -1: none.
    private func pendingAbsence(_ line: Int) -> Int {
        let absence = rule.lines[line].pendingAbsence
        guard absence >= 0, case .absence(let index) = rule.lines[absence].kind else { return -1 }
        return rule.absences[index].filter
    }

    /// Whether the current line holds an event, bound or in a row under way.
    func hasBound(
        _ line: Int, in id: Int, _ base: Int, _ memory: borrowing MatchMemory
    ) -> Bool {
        let block = base + rule.sequences[id].block
        switch rule.lines[line].kind {
        case .step:
            return words[block + RecordLayout.count] > 0
                || (words[block + RecordLayout.flags] & RecordLayout.hasRows != 0
                    && words[block + RecordLayout.row] != BindingStore.empty)
        case .group, .allOf, .anyOf:
            let before = words[block + RecordLayout.row]
            return earliestTime(in: id, base, after: before, memory) != .max
        case .absence, .start: return false
        }
    }

    /// 2: lets what follows the open line take the event.
    private mutating func follow(
        _ line: Int, in id: Int, _ base: Int, _ breaksAbsence: Bool,
        _ memory: inout MatchMemory
    ) -> Bool {
        let block = base + rule.sequences[id].block
        let chain = words[base + rule.sequences[id].chain]
        for place in rule.lines[line].followers {
            let follower = rule.numbers[place]
            guard canBegin(follower, from: block, chain, atStart: false, &memory) else { continue }
            if position == words[block + RecordLayout.nextPosition],
                someHolds(.butNotNext, of: line, chain, &memory)
            {
                return false
            }
            if rule.lines[follower].connector == .each {
                if choices.choose(2) == 1 { return false }
                noteChoice(.begins, of: follower, base)
            }
            clearArea(id, base, &memory)
            if breaksAbsence {
                words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
            }
            begin(follower, in: id, base, atStart: false, &memory)
            return true
        }
        return false
    }

    /// Arms the absence that follows the line, if the line is open and it is not armed yet; or
    /// enters the line that follows, if that takes no event to begin.
    mutating func armIfOpen(
        _ id: Int, _ base: Int, at time: Int64, _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        let line = words[block + RecordLayout.current]
        if line >= 0, rule.lines[Int(line)].entersNext >= 0,
            words[block + RecordLayout.flags] & RecordLayout.isOpen != 0
        {
            return enter(rule.lines[Int(line)].entersNext, in: id, base, at: time, &memory)
        }
        guard line >= 0, rule.lines[Int(line)].pendingAbsence >= 0,
            words[block + RecordLayout.flags] & RecordLayout.isOpen != 0,
            words[block + RecordLayout.flags] & RecordLayout.isBroken == 0,
            words[block + RecordLayout.pendingDeadline] == RecordLayout.noDeadline,
            case .absence(let index) = rule.lines[rule.lines[Int(line)].pendingAbsence].kind
        else { return }
        let duration = rule.absences[index].duration
        words[block + RecordLayout.pendingDeadline] =
            duration >= 0
            ? sum(time, duration) : sum(words[base + RecordLayout.firstTime], limit)
    }

    /// Whether nothing can ever be taken any more, by the open line or by what follows.
    private func isHopeless(_ line: Int, _ block: Int) -> Bool {
        if rule.lines[line].pendingAbsence >= 0 || rule.lines[line].endsSequence { return false }
        return canTakeNoMore(line, block) && followersAreGone(line, block)
    }

    /// Whether the open line surely collects no more.
    func canTakeNoMore(_ line: Int, _ block: Int) -> Bool {
        let flags = words[block + RecordLayout.flags]
        if flags & (RecordLayout.isClosed | RecordLayout.isStuck) != 0 { return true }
        guard case .step(let step) = rule.lines[line].kind else { return false }
        return flags & RecordLayout.isFull != 0
            || words[block + RecordLayout.count] >= rule.steps[step].maximum
    }

    func followersAreGone(_ line: Int, _ block: Int) -> Bool {
        let last = words[block + RecordLayout.lastTime]
        for place in rule.lines[line].followers {
            let follower = rule.numbers[place]
            if rule.lines[follower].connector == .next,
                words[block + RecordLayout.nextPosition] != 0,
                position >= words[block + RecordLayout.nextPosition]
            {
                continue
            }
            let within = rule.lines[follower].within
            if within >= 0, last != RecordLayout.noTime, now > sum(last, within) { continue }
            return false
        }
        return true
    }

    // MARK: Lines

    private mutating func workLine(
        _ line: Int, in id: Int, _ base: Int, _ mayTake: Bool, _ memory: inout MatchMemory
    ) -> Outcome {
        let block = base + rule.sequences[id].block
        if words[block + RecordLayout.flags] & RecordLayout.isClosed != 0 { return .passed }
        let anchor = words[block + RecordLayout.anchor]
        let within = rule.lines[line].within
        if within >= 0, anchor != RecordLayout.noTime, now > sum(anchor, within) {
            return closeOrEnd(id, base, &memory)
        }
        switch rule.lines[line].kind {
        case .step(let step):
            if words[block + RecordLayout.flags] & RecordLayout.hasRows != 0 {
                return workRows(step, line, in: id, base, mayTake, &memory)
            }
            return workStep(step, line, in: id, base, mayTake, &memory)
        case .group(let group):
            let mayTake = mayTake && isLateEnough(line, block)
            return workGroup(group, line, in: id, base, mayTake, &memory)
        case .allOf(let index):
            let mayTake = mayTake && isLateEnough(line, block)
            return workAllOf(index, in: id, base, mayTake, &memory)
        case .anyOf(let index):
            let mayTake = mayTake && isLateEnough(line, block)
            return workAnyOf(index, in: id, base, mayTake, &memory)
        case .absence, .start: return .passed
        }
    }

    /// Whether the line's `after` has passed: what is not begun by an event, or begun anew, asks.
    func isLateEnough(_ line: Int, _ block: Int) -> Bool {
        let after = rule.lines[line].after
        let anchor = words[block + RecordLayout.anchor]
        return after < 0 || anchor == RecordLayout.noTime || now >= sum(anchor, after)
    }

    /// An open line takes nothing more; one that is not open ends its sequence.
    mutating func closeOrEnd(_ id: Int, _ base: Int, _ memory: inout MatchMemory) -> Outcome {
        let block = base + rule.sequences[id].block
        guard words[block + RecordLayout.flags] & RecordLayout.isOpen != 0 else { return .ended }
        close(id, base, &memory)
        return .passed
    }

    /// The current line takes nothing more; what is unfinished of it is dropped.
    mutating func close(_ id: Int, _ base: Int, _ memory: inout MatchMemory) {
        let block = base + rule.sequences[id].block
        words[block + RecordLayout.flags] |= RecordLayout.isClosed
        guard case .group(let group) = rule.lines[Int(words[block + RecordLayout.current])].kind,
            !isOpen(sequence: rule.groups[group].body, base)
        else { return }
        end(rule.groups[group].body, base, &memory)
    }

    private mutating func workStep(
        _ step: Int, _ line: Int, in id: Int, _ base: Int, _ mayTake: Bool,
        _ memory: inout MatchMemory
    ) -> Outcome {
        let block = base + rule.sequences[id].block
        let count = words[block + RecordLayout.count]
        if count >= rule.steps[step].maximum
            || words[block + RecordLayout.flags] & RecordLayout.isFull != 0
        {
            return .passed
        }
        let spread = rule.steps[step].spread
        if spread >= 0, count > 0, now > sum(words[block + RecordLayout.rowFirstTime], spread) {
            return closeOrEnd(id, base, &memory)
        }
        // Only a row that starts over is current with nothing bound.
        if count == 0 { return restart(step, line, in: id, base, mayTake, &memory) }
        let chain = words[base + rule.sequences[id].chain]
        let isStrict = rule.lines[line].connector == .next || rule.steps[step].isConsecutive
        let isInPlace = !isStrict || position == words[block + RecordLayout.nextPosition]
        if mayTake, isInPlace, accepts(step, chain, count: count, &memory) {
            if rule.lines[line].connector == .each, !rule.steps[step].isConsecutive {
                if choices.choose(2) == 1 { return .passed }
                noteChoice(.repeats, of: line, base)
            }
            take(step, line, in: id, base, &memory)
            return .taken
        }
        guard isStrict else { return .passed }
        if words[block + RecordLayout.flags] & RecordLayout.isOpen == 0,
            rule.lines[line].connector == .then,
            words[block + RecordLayout.flags] & RecordLayout.holdsFirst == 0
        {
            unbindRow(step, in: id, base, &memory)
            return restart(step, line, in: id, base, mayTake, &memory)
        }
        return closeOrEnd(id, base, &memory)
    }

    /// A row of `consecutive` broke: its events are unbound, and the frame is again what it was
    /// before the line. Other branches of an `all of` may have bound events since: those stay.
    private mutating func unbindRow(
        _ step: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        let place = base + rule.sequences[id].chain
        let first = boundScratch.count
        var left = words[block + RecordLayout.count]
        var node = words[place]
        while left > 0 {
            if memory.bindings.step(of: node) == rule.steps[step].id {
                left -= 1
            } else {
                boundScratch.append(node)
            }
            node = memory.bindings.parent(of: node)
        }
        cut(at: place, to: node, keepingFrom: first, &memory)
        words[block + RecordLayout.count] = 0
        words[block + RecordLayout.lastTime] = words[block + RecordLayout.anchor]
    }

    /// Begins a row anew with the event at hand, if it can be the first of one.
    private mutating func restart(
        _ step: Int, _ line: Int, in id: Int, _ base: Int, _ mayTake: Bool,
        _ memory: inout MatchMemory
    ) -> Outcome {
        let block = base + rule.sequences[id].block
        let chain = words[base + rule.sequences[id].chain]
        guard mayTake, isLateEnough(line, block), accepts(step, chain, count: 0, &memory)
        else { return .passed }
        words[block + RecordLayout.rowFirstTime] = now
        take(step, line, in: id, base, &memory)
        return .taken
    }
}
