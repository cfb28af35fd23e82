// SPDX-License-Identifier: Apache-2.0

package import Automata
package import EventModel

/// All rules over the keys of one range of key groups: from an event to the attempts it moves.
package struct MatchShard: ~Copyable {
    /// Keys are spread over this many groups, whatever the number of shards.
    package static let keyGroupCount = 128

    package var memory: MatchMemory
    package var rules: [RuleRuntime]
    package let keyGroups: Range<Int>
    /// Since when the rules' input has been watched.
    package var watchedFrom = StreamTime.distantFuture
    /// Events that reached the shard.
    package var arrivals: Int64 = 0

    /// The rules that have worked since `clearTouched`, each as often as it has.
    package private(set) var touchedRules: [Int32] = []

    // Scratch: the subscriptions of the event at hand, and the keys of one rule.
    private var routes: [RulesetProgram.Subscription] = []
    private var keyParts: [Slot] = []
    private var keyRoutes: [UInt64] = []
    private var single: [Slot] = []

    package init(_ program: RulesetProgram, caps: Caps, keyGroups: Range<Int>) {
        memory = MatchMemory(program)
        rules = program.rules.map { RuleRuntime($0, caps: caps) }
        self.keyGroups = keyGroups
    }

    /// Works event `index` of `batch` into every rule that takes it, in the order of the rules.
    ///
    /// - Precondition: deadlines before its time have been worked off.
    package mutating func process(_ batch: borrowing EventBatch, _ index: Int) {
        arrivals += 1
        touchedRules.removeAll(keepingCapacity: true)
        memory.current.load(batch, index, otherRow: memory.program.memberships.count - 1)
        memory.current.arrival = arrivals
        memory.findMembers()
        collectRoutes()
        var i = 0
        while i < routes.count {
            let rule = Int(routes[i].rule)
            var end = i + 1
            while end < routes.count, routes[end].rule == routes[i].rule { end += 1 }
            process(rule, i..<end)
            touchedRules.append(Int32(rule))
            i = end
        }
        memory.releaseCurrent()
    }

    package mutating func touch(_ rule: Int32) { touchedRules.append(rule) }
    package mutating func clearTouched() { touchedRules.removeAll(keepingCapacity: true) }

    /// Gives back the symbols that neither the shard nor the caller needs.
    ///
    /// - Parameter marking: marks the symbols that the caller still holds.
    package mutating func sweepSymbols(marking: (inout [Bool]) -> Void) {
        var live = [Bool](repeating: false, count: memory.symbols.idLimit)
        memory.markSymbols(in: &live)
        for rule in rules { rule.keys.markSymbols(in: &live) }
        marking(&live)
        memory.symbols.sweep(keeping: live)
    }

    private mutating func collectRoutes() {
        routes.removeAll(keepingCapacity: true)
        let members = memory.current.members.count
        var i = 0
        while i < members {
            let type = Int(memory.current.members[i])
            routes.append(contentsOf: memory.program.subscriptions[type])
            i += 1
        }
        routes.append(contentsOf: memory.program.subscriptionsToAny)
        let lists = members + (memory.program.subscriptionsToAny.isEmpty ? 0 : 1)
        // One list is in order already.
        if lists > 1 { routes.sort { ($0.rule, $0.route) < ($1.rule, $1.route) } }
    }

    /// Finds the keys that the event has in the rule and works it into each.
    private mutating func process(_ rule: Int, _ range: Range<Int>) {
        let partCount = rules[rule].rule.keyNames.count
        keyParts.removeAll(keepingCapacity: true)
        keyRoutes.removeAll(keepingCapacity: true)
        for i in range { addKeys(rule, Int(routes[i].route), partCount) }
        if keyRoutes.isEmpty {
            rules[rule].counters.lackingKey += 1
            return
        }
        for k in keyRoutes.indices {
            memory.key.removeAll(keepingCapacity: true)
            for part in 0..<partCount { memory.key.append(keyParts[k * partCount + part]) }
            let hash = hash(of: rule)
            guard keyGroups.contains(Int(hash % UInt64(MatchShard.keyGroupCount))) else { continue }
            rules[rule].process(
                hash: hash, routes: keyRoutes[k], watchedFrom: watchedFrom, &memory)
        }
    }

    /// Adds the keys that one route gives; a list stands for each of its elements.
    private mutating func addKeys(_ rule: Int, _ route: Int, _ partCount: Int) {
        single.removeAll(keepingCapacity: true)
        var hasList = false
        for part in 0..<partCount {
            let field = Int(rules[rule].rule.routes[route].fields[part])
            let value =
                rules[rule].rule.routes[route].type < 0
                ? memory.fieldNamed(field, of: .none) : memory.field(field, of: .none)
            if value.isMissing { return }
            hasList = hasList || value.tag == .list
            single.append(memory.identity(value))
        }
        if hasList { addProduct(route, 0, partCount) } else { addKey(route, partCount) }
    }

    private mutating func addProduct(_ route: Int, _ part: Int, _ partCount: Int) {
        guard part < partCount else { return addKey(route, partCount) }
        let value = single[part]
        guard value.tag == .list else { return addProduct(route, part + 1, partCount) }
        for element in memory.symbols.elements(of: value) where !element.isMissing {
            single[part] = memory.identity(element)
            addProduct(route, part + 1, partCount)
        }
        single[part] = value
    }

    private mutating func addKey(_ route: Int, _ partCount: Int) {
        let bit: UInt64 = 1 << UInt64(route)
        for k in keyRoutes.indices {
            var part = 0
            while part < partCount, keyParts[k * partCount + part] == single[part] { part += 1 }
            if part == partCount {
                keyRoutes[k] |= bit
                return
            }
        }
        keyParts.append(contentsOf: single)
        keyRoutes.append(bit)
    }

    /// A hash of the key in `memory.key`, by content: the same in every process.
    private func hash(of rule: Int) -> UInt64 {
        var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
        var part = 0
        while part < memory.key.count {
            let slot = memory.key[part]
            let content =
                slot.holdsSymbol ? UInt64(memory.symbols.hash(of: slot.symbol)) : slot.bits
            hash = (hash ^ content ^ UInt64(slot.tag.rawValue) << 56) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
            part += 1
        }
        return hash
    }
}
