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
    let starts: StartIndex
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
        starts = StartIndex(
            input.starts, typeCount: program.typeNames.count, constants: constants)
    }

    /// Whether the key of an event of that row is one slot that they all have.
    func hasPlainKey(_ row: Int) -> Bool { plainKeys[row].slot >= 0 }

    /// Finds the rules that hold something of a key, or may begin with the event at hand, in their
    /// order.
    ///
    /// - Parameter key: the key's index; -1: nothing is held of it.
    mutating func findWork(
        _ key: Int, _ memory: inout MatchMemory, _ work: inout RowArray<Work>
    ) {
        work.removeAll()
        if key >= 0 {
            work.append(keys.rows[key].first)
            let more = keys.rows[key].more
            if more >= 0 { held.append(more, to: &work) }
        }
        let heldLists = work.isEmpty ? 0 : 1
        if starts.find(memory, &work) + heldLists > 1 { Work.unite(&work) }
    }

    /// Takes down what the rules hold of a key after they have worked.
    mutating func hold(_ work: borrowing RowArray<Work>, of key: Int) {
        var first = 0
        while first < work.count, work[first].state < 0 { first += 1 }
        var more = keys.rows[key].more
        if more >= 0 || first + 1 < work.count {
            more = held.replace(more, by: work, from: first + 1)
            keys.rows[key].more = more
        }
        if first == work.count { keys.remove(key) } else { keys.rows[key].first = work[first] }
    }

    /// Drops what one rule held of a key, and the key with the last of it.
    mutating func remove(rule: Int32, of key: Int) {
        var more = keys.rows[key].more
        if keys.rows[key].first.rule != rule {
            more = held.remove(rule: rule, from: more)
            keys.rows[key].more = more
        } else if more < 0 {
            keys.remove(key)
        } else {
            keys.rows[key].first = held.popFirst(&more)
            keys.rows[key].more = more
        }
    }

    /// What the rules hold of a key, for inspection.
    func holders(of key: Int) -> [Work] {
        let first = keys.rows[key].first
        return first.rule < 0 ? [] : [first] + held.list(keys.rows[key].more)
    }
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
