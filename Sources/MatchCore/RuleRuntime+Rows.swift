// SPDX-License-Identifier: Apache-2.0
// `then 3 b in 1m`, where the row does not hold the attempt's first event: every later b that can
// be
// a first begins a row, and the first row of three that fits is taken. The rows share their
// events, so only the candidates are kept; the rows are played through when a candidate comes.

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// Works the event at hand into the rows of a step that has not reached its least count.
    mutating func workRows(
        _ step: Int, _ line: Int, in id: Int, _ base: Int, _ mayTake: Bool,
        _ memory: inout MatchMemory
    ) -> Outcome {
        let block = base + rule.sequences[id].block
        let row = block + RecordLayout.row
        let anchor = words[block + RecordLayout.anchor]
        let after = rule.lines[line].after
        let isLateEnough = anchor == RecordLayout.noTime || after < 0 || now >= sum(anchor, after)
        let isCandidate = mayTake && isLateEnough && mayBeInRow(step, in: id, base, &memory)
        guard isCandidate else {
            if rule.steps[step].isConsecutive { setChain(row, BindingStore.empty, &memory) }
            trimRow(step, row, &memory)
            return .passed
        }
        bind(rule.steps[step].id, at: row, &memory)
        trimRow(step, row, &memory)
        if completeRow(step, in: id, base, &memory) { return .taken }
        if rule.steps[step].readsItself, !isInSomeRow(step, in: id, base, &memory) {
            // It was a candidate for no row after all.
            let before = memory.bindings.parent(of: words[row])
            setChain(row, rule.steps[step].isConsecutive ? BindingStore.empty : before, &memory)
            return .passed
        }
        return .taken
    }

    /// Whether the event can be in a row at all: asked exactly where the step does not read itself.
    private func mayBeInRow(
        _ step: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) -> Bool {
        let chain = words[base + rule.sequences[id].chain]
        if !rule.steps[step].readsItself { return accepts(step, chain, count: 0, &memory) }
        let filter = rule.steps[step].filter
        let type = rule.filters[filter].type
        return routes & (1 << UInt64(rule.filters[filter].route)) != 0
            && (type < 0 || memory.current.isMember[Int(type)])
    }

    /// Drops the candidates too old to share a row with the event at hand, once they are many.
    private mutating func trimRow(_ step: Int, _ row: Int, _ memory: inout MatchMemory) {
        let oldest = sum(now, -rule.steps[step].spread)
        var node = words[row]
        guard node != BindingStore.empty else { return }
        if memory.time(of: memory.bindings.event(of: node)).nanoseconds < oldest {
            return setChain(row, BindingStore.empty, &memory)
        }
        let first = boundScratch.count
        var old = 0
        while node != BindingStore.empty {
            if memory.time(of: memory.bindings.event(of: node)).nanoseconds < oldest {
                old += 1
            } else {
                boundScratch.append(node)
            }
            node = memory.bindings.parent(of: node)
        }
        defer { boundScratch.removeLast(boundScratch.count - first) }
        guard old > 0 else { return }
        let head = words[row]
        memory.bindings.retain(head)
        setChain(row, BindingStore.empty, &memory)
        for node in boundScratch[first...].reversed() { rebind(node, at: row, &memory) }
        memory.bindings.release(head, in: &memory.events)
    }

    /// Takes the first row that has its least count with the newest candidate, if there is one.
    private mutating func completeRow(
        _ step: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) -> Bool {
        let block = base + rule.sequences[id].block
        let first = boundScratch.count
        memory.bindings.append(words[block + RecordLayout.row], to: &boundScratch)
        defer { boundScratch.removeLast(boundScratch.count - first) }
        let chainPlace = base + rule.sequences[id].chain
        let before = words[chainPlace]
        for start in first..<boundScratch.count {
            memory.bindings.retain(before)
            let isWhole = playRow(step, from: start, id, base, &memory) == rule.steps[step].minimum
            if isWhole {
                memory.bindings.release(before, in: &memory.events)
                let firstEvent = memory.bindings.event(of: boundScratch[start])
                words[block + RecordLayout.rowFirstTime] = memory.time(of: firstEvent).nanoseconds
                words[block + RecordLayout.flags] &= ~RecordLayout.hasRows
                setChain(block + RecordLayout.row, BindingStore.empty, &memory)
                words[block + RecordLayout.count] = rule.steps[step].minimum
                moveFrame(of: id, base)
                words[block + RecordLayout.flags] |= RecordLayout.isOpen
                return true
            }
            setChain(chainPlace, before, &memory)
            memory.bindings.release(before, in: &memory.events)
        }
        return false
    }

    /// Plays the row that begins with candidate `start` into the sequence's chain; returns how many
    /// it
    /// holds if the newest candidate is in it, else 0.
    private mutating func playRow(
        _ step: Int, from start: Int, _ id: Int, _ base: Int, _ memory: inout MatchMemory
    ) -> Int64 {
        let chain = base + rule.sequences[id].chain
        let filter = rule.steps[step].filter
        let firstTime = memory.time(of: memory.bindings.event(of: boundScratch[start])).nanoseconds
        guard now <= sum(firstTime, rule.steps[step].spread) else { return 0 }
        var count: Int64 = 0
        var lastPosition: Int64 = 0
        for i in start..<boundScratch.count {
            let node = boundScratch[i]
            let event = memory.bindings.event(of: node)
            let place = memory.bindings.position(of: node)
            let fits =
                !rule.steps[step].readsItself
                || (holds(filter, for: event, words[chain], &memory)
                    && (rule.steps[step].distinct < 0
                        || isDistinct(step, event, words[chain], count: count, memory)))
            if !fits {
                if count == 0 || rule.steps[step].isConsecutive { return 0 }
                continue
            }
            if rule.steps[step].isConsecutive, count > 0, place != lastPosition + 1 { return 0 }
            rebind(node, at: chain, &memory)
            count += 1
            lastPosition = place
            // A row that had enough before the newest candidate would have been taken then.
            if count == rule.steps[step].minimum { return i == boundScratch.count - 1 ? count : 0 }
        }
        return lastPosition == position ? count : 0
    }

    /// Whether some row holds the newest candidate.
    private mutating func isInSomeRow(
        _ step: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) -> Bool {
        let block = base + rule.sequences[id].block
        let first = boundScratch.count
        memory.bindings.append(words[block + RecordLayout.row], to: &boundScratch)
        defer { boundScratch.removeLast(boundScratch.count - first) }
        let chainPlace = base + rule.sequences[id].chain
        let before = words[chainPlace]
        memory.bindings.retain(before)
        defer { memory.bindings.release(before, in: &memory.events) }
        for start in first..<boundScratch.count {
            let count = playRow(step, from: start, id, base, &memory)
            setChain(chainPlace, before, &memory)
            if count > 0 { return true }
        }
        return false
    }
}
