// SPDX-License-Identifier: Apache-2.0
// Exercised by RuleSuccessionTests.

internal import Automata
internal import BasicContainers
internal import EventModel

/// Where the values of events that are held under one program belong under another: types and
/// fields have numbers of their own in each, and names that are the same.
struct EventTranslation {
    struct Row {
        /// The number of the event's type in the other program; -1: it is none of those named.
        var incomingType: Int
        /// By place among the other program's held slots: the place here; -1: it is not held.
        var places: [Int]
    }

    private let old: RulesetProgram
    private let new: RulesetProgram
    private let oldPlaces: [Int16: Int]
    private let newSlots: [Int16]
    private let oldFields: [RulesetProgram.FieldName: Int]
    private let newTypes: [String: Int]
    private var rows: [Key: Row] = [:]

    private struct Key: Hashable {
        var row: Int
        var typeName: Symbol
    }

    init(from old: RulesetProgram, to new: RulesetProgram) {
        self.old = old
        self.new = new
        let held = old.heldSlots
        oldPlaces = Dictionary(uniqueKeysWithValues: held.enumerated().map { ($1, $0) })
        newSlots = new.heldSlots
        oldFields = Dictionary(
            old.fields.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        newTypes = Dictionary(
            new.typeNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameters:
    ///   - row: that of the event's type in the tables of the old program.
    ///   - name: the name of its type; nil: it stands for the first line of a rule.
    mutating func row(_ row: Int, _ typeName: Symbol, _ name: String?) -> Row {
        let key = Key(row: row, typeName: typeName)
        if let known = rows[key] { return known }
        let type = name.flatMap { newTypes[$0] }
        let newRow = type ?? new.memberships.count - 1
        let found = Row(
            incomingType: type ?? -1, places: newSlots.map { place(of: $0, newRow, row) })
        rows[key] = found
        return found
    }

    /// The place in the old program of what is in a slot of the new one.
    private func place(of slot: Int16, _ newRow: Int, _ oldRow: Int) -> Int {
        for field in 0..<new.fieldCount
        where new.slotTable[newRow * new.fieldCount + field] == slot {
            guard let number = oldFields[new.fields[field]] else { continue }
            let oldSlot = old.slotTable[oldRow * old.fieldCount + number]
            if oldSlot >= 0, let place = oldPlaces[oldSlot] { return place }
        }
        let width = new.fieldNames.count
        for name in 0..<width where new.nameTable[newRow * width + name] == slot {
            guard let number = old.fieldNames.firstIndex(of: new.fieldNames[name]) else { continue }
            let oldSlot = old.nameTable[oldRow * old.fieldNames.count + number]
            if oldSlot >= 0, let place = oldPlaces[oldSlot] { return place }
        }
        return -1
    }
}

extension MatchMemory {
    /// Writes an event as one of the program that `translation` leads to.
    func write(
        _ event: StoredEvent, to writer: inout SnapshotWriter,
        _ translation: inout EventTranslation
    ) {
        let details = events.details(of: event)
        let name =
            isOpening(event)
            ? nil : String(decoding: symbols.bytes(of: details.typeName), as: UTF8.self)
        let row = translation.row(row(of: event), details.typeName, name)
        write(event, details, as: row.incomingType, to: &writer) { writer in
            for place in row.places {
                writer.write(place < 0 ? .missing : events.value(place, of: event), symbols)
            }
        }
    }

    /// - Parameter writeValues: writes those of the held slots.
    func write(
        _ event: StoredEvent, _ details: EventDetails, as incomingType: Int,
        to writer: inout SnapshotWriter, values writeValues: (inout SnapshotWriter) -> Void
    ) {
        writer.write(incomingType)
        writer.write(symbols.bytes(of: details.typeName))
        writer.write(events[event].time.nanoseconds)
        writer.write(events[event].arrival)
        writer.write(details.id, symbols)
        // The feed of alerts is -1, that of openings -2.
        writer.write(Int(details.feed) + 2)
        writer.write(details.position)
        writeValues(&writer)
        var text: [UInt8] = []
        events.appendText(of: event, to: &text)
        writer.write(text)
    }
}
