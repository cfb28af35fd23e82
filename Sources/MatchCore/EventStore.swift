// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import EventModel

/// A reference to an event that some attempt has bound.
package struct StoredEvent: Hashable, BitwiseCopyable, Sendable {
    package let index: Int32
    package init(index: Int32) { self.index = index }
    package static let none = StoredEvent(index: -1)
}

/// What is kept of a bound event, but for its values: one line of the cache.
struct EventRow {
    /// Bindings of the event; 0: the row is free.
    var references: Int32 = 0
    var incomingType: Int32
    var typeName: Symbol
    var feed: Int32
    var time: StreamTime
    /// The number of the event among all that reached the shard.
    var arrival: Int64
    var position: Int64
    private var idBits: UInt64
    /// The text as it came, and how to show it.
    var text: TextBlock
    private var headerStart: Int32
    private var formKind: TextForm.Kind
    private var idTag: SlotTag

    init(of event: borrowing CurrentEvent, text: TextBlock) {
        incomingType = event.incomingType
        typeName = event.typeName
        feed = event.feed
        time = event.time
        arrival = event.arrival
        position = event.position
        idBits = event.id.bits
        self.text = text
        // A header is inside of its line, whose length fits.
        headerStart = Int32(event.form.headerStart)
        formKind = event.form.kind
        idTag = event.id.tag
    }

    var id: Slot { Slot(tag: idTag, bits: idBits) }
    var form: TextForm { TextForm(formKind, headerStart: Int(headerStart)) }
}

/// The events that attempts have bound, counted and given back when the last binding goes.
///
/// - Shape: a row and the values of `heldSlots` an event; texts in blocks of `TextBlocks`. Storing
///   and releasing are O(held slots + text) and allocate only to grow.
package struct EventStore: ~Copyable {
    private let inPlace = InPlace()
    /// The slots whose values are kept, each at its place here among those of its event.
    let heldSlots: RowArray<Int16>
    private(set) var rows = RowArray<EventRow>()
    private var values = RowArray<Slot>()
    private var blocks = TextBlocks()
    private var free = RowArray<Int32>()
    /// Events held now.
    package private(set) var count = 0

    package init(heldSlots: [Int16]) { self.heldSlots = RowArray(copying: heldSlots) }

    @inline(__always)
    subscript(event: StoredEvent) -> EventRow {
        _read { yield rows[Int(event.index)] }
    }

    /// Stores an event with no reference yet.
    mutating func store(_ event: borrowing CurrentEvent) -> StoredEvent {
        count += 1
        let row = EventRow(
            of: event,
            text: blocks.store(event.text.span.extracting(event.textStart..<event.textEnd)))
        guard let index = free.popLast() else {
            rows.append(row)
            for place in 0..<heldSlots.count {
                values.append(event.slots[Int(heldSlots[place])])
            }
            return StoredEvent(index: Int32(rows.count - 1))
        }
        // The place that is used next is in no cache either.
        if free.count > 0 {
            let next = Int(free[free.count - 1])
            rows.prefetch(next)
            if heldSlots.count > 0 { values.prefetch(next * heldSlots.count) }
        }
        rows[Int(index)] = row
        for place in 0..<heldSlots.count {
            values[Int(index) * heldSlots.count + place] = event.slots[Int(heldSlots[place])]
        }
        return StoredEvent(index: index)
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
            free.append(event.index)
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

    /// Appends the text of an event, one JSON object, which of a log line is made here.
    func appendText(of event: StoredEvent, to bytes: inout [UInt8]) {
        let row = self[event]
        if row.form.kind == .object { return blocks.append(row.text, to: &bytes) }
        blocks.append(logLine: row.text, row.form, time: row.time, to: &bytes)
    }

    package func isLive(_ index: Int) -> Bool { rows[index].references > 0 }
    package var indices: Range<Int> { 0..<rows.count }
}

/// A piece of a `TextBlocks`.
struct TextBlock: Hashable, BitwiseCopyable, Sendable {
    /// In units of `TextBlocks.unit`.
    fileprivate var start: UInt32
    fileprivate var length: Int32
}

/// Texts of any length in one buffer, in blocks of so many times 16 bytes, and long ones in blocks
/// whose sizes are powers of two or halfway between.
///
/// - Shape: storing and releasing O(length); a released block serves the next text of its size. At
///   most 64 GB.
struct TextBlocks: ~Copyable {
    private let inPlace = InPlace()
    private var storage = RowArray<UInt8>()
    /// By size class.
    private var free = UniqueArray<RowArray<UInt32>>()

    fileprivate static let unit = 16
    /// Up to here each multiple of the unit is a class.
    private static let evenByteCap = 1024

    init() {
        let longest = TextBlocks.sizeClass(Int(Int32.max))
        for _ in 0...longest { free.append(RowArray<UInt32>()) }
    }

    /// Of a text of that many bytes.
    @inline(__always)
    private static func sizeClass(_ byteCount: Int) -> Int {
        if byteCount <= evenByteCap { return (max(byteCount, 1) + unit - 1) / unit - 1 }
        // 2^k holds it for the least k; perhaps 2^(k-1) + 2^(k-2) does.
        let power = Int.bitWidth - (byteCount - 1).leadingZeroBitCount
        let isHalfEnough = byteCount <= 3 << (power - 2)
        return evenByteCap / unit + 2 * (power - 11) + (isHalfEnough ? 0 : 1)
    }

    private static func size(ofClass sizeClass: Int) -> Int {
        let long = sizeClass - evenByteCap / unit
        if long < 0 { return (sizeClass + 1) * unit }
        return long % 2 == 0 ? 3 << (9 + long / 2) : 1 << (11 + long / 2)
    }

    mutating func store(_ text: Span<UInt8>) -> TextBlock {
        let sizeClass = TextBlocks.sizeClass(text.count)
        let start: UInt32
        if let reused = free[sizeClass].popLast() {
            start = reused
            prefetchNext(of: sizeClass)
        } else {
            let end = storage.count / TextBlocks.unit
            precondition(end < Int(UInt32.max), "at most 64 GB of texts")
            start = UInt32(end)
            storage.appendSpace(TextBlocks.size(ofClass: sizeClass))
        }
        storage.copy(text, to: Int(start) * TextBlocks.unit)
        return TextBlock(start: start, length: Int32(text.count))
    }

    /// Asks for the block that serves the next text of that size.
    @inline(__always)
    private func prefetchNext(of sizeClass: Int) {
        let count = free[sizeClass].count
        if count == 0 { return }
        let byteCount = (sizeClass + 1) * TextBlocks.unit
        prefetch(
            TextBlock(start: free[sizeClass][count - 1], length: Int32(byteCount)))
    }

    /// Asks for the beginning of a block.
    @inline(__always)
    func prefetch(_ block: TextBlock) {
        let start = Int(block.start) * TextBlocks.unit
        var offset = 0
        while offset < min(Int(block.length), 256) {
            storage.prefetch(start + offset)
            offset += 64
        }
    }

    mutating func release(_ block: TextBlock) {
        free[TextBlocks.sizeClass(Int(block.length))].append(block.start)
    }

    private static func range(_ block: TextBlock) -> Range<Int> {
        let start = Int(block.start) * unit
        return start..<start + Int(block.length)
    }

    func append(_ block: TextBlock, to bytes: inout [UInt8]) {
        storage.withSpan(TextBlocks.range(block)) { bytes.append(copying: $0) }
    }

    /// Appends a log line as a JSON object.
    func append(
        logLine block: TextBlock, _ form: TextForm, time: StreamTime, to bytes: inout [UInt8]
    ) {
        storage.withSpan(TextBlocks.range(block)) {
            bytes.append(logLine: $0, LogLineParts($0, form), time: time)
        }
    }
}
