// SPDX-License-Identifier: Apache-2.0

import Automata
import Diagnostics
import Engine
import EventModel
import MatchCore
import RuleLanguage
import Testing

/// An engine fed by hand: one event a call, times in seconds from zero.
struct Bench: ~Copyable {
    var engine: RuleEngine
    let encoder: EventEncoder
    let slotCount: Int
    private var position: Int64 = 0

    static func program(_ rules: String) throws -> RulesetProgram {
        let tree = RuleSyntax.parse(SourceFile(name: "test.martlet", text: rules))
        let result = RuleChecker.check([tree])
        return RulesetCompiler.compile(
            try #require(result.ruleset, "\(result.diagnostics.map(\.message))"))
    }

    init(_ program: RulesetProgram, caps: Caps = Caps(), keyGroups: Range<Int>? = nil) {
        engine = RuleEngine(
            program, caps: caps, keyGroups: keyGroups ?? RuleEngine.allKeyGroups)
        encoder = EventEncoder(program.decodePlan)
        slotCount = program.decodePlan.slotCount
    }

    mutating func send(_ type: String, at seconds: Int64, _ fields: [(String, Value)] = []) {
        position += 1
        var batch = EventBatch(slotCount: slotCount)
        _ = encoder.append(
            type: type, time: StreamTime(nanoseconds: seconds * 1_000_000_000), id: nil,
            fields: fields.map { (name: $0.0, value: $0.1) }, position: position, to: &batch,
            symbols: &engine.symbols)
        engine.apply(batch)
    }

    mutating func advance(to seconds: Int64) {
        engine.advance(to: StreamTime(nanoseconds: seconds * 1_000_000_000))
    }

    mutating func titles() -> [String] { engine.drain().map(\.title) }
}

@Suite struct RuleEngineTests {
    static let unpaid = """
        rule unpaid {
          by order_id
          when {
            order as o
            then no payment for 30m
          }
          alert "{order_id} unpaid"
        }
        """

    @Test func anAbsenceHoldsOnlyAfterTheEventsOfItsOwnInstant() throws {
        var bench = Bench(try Bench.program(Self.unpaid))
        bench.send("order", at: 0, [("order_id", .string("o1"))])
        bench.send("order", at: 1, [("order_id", .string("o2"))])
        // At exactly 30 minutes the payment is in time, and the clock has not decided yet.
        bench.send("payment", at: 1800, [("order_id", .string("o1"))])
        #expect(bench.titles() == [])
        bench.send("order", at: 1802, [("order_id", .string("o3"))])
        #expect(bench.titles() == ["o2 unpaid"])
    }

    @Test func advancingTimeWorksOffWhatIsDueByThen() throws {
        var bench = Bench(try Bench.program(Self.unpaid))
        bench.send("order", at: 0, [("order_id", .string("o1"))])
        bench.advance(to: 1799)
        #expect(bench.titles() == [])
        bench.advance(to: 1800)
        #expect(bench.titles() == ["o1 unpaid"])
        bench.advance(to: 10_000)
        #expect(bench.titles() == [])
    }

    @Test func drainingDeadlinesEndsWhenNoneIsPending() throws {
        var bench = Bench(try Bench.program(Self.unpaid))
        for order in 0..<100 {
            bench.send("order", at: Int64(order), [("order_id", .int(Int64(order)))])
        }
        bench.engine.drainDeadlines()
        #expect(bench.titles().count == 100)
        #expect(bench.engine.attemptCount == 0)
    }

    @Test func aKeyWhoseAttemptsAllEndedIsGivenBack() throws {
        let program = try Bench.program(
            "rule pair { by k when within 10s { a then b } alert \"{k}\" }")
        var bench = Bench(program)
        for key in 0..<1000 { bench.send("a", at: Int64(key) / 100, [("k", .int(Int64(key)))]) }
        #expect(bench.engine.keyCount == 1000)
        #expect(bench.engine.storedEventCount == 1000)
        bench.advance(to: 100)
        #expect(bench.engine.keyCount == 0)
        #expect(bench.engine.storedEventCount == 0)
        #expect(bench.engine.violation() == nil)
    }

    @Test func anEventBehindTheEnginesTimeIsCounted() throws {
        var bench = Bench(try Bench.program(Self.unpaid))
        bench.send("order", at: 100, [("order_id", .string("o1"))])
        bench.send("order", at: 50, [("order_id", .string("o2"))])
        #expect(bench.engine.counters.outOfOrder == 1)
        #expect(bench.engine.counters.events == 2)
    }

    @Test func anEventWithoutTheKeyIsCounted() throws {
        var bench = Bench(try Bench.program(Self.unpaid))
        bench.send("order", at: 1)
        #expect(bench.engine.counters(ofRule: 0).lackingKey == 1)
        #expect(bench.engine.keyCount == 0)
    }

    @Test func matchesOfOneEventComeInTheOrderOfTheRulesWhateverTheirKeys() throws {
        let program = try Bench.program(
            """
            rule r0 { by user when { a } alert "0" }
            rule r1 { when { a } alert "1" }
            rule r2 { by user when { a } alert "2 {user}" }
            rule r3 { by host when { a where n == 7 } alert "3" }
            rule r4 { when { a where n == 7.0 } alert "4" }
            rule r5 { when { a where n == 8 } alert "5" }
            """)
        var bench = Bench(program)
        let users = Value.list([.string("ann"), .string("bob")])
        bench.send(
            "a", at: 0, [("user", users), ("host", .string("h")), ("n", .int(7))])
        #expect(bench.titles() == ["0", "0", "1", "2 ann", "2 bob", "3", "4"])
        #expect(bench.engine.violation() == nil)
    }

    @Test func manyRulesOnOneKeyEachKeepTheirOwnState() throws {
        let rules = (0..<40).map { index in
            """
            rule r\(index) {
              by user
              when within 10s { a where n == \(index % 8) then b }
              alert "\(index)"
            }
            """
        }
        var bench = Bench(try Bench.program(rules.joined(separator: "\n")))
        for second in 0..<8 {
            bench.send(
                "a", at: Int64(second), [("user", .string("ann")), ("n", .int(Int64(second)))])
            #expect(bench.engine.violation() == nil)
        }
        #expect(bench.engine.keyCount == 40)
        bench.advance(to: 12)
        #expect(bench.engine.keyCount == 30)
        #expect(bench.engine.violation() == nil)
        bench.send("b", at: 12, [("user", .string("ann"))])
        #expect(bench.titles() == (0..<40).filter { $0 % 8 >= 2 }.map { "\($0)" })
        #expect(bench.engine.keyCount == 0)
        #expect(bench.engine.violation() == nil)
    }

    @Test func attemptsBeyondTheCapAreCountedAndNotBegun() throws {
        var caps = Caps()
        caps.attemptsPerKey = 3
        let program = try Bench.program(
            "rule r { when within 1h { a then b } having match.count > 1 skip none alert \"x\" }")
        var bench = Bench(program, caps: caps)
        for second in 0..<5 { bench.send("a", at: Int64(second)) }
        bench.send("b", at: 9)
        #expect(bench.titles().count == 3)
        #expect(bench.engine.counters(ofRule: 0).cappedAttempts == 2)
    }

    @Test func choicesBeyondTheCapAreCountedAndNotFollowed() throws {
        var caps = Caps()
        caps.choicesPerEvent = 1
        let program = try Bench.program(
            "rule r { when within 1h { a as x then each b then c where x.time < time } skip none }")
        var bench = Bench(program, caps: caps)
        for (second, type) in ["a", "b", "b", "c"].enumerated() {
            bench.send(type, at: Int64(second))
        }
        #expect(bench.engine.counters(ofRule: 0).cappedChoices > 0)
    }

    @Test func anOverflowIsMissingAndCounted() throws {
        let program = try Bench.program("rule r { when { a where n + 1 > 0 } alert \"x\" }")
        var bench = Bench(program)
        bench.send("a", at: 0, [("n", .int(.max))])
        #expect(bench.titles() == [])
        #expect(bench.engine.overflowCount == 1)
    }

    @Test func twoRulesOnOneEventShareIt() throws {
        let program = try Bench.program(
            """
            rule one { when { a } alert "{first(x)}" { v: match.count } }
            rule two { by k when within 1m { a as y then b } alert "{k} {y.n}" }
            """.replacing("{first(x)}", with: "one"))
        var bench = Bench(program)
        bench.send("a", at: 0, [("k", .int(1)), ("n", .int(7))])
        bench.send("a", at: 1, [("k", .int(2)), ("n", .int(8))])
        bench.send("b", at: 2, [("k", .int(1))])
        #expect(bench.titles() == ["one", "one", "1 7"])
    }

    @Test func prevReadsAlsoWhatEveryEventHas() throws {
        let program = try Bench.program(
            """
            rule r {
              when within 1h {
                a
                then next a where time - prev(time) >= 58s
              }
              alert "slow"
            }
            """)
        var bench = Bench(program)
        bench.send("a", at: 0)
        bench.send("a", at: 10)
        #expect(bench.titles() == [])
        bench.send("a", at: 70)
        #expect(bench.titles() == ["slow"])
    }

    @Test func symbolsOutOfUseAreGivenBack() throws {
        var bench = Bench(try Bench.program(Self.unpaid))
        bench.send("order", at: 0, [("order_id", .string("kept"))])
        for number in 0..<100_000 {
            bench.send("payment", at: 1, [("order_id", .string("p\(number)"))])
        }
        let wasDue = bench.engine.symbols.isSweepDue
        bench.engine.sweepSymbols()
        let (isDue, count) = (bench.engine.symbols.isSweepDue, bench.engine.symbols.count)
        #expect(wasDue && !isDue && count < 1000)
        bench.engine.drainDeadlines()
        #expect(bench.titles() == ["kept unpaid"])
    }

    @Test func withoutMemoryAKeyIsTakenOnInThePlaceOfAnother() throws {
        var bench = Bench(try Bench.program(Self.unpaid))
        for (second, id) in ["one", "two", "three", "two"].enumerated() {
            bench.engine.setMemoryIsFull(second >= 2)
            bench.send("order", at: Int64(second), [("order_id", .string(id))])
        }
        bench.send("payment", at: 4, [("order_id", .string("one"))])
        for id in ["four", "five"] { bench.send("order", at: 5, [("order_id", .string(id))]) }
        #expect(bench.engine.counters(ofRule: 0).cappedKeys == 2)
        bench.engine.drainDeadlines()
        #expect(bench.titles() == ["two unpaid", "two unpaid", "four unpaid"])
    }

    @Test func keysBeyondTheCapAreCountedAndNotTakenOn() throws {
        var caps = Caps()
        caps.keys = 2
        let program = try Bench.program(Self.unpaid)
        var bench = Bench(program, caps: caps)
        // Memory that is free again changes nothing about it.
        bench.engine.setMemoryIsFull(true)
        bench.engine.setMemoryIsFull(false)
        for id in ["one", "two", "three", "two"] {
            bench.send("order", at: 0, [("order_id", .string(id))])
        }
        bench.send("payment", at: 4, [("order_id", .string("one"))])
        let bytes = bench.engine.snapshot()
        var restored = Bench(program, caps: caps)
        try restored.engine.restore(bytes)
        for id in ["four", "five"] { restored.send("order", at: 5, [("order_id", .string(id))]) }
        #expect(restored.engine.counters(ofRule: 0).cappedKeys == 2)
        restored.engine.drainDeadlines()
        #expect(restored.titles() == ["two unpaid", "two unpaid", "four unpaid"])
    }
}
