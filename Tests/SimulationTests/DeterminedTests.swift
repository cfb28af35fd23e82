// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import EventModel
import MatchCore
import Oracle
import RuleLanguage
import Simulation
import Testing

/// Rules on compact sets: against attempts and the reference matcher, and what they hold.
@Suite struct DeterminedTests {
    static func program(_ body: String) throws -> RulesetProgram {
        let text = "rule r {\n\(body)\n}\n"
        return RulesetCompiler.compile(try #require(DifferentialCase.check(text), "\(text)"))
    }

    static func run(_ body: String, caps: Caps = Caps()) throws -> OneRuleEngine {
        let program = try program(body)
        try #require(program.rules[0].determinedObstacle == nil, "\(body)")
        return OneRuleEngine(program, MatchOutput(.matches, by: .sets), caps: caps)
    }

    // MARK: Against the others

    @Test(arguments: [1, 2, 3, 4]) func allBackendsFindWhatTheReferenceFinds(seed: UInt64) throws {
        var (onSets, matches) = (0, 0)
        for number in 0..<60 {
            var rules = PlainRuleGenerator(seed: seed &* 1_009 &+ UInt64(number))
            let text = rules.ruleset()
            guard let ruleset = DifferentialCase.check(text) else { continue }
            let subject = EngineSubject(ruleset)
            if subject.program.rules[0].determinedObstacle == nil { onSets += 1 }
            let reference = ReferenceMatcher(ruleset)
            var streams = StreamGenerator(seed: UInt64(number) ^ seed)
            for _ in 0..<4 {
                let events = streams.stream(length: 14)
                let difference = DifferentialCase.disagreement(subject, reference, events)
                #expect(difference == nil, "\(text)")
                matches +=
                    subject.matches(
                        in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil
                    ).count
            }
        }
        #expect(onSets > 40)
        #expect(matches > 100)
    }

    @Test(arguments: [5, 6, 7]) func setsAgreeWithAttemptsOnLongStreams(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var matches = 0
        for number in 0..<40 {
            var rules = PlainRuleGenerator(seed: seed &* 2_003 &+ UInt64(number))
            let text = rules.ruleset()
            // Without a limit the ways to match outgrow what attempts can follow.
            guard text.contains("within"), let ruleset = DifferentialCase.check(text) else {
                continue
            }
            let program = RulesetCompiler.compile(ruleset)
            guard program.rules[0].determinedObstacle == nil else { continue }
            let events = CountingTests.randomStream(&random, count: 300)
            matches += try compare(program, events, restartsBefore: random.below(300), text)
        }
        #expect(matches > 100)
    }

    /// Event by event; returns how many matches there were.
    private func compare(
        _ program: RulesetProgram, _ events: [ReferenceEvent], restartsBefore restart: Int,
        _ rule: String
    ) throws -> Int {
        var sets = OneRuleEngine(program, MatchOutput(.matches, by: .sets))
        var counts = OneRuleEngine(program, .count(by: .sets))
        var visits = OneRuleEngine(program, MatchOutput(.visits, by: .sets))
        var attempts = OneRuleEngine(program, MatchOutput(.matches, by: .attempts))
        for (number, event) in events.enumerated() {
            if number == restart {
                try sets.restart()
                try counts.restart()
            }
            let found = sets.send(event)
            #expect(found == attempts.send(event), "\(rule)")
            #expect(sets.engine.violation() == nil, "\(rule)")
            #expect(counts.send(event).isEmpty && visits.send(event).isEmpty)
        }
        #expect(sets.counters == attempts.counters, "\(rule)")
        #expect(counts.counters == attempts.counters, "\(rule)")
        #expect(visits.counters == attempts.counters, "\(rule)")
        let end = events[events.count - 1].time
        sets.engine.advance(to: end)
        attempts.engine.advance(to: end)
        #expect(sets.engine.attemptCount == attempts.engine.attemptCount, "\(rule)")
        sets.engine.advance(to: end + TimeSpan(seconds: 20))
        #expect(sets.engine.keyCount == 0)
        #expect(sets.engine.storedEventCount == 0)
        #expect(sets.engine.violation() == nil)
        return sets.counters.matches
    }

    // MARK: What is held

    @Test func whatBeganBeforeTheLimitIsGivenBack() throws {
        var run = try Self.run("when within 10s { a then each b then each c }\n skip none")
        run.send("ab", at: 0)
        run.send("ab", at: 8)
        #expect(run.engine.storedEventCount == 4)
        #expect(run.send("c", at: 10) == [[1, 2, 5], [1, 4, 5], [3, 4, 5]])
        #expect(run.send("c", at: 11) == [[3, 4, 6]])
        run.send("ab", at: 12)
        #expect(run.engine.storedEventCount == 4)
        run.engine.advance(to: StreamTime(nanoseconds: 23_000_000_000))
        #expect(run.engine.storedEventCount == 0)
        #expect(run.engine.keyCount == 0)
    }

    @Test func whatNothingLeadsToIsGivenBackBeforeTheLimit() throws {
        for head in ["when within 30d", "when"] {
            var run = try Self.run("\(head) { a then each b then c }")
            run.send("a", at: 0)
            for second in 1..<2_000 {
                run.send("ab", at: Int64(second))
                #expect(run.send("c", at: Int64(second)).count == 1)
                run.send("a", at: Int64(second))
                #expect(run.engine.storedEventCount < 64)
            }
            #expect(run.engine.violation() == nil)
        }
    }

    @Test func keysKeepTheirSetsWhenOthersAreCompacted() throws {
        var run = try Self.run("by k\n when { a then b then c }")
        func event(_ type: String, _ key: Int64) -> ReferenceEvent {
            ReferenceEvent(
                type: type, time: StreamTime(nanoseconds: 0), id: "",
                fields: [NamedValue("k", .int(key))])
        }
        for key in 0..<20 {
            _ = run.send(event("a", Int64(key)))
            _ = run.send(event("b", Int64(key)))
        }
        for _ in 0..<500 {
            for type in ["a", "b", "c"] { _ = run.send(event(type, 100)) }
        }
        #expect(run.engine.storedEventCount < 300)
        for key in 0..<20 {
            let found = run.send(event("c", Int64(key)))
            let expected = [Int64(key) * 2 + 1, Int64(key) * 2 + 2]
            #expect(found.count == 1)
            #expect(found.first?.dropLast() == expected[...])
        }
        #expect(run.counters.matches == 520)
        #expect(run.engine.violation() == nil)
    }

    @Test func aFloodOnOneKeyIsOneNodeAnEvent() throws {
        var run = try Self.run("when within 1d { a then b then c }")
        run.send(String(repeating: "a", count: 5_000) + "b", at: 0)
        #expect(run.engine.attemptCount == 5_000)
        run.send(String(repeating: "x", count: 10), at: 1)
        #expect(run.send("c", at: 1) == [[1, 5_001, 5_002]])
        #expect(run.engine.attemptCount == 0)
        #expect(run.engine.keyCount == 0)
    }

    @Test func matchesOfAnEventAreCapped() throws {
        var caps = Caps()
        caps.matchesPerEvent = 3
        var run = try Self.run("when within 9s { a then each b }\n skip none", caps: caps)
        run.send("aaa", at: 0)
        #expect(run.send("b", at: 1) == [[1, 4], [2, 4], [3, 4]])
        #expect(run.counters.cappedMatches == 0)
        run.send("a", at: 1)
        #expect(run.send("b", at: 1) == [[2, 6], [3, 6], [5, 6]])
        #expect(run.counters.cappedMatches == 1)
        #expect(run.counters.matches == 6)
    }

    @Test func eventsBoundAreCapped() throws {
        var caps = Caps()
        caps.bindingsPerRule = 4
        var run = try Self.run("when within 9s { a then each b then c }\n skip none", caps: caps)
        run.send("aaabb", at: 0)
        #expect(run.counters.cappedBindings == 1)
        #expect(run.send("c", at: 1).count == 3)
        #expect(run.engine.violation() == nil)
    }

    @Test func anEventOutOfOrderBreaksNothing() throws {
        var run = try Self.run("when within 5s { a then each b then c }\n skip none")
        run.send("a", at: 10)
        run.send("ab", at: 2)
        run.send("b", at: 12)
        #expect(run.engine.violation() == nil)
        run.send("c", at: 15)
        #expect(run.counters.matches > 0)
        run.engine.advance(to: StreamTime(nanoseconds: 40_000_000_000))
        #expect(run.engine.keyCount == 0)
        #expect(run.engine.storedEventCount == 0)
    }

    @Test func aCountBeyondTheRangeSaysSo() throws {
        let body =
            "when within 10s { a" + (1...20).map { " then each b as b\($0)" }.joined()
            + " then each c }\n reset on x\n skip none"
        var run = OneRuleEngine(try Self.program(body), .count(by: .sets))
        run.send("a" + String(repeating: "b", count: 60) + "c", at: 0)
        // 60 over 20.
        #expect(run.counters.matches == 4_191_844_505_805_495)
        run.send(String(repeating: "b", count: 30) + "c", at: 1)
        #expect(run.counters.matches == .max)
        #expect(run.counters.hasMoreMatches)
        try run.restart()
        #expect(run.counters.hasMoreMatches)
    }

    // MARK: Snapshots

    @Test func aSnapshotOfSetsIsForSets() throws {
        var run = try Self.run("when within 9s { a then b then c }")
        run.send("ab", at: 0)
        let bytes = run.engine.snapshot()
        var attempts = RuleEngine(run.engine.program, output: MatchOutput(.matches, by: .attempts))
        #expect(throws: SnapshotError.otherRules) { try attempts.restore(bytes) }
    }

    @Test func aDamagedSnapshotOfSetsIsRefused() throws {
        var run = try Self.run("when within 9s { a but not next d then each b then c }\n skip none")
        run.send("aabab", at: 0)
        run.send("ab", at: 1)
        let bytes = run.engine.snapshot()
        var refused = 0
        for place in 24..<bytes.count - 8 {
            var changed = Array(bytes.dropLast(8))
            changed[place] ^= 0x81
            var sum = SnapshotWriter.checksum(changed[...])
            for _ in 0..<8 {
                changed.append(UInt8(truncatingIfNeeded: sum))
                sum >>= 8
            }
            var other = OneRuleEngine(run.engine.program, MatchOutput(.matches, by: .sets))
            do {
                try other.engine.restore(changed)
                #expect(other.engine.violation() == nil)
                other.send("abdbc", at: 2)
                #expect(other.engine.violation() == nil)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 400)
    }

    // MARK: Which rules

    @Test(
        arguments: [
            ("when within 9s { a then b }", nil), ("when { a then next b }", nil),
            ("when within 9s { 3 a then each 2 b\n but no c\n then next at least 2 c }", nil),
            ("when { a then b }\n reset on c\n skip to next", nil),
            ("when { 2 consecutive a then next 2 consecutive b }", nil),
            ("when { a then each any event }\n skip none", nil),
            ("when { at least 2 a then b }", "`a` takes a number of events that is not fixed"),
            ("when { a then each at least 2 b }", "`b` takes a number of events that is not fixed"),
            ("when { a then 2 consecutive b }", "`b` is a row that starts over"),
            ("when { a then optional b then c }", "`b` is optional"),
            ("when { a as x then b where n > x.n }", "`b` looks at events bound before"),
            ("when { a as x\n but no c where n > x.n\n then b }", "`a as x` looks at events bound"),
            ("when { a then b within 5s }", "gaps between lines"),
            ("when { a then 2 b in 5s }", "`b` has a limit of its own"),
            ("when { a then at least 2 distinct n of b }", "`b` takes distinct values"),
            ("when { a then any of { b, c } }", "groups and branches"),
            ("when { a then no b for 5s }", "absences wait for the clock"),
            ("when { no b for 5s then a }", "absences wait for the clock"),
            ("when { a then b }\n having match.count > 1", "`having` looks at each match"),
            ("when { a then b }\n attempts latest", "`attempts latest` ends single attempts"),
            ("when { a then b as y then c }\n skip to last y", "`skip to` a step"),
            ("when { a then each b }\n skip to next", "`skip to next` ends single attempts"),
            ("when { 20 a then 13 b }", "matches of more than 32 events"),
        ] as [(String, String?)])
    func onlyRulesThatLookAtEachEventAloneRunOnSets(body: String, obstacle: String?) throws {
        let rule = try Self.program(body).rules[0]
        if let obstacle {
            #expect(rule.determinedObstacle?.hasPrefix(obstacle) == true, "\(rule)")
            #expect(rule.backend(counting: false, wanted: .sets) == .attempts)
        } else {
            #expect(rule.determinedObstacle == nil)
            #expect(rule.backend(counting: false) == .sets)
        }
    }

    @Test(arguments: [
        ("when { a }\n skip none", "each match is one event"),
        ("when { 3 a }", "one queue stands for the attempts"),
    ]) func attemptsRunWhatTheyRunAsWell(body: String, reason: String) throws {
        let rule = try Self.program(body).rules[0]
        #expect(rule.determinedObstacle == nil)
        #expect(rule.reasonForAttempts == reason)
        #expect(rule.backend(counting: false) == .attempts)
        #expect(rule.backend(counting: false, wanted: .sets) == .sets)
    }
}
