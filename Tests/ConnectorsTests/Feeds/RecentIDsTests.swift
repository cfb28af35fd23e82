// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

@Suite struct RecentIDsTests {
    private static func id(_ type: String, _ text: String) -> RecentIDs.ID {
        var hash = RecentIDs.ID.Hash()
        hash.take(Array(type.utf8).span)
        hash.take(Array(text.utf8).span)
        return hash.id
    }

    private static func second(_ count: Int64) -> StreamTime {
        StreamTime(nanoseconds: count * 1_000_000_000)
    }

    @Test func anIDIsKnownForTheSpanAndNoLonger() {
        var recent = RecentIDs(for: TimeSpan(seconds: 10))
        let id = Self.id("a", "1")
        let news = [0, 10, 11].map { recent.note(id, at: Self.second($0)) }
        #expect(news == [true, false, true])
        #expect(recent.entries.map(\.time) == [Self.second(11)])
    }

    @Test func atTheCapTheOldestIsForgottenAndCounted() {
        var recent = RecentIDs(for: TimeSpan(seconds: 10), idCap: 3)
        let news = [0, 1, 2, 3, 4, 4, 0].map { recent.note(Self.id("a", "\($0)"), at: .zero) }
        #expect(news == [true, true, true, true, true, false, true])
        #expect(recent.forgottenCount == 3)
        #expect(recent.entries.count == 3)
    }

    @Test func whatAnotherOneRememberedIsKnown() {
        var first = RecentIDs(for: TimeSpan(seconds: 10))
        _ = first.note(Self.id("a", "1"), at: Self.second(1))
        var second = RecentIDs(for: TimeSpan(seconds: 10))
        second.restore(first.entries)
        let news = [5, 12].map { second.note(Self.id("a", "1"), at: Self.second($0)) }
        #expect(news == [false, true])
    }

    @Test func typesAndIDsDoNotRunIntoEachOther() {
        var ids: Set<RecentIDs.ID> = []
        for type in 0..<100 { for id in 0..<1000 { ids.insert(Self.id("\(type)", "\(id)")) } }
        #expect(ids.count == 100_000)
        #expect(Set(ids.map(\.low)).count == 100_000 && Set(ids.map(\.high)).count == 100_000)
        #expect(Self.id("ab", "c") != Self.id("a", "bc"))
    }

    @Test func manyAreForgottenInTime() {
        var recent = RecentIDs(for: TimeSpan(seconds: 100))
        let newCount = (0..<20_000).count { number in
            recent.note(Self.id("a", "\(number)"), at: Self.second(Int64(number)))
        }
        #expect(newCount == 20_000)
        #expect(recent.entries.count == 101)
        #expect(recent.forgottenCount == 0)
    }
}
