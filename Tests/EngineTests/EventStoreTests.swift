// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import MatchCore

@Suite struct EventStoreTests {
    private static func event(
        _ details: EventDetails, _ text: String, arrival: Int64 = 1, type: Int32 = 0
    ) -> CurrentEvent {
        var event = CurrentEvent(typeCount: 1)
        event.incomingType = type
        event.typeName = details.typeName
        event.time = StreamTime(nanoseconds: arrival * 10)
        event.arrival = arrival
        event.id = details.id
        event.feed = details.feed
        event.position = details.position
        event.text = Array(text.utf8)
        event.textEnd = event.text.count
        event.form = details.form
        return event
    }

    private static func text(of event: StoredEvent, in store: borrowing EventStore) -> String {
        var bytes: [UInt8] = []
        store.appendText(of: event, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let extremes: [EventDetails] = [
        EventDetails(
            position: 1, feed: 0, typeName: Symbol(id: 0), id: .missing, form: .object),
        EventDetails(
            position: .min, feed: -2, typeName: Symbol(id: .max), id: .int(-1), form: .object),
        EventDetails(
            position: .max, feed: .max - 2, typeName: Symbol(id: 256), id: .int(.max),
            form: .object),
        EventDetails(
            position: 65_536, feed: 255, typeName: Symbol(id: 65_536),
            id: .string(Symbol(id: 70_000)), form: .object),
        EventDetails(
            position: -200, feed: 256, typeName: Symbol(id: 255), id: .float(0.1),
            form: TextForm(.newHeader, place: 70_000)),
    ]

    @Test(arguments: extremes, [1, 300, 1 << 39] as [Int64])
    func detailsComeBack(details: EventDetails, arrival: Int64) {
        var store = EventStore(heldSlots: [], typeCount: 1)
        let event = store.store(Self.event(details, "{}", arrival: arrival))
        store.retain(event)
        let stored = store.details(of: event)
        #expect(stored == details)
        let (rowArrival, time) = (store[event].arrival, store[event].time.nanoseconds)
        #expect(rowArrival == arrival && time == arrival * 10)
    }

    /// Texts of either kind, in places that others have left.
    @Test(arguments: [0, 600, 1 << 20]) func textsComeBack(unpackedByteCap: Int) {
        var store = EventStore(heldSlots: [], typeCount: 2, unpackedByteCap: unpackedByteCap)
        var held: [(event: StoredEvent, text: String)] = []
        var details = Self.extremes[0]
        for number in 0..<500 {
            let text =
                number % 3 == 0
                ? #"{"type":"login","user":"u\#(number * 77)","outcome":"failure"}"#
                : #"{"n":\#(number),"type":"order","total":\#(number * number),"item":"tea"}"#
            details.position = Int64(number)
            let event = store.store(
                Self.event(
                    details, text, arrival: Int64(number + 1), type: Int32(number % 3 - 1)))
            store.retain(event)
            held.append((event, text))
            if number % 5 > 2 { store.release(held.remove(at: number * 31 % held.count).event) }
        }
        let count = store.count
        #expect(count == held.count)
        for (event, text) in held { #expect(Self.text(of: event, in: store) == text) }
        for (event, _) in held { store.release(event) }
        let left = store.count
        #expect(left == 0)
    }

    @Test func aPackedLogLineIsShownAsAnObject() {
        var details = Self.extremes[0]
        details.form = TextForm(.plainLine)
        var texts: [[String]] = []
        for cap in [0, 1 << 20] {
            var store = EventStore(heldSlots: [], typeCount: 1, unpackedByteCap: cap)
            texts.append([])
            for number in 0..<4 {
                let line = "a line of the log, which has the number \(number) and no header"
                let event = store.store(Self.event(details, line, arrival: Int64(number + 1)))
                store.retain(event)
                texts[texts.count - 1].append(Self.text(of: event, in: store))
            }
        }
        #expect(texts[0] == texts[1])
        #expect(texts[0][3].hasPrefix("{") && texts[0][3].contains("has the number 3"))
    }
}
