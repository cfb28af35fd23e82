// SPDX-License-Identifier: Apache-2.0
// A rule on the determinised automaton: docs/explanation/architecture.md, "Backends". The order of
// work is that of docs/reference/matching.md, for all attempts of a state at once.

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// Works the event at hand into the sets of a key; see `process`.
    mutating func processSets(_ state: Int, _ memory: inout MatchMemory) -> Int {
        key = state
        determined.moveClock(to: now, limit: limit)
        var live = key >= 0 ? determined.unexpired(key) : 0
        let effect = effect(on: live, &memory)
        let begins = effect.leads & 1 != 0
        guard key >= 0 || begins else { return -1 }
        if key < 0 {
            key = keys.insert(member)
            determined.open(key)
        }
        beginMoment(memory)
        if begins { counters.attempts += 1 }
        live = effect.resets ? 0 : live & ~effect.endsFirst
        let row = determined.row(key)
        let endsNext = live & row.fresh & effect.endsNext
        if endsNext != 0 { live &= ~determined.dropNewest(endsNext, of: key) }
        let completes = (live | 1) & effect.leads & determined.lastState != 0
        if completes { reportSet(&memory) }
        if completes, determined.endsAll {
            determined.setRow(key, DeterminedRuntime.Row())
        } else {
            move(live, effect, &memory)
        }
        return finishSets(&memory) ? key : -1
    }

    /// The most nodes of the rules of the automaton, which share a ring.
    private var bindingsCap: Int {
        let (cap, isOver) = caps.bindingsPerRule.multipliedReportingOverflow(by: ruleNumbers.count)
        return isOver ? CompactSets.countCap : min(cap, CompactSets.countCap)
    }

    /// What the event at hand does to attempts in the states of `live`, and whether one begins.
    private func effect(
        on live: UInt32, _ memory: inout MatchMemory
    ) -> DeterminedRuntime.Effect {
        var sum = DeterminedRuntime.Effect(filter: -1)
        var i = 0
        while i < determined.effects.count {
            let effect = determined.effects[i]
            i += 1
            guard effect.states & (live | 1) != 0,
                holds(effect.filter, BindingStore.empty, &memory)
            else { continue }
            sum.leads |= effect.leads
            sum.endsFirst |= effect.endsFirst
            sum.ends |= effect.ends
            sum.endsNext |= effect.endsNext
            sum.resets = sum.resets || effect.resets
        }
        return sum
    }

    /// Moves what is in the states of `live`, the farthest first, and begins an attempt.
    private mutating func move(
        _ live: UInt32, _ effect: DeterminedRuntime.Effect, _ memory: inout MatchMemory
    ) {
        let led = live & effect.leads
        let kept =
            live & ~effect.ends & (determined.keepsOthers & ~led | determined.keepsLed)
        var moved = led & ~determined.lastState
        if effect.leads & 1 != 0, determined.stateCount > 1 { moved |= 1 }
        var made: UInt32 = 0
        if moved != 0 {
            determined.makeRoom(cap: bindingsCap, &memory.events)
            let event = memory.storedCurrent()
            var left = moved
            while left != 0 {
                let state = UInt32.bitWidth - 1 - left.leadingZeroBitCount
                left &= ~(1 << UInt32(state))
                guard determined.sets.count < bindingsCap else {
                    counters.cappedBindings += 1
                    continue
                }
                let set =
                    state == 0
                    ? DeterminedRuntime.Top(latestStart: determined.clock)
                    : determined.top(state, of: key)
                determined.add(
                    event, behind: set, to: state + 1, of: key,
                    keeps: kept & 2 << UInt32(state) != 0, &memory.events)
                made |= 2 << UInt32(state)
            }
        }
        determined.setRow(key, DeterminedRuntime.Row(live: kept | made, fresh: made))
    }

    /// Works off the time at which a key wanted to be looked at; see `wake`.
    mutating func wakeSets(_ memory: inout MatchMemory) -> Bool {
        determined.moveClock(to: now, limit: limit)
        var row = determined.row(key)
        row.live = determined.unexpired(key)
        row.fresh &= row.live
        determined.setRow(key, row)
        determined.sets.expire(before: determined.bound, &memory.events)
        return finishSets(&memory)
    }

    /// False: nothing is held of the key any more. It is looked at again when all that it holds now
    /// has expired: one wake-up a limit, whatever comes in.
    private mutating func finishSets(_ memory: inout MatchMemory) -> Bool {
        guard determined.row(key).live != 0 else {
            keys.remove(key)
            if keys.count == 0, determined.sets.count > 0 {
                determined.sets.removeAll(&memory.events)
                determined.counts.forget()
            }
            return false
        }
        guard keys[key].wakeUp == .max else { return true }
        let time = sum(sum(determined.latestStart(of: key), limit), 1)
        guard time != .max else { return true }
        memory.wakeUps.append(self.await(key: key, at: time))
        return true
    }

    // MARK: Matches

    /// Reports what the event at hand completes.
    private mutating func reportSet(_ memory: inout MatchMemory) {
        let width = determined.stateCount - 1
        if width == 0 || (determined.endsAll && wanted == .count) {
            counters.add(matches: 1)
            if wanted == .matches { buildMatch(0, &memory) }
            return releaseChain(&memory)
        }
        let set = determined.top(width, of: key).node
        if determined.endsAll {
            determined.listing.listPreferred(
                set, width: width, since: determined.bound, in: determined.sets)
        } else if wanted == .count {
            return counters.add(
                matches: determined.counts.count(
                    set, width: width, since: determined.bound, in: determined.sets))
        } else {
            let isWhole = determined.listing.list(
                set, width: width, since: determined.bound, cap: caps.matchesPerEvent,
                in: determined.sets)
            if !isWhole { counters.cappedMatches += 1 }
        }
        counters.add(matches: UInt64(determined.listing.count))
        var number = 0
        while number < determined.listing.count {
            if wanted == .matches { buildMatch(number, &memory) } else { look(at: number, width) }
            number += 1
        }
        releaseChain(&memory)
    }

    /// Goes through the events of a match that is not written.
    @inline(__always)
    private mutating func look(at number: Int, _ width: Int) {
        var place = 0
        while place < width {
            let event = determined.sets[determined.listing.node(place, of: number)].event
            determined.seen = determined.seen &* 31 &+ Int64(event.index)
            place += 1
        }
    }

    /// Builds match `number` of those listed. Its chain goes on from where it parts from that of
    /// the match before.
    private mutating func buildMatch(_ number: Int, _ memory: inout MatchMemory) {
        let width = determined.stateCount - 1
        var place = 0
        while place < min(width, determined.chain.count),
            memory.bindings.event(of: determined.chain[place])
                == determined.sets[determined.listing.node(place, of: number)].event
        {
            place += 1
        }
        releaseChain(downTo: place, &memory)
        while place < width {
            let node = determined.sets[determined.listing.node(place, of: number)]
            bindInChain(node.event, step: determined.steps[place], &memory)
            place += 1
        }
        bindInChain(memory.storedCurrent(), step: determined.steps[width], &memory)
        build(finished(determined.chain[width], memory), keyOrder: currentMoment(memory), &memory)
    }

    private mutating func bindInChain(
        _ event: StoredEvent, step: Int, _ memory: inout MatchMemory
    ) {
        let count = determined.chain.count
        let parent = count > 0 ? determined.chain[count - 1] : BindingStore.empty
        memory.bindings.retain(parent)
        determined.chain.append(
            memory.bindings.bind(
                event, step: step, ordinal: 0, position: position, after: parent,
                in: &memory.events))
    }

    private mutating func releaseChain(downTo count: Int = 0, _ memory: inout MatchMemory) {
        while determined.chain.count > count {
            memory.bindings.release(determined.chain.removeLast(), in: &memory.events)
        }
    }
}
