// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import Oracle
import Testing

@testable import Simulation

/// Rules whose attempts are one queue, against the reference matcher.
@Suite struct StartQueueTests {
    private static func program(_ rule: String) throws -> RulesetProgram {
        RulesetCompiler.compile(try #require(DifferentialCase.check(rule)))
    }

    @Test(arguments: [
        ("at least 3 a then b", true), ("2 a", true), ("a", true), ("2 to 4 a", true),
        ("at least 2 a where n > 1 then any event where n == 3", true),
        ("a then no b for 5s", true), ("a then no a where n > 1 for 5s", true),
        // Not only their start tells these apart.
        ("2 a then no b for 5s", false), ("a as x then no b where n > x.n for 5s", false),
        ("a then no b for 5s then c", false), ("a\nbut no c\nthen no b for 5s", false),
        ("2 a then b", false), ("at least 2 a then next b", false),
        ("at least 2 a then 2 b", false),
        ("at least 2 a in 5s then b", false), ("at least 2 a then b within 3s", false),
        ("at least 2 a as x then b where n > sum(x.n)", false), ("3 consecutive a", false),
        ("at least 2 a\nbut no c\nthen b", false), ("a then b", false),
        ("optional a then b", false),
        ("at least 2 a then b then c", false), ("at least 2 distinct s of a", false),
    ]) func attemptsAreAQueueWhereOnlyTheirStartTellsThemApart(pattern: String, isQueue: Bool)
        throws
    {
        let program = try Self.program("rule r { when within 9s { \(pattern) } alert \"x\" }")
        #expect((program.rules[0].startQueue != nil) == isQueue)
    }

    @Test(arguments: ["skip none", "skip to next", "attempts latest", "having count(x) > 2"])
    func clausesThatTellAttemptsApartNeedAttempts(clause: String) throws {
        let program = try Self.program(
            "rule r {\n when within 9s { at least 2 a as x\n then b }\n \(clause)\n alert \"x\" }")
        #expect(program.rules[0].startQueue == nil)
    }

    @Test func aQueueFindsWhatTheReferenceFinds() throws {
        var random = SeededRandom(seed: 20_261)
        var matched = 0
        for number in 0..<240 {
            let count = random.pick(["at least 1", "at least 2", "at least 3", "2", "3", "1 to 3"])
            let first = random.pick([
                "a", "a where n > 1", "any event where n < 3", "a where k == 1",
            ])
            let second = random.pick([
                "b", "a where n == 4", "any event where n >= 2", "b where j == 0",
            ])
            let isAbsence = random.chance(1, in: 3)
            let limit = random.pick(
                isAbsence ? ["", "within 4s "] : ["", "within 3s ", "within 6s "])
            let delay = random.pick(["1s", "2s", "4s"])
            let tail =
                isAbsence
                ? "\nthen no \(second) for \(delay)"
                : count.hasPrefix("at least") && random.chance(3, in: 4)
                    ? "\nthen \(second)" : ""
            let reset = random.chance(1, in: 4) ? "  reset on c\n" : ""
            let key = random.chance(1, in: 2) ? "  by k\n" : ""
            let line = (isAbsence ? "" : count + " ") + first + tail
            let rule = """
                rule r {
                \(key)  when \(limit){
                    \(line)
                  }
                \(reset)  alert "x"
                }
                """
            let ruleset = try #require(DifferentialCase.check(rule), "\(rule)")
            try #require(RulesetCompiler.compile(ruleset).rules[0].startQueue != nil, "\(rule)")
            let subject = EngineSubject(ruleset)
            let reference = ReferenceMatcher(ruleset)
            var streams = StreamGenerator(seed: UInt64(number))
            for _ in 0..<8 {
                let events = streams.stream(length: 16)
                #expect(
                    DifferentialCase.disagreement(subject, reference, events) == nil, "\(rule)")
                matched +=
                    subject.matches(
                        in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil
                    ).count
            }
        }
        #expect(matched > 1_000)
    }
}
