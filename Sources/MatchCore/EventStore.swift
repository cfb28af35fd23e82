// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// A reference to an event that some attempt has bound.
package struct StoredEvent: Hashable, Sendable {
    package let index: Int32
    package init(index: Int32) { self.index = index }
    package static let none = StoredEvent(index: -1)
}

/// The events that attempts have bound, counted and given back when the last binding goes.
///
/// - Shape: structure of arrays; one row of `slotCount` slots an event; texts in blocks of
///   `TextBlocks`. Storing and releasing are O(slots + text) and allocate only to grow.
package struct EventStore: ~Copyable {
    package let slotCount: Int
    private(set) var references: [Int32] = []
    private(set) var incomingTypes: [Int32] = []
    private(set) var typeNames: [Symbol] = []
    private(set) var times: [StreamTime] = []
    private(set) var arrivals: [Int64] = []
    private(set) var ids: [Slot] = []
    private(set) var feeds: [Int32] = []
    private(set) var positions: [Int64] = []
    private(set) var slots: [Slot] = []
    private var texts: [TextBlock] = []
    private var blocks = TextBlocks()
    private var free: [Int32] = []
    /// Events held now.
    package private(set) var count = 0

    package init(slotCount: Int) { self.slotCount = slotCount }

    /// Stores an event with no reference yet.
    mutating func store(_ event: borrowing CurrentEvent) -> StoredEvent {
        count += 1
        let text = blocks.store(event.text)
        guard let index = free.popLast() else {
            references.append(0)
            incomingTypes.append(event.incomingType)
            typeNames.append(event.typeName)
            times.append(event.time)
            arrivals.append(event.arrival)
            ids.append(event.id)
            feeds.append(event.feed)
            positions.append(event.position)
            slots.append(contentsOf: event.slots)
            texts.append(text)
            return StoredEvent(index: Int32(references.count - 1))
        }
        let i = Int(index)
        incomingTypes[i] = event.incomingType
        typeNames[i] = event.typeName
        times[i] = event.time
        arrivals[i] = event.arrival
        ids[i] = event.id
        feeds[i] = event.feed
        positions[i] = event.position
        texts[i] = text
        var slot = 0
        while slot < slotCount {
            slots[i * slotCount + slot] = event.slots[slot]
            slot += 1
        }
        return StoredEvent(index: index)
    }

    mutating func retain(_ event: StoredEvent) { references[Int(event.index)] += 1 }

    mutating func release(_ event: StoredEvent) {
        let i = Int(event.index)
        assert(references[i] > 0, "released as often as retained")
        references[i] -= 1
        if references[i] == 0 {
            blocks.release(texts[i])
            free.append(event.index)
            count -= 1
        }
    }

    func slot(_ index: Int, of event: StoredEvent) -> Slot {
        slots[Int(event.index) * slotCount + index]
    }

    package func text(of event: StoredEvent) -> ArraySlice<UInt8> {
        blocks.bytes(of: texts[Int(event.index)])
    }

    package func isLive(_ index: Int) -> Bool { references[index] > 0 }
    package var indices: Range<Int> { references.indices }
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
    private var storage: [UInt8] = []
    private var free: [[Int]] = Array(repeating: [], count: 96)

    init() {}

    /// Class 2k holds 2^k bytes, class 2k + 1 holds 2^k + 2^(k-1).
    private static func size(ofClass sizeClass: Int) -> Int {
        let power = 1 << (sizeClass / 2)
        return sizeClass % 2 == 0 ? power : power + power / 2
    }

    mutating func store(_ text: [UInt8]) -> TextBlock {
        var sizeClass = 10
        while TextBlocks.size(ofClass: sizeClass) < text.count { sizeClass += 1 }
        let start: Int
        if let reused = free[sizeClass].popLast() {
            start = reused
            var i = 0
            while i < text.count {
                storage[start + i] = text[i]
                i += 1
            }
        } else {
            start = storage.count
            storage.append(contentsOf: text)
            let padding = TextBlocks.size(ofClass: sizeClass) - text.count
            storage.append(contentsOf: repeatElement(0, count: padding))
        }
        return TextBlock(start: start, length: Int32(text.count), sizeClass: Int32(sizeClass))
    }

    mutating func release(_ block: TextBlock) { free[Int(block.sizeClass)].append(block.start) }

    func bytes(of block: TextBlock) -> ArraySlice<UInt8> {
        storage[block.start..<block.start + Int(block.length)]
    }
}
