// SPDX-License-Identifier: Apache-2.0
// Deadlines of absences: docs/reference/matching.md, "Deadlines".

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// The earliest deadline in sequence `id` and below it.
    func earliestDeadline(_ id: Int, _ base: Int) -> Int64 {
        let block = base + rule.sequences[id].block
        let line = words[block + RecordLayout.current]
        guard line >= 0 else { return RecordLayout.noDeadline }
        var earliest = words[block + RecordLayout.pendingDeadline]
        switch rule.lines[Int(line)].kind {
        case .step, .absence, .start: break
        case .group(let group):
            earliest = min(earliest, earliestDeadline(rule.groups[group].body, base))
        case .allOf(let index), .anyOf(let index):
            for place in rule.branches[index].sequences {
                let branch = rule.numbers[place]
                earliest = min(earliest, earliestDeadline(branch, base))
            }
        }
        return earliest
    }

    /// Works off what is due in sequence `id` at the instant at hand.
    mutating func workOff(_ id: Int, _ base: Int, _ memory: inout MatchMemory) {
        let block = base + rule.sequences[id].block
        guard words[block + RecordLayout.current] >= 0 else { return }
        let line = Int(words[block + RecordLayout.current])
        if words[block + RecordLayout.pendingDeadline] == now {
            return passAbsence(behind: line, in: id, base, &memory)
        }
        let before = LineState(words, block)
        let wasOpen = words[block + RecordLayout.flags] & RecordLayout.isOpen != 0
        switch rule.lines[line].kind {
        case .step, .absence, .start: break
        case .group(let group):
            let body = rule.groups[group].body
            let bodyWasOpen = isOpen(sequence: body, base)
            workOff(body, base, &memory)
            if !bodyWasOpen, isOpen(sequence: body, base) {
                completeIteration(group, line, in: id, base, &memory)
            } else if bodyWasOpen, isOpen(sequence: body, base) {
                commit(body, to: id, base, &memory)
            }
        case .allOf(let index):
            for place in rule.branches[index].sequences {
                workOff(rule.numbers[place], base, &memory)
            }
            openAllOf(index, in: id, base)
        case .anyOf(let index):
            let committed = words[base + rule.sequences[id].area]
            for place in rule.branches[index].sequences {
                workOff(rule.numbers[place], base, &memory)
            }
            if committed < 0 {
                commitAnyOf(index, in: id, base, &memory)
            } else {
                commit(rule.branch(Int(committed), of: index), to: id, base, &memory)
            }
        }
        rearm(line, in: id, base, since: before, wasOpen: wasOpen, &memory)
    }

    /// Gaps that have run out by the instant at hand close the lines they bound. False where the
    /// sequence ends with one that was not open.
    mutating func expireGaps(_ id: Int, _ base: Int, _ memory: inout MatchMemory) -> Bool {
        let block = base + rule.sequences[id].block
        guard words[block + RecordLayout.current] >= 0,
            words[block + RecordLayout.flags] & RecordLayout.isClosed == 0
        else { return true }
        let line = Int(words[block + RecordLayout.current])
        let anchor = words[block + RecordLayout.anchor]
        let within = rule.lines[line].within
        if within >= 0, anchor != RecordLayout.noTime, now > sum(anchor, within) {
            return closeOrEnd(id, base, &memory) != .ended
        }
        switch rule.lines[line].kind {
        case .step, .absence, .start: return true
        case .group(let group):
            if expireGaps(rule.groups[group].body, base, &memory) { return true }
            return closeOrEnd(id, base, &memory) != .ended
        case .allOf(let index):
            for place in rule.branches[index].sequences {
                let branch = rule.numbers[place]
                guard !expireGaps(branch, base, &memory) else { continue }
                return false
            }
            return true
        case .anyOf(let index):
            var isAlive = false
            for place in rule.branches[index].sequences {
                let branch = rule.numbers[place]
                let current = base + rule.sequences[branch].block + RecordLayout.current
                if words[current] == RecordLayout.ended { continue }
                if expireGaps(branch, base, &memory) {
                    isAlive = true
                } else {
                    end(branch, base, &memory)
                }
            }
            return isAlive
        }
    }

    /// The absence behind the current line has held.
    private mutating func passAbsence(
        behind line: Int, in id: Int, _ base: Int, _ memory: inout MatchMemory
    ) {
        let block = base + rule.sequences[id].block
        if rule.plain.isEmpty {
            clearArea(id, base, &memory)
            words[block + RecordLayout.anchor] = words[block + RecordLayout.lastTime]
        }
        words[block + RecordLayout.current] = Int64(rule.lines[line].pendingAbsence)
        words[block + RecordLayout.flags] = RecordLayout.isOpen | RecordLayout.isClosed
        words[block + RecordLayout.count] = 0
        words[block + RecordLayout.nextPosition] = position + 1
        words[block + RecordLayout.pendingDeadline] = RecordLayout.noDeadline
        armIfOpen(id, base, at: now, &memory)
    }
}
