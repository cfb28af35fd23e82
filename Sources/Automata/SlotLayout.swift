// SPDX-License-Identifier: Apache-2.0
// Which slot holds which field. An event has one incoming type, so each incoming type numbers its
// slots from 0; a field of a derived type is then found by (incoming type, field).

internal import EventModel
internal import RuleLanguage

/// The slot of `time`, `id` or `type`, which is filled in when an event is worked on: decoders keep
/// them apart from the fields.
struct BuiltInSlot {
    var field: EventType.BuiltInField
    var slot: Int
}

/// The slots of the events of one incoming type, while they are being numbered.
struct SlotLayout {
    let ruleset: CheckedRuleset
    let incoming: EventTypeID
    /// Members without asking, the incoming type first if it needs no asking itself.
    private(set) var vouchedFor: [EventTypeID] = []
    /// All types that such an event can be a member of, in order.
    private(set) var reachable: [EventTypeID] = []
    private(set) var slotCount = 0
    private(set) var slots: [FieldRef: Int] = [:]
    private(set) var fields: [DecodePlan.Field] = []
    /// What every event has and is read like a field, in the order of the slots.
    private(set) var builtIns: [BuiltInSlot] = []
    /// The fields that have to be in a slot even where they are built in: see
    /// `RulesetCompiler.slotted`.
    private let slotted: Set<FieldRef>
    private var incomingSlots: [IncomingKey: Int] = [:]
    private var fieldIndex: [String: Int] = [:]
    /// For fields with several sources: the copies to make, by field.
    private(set) var copies: [FieldRef: [(source: EventTypeID, from: Int, to: Int)]] = [:]

    private struct IncomingKey: Hashable {
        var path: String
        var type: ValueType
    }

    init(_ ruleset: CheckedRuleset, incoming: EventTypeID, slotted: Set<FieldRef>) {
        self.ruleset = ruleset
        self.incoming = incoming
        self.slotted = slotted
        findReachable()
        for type in reachable {
            for field in ruleset[type].fields.indices {
                place(FieldRef(type: type, field: field))
            }
        }
    }

    func isVouchedFor(_ type: EventTypeID) -> Bool { vouchedFor.contains(type) }

    /// Whether the type itself came in: its fields are read from the event.
    func isRead(_ type: EventTypeID) -> Bool { type == incoming || isVouchedFor(type) }

    private mutating func findReachable() {
        var found: Set<EventTypeID> = [incoming]
        var type = incoming
        if !ruleset[type].sources.isEmpty {
            vouchedFor.append(type)
            while ruleset[type].sources.count == 1 {
                type = ruleset[type].sources[0]
                guard ruleset[type].isDeclared, found.insert(type).inserted else { break }
                vouchedFor.append(type)
            }
        }
        for index in ruleset.eventTypes.indices {
            let candidate = EventTypeID(index)
            if ruleset[candidate].sources.contains(where: found.contains) {
                found.insert(candidate)
            }
        }
        reachable = found.sorted()
    }

    private mutating func place(_ ref: FieldRef) {
        let field = ruleset[ref.type].fields[ref.field]
        switch field.origin {
        case .builtIn(let builtIn):
            if slotted.contains(ref) { slots[ref] = slot(of: builtIn) }
        case .incoming:
            slots[ref] = incomingSlot(field)
        case .computed, .captured:
            slots[ref] = isVouchedFor(ref.type) ? incomingSlot(field) : freshSlot()
        case .inherited(let sources):
            if isRead(ref.type) {
                slots[ref] = incomingSlot(field)
                return
            }
            let possible = sources.filter { slots[$0] != nil }
            if possible.count == 1 {
                slots[ref] = slots[possible[0]]
            } else if possible.count > 1 {
                let slot = freshSlot()
                slots[ref] = slot
                copies[ref] = possible.map { ($0.type, slots[$0]!, slot) }
            }
        }
    }

    private mutating func freshSlot() -> Int {
        slotCount += 1
        return slotCount - 1
    }

    private mutating func incomingSlot(_ field: EventType.Field) -> Int {
        let key = IncomingKey(path: field.name, type: field.type)
        if let slot = incomingSlots[key] { return slot }
        let slot = freshSlot()
        incomingSlots[key] = slot
        let target = DecodePlan.Target(slot: slot, type: field.type)
        if let index = fieldIndex[field.name] {
            fields[index].targets.append(target)
        } else {
            fieldIndex[field.name] = fields.count
            fields.append(DecodePlan.Field(path: field.name, targets: [target]))
        }
        return slot
    }

    private mutating func slot(of builtIn: EventType.BuiltInField) -> Int {
        if let known = builtIns.first(where: { $0.field == builtIn }) { return known.slot }
        builtIns.append(BuiltInSlot(field: builtIn, slot: freshSlot()))
        return slotCount - 1
    }

    /// A slot for a field read by its name alone, as `any event` does.
    mutating func slot(named name: String) -> Int {
        for type in reachable {
            for (index, field) in ruleset[type].fields.enumerated() where field.name == name {
                if let slot = slots[FieldRef(type: type, field: index)] { return slot }
                if case .builtIn(let builtIn) = field.origin { return slot(of: builtIn) }
            }
        }
        if let builtIn = EventType.BuiltInField(rawValue: name) { return slot(of: builtIn) }
        return incomingSlot(
            EventType.Field(name: name, type: .any, isOptional: true, origin: .incoming))
    }
}
