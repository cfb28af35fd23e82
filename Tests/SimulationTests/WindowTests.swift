// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import EventModel
import MatchCore
import Oracle
import RuleLanguage
import Simulation
import Testing

/// Rules over windows: the engine against the reference matcher, and what keys cost.
@Suite struct WindowTests {
    @Test(arguments: [UInt64(3), 4]) func windowsAgreeWithTheReferenceMatcher(seed: UInt64) {
        let run = DifferentialRun(seed: seed, cases: 600, of: .windows)
        let result = run.run()
        let failure = result.failure.map { "\($0.difference)\n\($0.shrunk.scenario)" } ?? ""
        #expect(result.failure == nil, "\(failure)")
        #expect(result.casesWithMatches * 2 > result.cases)
    }

    @Test func whatIsKeptBackOfWindowsAgreesToo() {
        var run = DifferentialRun(seed: 5, cases: 600, of: .windows)
        run.hasPolicies = true
        let result = run.run()
        let failure = result.failure.map { "\($0.difference)\n\($0.shrunk.scenario)" } ?? ""
        #expect(result.failure == nil, "\(failure)")
        #expect(result.casesWithMatches * 2 > result.cases)
    }

    private static func program(_ rules: String) throws -> RulesetProgram {
        RulesetCompiler.compile(try #require(DifferentialCase.check(rules)))
    }

    private static func event(_ key: Int, _ n: Value, at milliseconds: Int64) -> ReferenceEvent {
        ReferenceEvent(
            type: "a", time: MatchingScenario.zero + TimeSpan(milliseconds: milliseconds),
            id: "e", fields: [NamedValue("k", .int(Int64(key))), NamedValue("n", n)])
    }

    private static func send(_ events: [ReferenceEvent], to engine: inout RuleEngine) {
        let encoder = EventEncoder(engine.program.decodePlan)
        var batch = EventBatch(slotCount: engine.program.decodePlan.slotCount)
        for event in events {
            _ = encoder.append(
                type: event.type, time: event.time, id: event.id,
                fields: event.fields.map { ($0.name, $0.value) }, position: 1, to: &batch,
                symbols: &engine.symbols)
        }
        engine.apply(batch)
    }

    @Test(arguments: [
        "tumbling 1m", "sliding 1m", "session 1m", "hopping 1m every 20s",
    ]) func aKeyWhoseWindowIsEmptyIsGivenBack(window: String) throws {
        let program = try Self.program(
            """
            rule r { by k when over \(window) { a as x }
              having count_distinct(x.n) + median(x.n) + stddev(x.n * 1.1) + max(x.n) < 0
              alert "m" { l: distinct(x.n), f: first(x.n), p: sum(x.n, in 10s) } }
            """)
        var engine = RuleEngine(program)
        for key in 0..<100 {
            Self.send([Self.event(key, .int(Int64(key)), at: Int64(key))], to: &engine)
            Self.send([Self.event(key, .float(2.5), at: Int64(key))], to: &engine)
        }
        #expect(engine.keyCount == 100)
        engine.drainDeadlines()
        #expect(engine.keyCount == 0)
        #expect(engine.violation() == nil)
    }

    @Test func atTheCapTheOldestLeavesEarlyAndIsCounted() throws {
        let program = try Self.program(
            "rule r { when over sliding 1h { a as x } having count(x) > 3 alert \"m\" }")
        var caps = Caps()
        caps.windowEventsPerKey = 3
        var engine = RuleEngine(program, caps: caps)
        Self.send((0..<5).map { Self.event(1, .int(1), at: $0) }, to: &engine)
        #expect(engine.drain().isEmpty)
        #expect(engine.counters(ofRule: 0).cappedWindowEvents == 2)
    }

    @Test(arguments: ["sliding 60ms", "last 50"])
    func differentValuesComeInTheOrderOfTheEventsHeld(window: String) throws {
        let program = try Self.program(
            """
            rule r { by k when over \(window) { a as x }
              alert "m" { all: distinct(x.n), part: distinct(x.n, last 20),
                others: count_distinct(x.n) } }
            """)
        var engine = RuleEngine(program)
        var held: [Value] = []
        var state: UInt64 = 1
        for time in 0..<2_000 as Range<Int64> {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Int64(state >> 40) % (time % 400 < 200 ? 15 : 90)
            // Equal numbers of two kinds: the first one held is shown.
            held.append(number % 3 == 0 ? .float(Double(number)) : .int(number))
            if state >> 33 & 1 == 0, number % 3 == 0 { held[held.count - 1] = .int(number) }
            // At once the events of 61 milliseconds are held.
            if held.count > (window == "last 50" ? 50 : 61) { held.removeFirst() }
            Self.send([Self.event(1, held[held.count - 1], at: time)], to: &engine)
            let match = try #require(engine.drain().last { !$0.isByClock })
            #expect(match.fields[0].value == .list(Self.different(held[...])))
            #expect(match.fields[1].value == .list(Self.different(held.suffix(20))))
            if time % 100 == 0 { #expect(engine.violation() == nil) }
        }
    }

    @Test(arguments: ["sliding 12ms", "last 7", "tumbling 9ms"])
    func whetherAValueIsAmongDifferentOnesIsToldAsOfTheirList(window: String) throws {
        let sought: [(text: String, value: Value)] = [
            ("3", .int(3)), ("2.5", .float(2.5)), ("\"u\"", .string("u")), ("true", .bool(true)),
        ]
        let fields = sought.enumerated().map { "f\($0): \($1.text) in distinct(x.n)" }
        let program = try Self.program(
            """
            rule r { by k when over \(window) { a as x }
              alert "m" { all: distinct(x.n), n: length(distinct(x.n)),
                \(fields.joined(separator: ", ")), h: distinct(x.n, last 3) contains 3,
                near: distinct(x.n, last 3) } }
            """)
        let values: [Value] = [
            .int(3), .int(4), .float(3), .float(2.5), .string("u"), .string("v"), .bool(true),
            .missing, .list([.int(3)]),
        ]
        var engine = RuleEngine(program)
        var state: UInt64 = 7
        var answers: [String: Int] = [:]
        for time in 0..<3_000 as Range<Int64> {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // At times all of one kind, at times of any.
            let most = [2, 4, 6, 9][Int(time / 60) % 4]
            let value = values[Int(state >> 40) % most]
            Self.send([Self.event(1, value, at: time)], to: &engine)
            for match in engine.drain() {
                let found = match.fields.map(\.value)
                var count = Value.missing
                if case .list(let list) = found[0] { count = .int(Int64(list.count)) }
                #expect(found[1] == count)
                for (index, item) in sought.enumerated() {
                    #expect(found[2 + index] == Self.answer(item.value, found[0]))
                    answers["\(found[2 + index])", default: 0] += 1
                }
                #expect(found[6] == Self.answer(.int(3), found[7]))
            }
        }
        #expect(answers.count == 3 && answers.values.allSatisfy { $0 > 30 })
    }

    private static func answer(_ value: Value, _ list: Value) -> Value {
        ValueOperations.isIn(value, list).map { .bool($0) } ?? .missing
    }

    private static func different(_ values: ArraySlice<Value>) -> [Value] {
        var found: [Value] = []
        for value in values where !found.contains(where: { number($0) == number(value) }) {
            found.append(value)
        }
        return found
    }

    private static func number(_ value: Value) -> Double? {
        switch value {
        case .int(let number): Double(number)
        case .float(let number): number
        default: nil
        }
    }

    @Test func aWindowOfTextsOutlivesASweepOfSymbols() throws {
        let program = try Self.program(
            """
            rule r { by k when over tumbling 1m { a as x }
              alert "m" { l: distinct(x.n), f: first(x.n), least: min(x.n) } }
            """)
        var engine = RuleEngine(program)
        Self.send([Self.event(1, .string("kept"), at: 0)], to: &engine)
        for number in 0..<1000 {
            let text = Value.string("passing \(number)")
            Self.send([Self.event(2, text, at: 1 + Int64(number) * 60_000)], to: &engine)
            engine.sweepSymbols()
        }
        let count = engine.symbols.count
        #expect(count < 100)
        engine.drainDeadlines()
        let match = try #require(engine.drain().first { $0.key == [.int(1)] })
        #expect(match.fields[0].value == .list([.string("kept")]))
        #expect(match.fields[2].value == .string("kept"))
    }
}
