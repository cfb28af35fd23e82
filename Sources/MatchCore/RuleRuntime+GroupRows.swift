// SPDX-License-Identifier: Apache-2.0
// `3 consecutive times { … }`: a row of iterations that breaks starts over, as a row of events
// does.

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// The event at hand had to begin a further iteration, and did not.
    mutating func breakRow(
        _ group: Int, _ line: Int, in id: Int, _ base: Int, _ mayTake: Bool,
        _ memory: inout MatchMemory
    ) -> Outcome {
        let block = base + rule.sequences[id].block
        guard rule.groups[group].isConsecutive, rule.lines[line].connector == .then,
            words[block + RecordLayout.flags] & (RecordLayout.isOpen | RecordLayout.holdsFirst) == 0
        else { return closeOrEnd(id, base, &memory) }
        end(rule.groups[group].body, base, &memory)
        unbindRow(of: group, in: id, base, &memory)
        words[block + RecordLayout.count] = 0
        words[block + RecordLayout.lastTime] = words[block + RecordLayout.anchor]
        // What was the very next position before the line has long been passed.
        let isFirst = words[block + RecordLayout.anchor] == RecordLayout.noTime
        words[block + RecordLayout.nextPosition] = isFirst ? 0 : 1
        words[movedAt(base)] = moment
        return restartGroup(group, line, in: id, base, mayTake, &memory)
    }

    /// Begins a row anew with the event at hand, if it can be the first of one.
    mutating func restartGroup(
        _ group: Int, _ line: Int, in id: Int, _ base: Int, _ mayTake: Bool,
        _ memory: inout MatchMemory
    ) -> Outcome {
        let body = rule.groups[group].body
        copyFrame(to: body, from: id, base, &memory)
        guard mayTake, canBegin(branch: body, base, atStart: false, &memory) else {
            return .passed
        }
        let block = base + rule.sequences[id].block
        setChain(block + RecordLayout.row, words[base + rule.sequences[id].chain], &memory)
        words[block + RecordLayout.rowPosition] = position
        begin(sequence: body, base, atStart: false, &memory)
        if isOpen(sequence: body, base) { completeIteration(group, line, in: id, base, &memory) }
        return .taken
    }

    /// Unbinds what the iterations of a row have bound. What other branches of an `all of` have
    /// bound since stays, and so do earlier rows of a group that is itself repeated.
    private mutating func unbindRow(
        of group: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        let place = base + rule.sequences[id].chain
        let first = boundScratch.count
        let before = words[block + RecordLayout.row]
        var node = words[place]
        while node != before, node != BindingStore.empty {
            let isOwn =
                rule.groups[group].steps.contains(memory.bindings.step(of: node))
                && memory.bindings.position(of: node) >= words[block + RecordLayout.rowPosition]
            if !isOwn { boundScratch.append(node) }
            node = memory.bindings.parent(of: node)
        }
        cut(at: place, to: node, keepingFrom: first, &memory)
        setChain(block + RecordLayout.row, words[place], &memory)
    }
}
