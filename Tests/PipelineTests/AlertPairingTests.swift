// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Pipeline

/// Alerts of two rulesets joined: which are a pair, and when that is decided.
@Suite struct AlertPairingTests {
    private static func alert(
        _ second: Int64, _ events: [Int], title: String = "t", key: String = "k", rule: Int = 0,
        start: Int64? = nil
    ) -> ComparedAlert {
        let end = StreamTime(nanoseconds: second * 1_000_000_000)
        return ComparedAlert(
            rule: rule, key: key, keyText: key, labels: "{}", fields: "{}", tags: "[]",
            isResolution: false,
            moment: end, start: start.map { StreamTime(nanoseconds: $0 * 1_000_000_000) } ?? end,
            end: end, severity: "high", title: title, suppressed: 0, limited: 0, excepted: 0,
            events: events.map { ComparedAlert.BoundEvent(step: "s", name: "e:\($0)") },
            eventCount: events.count, isWindow: false, json: "{}")
    }

    private func pairs(
        old: [ComparedAlert], new: [ComparedAlert], horizon: Int64 = 10, cap: Int = 1000
    ) -> [AlertDifference] {
        var pairing = AlertPairing(horizon: TimeSpan(seconds: horizon), heldCap: cap)
        var differences: [AlertDifference] = []
        for alert in old { pairing.add(alert, from: .old, into: &differences) }
        for alert in new { pairing.add(alert, from: .new, into: &differences) }
        pairing.finish(into: &differences)
        return differences
    }

    @Test func alertsWithTheSameEventsAreOne() {
        let alert = Self.alert(5, [1, 2])
        #expect(pairs(old: [alert], new: [alert]) == [.same(rule: 0)])
    }

    @Test func whatIsSaidOfTheSameEventsMayChange() {
        let old = Self.alert(5, [1, 2])
        let new = Self.alert(8, [1, 2], title: "u", start: 5)
        #expect(pairs(old: [old], new: [new]) == [.changed(old: old, new: new)])
        let changes = old.changes(to: new)
        #expect(changes.map(\.part) == ["end", "title"])
        #expect(changes.last?.old == "t" && changes.last?.new == "u")
    }

    @Test func sharingAnEventIsEnough() {
        let old = Self.alert(5, [1, 2])
        let new = Self.alert(5, [2, 3], start: 4)
        #expect(pairs(old: [old], new: [new]) == [.changed(old: old, new: new)])
    }

    @Test func soIsTheSameStretchOfTime() {
        let old = Self.alert(5, [1], start: 2)
        let new = Self.alert(5, [7], start: 2)
        #expect(pairs(old: [old], new: [new]) == [.changed(old: old, new: new)])
    }

    @Test(arguments: [
        alert(5, [1], key: "other"), alert(5, [1], rule: 1), alert(6, [2]), alert(16, [1]),
    ])
    func otherKeysRulesEventsAndTimesAreNot(new: ComparedAlert) {
        let old = Self.alert(5, [1])
        #expect(Set(pairs(old: [old], new: [new])) == [.lost(old), .new(new)])
    }

    @Test func theSameEventsGoBeforeSharedOnes() {
        let old = [Self.alert(5, [1, 2])]
        let new = [Self.alert(4, [1]), Self.alert(5, [1, 2])]
        #expect(pairs(old: old, new: new) == [.same(rule: 0), .new(new[0])])
    }

    @Test func beyondTheCapTheEarliestIsDecidedAbout() {
        var pairing = AlertPairing(horizon: TimeSpan(seconds: 10), heldCap: 2)
        var differences: [AlertDifference] = []
        for second in 1...3 {
            pairing.add(
                Self.alert(Int64(second), [second]), from: .old, into: &differences)
        }
        #expect(differences == [.lost(Self.alert(1, [1]))])
        #expect(pairing.earlyCount == 1)
    }

    @Test func whatIsDecidedIsNotHeld() {
        var pairing = AlertPairing(horizon: TimeSpan(seconds: 10))
        var differences: [AlertDifference] = []
        pairing.add(Self.alert(1, [1]), from: .old, into: &differences)
        pairing.advance(to: StreamTime(nanoseconds: 21_000_000_000), into: &differences)
        #expect(differences.isEmpty)
        pairing.advance(to: StreamTime(nanoseconds: 21_000_000_001), into: &differences)
        #expect(differences == [.lost(Self.alert(1, [1]))])
    }

    // MARK: Against the definition

    /// The definition, word by word: all pairs that may be one, the earliest first.
    private func defined(
        old: [ComparedAlert], new: [ComparedAlert], horizon: Int64
    ) -> [AlertDifference] {
        var (old, new) = (old, new)
        var differences: [AlertDifference] = []
        func isNear(_ a: ComparedAlert, _ b: ComparedAlert) -> Bool {
            abs(a.moment.nanoseconds - b.moment.nanoseconds) <= horizon * 1_000_000_000
        }
        func join(_ i: Int, _ j: Int) {
            let (a, b) = (old.remove(at: i), new.remove(at: j))
            differences.append(
                a.changes(to: b).isEmpty ? .same(rule: a.rule) : .changed(old: a, new: b))
        }
        while let (i, j) = old.indices.lazy.flatMap({ i in new.indices.map { (i, $0) } }).first(
            where: { old[$0.0].identity == new[$0.1].identity && isNear(old[$0.0], new[$0.1]) })
        {
            join(i, j)
        }
        while true {
            var best: (i: Int, j: Int, first: ComparedAlert.Place, last: ComparedAlert.Place)?
            for i in old.indices {
                for j in new.indices
                where isNear(old[i], new[j])
                    && !Set(old[i].hooks).isDisjoint(with: new[j].hooks)
                {
                    let first = min(old[i].place, new[j].place)
                    let last = max(old[i].place, new[j].place)
                    if let best, (best.first, best.last) <= (first, last) { continue }
                    best = (i, j, first, last)
                }
            }
            guard let best else { break }
            join(best.i, best.j)
        }
        return differences + old.map { .lost($0) } + new.map { .new($0) }
    }

    private func random(
        _ generator: inout SplitMix, count: Int, side: Int
    ) -> [ComparedAlert] {
        var events: Set<[Int]> = []
        return (0..<count).compactMap { _ in
            let first = Int(generator.next() % 14)
            let bound = Array(first...first + Int(generator.next() % 3))
            let late = Int64(generator.next() % 3)
            // Alerts of one ruleset differ in their events.
            guard events.insert(bound).inserted else { return nil }
            return Self.alert(
                Int64(bound.last!) + late, bound, title: "\(generator.next() % 2)",
                key: "\(generator.next() % 2)", start: Int64(first))
        }.sorted { $0.place < $1.place }
    }

    @Test(arguments: 0..<300)
    func itIsTheDefinitionHoweverTheAlertsCome(seed: Int) {
        var generator = SplitMix(state: UInt64(seed))
        let horizon = Int64(seed % 4)
        let old = random(&generator, count: 6, side: 0)
        let new = random(&generator, count: 6, side: 1)
        let expected = defined(old: old, new: new, horizon: horizon)
        let mirrored = defined(old: new, new: old, horizon: horizon)
        #expect(Set(mirrored.map(\.mirrored)) == Set(expected))
        var pairing = AlertPairing(horizon: TimeSpan(seconds: horizon))
        var differences: [AlertDifference] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if j == new.count || (i < old.count && generator.next() % 2 == 0) {
                pairing.add(old[i], from: .old, into: &differences)
                i += 1
            } else {
                pairing.add(new[j], from: .new, into: &differences)
                j += 1
            }
            let times = [
                i > 0 ? old[i - 1].moment : .distantPast, j > 0 ? new[j - 1].moment : .distantPast,
            ]
            pairing.advance(to: times.min()!, into: &differences)
        }
        pairing.finish(into: &differences)
        #expect(Set(differences) == Set(expected), "seed \(seed)")
        #expect(differences.count == expected.count)
    }
}

extension AlertDifference {
    /// The same seen from the other side.
    var mirrored: AlertDifference {
        switch self {
        case .same: self
        case .lost(let alert): .new(alert)
        case .new(let alert): .lost(alert)
        case .changed(let old, let new): .changed(old: new, new: old)
        }
    }
}

/// A stream of numbers that its seed decides.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
