// SPDX-License-Identifier: Apache-2.0
// `keys from`: docs/reference/matching.md, "Keys from a table". Exercised by KeysFromTests and the
// differential tests.

internal import Automata
internal import BasicContainers
package import EventModel

extension MatchShard {
    /// Starts watching at `time`: each key of a table that a rule takes its keys from begins an
    /// attempt, of those that are the shard's.
    ///
    /// - Precondition: nothing has been worked on yet.
    package mutating func watch(from time: StreamTime) {
        watchedFrom = time
        for rule in 0..<places.count {
            places[rule].watchedFrom = time
            if memory.program.rules[rule].keysFrom >= 0 { open(rule, at: time) }
        }
    }

    /// Has each key of the table that a rule takes its keys from begin an attempt.
    ///
    /// - Parameter known: those that do not.
    mutating func open(_ rule: Int, at time: StreamTime, except known: Set<Value> = []) {
        memory.current.loadOpening(
            time, slotCount: memory.program.decodePlan.slotCount,
            otherRow: memory.program.memberships.count - 1, memory.symbols.intern(""))
        let table = Int(memory.program.rules[rule].keysFrom)
        openKeys(of: Int32(rule), memory.program.tables[table].contents, except: known)
        memory.releaseCurrent()
    }

    private mutating func openKeys(
        of rule: Int32, _ table: LookupTable, except known: Set<Value>
    ) {
        let place = places[Int(rule)]
        let runtime = Int(place.runtime)
        let input = Int(runtimes[runtime].input)
        for row in 0..<table.rowCount {
            if !known.isEmpty,
                known.contains(table.value(row: row, column: table.keyColumn))
            {
                continue
            }
            let cell = table.slot(row: row, column: table.keyColumn, in: &memory.symbols)
            if cell.isMissing { continue }
            memory.key.removeAll()
            memory.key.append(cell.identity)
            guard keyGroups.contains(memory.keyGroup()) else { continue }
            var key = inputs[input].keys.find(memory.key)
            // Another row of the key has begun one.
            if key >= 0, inputs[input].holds(rule, of: key) { continue }
            let position = key < 0 ? 0 : inputs[input].keys.rows[key].position
            let state = runtimes[runtime].open(
                member: Int(place.member), row: row, position: position, &memory)
            if state < 0 { continue }
            if key < 0 { key = inputs[input].keys.insert(memory.key) }
            runtimes[runtime].keys[state].owner = Int32(key)
            inputs[input].hold(Work(rule: rule, state: Int32(state)), of: key)
        }
    }
}

extension InputRuntime {
    /// Whether a rule holds something of a key.
    fileprivate func holds(_ rule: Int32, of key: Int) -> Bool {
        let list = keys.rows[key].list
        guard list >= 0 else { return keys.rows[key].only.rule == rule }
        let place = held.place(of: rule, in: list)
        return place < held.count(of: list) && held.entry(place, of: list).rule == rule
    }
}

extension CurrentEvent {
    /// Loads the event that stands for the first line of a rule whose keys come from a table: it
    /// has a time, and nothing else.
    mutating func loadOpening(
        _ start: StreamTime, slotCount: Int, otherRow: Int, _ noType: Symbol
    ) {
        incomingType = -1
        row = otherRow
        typeName = noType
        time = start
        arrival = 0
        id = .missing
        feed = MatchBatch.openingFeed
        position = 0
        slots.removeAll()
        slots.append(repeating: .missing, count: slotCount)
        (textStart, textEnd, form) = (0, 0, .object)
        stored = .none
    }
}

extension RuleRuntime {
    /// In the place of the arrival number of an attempt's first event: that of the first row.
    /// Further rows count up from there, below all events.
    static let firstOpening = Int64(-1) << 40

    /// Begins an attempt of the key in `memory.key` with the memory's current event, whatever the
    /// first line asks of it.
    ///
    /// - Parameters:
    ///   - row: the row of the table, which orders what comes of it among the keys.
    ///   - place: the position of the key's last event in the input; 0: there was none.
    /// - Returns: what the rule holds of the key now; -1: nothing.
    /// - Precondition: the rule holds nothing of it.
    mutating func open(
        member: Int, row: Int, position place: Int64, _ memory: inout MatchMemory
    ) -> Int {
        self.member = member
        now = memory.current.time.nanoseconds
        position = place
        routes = 0
        isInstant = false
        let start = RuleRuntime.firstOpening + Int64(row)
        key = keys.insert(member)
        if let queue = rule.queue { return open(queue, row: row, &memory) ? key : -1 }
        counters.attempts += 1
        if rule.plain.isEmpty {
            let record = newRecord()
            prepare(record, arrival: start)
            link(record, after: -1)
            begin(rule.sequences[0].firstLine, in: 0, base(record), atStart: true, &memory)
            settle(record, .taken, &memory)
        } else {
            beginPlainAttempt(arrival: start, &memory)
        }
        return finish(&memory) ? key : -1
    }
}
