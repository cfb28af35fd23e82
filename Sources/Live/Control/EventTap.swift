// SPDX-License-Identifier: Apache-2.0
// Exercised by EventStreamTests.

internal import Connectors
internal import EventModel

/// Decoded events on their way to those who want to look at them.
///
/// While nobody does, the loop asks one word of memory. What is not taken in time is dropped and
/// counted: the loop waits for nobody.
package final class EventTap: Sendable {
    /// Events that wait to be taken, and their bytes.
    package static let eventCap = 2000
    package static let byteCap = 1 << 20

    /// Events, each a JSON object.
    package struct Taken: Sendable {
        package var events: [[UInt8]] = []
        /// Events that were not kept.
        package var skippedCount = 0
    }

    private struct State {
        var watcherCount = 0
        var taken = Taken()
        var byteCount = 0
    }

    private let state = Guarded(State())

    package init() {}

    package var isWanted: Bool { state.with { $0.watcherCount > 0 } }

    package func begin() { state.with { $0.watcherCount += 1 } }

    package func end() {
        state.with { state in
            state.watcherCount -= 1
            if state.watcherCount == 0 { (state.taken, state.byteCount) = (Taken(), 0) }
        }
    }

    /// What has come since the last call.
    package func take() -> Taken {
        state.with { state in
            defer { (state.taken, state.byteCount) = (Taken(), 0) }
            return state.taken
        }
    }

    func offer(_ events: [[UInt8]], skipped: Int) {
        state.with { state in
            guard state.watcherCount > 0 else { return }
            state.taken.skippedCount += skipped
            for event in events {
                if state.taken.events.count < EventTap.eventCap,
                    state.byteCount + event.count <= EventTap.byteCap
                {
                    state.taken.events.append(event)
                    state.byteCount += event.count
                } else {
                    state.taken.skippedCount += 1
                }
            }
        }
    }
}

/// What a pipeline keeps of the events that it gives to the engine, for a tap.
struct TappedEvents {
    private(set) var events: [[UInt8]] = []
    private(set) var skippedCount = 0

    mutating func take(
        _ batch: borrowing EventBatch, _ symbols: borrowing SymbolTable, _ feeds: [LiveFeed]
    ) {
        let room = EventTap.eventCap - events.count
        for index in 0..<min(room, batch.count) {
            events.append(TappedEvents.json(batch, index, symbols, feeds))
        }
        skippedCount += max(0, batch.count - room)
    }

    private static func json(
        _ batch: borrowing EventBatch, _ index: Int, _ symbols: borrowing SymbolTable,
        _ feeds: [LiveFeed]
    ) -> [UInt8] {
        let event = batch.events[index]
        var json = JSONWriter()
        json.beginObject()
        json.key("feed")
        json.string(feeds[Int(event.feed)].options.name)
        json.key("position")
        json.int(event.position)
        json.key("time")
        json.string("\(event.time)")
        json.key("type")
        json.string(symbols.string(of: event.typeName))
        json.key("event")
        var text: [UInt8] = []
        batch.appendObject(ofEvent: index, to: &text)
        json.raw(json: text.span)
        json.endObject()
        return json.bytes
    }
}
