// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import MatchCore

/// The ring by itself, where its numbers start over.
@Suite struct CompactSetsTests {
    @Test(arguments: [1, .max - 5, .max - 40] as [UInt32])
    func numbersStartOverBehindTheLargest(first: UInt32) {
        var events = EventStore(heldSlots: [], typeCount: 1)
        var sets = CompactSets(startingAt: first)
        var top = CompactSets.none
        for number in 0..<100 {
            let event = events.store(CurrentEvent(typeCount: 0))
            let rest = top == CompactSets.none || !sets.isHeld(top) ? CompactSets.none : top
            top = sets.append(
                CompactSets.Node(
                    latestStart: Int64(number), below: CompactSets.none, rest: rest, event: event,
                    state: 1), &events)
            #expect(top != CompactSets.none)
            sets.expire(before: Int64(number) - 20, &events)
            #expect(
                Array(starts(top, since: Int64(number) - 9, in: sets))
                    == (max(0, number - 9)...number).reversed().map { Int64($0) })
        }
        #expect(events.count == 21)
        #expect(sets.capacity <= 64)
        sets.removeAll(&events)
        #expect(events.count == 0)
    }

    @Test func compactingKeepsWhatIsMarked() {
        var events = EventStore(heldSlots: [], typeCount: 1)
        var sets = CompactSets(startingAt: .max - 3)
        var tops: [UInt32] = [CompactSets.none, CompactSets.none]
        for number in 0..<15 {
            let event = events.store(CurrentEvent(typeCount: 0))
            tops[number % 2] = sets.append(
                CompactSets.Node(
                    latestStart: Int64(number), below: CompactSets.none, rest: tops[number % 2],
                    event: event, state: 1), &events)
        }
        sets.beginMarking()
        #expect(sets.mark(tops[0], since: 3) == 6)
        #expect(sets.mark(tops[0], since: 3) == 0)
        let oldFirst = sets.compact(&events)
        let top = sets.name(of: tops[0], oldFirst: oldFirst)
        #expect(starts(top, since: 0, in: sets) == [14, 12, 10, 8, 6, 4])
        #expect(sets.count == 6)
        #expect(events.count == 6)
    }

    /// The starts in a set of attempts that have bound one event, the latest first.
    private func starts(
        _ top: UInt32, since bound: Int64, in sets: borrowing CompactSets
    ) -> [Int64] {
        var result: [Int64] = []
        var node = top
        while node != CompactSets.none {
            result.append(sets[node].latestStart)
            node = sets.older(node, since: bound)
        }
        return result
    }
}
