// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import EventModel

/// A reference to an event that some attempt has bound.
package struct StoredEvent: Hashable, BitwiseCopyable, Sendable {
    package let index: Int32
    package init(index: Int32) { self.index = index }
    package static let none = StoredEvent(index: -1)
}

/// What is kept of a bound event, but for its values, details and text: half a line of the cache.
struct EventRow {
    /// Bindings of the event; 0: the row is free.
    var references: Int32 = 0
    /// Of a row that is free: the next one that is; -1: there is none.
    var incomingType: Int32
    var time: StreamTime
    /// The number of the event among all that reached the shard.
    var arrival: Int64
    /// The details, and behind them the text as it came.
    var text: TextBlock
}

/// The events that attempts have bound, counted and given back when the last binding goes.
///
/// - Shape: a row and the values of `heldSlots` an event; details and texts in blocks of
///   `TextBlocks`. Storing and releasing are O(held slots + text) and allocate only to grow.
package struct EventStore: ~Copyable {
    private let inPlace = InPlace()
    /// The slots whose values are kept, each at its place here among those of its event.
    let heldSlots: RowArray<Int16>
    private(set) var rows = RowArray<EventRow>()
    private var values = RowArray<Slot>()
    private var blocks = TextBlocks()
    private var firstFree: Int32 = -1
    /// Events held now.
    package private(set) var count = 0
    private var shapes: LineShapes
    /// As many bytes as texts may take before they are packed: what there is less of is sooner
    /// copied than packed.
    private let unpackedByteCap: Int
    package static let unpackedByteCap = 12 << 20
    /// The details of the event that is stored, and its text where that is packed.
    private var packed: RowArray<UInt8>
    /// Of a row of CSV that is stored.
    private var objectOfRow: [UInt8] = []

    package init(
        heldSlots: [Int16], typeCount: Int, unpackedByteCap: Int = EventStore.unpackedByteCap
    ) {
        self.heldSlots = RowArray(copying: heldSlots)
        self.unpackedByteCap = unpackedByteCap
        // The first is for all types that are not named.
        shapes = LineShapes(typeCount: typeCount + 1)
        packed = RowArray(
            repeating: 0, count: EventDetails.byteCap + 8 + LineShapes.roomByteCount)
    }

    @inline(__always)
    subscript(event: StoredEvent) -> EventRow {
        _read { yield rows[Int(event.index)] }
    }

    /// Stores an event with no reference yet.
    mutating func store(_ event: borrowing CurrentEvent) -> StoredEvent {
        count += 1
        let row = EventRow(
            incomingType: event.incomingType, time: event.time, arrival: event.arrival,
            text: storeText(of: event))
        guard firstFree >= 0 else {
            rows.append(row)
            for place in 0..<heldSlots.count {
                values.append(event.slots[Int(heldSlots[place])])
            }
            return StoredEvent(index: Int32(rows.count - 1))
        }
        let index = Int(firstFree)
        firstFree = rows[index].incomingType
        // The row that is used next is in no cache.
        if firstFree >= 0 { prefetch(StoredEvent(index: firstFree)) }
        rows[index] = row
        for place in 0..<heldSlots.count {
            values[index * heldSlots.count + place] = event.slots[Int(heldSlots[place])]
        }
        return StoredEvent(index: Int32(index))
    }

    private mutating func storeText(of event: borrowing CurrentEvent) -> TextBlock {
        guard event.form.kind == .row else {
            return storeText(of: event, event.text, event.textStart..<event.textEnd)
        }
        var object = objectOfRow
        objectOfRow = []
        object.removeAll(keepingCapacity: true)
        event.columns[event.form.place].appendObject(
            of: event.text.span.extracting(event.textStart..<event.textEnd), to: &object)
        defer { objectOfRow = object }
        return storeText(of: event, object, 0..<object.count)
    }

    @inline(__always)
    private mutating func storeText(
        of event: borrowing CurrentEvent, _ text: [UInt8], _ range: Range<Int>
    ) -> TextBlock {
        let details = EventDetails.Layout(EventDetails(of: event), arrival: event.arrival)
        let end = details.byteCount
        let hasRoom = blocks.hasRoom(for: end + range.count, within: unpackedByteCap)
        if hasRoom, range.count >= TextBlocks.leastTextByteCount {
            return blocks.store(details, text.span.extracting(range))
        }
        details.write(to: &packed, at: 0)
        if !hasRoom {
            let packedEnd = shapes.pack(
                text, range, ofType: Int(event.incomingType) + 1, to: &packed, from: end)
            if packedEnd >= 0 {
                EventDetails.markPacked(&packed)
                return packed.withSpan(0..<packedEnd) { blocks.store($0, Span()) }
            }
        }
        let text = text.span.extracting(range)
        return packed.withSpan(0..<end) { blocks.store($0, text) }
    }

    @inline(__always)
    mutating func retain(_ event: StoredEvent) { rows[Int(event.index)].references += 1 }

    @inline(__always)
    mutating func release(_ event: StoredEvent) {
        let i = Int(event.index)
        assert(rows[i].references > 0, "released as often as retained")
        rows[i].references -= 1
        if rows[i].references == 0 {
            blocks.release(rows[i].text)
            rows[i].incomingType = firstFree
            firstFree = event.index
            count -= 1
        }
    }

    /// Asks for what is known of an event.
    @inline(__always)
    func prefetch(_ event: StoredEvent) {
        rows.prefetch(Int(event.index))
        if heldSlots.count > 0 { values.prefetch(Int(event.index) * heldSlots.count) }
    }

    /// Asks for the fields of an event.
    @inline(__always)
    func prefetchFields(of event: StoredEvent) {
        if heldSlots.count > 0 { values.prefetch(Int(event.index) * heldSlots.count) }
    }

    /// Asks for the text of an event.
    @inline(__always)
    func prefetchText(of event: StoredEvent) { blocks.prefetch(rows[Int(event.index)].text) }

    @inline(__always)
    func value(_ place: Int, of event: StoredEvent) -> Slot {
        values[Int(event.index) * heldSlots.count + place]
    }

    /// The place of a slot among the values of an event.
    ///
    /// - Precondition: the slot is held.
    @inline(__always)
    func place(of slot: Int16) -> Int {
        var place = 0
        while place < heldSlots.count, heldSlots[place] != slot { place += 1 }
        precondition(place < heldSlots.count, "what is read of bound events is held")
        return place
    }

    func details(of event: StoredEvent) -> EventDetails {
        let row = self[event]
        return EventDetails.read(arrival: row.arrival, from: row.text, of: blocks).details
    }

    /// Appends the text of an event, one JSON object, which of a log line is made here.
    ///
    /// - Returns: the event's details, which have to be looked at anyway.
    @discardableResult
    func appendText(of event: StoredEvent, to bytes: inout [UInt8]) -> EventDetails {
        let row = self[event]
        let (details, end, isPacked) = EventDetails.read(
            arrival: row.arrival, from: row.text, of: blocks)
        if details.form.kind == .object {
            if isPacked {
                shapes.append(row.text, from: end, of: blocks, to: &bytes)
            } else {
                blocks.withSpan(of: row.text, from: end) { bytes.append(copying: $0) }
            }
            return details
        }
        if isPacked {
            var line: [UInt8] = []
            shapes.append(row.text, from: end, of: blocks, to: &line)
            let parts = LogLineParts(line.span, details.form)
            bytes.append(logLine: line.span, parts, time: row.time)
        } else {
            blocks.withSpan(of: row.text, from: end) { text in
                bytes.append(logLine: text, LogLineParts(text, details.form), time: row.time)
            }
        }
        return details
    }

    package func isLive(_ index: Int) -> Bool { rows[index].references > 0 }
    package var indices: Range<Int> { 0..<rows.count }
}
