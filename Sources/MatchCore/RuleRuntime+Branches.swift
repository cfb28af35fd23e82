// SPDX-License-Identifier: Apache-2.0
// Groups, `all of` and `any of`: docs/reference/matching.md, "Kinds of line".

internal import Automata
internal import BasicContainers
internal import EventModel

// MARK: Groups

extension RuleRuntime {
    mutating func workGroup(
        _ group: Int, _ line: Int, in id: Int, _ base: Int, _ mayTake: Bool,
        _ memory: inout MatchMemory
    ) -> Outcome {
        let block = base + rule.sequences[id].block
        let body = rule.groups[group].body
        let inner = base + rule.sequences[body].block
        let spread = rule.groups[group].spread
        if words[inner + RecordLayout.current] < 0 {
            // Only a row that starts over is current with no iteration.
            return restartGroup(group, line, in: id, base, mayTake, &memory)
        }
        if spread >= 0 {
            let before = words[block + RecordLayout.row]
            let first = earliestTime(in: body, base, after: before, memory)
            if now > sum(first, spread) { return closeOrEnd(id, base, &memory) }
        }
        let wasOpen = isOpen(sequence: body, base)
        if wasOpen, mayTake, beginIteration(group, line, in: id, base, &memory) { return .taken }
        let outcome = work(body, base, mayTake: mayTake, &memory)
        if outcome == .ended { return closeOrEnd(id, base, &memory) }
        if outcome == .stuck { return .stuck }
        if isOpen(sequence: body, base) {
            if wasOpen {
                commit(body, to: id, base, &memory)
            } else {
                completeIteration(group, line, in: id, base, &memory)
            }
        }
        if outcome == .passed, wasOpen, isStrict(group, line),
            words[block + RecordLayout.count] < rule.groups[group].maximum,
            words[block + RecordLayout.flags] & RecordLayout.isFull == 0,
            position >= words[inner + RecordLayout.nextPosition]
        {
            return breakRow(group, line, in: id, base, mayTake, &memory)
        }
        return outcome
    }

    /// Whether further iterations have to begin with the very next event.
    private func isStrict(_ group: Int, _ line: Int) -> Bool {
        rule.lines[line].connector == .next || rule.groups[group].isConsecutive
    }

    /// The time of the first event that sequence `id` holds, unfinished parts included, behind the
    /// chain `before`; `Int64.max` where it holds none.
    func earliestTime(
        in id: Int, _ base: Int, after before: Int64, _ memory: borrowing MatchMemory
    ) -> Int64 {
        let block = base + rule.sequences[id].block
        var earliest = earliestTime(words[base + rule.sequences[id].chain], after: before, memory)
        guard words[block + RecordLayout.current] >= 0 else { return earliest }
        switch rule.lines[Int(words[block + RecordLayout.current])].kind {
        case .absence, .start: break
        case .step:
            let rows = words[block + RecordLayout.row]
            earliest = min(earliest, earliestTime(rows, after: BindingStore.empty, memory))
        case .group(let group):
            let body = rule.groups[group].body
            earliest = min(earliest, earliestTime(in: body, base, after: before, memory))
        case .allOf(let index), .anyOf(let index):
            for place in rule.branches[index].sequences {
                let part = rule.numbers[place]
                earliest = min(earliest, earliestTime(in: part, base, after: before, memory))
            }
        }
        return earliest
    }

    private func earliestTime(
        _ chain: Int64, after before: Int64, _ memory: borrowing MatchMemory
    ) -> Int64 {
        var earliest = Int64.max
        var node = chain
        while node != before, node != BindingStore.empty {
            earliest = min(earliest, memory.time(of: memory.bindings.event(of: node)).nanoseconds)
            node = memory.bindings.parent(of: node)
        }
        return earliest
    }

    /// Lets a further iteration begin with the event at hand.
    private mutating func beginIteration(
        _ group: Int, _ line: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) -> Bool {
        let block = base + rule.sequences[id].block
        let body = rule.groups[group].body
        let inner = base + rule.sequences[body].block
        guard words[block + RecordLayout.count] < rule.groups[group].maximum,
            words[block + RecordLayout.flags] & RecordLayout.isFull == 0,
            !isStrict(group, line) || position == words[inner + RecordLayout.nextPosition],
            canBegin(branch: body, base, atStart: false, &memory)
        else { return false }
        if rule.lines[line].connector == .each {
            if choices.choose(2) == 1 { return false }
            noteChoice(.repeats, of: line, base)
        }
        clearArea(body, base, &memory)
        begin(sequence: body, base, atStart: false, &memory)
        if isOpen(sequence: body, base) { completeIteration(group, line, in: id, base, &memory) }
        return true
    }

    /// The iteration under way has become complete.
    mutating func completeIteration(
        _ group: Int, _ line: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) {
        words[base + rule.sequences[id].block + RecordLayout.count] += 1
        commit(rule.groups[group].body, to: id, base, &memory)
        openAtLeastCount(
            line, in: id, base, minimum: rule.groups[group].minimum,
            maximum: rule.groups[group].maximum)
        let count = words[base + rule.sequences[id].block + RecordLayout.count]
        guard rule.groups[group].isEntered, count < rule.groups[group].maximum else { return }
        clearArea(rule.groups[group].body, base, &memory)
        enter(sequence: rule.groups[group].body, base, at: now, &memory)
    }

    /// What `inner` has bound counts for `outer`: the frame, and what is new in the chain.
    mutating func commit(
        _ inner: Int, to outer: Int, _ base: Int, _ memory: inout MatchMemory
    ) {
        let source = base + rule.sequences[inner].block
        let target = base + rule.sequences[outer].block
        words[target + RecordLayout.lastTime] = words[source + RecordLayout.lastTime]
        words[target + RecordLayout.nextPosition] = words[source + RecordLayout.nextPosition]
        guard rule.sequences[inner].ownsChain else { return }
        let place = base + rule.sequences[outer].chain
        let own = source + RecordLayout.chain
        let fork = words[source + RecordLayout.baseChain]
        if words[place] == fork {
            setChain(place, words[own], &memory)
        } else {
            // Another branch of an `all of` has bound events since: join them.
            let first = boundScratch.count
            var node = words[own]
            while node != fork, node != BindingStore.empty {
                boundScratch.append(node)
                node = memory.bindings.parent(of: node)
            }
            for node in boundScratch[first...].reversed() { rebind(node, at: place, &memory) }
            boundScratch.removeLast(boundScratch.count - first)
            setChain(own, words[place], &memory)
        }
        words[source + RecordLayout.baseChain] = words[place]
    }
}

// MARK: any of

extension RuleRuntime {
    mutating func workAnyOf(
        _ index: Int, in id: Int, _ base: Int, _ mayTake: Bool, _ memory: inout MatchMemory
    ) -> Outcome {
        let committed = words[base + rule.sequences[id].area]
        if committed >= 0 {
            let branch = rule.branch(Int(committed), of: index)
            let outcome = work(branch, base, mayTake: mayTake, &memory)
            if outcome != .ended { commit(branch, to: id, base, &memory) }
            return outcome
        }
        var result = Outcome.ended
        var isHolding = false
        for place in rule.branches[index].sequences {
            let branch = rule.numbers[place]
            let current = words[base + rule.sequences[branch].block + RecordLayout.current]
            if current == RecordLayout.ended { continue }
            if current == RecordLayout.notBegun {
                if result == .ended { result = .passed }
                if mayTake, canBegin(branch: branch, base, atStart: false, &memory) {
                    begin(sequence: branch, base, atStart: false, &memory)
                    result = .taken
                }
                continue
            }
            switch work(branch, base, mayTake: mayTake, &memory) {
            case .ended: end(branch, base, &memory)
            // It holds what it has bound until another branch is complete.
            case .stuck: isHolding = true
            case .taken: result = .taken
            case .passed: if result == .ended { result = .passed }
            }
        }
        commitAnyOf(index, in: id, base, &memory)
        return result == .ended && isHolding ? .stuck : result
    }

    /// Takes the first branch that is open, if one is, and drops the others.
    mutating func commitAnyOf(
        _ index: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) {
        let branches = rule.branches[index].sequences
        var winner = branches.lowerBound
        while winner < branches.upperBound, !isOpen(sequence: rule.numbers[winner], base) {
            winner += 1
        }
        guard winner < branches.upperBound else { return }
        words[base + rule.sequences[id].area] = Int64(winner - branches.lowerBound)
        for place in branches where place != winner { end(rule.numbers[place], base, &memory) }
        words[base + rule.sequences[id].block + RecordLayout.flags] |= RecordLayout.isOpen
        commit(rule.numbers[winner], to: id, base, &memory)
    }
}

// MARK: all of

extension RuleRuntime {
    mutating func workAllOf(
        _ index: Int, in id: Int, _ base: Int, _ mayTake: Bool, _ memory: inout MatchMemory
    ) -> Outcome {
        let taker = mayTake ? chooseTaker(index, base, &memory) : (branch: -1, place: -1)
        if choices.isInvalid { return .ended }
        // The taker goes first: that it can begin was asked of the attempt as it was.
        if taker.branch >= 0, !give(to: taker.branch, at: taker.place, of: index, base, &memory) {
            choices.isInvalid = true
            return .ended
        }
        var isStuck = false
        let sequences = rule.branches[index].sequences
        for place in sequences where place - sequences.lowerBound != taker.branch {
            let branch = rule.numbers[place]
            guard words[base + rule.sequences[branch].block + RecordLayout.current] >= 0 else {
                continue
            }
            switch work(branch, base, mayTake: false, &memory) {
            case .ended: return .ended
            case .stuck: isStuck = true
            case .taken, .passed: break
            }
        }
        openAllOf(index, in: id, base)
        if taker.branch >= 0 { return .taken }
        return isStuck ? .stuck : .passed
    }

    /// Gives the event at hand to one branch; false where the branch does not take it after all (it
    /// was only likely to), which makes this way none.
    private mutating func give(
        to i: Int, at place: Int, of index: Int, _ base: Int, _ memory: inout MatchMemory
    ) -> Bool {
        let branch = rule.branch(i, of: index)
        if words[base + rule.sequences[branch].block + RecordLayout.current] < 0 {
            if place >= 0 { choices.note(branch: i, takes: true, at: place) }
            begin(sequence: branch, base, atStart: false, &memory)
            return true
        }
        let outcome = work(branch, base, mayTake: true, &memory)
        if choices.isInvalid { return false }
        if place >= 0 { choices.note(branch: i, takes: outcome == .taken, at: place) }
        return outcome == .taken
    }

    /// Chooses the branch that gets the event, among those that may take it; -1: none of them. A
    /// begun branch is tried; that no branch takes it is a way only if none of them did.
    private mutating func chooseTaker(
        _ index: Int, _ base: Int, _ memory: inout MatchMemory
    ) -> (branch: Int, place: Int) {
        var takers = 0
        var certain = false
        for branch in 0..<rule.branches[index].sequences.count {
            switch likelihood(branch, of: index, base, &memory) {
            case .certain:
                certain = true
                takers += 1
            case .possible: takers += 1
            case .none: break
            }
        }
        if takers == 0 { return (-1, -1) }
        let options = takers + (certain ? 0 : 1)
        let chosen = options > 1 ? choices.choose(options) : 0
        let place = options > 1 ? choices.lastPlace : -1
        if chosen == takers {
            if choices.mustBeTaken(at: place) { choices.isInvalid = true }
            return (-1, place)
        }
        var left = chosen
        for branch in 0..<rule.branches[index].sequences.count
        where likelihood(branch, of: index, base, &memory) != .none {
            if left == 0 { return (branch, place) }
            left -= 1
        }
        preconditionFailure("a taker is one of those counted")
    }

    private enum Likelihood { case none, possible, certain }

    private func likelihood(
        _ branch: Int, of index: Int, _ base: Int, _ memory: inout MatchMemory
    ) -> Likelihood {
        let sequence = rule.branch(branch, of: index)
        let current = words[base + rule.sequences[sequence].block + RecordLayout.current]
        if current == RecordLayout.notBegun {
            return canBegin(branch: sequence, base, atStart: false, &memory) ? .certain : .none
        }
        let chain = words[base + rule.sequences[sequence].chain]
        for place in rule.stepFilters[rule.branches[index].firstStepFilters + branch] {
            let filter = rule.numbers[place]
            if !rule.filters[filter].isStatic || holds(filter, chain, &memory) {
                return .possible
            }
        }
        return .none
    }

    mutating func openAllOf(_ index: Int, in id: Int, _ base: Int) {
        let block = base + rule.sequences[id].block
        // The frame is the latest of the branches' frames.
        var (time, position) = (RecordLayout.noTime, Int64(0))
        for place in rule.branches[index].sequences {
            let branch = rule.numbers[place]
            let inner = base + rule.sequences[branch].block
            time = max(time, words[inner + RecordLayout.lastTime])
            position = max(position, words[inner + RecordLayout.nextPosition])
        }
        words[block + RecordLayout.lastTime] = time
        words[block + RecordLayout.nextPosition] = position
        if rule.branches[index].sequences.allSatisfy({
            isOpen(sequence: rule.numbers[$0], base)
        }) {
            words[block + RecordLayout.flags] |= RecordLayout.isOpen
        } else {
            words[block + RecordLayout.flags] &= ~RecordLayout.isOpen
        }
    }
}
