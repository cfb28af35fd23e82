// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import EventModel

/// A reference to an event that some attempt has bound.
package struct StoredEvent: Hashable, BitwiseCopyable, Sendable {
    package let index: Int32
    package init(index: Int32) { self.index = index }
    package static let none = StoredEvent(index: -1)
}

/// What is kept of a bound event, but for its slots.
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
    var id: Slot
    /// The text as it came, and how to show it.
    var text: TextBlock
    var form: TextForm
}

/// The events that attempts have bound, counted and given back when the last binding goes.
///
/// - Shape: a row and `slotCount` slots an event; texts in blocks of `TextBlocks`. Storing and
///   releasing are O(slots + text) and allocate only to grow.
package struct EventStore: ~Copyable {
    private let inPlace = InPlace()
    package let slotCount: Int
    private(set) var rows = RowArray<EventRow>()
    private var slots = RowArray<Slot>()
    private var blocks = TextBlocks()
    private var free = RowArray<Int32>()
    /// Events held now.
    package private(set) var count = 0

    package init(slotCount: Int) { self.slotCount = slotCount }

    @inline(__always)
    subscript(event: StoredEvent) -> EventRow {
        _read { yield rows[Int(event.index)] }
    }

    /// Stores an event with no reference yet.
    mutating func store(_ event: borrowing CurrentEvent) -> StoredEvent {
        count += 1
        let row = EventRow(
            incomingType: event.incomingType, typeName: event.typeName, feed: event.feed,
            time: event.time, arrival: event.arrival, position: event.position, id: event.id,
            text: blocks.store(event.text[event.textStart..<event.textEnd]), form: event.form)
        guard let index = free.popLast() else {
            rows.append(row)
            for slot in 0..<slotCount { slots.append(event.slots[slot]) }
            return StoredEvent(index: Int32(rows.count - 1))
        }
        rows[Int(index)] = row
        for slot in 0..<slotCount { slots[Int(index) * slotCount + slot] = event.slots[slot] }
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

    @inline(__always)
    func slot(_ index: Int, of event: StoredEvent) -> Slot {
        slots[Int(event.index) * slotCount + index]
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
struct TextBlock: Hashable, Sendable {
    var start: Int
    var length: Int32
    var sizeClass: Int32
}

/// Texts of any length in one buffer, in blocks whose sizes are powers of two or halfway between.
///
/// - Shape: storing and releasing O(length); a released block serves the next text of its size.
struct TextBlocks: ~Copyable {
    private let inPlace = InPlace()
    private var storage = RowArray<UInt8>()
    /// By size class.
    private var free = UniqueArray<RowArray<Int>>()

    init() {
        for _ in 0..<96 { free.append(RowArray<Int>()) }
    }

    /// Class 2k holds 2^k bytes, class 2k + 1 holds 2^k + 2^(k-1).
    private static func size(ofClass sizeClass: Int) -> Int {
        let power = 1 << (sizeClass / 2)
        return sizeClass % 2 == 0 ? power : power + power / 2
    }

    mutating func store(_ text: ArraySlice<UInt8>) -> TextBlock {
        var sizeClass = 10
        while TextBlocks.size(ofClass: sizeClass) < text.count { sizeClass += 1 }
        let start: Int
        if let reused = free[sizeClass].popLast() {
            start = reused
        } else {
            start = storage.count
            storage.appendSpace(TextBlocks.size(ofClass: sizeClass))
        }
        storage.copy(text.span, to: start)
        return TextBlock(start: start, length: Int32(text.count), sizeClass: Int32(sizeClass))
    }

    mutating func release(_ block: TextBlock) { free[Int(block.sizeClass)].append(block.start) }

    func append(_ block: TextBlock, to bytes: inout [UInt8]) {
        storage.withSpan(block.start..<block.start + Int(block.length)) {
            bytes.append(copying: $0)
        }
    }

    /// Appends a log line as a JSON object.
    func append(
        logLine block: TextBlock, _ form: TextForm, time: StreamTime, to bytes: inout [UInt8]
    ) {
        storage.withSpan(block.start..<block.start + Int(block.length)) {
            bytes.append(logLine: $0, LogLineParts($0, form), time: time)
        }
    }
}
