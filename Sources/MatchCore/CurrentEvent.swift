// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import EventModel

/// The event under test, copied out of its batch.
struct CurrentEvent: ~Copyable {
    private let inPlace = InPlace()
    var incomingType: Int32 = -1
    /// The row of the program's tables: the incoming type, or the last for all others.
    var row = 0
    var typeName = Symbol(id: 0)
    var time = StreamTime.zero
    /// Counts all events that reached the engine, from 1.
    var arrival: Int64 = 0
    var id = Slot.missing
    var feed: Int32 = 0
    var position: Int64 = 0
    var slots = RowArray<Slot>()
    /// What `textStart` and `textEnd` are places in: the text of the batch at work, lent by it.
    var text: [UInt8] = []
    /// Of texts that are rows of CSV: the columns of the batch at work.
    var columns: [RowColumns] = []
    var textStart = 0
    var textEnd = 0
    var form = TextForm.object
    /// Its copy in the event store, once an attempt has bound it.
    var stored = StoredEvent.none
    /// For each event type whether it is a member.
    private(set) var isMember: RowArray<Bool>
    private(set) var members = RowArray<Int32>()
    /// The row whose events are all members of these types and no others; -1: it has to be found
    /// out for each event.
    var membersRow = -1

    init(typeCount: Int) { isMember = RowArray(repeating: false, count: typeCount) }

    mutating func load(_ batch: borrowing EventBatch, _ index: Int, otherRow: Int) {
        let event = batch.events[index]
        incomingType = event.type
        row = incomingType < 0 ? otherRow : Int(incomingType)
        typeName = event.typeName
        time = event.time
        id = event.id
        feed = event.feed
        position = event.position
        textStart = event.textStart
        textEnd = event.textEnd
        form = event.form
        let base = index * batch.slotCount
        while slots.count < batch.slotCount { slots.append(.missing) }
        var slot = 0
        while slot < batch.slotCount {
            slots[slot] = batch.slots[base + slot]
            slot += 1
        }
        stored = .none
    }

    mutating func clearMembers() {
        for i in 0..<members.count { isMember[Int(members[i])] = false }
        members.removeAll()
        membersRow = -1
    }

    mutating func addMember(_ type: Int32) {
        if !isMember[Int(type)] {
            isMember[Int(type)] = true
            members.append(type)
        }
    }
}
