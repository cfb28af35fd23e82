// SPDX-License-Identifier: Apache-2.0

package import Automata
internal import BasicContainers
package import EventModel
internal import TextMatching

/// What all rules of a shard share: symbols, bound events, the event under test, and the scratch
/// space and compiled constants of the expression machine.
package struct MatchMemory: ~Copyable {
    private let inPlace = InPlace()
    package let program: RulesetProgram
    package var symbols: SymbolTable
    package var events: EventStore
    var bindings: BindingStore
    var current: CurrentEvent
    /// Of the program: what every event reads, in rows that are never copied.
    let code: RowArray<Instruction>
    private let slotTable: RowArray<Int16>
    private let fieldCount: Int
    /// By field: the place of its value, where that is the same in all events that can be bound;
    /// else -1.
    private let commonPlaces: RowArray<Int16>
    let constants: RowArray<Slot>
    /// The fields of `prev`, a row of `previousWidth` steps for each table.
    let previousFields: RowArray<Int32>
    let previousWidth: Int
    /// The filters that are asked without the stack.
    var comparisons = RowArray<DirectComparison>()
    /// Of the event and the key at hand.
    var knownComparison = KnownComparison()
    let memberships: MembershipPlan
    let matchers: [RegexMatcher?]
    let likes: [LikePattern]
    var stack = RowArray<Slot>()
    let predicates: PredicateTable
    /// What is known of each predicate: the arrival number of the event asked about, negative where
    /// the answer was no.
    var predicateAnswers: RowArray<Int64>
    /// The same of each condition.
    var conditionAnswers: RowArray<Int64>
    /// The names of the feeds that events' numbers refer to, for ids that are made.
    package var feedNames: [String] = []
    /// Computations whose result cannot be represented, and so is missing.
    package internal(set) var overflows = 0
    /// Matches reported since they were last taken, over all rules.
    package var matches = MatchBatch()
    /// Wake-ups asked for since they were last taken.
    var wakeUps = RowArray<RuleRuntime.WakeUp>()
    /// The parts of the key at hand.
    var key = RowArray<Slot>()
    /// Its number among the keys that the event at hand has in its input.
    var keyOrdinal = 0
    /// What was read of the window that is looked at.
    var windowReadings: UniqueArray<Slot>
    /// Scratch for aggregates and rows.
    var nodes: [Int64] = []
    var values: [Slot] = []
    /// Scratch for a captured text.
    var captured: [UInt8] = []

    /// - Parameter symbols: those that batches will refer to.
    package init(_ program: RulesetProgram, symbols table: consuming SymbolTable) {
        self.program = program
        let heldSlots = program.heldSlots
        events = EventStore(heldSlots: heldSlots, typeCount: program.memberships.count)
        bindings = BindingStore(totalCount: program.totalCount)
        current = CurrentEvent(typeCount: program.typeNames.count)
        code = RowArray(copying: program.code)
        slotTable = RowArray(copying: program.slotTable)
        fieldCount = program.fieldCount
        commonPlaces = RowArray(
            copying: (0..<program.fieldCount).map { field in
                Int16(heldSlots.firstIndex(of: program.commonSlot(of: field)) ?? -1)
            })
        let constants = program.constants.map { Slot($0, in: &table) }
        self.constants = RowArray(copying: constants)
        previousWidth = program.previousTables.map { $0.fieldByStep.count }.max() ?? 0
        previousFields = RowArray(copying: program.previousFields(width: previousWidth))
        symbols = table
        memberships = MembershipPlan(program.memberships)
        matchers = program.regexes.map { literal in
            (try? Regex(pattern: literal.pattern, flags: literal.flags)).map { RegexMatcher($0) }
        }
        likes = program.likePatterns.map { LikePattern($0.pattern, ignoringCase: $0.ignoringCase) }
        let readings = program.rules.indices.map { program.rules[$0].window?.readings.count ?? 0 }
        windowReadings = UniqueArray(repeating: .missing, count: readings.max() ?? 0)
        predicates = PredicateTable(program, constants: constants)
        predicateAnswers = RowArray(repeating: 0, count: program.predicates.count)
        conditionAnswers = RowArray(repeating: 0, count: program.conditions.count)
    }

    /// The event under test, stored so that it can be bound.
    mutating func storedCurrent() -> StoredEvent {
        if current.stored == .none {
            current.stored = events.store(current)
            // Held until the event has been worked in everywhere: an attempt that binds it may end
            // before the next one binds it.
            events.retain(current.stored)
        }
        return current.stored
    }

    /// Lets go of the event under test.
    mutating func releaseCurrent() {
        if current.stored != .none {
            events.release(current.stored)
            current.stored = .none
        }
    }

    /// Marks the symbols that constants and stored events hold.
    func markSymbols(in live: inout [Bool]) {
        for i in constants.indices where constants[i].holdsSymbol {
            live[Int(constants[i].symbol.id)] = true
        }
        for index in events.indices where events.isLive(index) {
            let event = StoredEvent(index: Int32(index))
            let details = events.details(of: event)
            live[Int(details.typeName.id)] = true
            if details.id.holdsSymbol { live[Int(details.id.symbol.id)] = true }
            for place in events.heldSlots.indices {
                let value = events.value(place, of: event)
                if value.holdsSymbol { live[Int(value.symbol.id)] = true }
            }
        }
    }

    // MARK: Fields

    /// Field `field` of the event looked at.
    func field(_ field: Int, of event: StoredEvent) -> Slot {
        if event == .none {
            let slot = slotTable[current.row * fieldCount + field]
            return slot < 0 ? .missing : current.slots[Int(slot)]
        }
        // The values of a stored event lie apart from what else is known of it.
        let common = commonPlaces[field]
        if common >= 0 { return events.value(Int(common), of: event) }
        let slot = slotTable[row(of: event) * fieldCount + field]
        return slot < 0 ? .missing : events.value(events.place(of: slot), of: event)
    }

    func fieldNamed(_ name: Int, of event: StoredEvent) -> Slot {
        let width = program.fieldNames.count
        if event == .none {
            let slot = program.nameTable[current.row * width + name]
            return slot < 0 ? .missing : current.slots[Int(slot)]
        }
        let slot = program.nameTable[row(of: event) * width + name]
        return slot < 0 ? .missing : events.value(events.place(of: slot), of: event)
    }

    func row(of event: StoredEvent) -> Int {
        let type = events[event].incomingType
        return type < 0 ? program.memberships.count - 1 : Int(type)
    }

    func time(of event: StoredEvent) -> StreamTime {
        event == .none ? current.time : events[event].time
    }

    func typeName(of event: StoredEvent) -> Symbol {
        event == .none ? current.typeName : events.details(of: event).typeName
    }

    /// Whether the event stands for the first line of a rule with `keys from`.
    @inline(__always)
    func isOpening(_ event: StoredEvent) -> Bool {
        // It has come before every event.
        event != .none && events[event].arrival == 0
    }

    /// The name of the event's type, which openings do not have.
    func typeText(of event: StoredEvent) -> Slot {
        isOpening(event) ? .missing : .string(typeName(of: event))
    }

    /// Which feed the event came from, and where in it.
    func origin(of event: StoredEvent) -> (feed: Int, position: Int64) {
        if event == .none { return (Int(current.feed), current.position) }
        let details = events.details(of: event)
        return (Int(details.feed), details.position)
    }

    /// The id as it was given; missing where it is made from the feed and the position.
    func givenID(of event: StoredEvent) -> Slot {
        event == .none ? current.id : events.details(of: event).id
    }
}

extension RulesetProgram {
    /// The tables of `prev` as rows of one width.
    fileprivate func previousFields(width: Int) -> [Int32] {
        previousTables.flatMap { table in
            table.fieldByStep + Array(repeating: -1, count: width - table.fieldByStep.count)
        }
    }

    /// The slot of a field, if it is the same in events of all incoming types that some rule takes;
    /// else -1.
    fileprivate func commonSlot(of field: Int) -> Int16 {
        // Events of other types than those named are bound only where any event is taken.
        let rows = inputsOfAny.isEmpty ? memberships.count - 1 : memberships.count
        guard rows > 0 else { return -1 }
        let slot = slotTable[field]
        for row in 1..<max(rows, 1) where slotTable[row * fieldCount + field] != slot { return -1 }
        return slot
    }
}

/// Where an expression is evaluated.
struct EvaluationFrame {
    /// What the attempt has bound.
    var chain: Int64
    /// The event looked at; none: the event under test.
    var event = StoredEvent.none
    var matchStart = StreamTime.zero
    var matchEnd = StreamTime.zero
    var matchCount: Int64 = 0
}
