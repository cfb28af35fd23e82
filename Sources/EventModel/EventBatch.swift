// SPDX-License-Identifier: Apache-2.0

/// Decoded events in order, as structure of arrays: what a feed hands to the engine.
///
/// - Shape: event i's slots are `slots[i * slotCount ..< (i + 1) * slotCount]`; its text as it came
///   in
///   (one JSON object) is `text[textEnds[i - 1] ..< textEnds[i]]`.
package struct EventBatch: Sendable {
    package let slotCount: Int
    package private(set) var count = 0
    /// Index into `DecodePlan.types`, or `DecodePlan.otherType`.
    package var types: [Int32] = []
    /// The name of the type: differs from the plan's only for `otherType`.
    package var typeNames: [Symbol] = []
    package var times: [StreamTime] = []
    /// The given id (`.string` or `.int`); missing: the id is the feed's name and the position.
    package var ids: [Slot] = []
    /// Which feed the event came from, as numbered by the caller.
    package var feeds: [Int32] = []
    /// The number of the line or record in its feed, from 1.
    package var positions: [Int64] = []
    package var slots: [Slot] = []
    package var text: [UInt8] = []
    package var textEnds: [Int] = []

    package init(slotCount: Int) { self.slotCount = slotCount }

    /// Appends an event whose slots are all missing and whose text is what was appended to `text`
    /// since the last event.
    package mutating func append(
        type: Int32, typeName: Symbol, time: StreamTime, id: Slot, feed: Int32, position: Int64
    ) {
        types.append(type)
        typeNames.append(typeName)
        times.append(time)
        ids.append(id)
        feeds.append(feed)
        positions.append(position)
        for _ in 0..<slotCount { slots.append(.missing) }
        textEnds.append(text.count)
        count += 1
    }

    /// The range in `text` of event `index`.
    package func textRange(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : textEnds[index - 1])..<textEnds[index]
    }

    /// Empties the batch and keeps its memory.
    package mutating func removeAll() {
        types.removeAll(keepingCapacity: true)
        typeNames.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        ids.removeAll(keepingCapacity: true)
        feeds.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        textEnds.removeAll(keepingCapacity: true)
        count = 0
    }
}
