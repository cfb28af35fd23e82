// SPDX-License-Identifier: Apache-2.0

package import Automata
internal import BasicContainers
package import EventModel

/// All rules over the keys of one range of key groups: from an event to the attempts it moves.
package struct MatchShard: ~Copyable {
    /// Keys are spread over this many groups, whatever the number of shards.
    package static let keyGroupCount = 128

    package var memory: MatchMemory
    /// The automata at work: one for all rules that differ in constants alone.
    var runtimes = UniqueArray<RuleRuntime>()
    /// By rule: its automaton, and its place among the rules of that.
    var places = UniqueArray<RulePlace>()
    var inputs = UniqueArray<InputRuntime>()
    package let keyGroups: Range<Int>
    private let ownsEveryKey: Bool
    /// Whether every key of the event at hand is known to be the shard's.
    private var ownsKeys = true
    /// Whether it counts what every shard sees.
    private var countsKeyless: Bool { keyGroups.lowerBound == 0 }
    /// When watching began; rules that were taken on later have been watched since then.
    package var watchedFrom = StreamTime.distantFuture
    /// Keys beyond which no others are taken on; see `Caps.keys` and
    /// `RuleEngine.setMemoryIsFull`.
    package var keyCap: Int
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
    private var found: RuleSet
    private var moved: RuleSet
    private var ruleList = RowArray<Int32>()
    var ahead = LookAhead()

    package init(
        _ program: RulesetProgram, caps: Caps, keyGroups: Range<Int>, output: MatchOutput,
        symbols: consuming SymbolTable
    ) {
        memory = MatchMemory(program, symbols: symbols)
        found = RuleSet(ruleCount: program.rules.count)
        moved = RuleSet(ruleCount: program.rules.count)
        keyCap = caps.keys
        self.keyGroups = keyGroups
        ownsEveryKey = keyGroups == 0..<MatchShard.keyGroupCount
        isSingleEvent = program.rules.indices.map { program.rules[$0].isSingleEvent }
        addRules(of: program, caps, output)
        let constants = memory.constants.indices.map { memory.constants[$0] }
        for (index, input) in program.inputs.enumerated() {
            for rule in input.rules {
                runtimes[Int(places[Int(rule)].runtime)].input = Int32(index)
            }
            inputs.append(InputRuntime(index, of: program, constants: constants))
        }
        prepareLookAhead()
    }

    struct RulePlace {
        var runtime: Int32
        var member: Int32
        /// Since when the rule's input has been watched.
        var watchedFrom = StreamTime.distantFuture
    }

    private mutating func addRules(
        of program: RulesetProgram, _ caps: Caps, _ output: MatchOutput
    ) {
        var known: [RuleShape: Int] = [:]
        places.reserveCapacity(program.rules.count)
        for rule in program.rules.indices {
            var runtime = runtimes.count
            let model = Int(program.rules[rule].model)
            if model >= 0, program.rules[model].chain.feeds == program.rules[rule].chain.feeds {
                runtime = Int(places[model].runtime)
            } else if program.rules[rule].window == nil {
                // A window keeps what its own code reads: it is not shared.
                let shape = RuleShape(program.rules[rule])
                runtime = known[shape] ?? runtime
                known[shape] = runtime
            }
            if runtime == runtimes.count {
                runtimes.append(
                    RuleRuntime(program.rules[rule], caps: caps, output: output, of: program))
            }
            let member = runtimes[runtime].add(rule, of: program, &memory)
            places.append(RulePlace(runtime: Int32(runtime), member: Int32(member)))
        }
    }

    /// Takes the text of the batch whose events come next, which `endBatch` gives back.
    package mutating func beginBatch(_ batch: borrowing EventBatch) {
        memory.current.text = batch.text
        memory.current.columns = batch.columns
    }

    package mutating func endBatch() {
        memory.current.text = []
        memory.current.columns = []
    }

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
        for runtime in 0..<runtimes.count where runtimes[runtime].isWindow {
            runtimes[runtime].windows.markSymbols(in: &live, keys: runtimes[runtime].keys)
        }
    }

    /// The counters of a rule, with those of its input.
    package func counters(ofRule rule: Int) -> RuleCounters {
        let place = places[rule]
        var counters = runtimes[Int(place.runtime)].allCounters[Int(place.member)]
        let input = Int(runtimes[Int(place.runtime)].input)
        counters.events = inputs[input].events
        counters.lackingKey = countsKeyless ? inputs[input].lackingKey : 0
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
        inputs[input].findWork(key, &memory, &found, &moved, &ruleList, &work)
        if work.isEmpty { return }
        if key < 0, keyCap != .max, heldKeyCount >= keyCap { refuseWork(of: input) }
        var i = 0
        while i < work.count {
            let item = work[i]
            i += 1
            let place = places[Int(item.rule)]
            let runtime = Int(place.runtime)
            let state = runtimes[runtime].process(
                member: Int(place.member), state: Int(item.state), position: position,
                routes: routes, watchedFrom: place.watchedFrom, &memory)
            if state == Int(item.state) { continue }
            if state < 0 {
                inputs[input].remove(rule: item.rule, of: key)
                if !inputs[input].keys.rows[key].isLive { key = -1 }
            } else {
                if key < 0 {
                    key = inputs[input].keys.insert(memory.key)
                    inputs[input].keys.rows[key].position = position
                }
                runtimes[runtime].keys[state].owner = Int32(key)
                inputs[input].hold(Work(rule: item.rule, state: Int32(state)), of: key)
            }
        }
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
                let place = places[Int(work[i].rule)]
                runtimes[Int(place.runtime)].allCounters[Int(place.member)].cappedKeys += 1
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
        let index = Int(places[Int(wakeUp.rule)].runtime)
        guard runtimes[index].isAwaited(wakeUp) else { return }
        let input = Int(runtimes[index].input)
        let key = Int(runtimes[index].keys[Int(wakeUp.key)].owner)
        memory.key.removeAll()
        for part in 0..<inputs[input].keys.partCount {
            memory.key.append(inputs[input].keys.part(part, of: key))
        }
        let isHeld = runtimes[index].wake(
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
