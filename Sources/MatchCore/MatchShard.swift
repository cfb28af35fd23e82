// SPDX-License-Identifier: Apache-2.0

package import Automata
package import BasicContainers
package import EventModel

/// All rules over the keys of one range of key groups: from an event to the attempts it moves.
package struct MatchShard: ~Copyable {
    /// Keys are spread over this many groups, whatever the number of shards.
    package static let keyGroupCount = 128

    package var memory: MatchMemory
    package var rules = UniqueArray<RuleRuntime>()
    var inputs = UniqueArray<InputRuntime>()
    package let keyGroups: Range<Int>
    private let ownsEveryKey: Bool
    /// Whether every key of the event at hand is known to be the shard's.
    private var ownsKeys = true
    /// Whether it counts what every shard sees.
    private var countsKeyless: Bool { keyGroups.lowerBound == 0 }
    /// Since when the rules' input has been watched.
    package var watchedFrom = StreamTime.distantFuture
    /// Keys beyond which no others are taken on; see `RuleEngine.setMemoryIsFull`.
    package var keyCap = Int.max
    /// By rule: whether it needs nothing of a key beyond the event at hand.
    private let isSingleEvent: [Bool]
    /// Events that reached the shard.
    package var arrivals: Int64 = 0

    /// Of the wake-ups asked for, those handed out.
    private var wakeUpsTaken = 0

    // Scratch: the inputs that take the event at hand, its keys in one, the rules to work for
    // one.
    private var takers = RowArray<Int32>()
    private var eventKeys = EventKeys()
    private var work = RowArray<Work>()
    var ahead = LookAhead()

    package init(
        _ program: RulesetProgram, caps: Caps, keyGroups: Range<Int>, output: MatchOutput,
        symbols: consuming SymbolTable
    ) {
        memory = MatchMemory(program, symbols: symbols)
        self.keyGroups = keyGroups
        ownsEveryKey = keyGroups == 0..<MatchShard.keyGroupCount
        isSingleEvent = program.rules.map(\.isSingleEvent)
        var firstAnswer = 0
        for rule in program.rules {
            rules.append(
                RuleRuntime(
                    rule, firstAnswer: firstAnswer, caps: caps, output: output, of: program))
            firstAnswer += rule.filters.count
        }
        let constants = memory.constants.indices.map { memory.constants[$0] }
        for (index, input) in program.inputs.enumerated() {
            for rule in input.rules { rules[Int(rule)].input = Int32(index) }
            inputs.append(InputRuntime(index, of: program, constants: constants))
        }
        prepareLookAhead()
    }

    /// Takes the text of the batch whose events come next, which `endBatch` gives back.
    package mutating func beginBatch(_ batch: borrowing EventBatch) {
        memory.current.text = batch.text
    }

    package mutating func endBatch() { memory.current.text = [] }

    /// Works event `index` of `batch` into every rule that takes it, in the order of the inputs,
    /// and for each key of an input in the order of its rules.
    ///
    /// - Precondition: deadlines before its time have been worked off; the batch has begun.
    /// - Parameters:
    ///   - isOwn: whether it is known to belong to the shard, with all its keys.
    ///   - isAlert: the event is an alert of a rule: `any event` does not mean it.
    package mutating func process(
        _ batch: borrowing EventBatch, _ index: Int, isOwn: Bool = false, isAlert: Bool = false
    ) {
        arrivals += 1
        ownsKeys = isOwn || ownsEveryKey
        let firstMatch = memory.matches.count
        memory.current.load(batch, index, otherRow: memory.program.memberships.count - 1)
        memory.current.arrival = arrivals
        let overflows = memory.overflows
        if memory.findMembers() { findTakers(isAlert: isAlert) }
        // Every shard computes the fields of such an event, and the first counts.
        if !countsKeyless { memory.overflows = overflows }
        var i = 0
        while i < takers.count {
            process(input: Int(takers[i]))
            i += 1
        }
        // Several inputs, or several keys of one, do not come in the order of the rules.
        if takers.count > 1 || eventKeys.count > 1 {
            memory.matches.sortByRule(from: firstMatch)
        }
        memory.releaseCurrent()
    }

    /// Takes note of an event that is another shard's alone.
    package mutating func pass() {
        arrivals += 1
        memory.current.arrival = arrivals
    }

    /// Marks the symbols that the shard holds, for `SymbolTable.sweep`.
    package func markSymbols(in live: inout [Bool]) {
        memory.markSymbols(in: &live)
        for input in 0..<inputs.count { inputs[input].keys.markSymbols(in: &live) }
        for rule in 0..<rules.count where rules[rule].isWindow {
            rules[rule].windows.markSymbols(in: &live, keys: rules[rule].keys)
        }
    }

    /// The counters of a rule, with those of its input.
    package func counters(ofRule rule: Int) -> RuleCounters {
        var counters = rules[rule].counters
        counters.events = inputs[Int(rules[rule].input)].events
        counters.lackingKey = countsKeyless ? inputs[Int(rules[rule].input)].lackingKey : 0
        return counters
    }

    private mutating func findTakers(isAlert: Bool) {
        takers.removeAll()
        var lists = 0
        let members = memory.current.members.count
        var member = 0
        let end = isAlert ? members : members + 1
        while member < end {
            let count =
                member == members
                ? memory.program.inputsOfAny.count
                : memory.program.inputsByType[Int(memory.current.members[member])].count
            if count > 0 { lists += 1 }
            var i = 0
            while i < count {
                takers.append(
                    member == members
                        ? memory.program.inputsOfAny[i]
                        : memory.program.inputsByType[Int(memory.current.members[member])][i])
                i += 1
            }
            member += 1
        }
        if lists > 1 { MatchShard.sortEachOnce(&takers) }
    }

    private static func sortEachOnce(_ list: inout RowArray<Int32>) {
        for i in list.indices.dropFirst() {
            let item = list[i]
            var j = i
            while j > 0, list[j - 1] > item {
                list[j] = list[j - 1]
                j -= 1
            }
            list[j] = item
        }
        var end = 0
        for i in list.indices where end == 0 || list[end - 1] != list[i] {
            list[end] = list[i]
            end += 1
        }
        list.removeLast(list.count - end)
    }

    /// Finds the keys that the event has in the input and works it into the rules of each.
    private mutating func process(input: Int) {
        let plain = inputs[input].plainKeys[memory.current.row]
        if plain.slot >= 0 {
            let value = memory.current.slots[Int(plain.slot)]
            if value.tag != .list {
                return process(input: input, plainKey: value.identity, plain.routes)
            }
        }
        eventKeys.find(&inputs[input], &memory)
        if eventKeys.count == 0 {
            inputs[input].lackingKey += 1
            return
        }
        let partCount = inputs[input].keys.partCount
        var key = 0
        while key < eventKeys.count {
            memory.key.removeAll()
            var part = 0
            while part < partCount {
                memory.key.append(eventKeys.parts[key * partCount + part])
                part += 1
            }
            if ownsKeys || keyGroups.contains(memory.keyGroup()) {
                inputs[input].events += 1
                let firstMatch = memory.matches.count
                memory.keyOrdinal = key
                process(input: input, eventKeys.routes[key])
                if key > 0 { memory.matches.setKeyOrdinal(key, from: firstMatch) }
            }
            key += 1
        }
        memory.keyOrdinal = 0
    }

    /// The usual case by itself: a key of one part, which is one slot.
    private mutating func process(input: Int, plainKey value: Slot, _ routes: UInt64) {
        if value.isMissing {
            inputs[input].lackingKey += 1
            return
        }
        memory.key.removeAll()
        memory.key.append(value)
        if ownsKeys || keyGroups.contains(memory.keyGroup()) {
            inputs[input].events += 1
            process(input: input, routes)
        }
    }

    /// Works the event into the rules that hold something of the key or may begin with it.
    private mutating func process(input: Int, _ routes: UInt64) {
        var key = inputs[input].keys.find(memory.key)
        var position: Int64 = 1
        if key >= 0 {
            position = inputs[input].keys.rows[key].position + 1
            inputs[input].keys.rows[key].position = position
        }
        inputs[input].findWork(key, &memory, &work)
        if work.isEmpty { return }
        if key < 0, keyCap != .max, heldKeyCount >= keyCap { refuseWork(of: input) }
        var i = 0
        while i < work.count {
            let rule = Int(work[i].rule)
            let state = rules[rule].process(
                state: Int(work[i].state), position: position, routes: routes,
                watchedFrom: watchedFrom, &memory)
            work[i].state = Int32(state)
            if state >= 0, rules[rule].keys[state].owner < 0 {
                if key < 0 {
                    key = inputs[input].keys.insert(memory.key)
                    inputs[input].keys.rows[key].position = position
                }
                rules[rule].keys[state].owner = Int32(key)
            }
            i += 1
        }
        if key >= 0 { inputs[input].hold(work, of: key) }
    }

    /// Keys held in all inputs.
    package var heldKeyCount: Int {
        var count = 0
        for input in 0..<inputs.count { count += inputs[input].keys.count }
        return count
    }

    /// Leaves out the rules that would hold something of a key that is not held yet.
    private mutating func refuseWork(of input: Int) {
        var kept = 0
        for i in 0..<work.count {
            if isSingleEvent[Int(work[i].rule)] {
                work[kept] = work[i]
                kept += 1
            } else {
                rules[Int(work[i].rule)].counters.cappedKeys += 1
            }
        }
        work.removeLast(work.count - kept)
    }

    /// Hands out one of the wake-ups that the rules have asked for, the first one first, until
    /// there is none.
    @inline(__always)
    package mutating func nextWakeUp() -> RuleRuntime.WakeUp? {
        if wakeUpsTaken == memory.wakeUps.count {
            memory.wakeUps.removeAll()
            wakeUpsTaken = 0
            return nil
        }
        wakeUpsTaken += 1
        return memory.wakeUps[wakeUpsTaken - 1]
    }

    /// Works off what is due for a key of a rule. Wake-ups that are out of date do nothing.
    package mutating func wake(_ wakeUp: RuleRuntime.WakeUp) {
        let index = Int(wakeUp.rule)
        guard rules[index].isAwaited(wakeUp) else { return }
        let input = Int(rules[index].input)
        let key = Int(rules[index].keys[Int(wakeUp.key)].owner)
        memory.key.removeAll()
        for part in 0..<inputs[input].keys.partCount {
            memory.key.append(inputs[input].keys.part(part, of: key))
        }
        let isHeld = rules[index].wake(
            wakeUp, position: inputs[input].keys.rows[key].position, &memory)
        if !isHeld { inputs[input].remove(rule: wakeUp.rule, of: key) }
    }
}

extension MatchMemory {
    /// The group of the key at hand.
    func keyGroup() -> Int {
        var group = KeyGroup()
        var part = 0
        while part < key.count {
            group.add(key[part], symbols)
            part += 1
        }
        return group.value
    }

    func group(of index: Int, in keys: borrowing KeyTable) -> Int {
        var group = KeyGroup()
        for part in 0..<keys.partCount { group.add(keys.part(part, of: index), symbols) }
        return group.value
    }
}
