// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// One input at work: its keys, and which rules hold something of each.
struct InputRuntime: ~Copyable {
    let routes: [RuleProgram.Route]
    /// The field that is the whole key, where there is one route to it; -1: it is more involved.
    let plainKeyField: Int
    var keys: KeyTable
    var held = HeldStates()
    let starts: StartIndex
    /// Events by key: one with several keys counts once for each.
    var events = 0
    /// Events that lacked a key field.
    var lackingKey = 0

    init(_ program: InputProgram, typeCount: Int, constants: [Slot]) {
        routes = program.routes
        let isPlain =
            program.partCount == 1 && program.routes.count == 1 && program.routes[0].type >= 0
        plainKeyField = isPlain ? Int(program.routes[0].fields[0]) : -1
        keys = KeyTable(partCount: program.partCount)
        starts = StartIndex(program.starts, typeCount: typeCount, constants: constants)
    }

    /// Finds the rules that hold something of a key, or may begin with the event at hand, in their
    /// order.
    ///
    /// - Parameter key: the key's index; -1: nothing is held of it.
    mutating func findWork(
        _ key: Int, _ memory: inout MatchMemory, _ work: inout UniqueArray<Work>
    ) {
        work.removeAll(keepingCapacity: true)
        if key >= 0 {
            work.append(keys.rows[key].first)
            let more = keys.rows[key].more
            if more >= 0 { held.append(more, to: &work) }
        }
        let heldLists = work.isEmpty ? 0 : 1
        if starts.find(memory, &work) + heldLists > 1 { Work.unite(&work) }
    }

    /// Takes down what the rules hold of a key after they have worked.
    mutating func hold(_ work: borrowing UniqueArray<Work>, of key: Int) {
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

/// The keys that one event has in one input.
struct EventKeys: ~Copyable {
    private(set) var parts = UniqueArray<Slot>()
    /// By key: the routes that give it, a bit each.
    private(set) var routes = UniqueArray<UInt64>()
    private var single: [Slot] = []

    var count: Int { routes.count }

    /// Finds the keys of the event at hand; a list stands for each of its elements.
    mutating func find(_ input: inout InputRuntime, _ memory: inout MatchMemory) {
        parts.removeAll(keepingCapacity: true)
        routes.removeAll(keepingCapacity: true)
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
