// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// A rule whose matches are counted without being followed; its keys come and go as with attempts.
extension RuleRuntime {
    /// Works the event at hand into what is counted of a key; see `process`.
    mutating func count(_ state: Int, _ memory: inout MatchMemory) -> Int {
        key = state
        let steps = satisfiedSteps(&memory)
        let last = counting.lastStep
        if key >= 0 { counting.expire(key, before: earliestStart) }
        if steps & 1 != 0 { counters.attempts += 1 }
        if steps & last != 0 {
            // With one step only, each event is a match by itself.
            if last == 1 { counters.add(matches: 1) }
            if last != 1, key >= 0 { counters.add(matches: counting.completions(of: key)) }
        }
        let begun = steps & ~last
        if begun != 0, begun & 1 != 0 || (key >= 0 && !counting.isEmpty(key)) {
            if key < 0 {
                key = keys.insert(member)
                counting.open(key)
            }
            counting.push(begun, at: now, to: key)
        }
        return finishCount(&memory) ? key : -1
    }

    /// Works off the time at which a key wanted to be looked at; see `wake`.
    mutating func wakeCount(_ memory: inout MatchMemory) -> Bool {
        counting.expire(key, before: earliestStart)
        return finishCount(&memory)
    }

    /// The earliest time at which an attempt may have begun to be alive now.
    private var earliestStart: Int64 {
        let (time, isOver) = now.subtractingReportingOverflow(limit)
        return isOver ? .min : time
    }

    /// The steps that the event at hand satisfies, a bit each.
    private func satisfiedSteps(_ memory: inout MatchMemory) -> UInt32 {
        var steps: UInt32 = 0
        let members = memory.current.members.count
        var member = 0
        // Behind the types that the event is a member of come the steps that take any event.
        while member <= members {
            let type =
                member == members
                ? counting.stepsByType.count - 1 : Int(memory.current.members[member])
            var i = counting.stepsByType[type].lowerBound
            let end = counting.stepsByType[type].upperBound
            while i < end {
                let step = counting.steps[i]
                if holds(step.filter, BindingStore.empty, &memory) { steps |= step.bit }
                i += 1
            }
            member += 1
        }
        return steps
    }

    /// False: nothing is held of the key any more. It is looked at again when all that it holds now
    /// has expired: one wake-up a limit, whatever comes in.
    private mutating func finishCount(_ memory: inout MatchMemory) -> Bool {
        guard key >= 0 else { return false }
        if counting.isEmpty(key) {
            keys.remove(key)
            return false
        }
        guard counting.isLimited, keys[key].wakeUp == .max else { return true }
        let time = sum(sum(counting.newestTime(of: key), limit), 1)
        guard time != .max else { return true }
        memory.wakeUps.append(self.await(key: key, at: time))
        return true
    }
}

extension RuleCounters {
    mutating func add(matches count: UInt64) {
        let (sum, isOver) = UInt64(matches).addingReportingOverflow(count)
        hasMoreMatches = hasMoreMatches || isOver || sum > UInt64(Int.max)
        matches = isOver ? .max : Int(clamping: sum)
    }
}
