// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import EventModel
import MatchCore
import Oracle
import RuleLanguage
import Simulation
import Testing

/// Matches that are only counted: by counters as by attempts as by the reference matcher.
@Suite struct CountingTests {
    static func program(_ rule: String) throws -> RulesetProgram {
        RulesetCompiler.compile(try #require(DifferentialCase.check(rule), "\(rule)"))
    }

    static func rule(_ steps: [String], _ head: String = "within 10s", _ clauses: String = "")
        -> String
    {
        let lines = steps.joined(separator: "\n    then each ")
        return "rule r {\n  \(clauses)\n  when \(head) {\n    \(lines)\n  }\n  skip none\n}\n"
    }

    // MARK: Random rules

    static func randomRule(_ random: inout SeededRandom) -> String {
        let steps = (0..<1 + random.below(5)).map { number in
            let type = random.pick(["a", "a", "b", "c", "any event"])
            let condition = random.pick(["", "", " where n == 1", " where n > 1", " where n != 0"])
            return "\(type) as s\(number)\(condition)"
        }
        let limit = random.pick(["", "within 0s", "within 1s", "within 2s", "within 3s500ms"])
        let key = random.pick(["", "", "by user", "by tags", "by user, tags"])
        return rule(steps, limit, key)
    }

    static func randomStream(_ random: inout SeededRandom, count: Int) -> [ReferenceEvent] {
        var time = MatchingScenario.zero
        return (0..<count).map { number in
            time = time + TimeSpan(nanoseconds: Int64(random.below(4)) * 500_000_000)
            var fields = [NamedValue("n", .int(Int64(random.below(3))))]
            if random.below(8) > 0 {
                fields.append(NamedValue("user", .string(random.pick(["x", "y"]))))
            }
            let tags = [["p"], ["q"], ["p", "q"], ["q", "q"]][random.below(4)]
            fields.append(NamedValue("tags", .list(tags.map { .string($0) })))
            return ReferenceEvent(
                type: random.pick(["a", "a", "b", "c", "d"]), time: time, id: "e\(number)",
                fields: fields)
        }
    }

    @Test(arguments: [1, 2, 3, 4]) func countersAgreeWithTheReference(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var found = 0
        for _ in 0..<60 {
            let rule = Self.randomRule(&random)
            let ruleset = try #require(DifferentialCase.check(rule), "\(rule)")
            let program = RulesetCompiler.compile(ruleset)
            #expect(program.rules[0].countingObstacle == nil, "\(rule)")
            let reference = ReferenceMatcher(ruleset)
            for _ in 0..<3 {
                let events = Self.randomStream(&random, count: 14)
                let expected = reference.allMatches(
                    in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil
                ).count
                found += expected
                try compare(program, events, restartsBefore: random.below(14), rule)
                var count = OneRuleEngine(program, .count(by: .counters))
                for event in events { count.send(event) }
                #expect(count.counters.matches == expected, "\(rule)")
            }
        }
        #expect(found > 200)
    }

    @Test(arguments: [5, 6]) func countersAgreeWithAttemptsOnLongStreams(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<12 {
            let rule = Self.randomRule(&random)
            guard rule.contains("within") else { continue }
            let events = Self.randomStream(&random, count: 400)
            try compare(
                try Self.program(rule), events, restartsBefore: random.below(400), rule)
        }
    }

    /// Event by event.
    private func compare(
        _ program: RulesetProgram, _ events: [ReferenceEvent], restartsBefore restart: Int,
        _ rule: String
    ) throws {
        var counters = OneRuleEngine(program, .count(by: .counters))
        var attempts = OneRuleEngine(program, .count(by: .attempts))
        for (number, event) in events.enumerated() {
            if number == restart { try counters.restart() }
            counters.send(event)
            attempts.send(event)
            #expect(counters.counters.matches == attempts.counters.matches, "\(rule)")
            #expect(counters.engine.violation() == nil, "\(rule)")
        }
        #expect(counters.counters.attempts == attempts.counters.attempts)
        #expect(counters.counters.events == attempts.counters.events)
        #expect(counters.counters.lackingKey == attempts.counters.lackingKey)
        let end = StreamTime(nanoseconds: events[events.count - 1].time.nanoseconds)
        counters.engine.advance(to: end + TimeSpan(nanoseconds: 8_000_000_000))
        if rule.contains("within") { #expect(counters.engine.keyCount == 0) }
        #expect(counters.engine.violation() == nil)
    }

    // MARK: By hand

    @Test func anEventTakesAnAttemptOnByOneStep() throws {
        var count = OneRuleEngine(
            try Self.program(Self.rule(["a", "a", "a"])), .count(by: .counters))
        count.send("a", at: 0, times: 6)
        #expect(count.counters.matches == 20)
        #expect(count.engine.attemptCount == 0)
    }

    @Test func exactlyTheLimitIsInTime() throws {
        let program = try Self.program(Self.rule(["a", "b"]))
        var count = OneRuleEngine(program, .count(by: .counters))
        count.send("a", at: 0)
        count.send("b", at: 10)
        #expect(count.counters.matches == 1)
        count.send("b", at: 11)
        #expect(count.counters.matches == 1)
        #expect(count.engine.keyCount == 0)
    }

    @Test func whatNoAttemptCanUseIsNotHeld() throws {
        var count = OneRuleEngine(
            try Self.program(Self.rule(["a", "b", "c"])), .count(by: .counters))
        count.send("b", at: 0, times: 3)
        count.send("c", at: 0)
        #expect(count.engine.keyCount == 0)
        count.send("a", at: 1)
        count.send("b", at: 9)
        #expect(count.engine.keyCount == 1)
        // With the `a` goes what came after it.
        count.engine.advance(to: StreamTime(nanoseconds: 11_000_000_000))
        #expect(count.engine.keyCount == 1)
        count.engine.advance(to: StreamTime(nanoseconds: 11_000_000_001))
        #expect(count.engine.keyCount == 0)
    }

    @Test func anEventOutOfOrderDoesNotStopTheClock() throws {
        var count = OneRuleEngine(
            try Self.program(Self.rule(["a", "b", "c"])), .count(by: .counters))
        count.send("a", at: 10)
        count.send("a", at: 19)
        count.send("b", at: 5)
        count.send("c", at: 19)
        #expect(count.counters.matches == 2)
        count.engine.advance(to: StreamTime(nanoseconds: 40_000_000_000))
        #expect(count.engine.keyCount == 0)
    }

    private static let long = ["a"] + (1...20).map { "b as b\($0)" } + ["c"]

    @Test(arguments: ["within 10s", ""]) func aCountBeyondTheRangeSaysSo(head: String) throws {
        var count = OneRuleEngine(
            try Self.program(Self.rule(Self.long, head)), .count(by: .counters))
        count.send("a", at: 0)
        count.send("b", at: 1, times: 60)
        count.send("c", at: 2)
        // 60 over 20.
        #expect(count.counters.matches == 4_191_844_505_805_495)
        #expect(!count.counters.hasMoreMatches)
        count.send("b", at: 3, times: 30)
        try count.restart()
        count.send("c", at: 4)
        #expect(count.counters.matches == .max)
        #expect(count.counters.hasMoreMatches)
        try count.restart()
        #expect(count.counters.hasMoreMatches)
    }

    @Test func countsAreExactAgainWhenWhatWasTooManyHasExpired() throws {
        var count = OneRuleEngine(try Self.program(Self.rule(Self.long)), .count(by: .counters))
        count.send("a", at: 0)
        count.send("b", at: 1, times: 200)
        count.send("a", at: 5)
        count.send("b", at: 12, times: 21)
        count.send("c", at: 13)
        #expect(count.counters.matches == 21)
        #expect(!count.counters.hasMoreMatches)
    }

    // MARK: Which rules

    @Test(arguments: [
        (
            "when within 1m { a then each b }",
            "a match ends other attempts (unless with `skip none`)"
        ),
        ("when within 1m { a then b }\n  skip none", "`b` takes the first event that fits"),
        ("when within 1m { a then next b }\n  skip none", "`b` takes the first event that fits"),
        ("when within 1m { a then each 2 b }\n  skip none", "`b` does not take just one event"),
        ("when within 1m { a as x then each b where n > x.n }\n  skip none", "`b` looks at"),
        ("when within 1m { a then each b within 5s }\n  skip none", "gaps between lines"),
        ("when within 1m { a\n but no c\n then each b }\n  skip none", "`but no` and `until`"),
        ("when within 1m { a then each any of { b, c } }\n  skip none", "groups and branches"),
        ("when within 1m { a then no b for 5s }\n  skip none", "absences wait for the clock"),
        ("when within 1m { no b for 5s then a }\n  skip none", "absences wait for the clock"),
        ("when within 1m { a then each b }\n  reset on c\n  skip none", "`reset on`"),
        ("when within 1m { a as x then each b }\n  having x.n > 1\n  skip none", "`having`"),
        ("when within 1m { a then each b }\n  skip none\n  attempts latest", "`attempts latest`"),
        (
            "when within 1m { a\n" + (1...32).map { "then each b as b\($0)\n" }.joined()
                + "}\n  skip none", "more than 32 steps"
        ),
    ])
    func otherRulesAreNotCounted(body: String, obstacle: String) throws {
        let program = try Self.program("rule r {\n  \(body)\n}\n")
        let found = try #require(program.rules[0].countingObstacle)
        #expect(found.hasPrefix(obstacle), "\(found)")
        // Their matches are counted one by one, by attempts.
        var count = OneRuleEngine(program, .count(by: .counters))
        count.engine.watch(from: StreamTime(nanoseconds: -60_000_000_000))
        count.send("a", at: 0)
        #expect(count.counters.attempts == 1)
        #expect(count.engine.attemptCount == 1 - count.counters.matches)
    }

    @Test func aSnapshotOfCountersIsForCounters() throws {
        let program = try Self.program(Self.rule(["a", "b"]))
        var count = OneRuleEngine(program, .count(by: .counters))
        count.send("a", at: 0)
        let bytes = count.engine.snapshot()
        var attempts = RuleEngine(program, output: .count(by: .attempts))
        #expect(throws: SnapshotError.otherRules) { try attempts.restore(bytes) }
    }

    @Test func aDamagedSnapshotOfCountersIsRefused() throws {
        let program = try Self.program(Self.rule(["a", "b", "c"]))
        var count = OneRuleEngine(program, .count(by: .counters))
        count.send("a", at: 0)
        count.send("b", at: 1)
        let bytes = count.engine.snapshot()
        var refused = 0
        for place in 24..<bytes.count - 8 {
            var changed = Array(bytes.dropLast(8))
            changed[place] ^= 0x81
            var sum = SnapshotWriter.checksum(changed[...])
            for _ in 0..<8 {
                changed.append(UInt8(truncatingIfNeeded: sum))
                sum >>= 8
            }
            var engine = RuleEngine(program, output: .count(by: .counters))
            do {
                try engine.restore(changed)
                #expect(engine.violation() == nil)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 100)
    }
}
