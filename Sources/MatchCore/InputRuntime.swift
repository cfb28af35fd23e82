// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// One input at work: its keys, and which rules hold something of each.
struct InputRuntime: ~Copyable {
    private let inPlace = InPlace()
    let routes: [RuleProgram.Route]
    /// By row of the program's tables: where the whole key of such events is.
    let plainKeys: RowArray<PlainKey>
    var keys: KeyTable
    var held = HeldStates()
    /// The rules that an event may begin an attempt of.
    var starts: RuleIndex
    /// The rules of which an event may move an attempt, without those of `watchful`.
    var moves: RuleIndex
    /// The rules that every event of a key may move.
    let watchful: [Int32]
    /// Whether there is one rule: what holds something of a key is then known without a look.
    private let isLone: Bool
    /// Events by key: one with several keys counts once for each.
    var events = 0
    /// Events that lacked a key field.
    var lackingKey = 0

    init(_ index: Int, of program: RulesetProgram, constants: [Slot]) {
        let input = program.inputs[index]
        routes = input.routes
        var plainKeys = RowArray<PlainKey>()
        for row in program.memberships.indices {
            plainKeys.append(PlainKey(of: input, inRow: row, of: program))
        }
        self.plainKeys = plainKeys
        keys = KeyTable(partCount: input.partCount)
        starts = RuleIndex(input.starts, of: program, constants: constants)
        moves = RuleIndex(input.moves, of: program, constants: constants)
        watchful = input.watchful
        isLone = input.rules.count == 1
    }

    /// Whether the key of an event of that row is one slot that they all have.
    func hasPlainKey(_ row: Int) -> Bool { plainKeys[row].slot >= 0 }

    /// So many rules that hold something of a key are looked at one by one, whatever the event is.
    private static let heldWithoutLookUp = 4

    /// Finds the rules that the event at hand may begin, or may move an attempt of, in their order.
    ///
    /// - Parameters:
    ///   - key: the key's index; -1: nothing is held of it.
    ///   - found: empty, before and after.
    mutating func findWork(
        _ key: Int, _ memory: inout MatchMemory, _ found: inout RuleSet,
        _ moved: inout RuleSet, _ list: inout RowArray<Int32>, _ work: inout RowArray<Work>
    ) {
        work.removeAll()
        if isLone, key >= 0, keys.rows[key].list < 0 { return work.append(keys.rows[key].only) }
        _ = starts.find(&memory, limit: .max, &found, &list)
        let held = key < 0 ? -1 : keys.rows[key].list
        if held >= 0 { findMoved(held, &memory, &found, &moved, &list) }
        if found.isEmpty, key < 0 || held >= 0 { return }
        if key >= 0, held < 0 {
            if found.isEmpty {
                work.append(keys.rows[key].only)
                return
            }
            if found.only == keys.rows[key].only.rule {
                found.removeOnly()
                work.append(keys.rows[key].only)
                return
            }
            found.insert(keys.rows[key].only.rule)
        } else if key < 0, found.only >= 0 {
            work.append(Work(rule: found.only, state: -1))
            return found.removeOnly()
        }
        list.removeAll()
        found.drain(into: &list)
        var i = 0
        var place = 0
        while i < list.count {
            let rule = list[i]
            i += 1
            var state: Int32 = -1
            if held >= 0 {
                place = self.held.place(of: rule, in: held, from: place)
                if place < self.held.count(of: held) {
                    let entry = self.held.entry(place, of: held)
                    if entry.rule == rule { state = entry.state }
                }
            } else if key >= 0, keys.rows[key].only.rule == rule {
                state = keys.rows[key].only.state
            }
            work.append(Work(rule: rule, state: state))
        }
    }

    /// Finds the rules among those that hold something of the key that the event may move.
    private mutating func findMoved(
        _ held: Int32, _ memory: inout MatchMemory, _ found: inout RuleSet,
        _ moved: inout RuleSet, _ list: inout RowArray<Int32>
    ) {
        let count = self.held.count(of: held)
        var isWhole = count <= InputRuntime.heldWithoutLookUp || watchful.count >= count
        // More rules than hold something are not worth looking them up.
        if !isWhole {
            isWhole = !moves.find(&memory, limit: count - watchful.count, &moved, &list)
            list.removeAll()
            moved.drain(into: &list)
        }
        if isWhole {
            for place in 0..<count { found.insert(self.held.entry(place, of: held).rule) }
            return
        }
        for rule in watchful { list.append(rule) }
        var i = 0
        while i < list.count {
            let place = self.held.place(of: list[i], in: held)
            if place < count, self.held.entry(place, of: held).rule == list[i] {
                found.insert(list[i])
            }
            i += 1
        }
    }

    /// Takes down that a rule now holds something of a key.
    mutating func hold(_ work: Work, of key: Int) {
        let list = keys.rows[key].list
        if list >= 0 {
            keys.rows[key].list = held.insert(work, into: list)
        } else if keys.rows[key].only.rule < 0 {
            keys.rows[key].only = work
        } else {
            keys.rows[key].list = held.makeList(keys.rows[key].only, work)
            keys.rows[key].only = Work(rule: -1, state: -1)
        }
    }

    /// Drops what one rule held of a key, and the key with the last of it.
    mutating func remove(rule: Int32, of key: Int) {
        let list = keys.rows[key].list
        if list < 0 {
            keys.remove(key)
        } else if let last = held.remove(rule, from: list) {
            keys.rows[key].list = -1
            keys.rows[key].only = last
        }
    }

    /// What the rules hold of a key, for inspection.
    func holders(of key: Int) -> [Work] {
        let list = keys.rows[key].list
        if list >= 0 { return (0..<held.count(of: list)).map { held.entry($0, of: list) } }
        return keys.rows[key].only.rule < 0 ? [] : [keys.rows[key].only]
    }

    /// Whether some rule holds something of a key.
    func isHeld(_ key: Int) -> Bool { keys.rows[key].list >= 0 || keys.rows[key].only.rule >= 0 }
}

/// Where the whole key is in events of one incoming type: in one slot, if it is no list.
struct PlainKey {
    /// -1: it is more involved than a slot.
    var slot: Int32 = -1
    /// The routes that give it, a bit each.
    var routes: UInt64 = 0

    init(of input: InputProgram, inRow row: Int, of program: RulesetProgram) {
        guard input.partCount == 1 else { return }
        let membership = program.memberships[row]
        var slots: Set<Int16> = []
        for (number, route) in input.routes.enumerated() {
            // Whoever takes an event through its only route need not be asked for its type.
            if input.routes.count > 1, route.type >= 0 {
                guard membership.derivations.isEmpty else { return }
                if !membership.given.contains(route.type) { continue }
            }
            routes |= 1 << UInt64(number)
            let field = Int(route.fields[0])
            slots.insert(
                route.type < 0
                    ? program.nameTable[row * program.fieldNames.count + field]
                    : program.slotTable[row * program.fieldCount + field])
        }
        if slots.count == 1, let only = slots.first { slot = Int32(only) }
    }
}

/// The keys that one event has in one input.
struct EventKeys: ~Copyable {
    private(set) var parts = RowArray<Slot>()
    /// By key: the routes that give it, a bit each.
    private(set) var routes = RowArray<UInt64>()
    private var single: [Slot] = []

    var count: Int { routes.count }

    /// Finds the keys of the event at hand; a list stands for each of its elements.
    mutating func find(_ input: inout InputRuntime, _ memory: inout MatchMemory) {
        parts.removeAll()
        routes.removeAll()
        let routeCount = input.routes.count
        var route = 0
        while route < routeCount {
            let type = input.routes[route].type
            if type < 0 || memory.current.isMember[Int(type)] {
                add(route, &input, &memory)
            }
            route += 1
        }
    }

    private mutating func add(
        _ route: Int, _ input: inout InputRuntime, _ memory: inout MatchMemory
    ) {
        single.removeAll(keepingCapacity: true)
        var hasList = false
        var part = 0
        while part < input.keys.partCount {
            let field = Int(input.routes[route].fields[part])
            let value =
                input.routes[route].type < 0
                ? memory.fieldNamed(field, of: .none) : memory.field(field, of: .none)
            if value.isMissing { return }
            hasList = hasList || value.tag == .list
            single.append(value.identity)
            part += 1
        }
        if hasList { addProduct(route, 0, &memory) } else { addKey(route) }
    }

    private mutating func addProduct(
        _ route: Int, _ part: Int, _ memory: inout MatchMemory
    ) {
        guard part < single.count else { return addKey(route) }
        let value = single[part]
        guard value.tag == .list else { return addProduct(route, part + 1, &memory) }
        for element in memory.symbols.elements(of: value) where !element.isMissing {
            single[part] = element.identity
            addProduct(route, part + 1, &memory)
        }
        single[part] = value
    }

    private mutating func addKey(_ route: Int) {
        let bit: UInt64 = 1 << UInt64(route)
        let partCount = single.count
        var key = 0
        while key < routes.count {
            var part = 0
            while part < partCount, parts[key * partCount + part] == single[part] { part += 1 }
            if part == partCount {
                routes[key] |= bit
                return
            }
            key += 1
        }
        for part in 0..<partCount { parts.append(single[part]) }
        routes.append(bit)
    }
}
