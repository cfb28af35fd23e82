// SPDX-License-Identifier: Apache-2.0

import Automata
import Diagnostics
import Engine
import EventModel
import MatchCore
import RuleLanguage
import Testing

/// Rules that mean the same go on in another program as though nothing had happened.
@Suite struct RuleSuccessionTests {
    /// One of each way to keep what is under way.
    private static let steady = [
        """
        rule queued {
          by k
          when within 20s { a as x then b as y where v > 3 }
          alert "{k} {x.v} {y.w}"
        }
        """,
        """
        rule absent {
          by k
          when { a as x then no b for 7s }
          alert "{k} {x.v}"
        }
        """,
        """
        rule sets {
          by k
          when within 15s { a as x then each b as y then each a as z where v < 5 }
          skip none
          alert "{k} {x.v} {y.v} {z.w}"
        }
        """,
        """
        rule rising {
          by k
          when within 30s {
            a as base
            then at least 2 a as rise where v > prev(v)
            then b as peak where v > avg(rise.v)
          }
          alert "{k} {base.w} {avg(rise.v)} {peak.v}"
        }
        """,
        """
        rule grouped {
          by k
          when within 40s {
            all of { b as x where v < 8, c as y }
            then optional a as o
            then 2 times { c as p then a as q }
          }
          reset on b where v == 9
          alert "{k} {x.v} {y.v}"
        }
        """,
        """
        rule different {
          by k
          when within 25s { at least 3 distinct v of a as x }
          alert "{k} {count(x)} {last(x).w}"
        }
        """,
        """
        rule sliding {
          by k
          when over sliding 12s { a as x }
          having sum(x.v) > 14
          alert "{k} {sum(x.v)} {median(x.w)} {count_distinct(x.v)}"
        }
        """,
        """
        rule tumbling {
          by k
          when over tumbling 10s { b as x }
          having count(x) > 1
          alert "{k} {count(x)} {max(x.v)} {distinct(x.t)}"
        }
        """,
        """
        rule kept_back {
          by k
          when { c as x }
          resolve on b for 9s
          alert "{k} {x.v}" { w: x.w }
        }
        """,
        """
        rule seldom {
          when { a as x where v > 6 }
          suppress 8s per x.w
          limit 4 per 30s
          alert "{x.v}"
        }
        """,
        """
        rule leading {
          by k
          when { no c for 6s then a as x }
          alert "{k} {x.v}"
        }
        """,
        """
        rule chained {
          by k
          when within 30s { absent as x then queued as y }
          alert "{k}"
        }
        """,
        """
        rule anything {
          by t
          when within 5s { a as x then next any event as y }
          alert "{t} {x.v} {y.w}"
        }
        """,
        """
        rule hopping {
          by k
          when over hopping 12s every 4s { a as x where v != 2 }
          having count(x) > 2
          alert "{k} {count(x)} {min(x.v)}" { n: count(x) }
        }
        """,
        """
        rule visits {
          by k
          when over session 3s { b as x }
          alert "{k} {count(x)} {last(x).v}" { n: count(x) }
        }
        """,
        """
        rule busy {
          by k
          when over tumbling 12s { hopping as h }
          alert "{k} {count(h)} {sum(h.n)}"
        }
        """,
        """
        rule crowds {
          when over sliding 20s { visits as s where n > 1 }
          having count(s) > 2
          alert "{count(s)} {sum(s.n)} {last(s).k}"
        }
        """,
        """
        rule calmed {
          by k
          when { c as x then no c for 2s }
          suppress 15s
          resolve on c for 4s
          alert "{k} {x.v}"
        }
        """,
        """
        rule tagged {
          by tags
          when within 12s { a as x then b as y }
          alert "{tags} {x.v} {y.v}"
        }
        """,
        """
        rule handed_on {
          by k
          when within 9s { b as x then c as y }
          emit { first: x.v, second: y.v }
        }
        """,
        """
        rule pairs {
          by k
          when within 40s { handed_on as p then handed_on as q where first <= p.first }
          alert "{k} {p.first} {q.first} {q.second}"
        }
        """,
    ]
    /// Rules that come and go, and read what the others do not.
    private static let others = [
        "rule other1 { by k when { d as x then a as y where u > 2 } alert \"{x.t} {y.u}\" }",
        "rule other2 { by w when within 9s { 2 b as x where u < 7 } alert \"{first(x).t}\" }",
        "rule other3 { by k when over last 3 { c as x } alert \"{sum(x.u)}\" }",
    ]

    private struct Rules {
        let program: RulesetProgram
        let meanings: [RuleMeaning]

        init(_ texts: [String]) throws {
            let file = SourceFile(name: "r.martlet", text: texts.joined(separator: "\n"))
            let check = RuleChecker.check([RuleSyntax.parse(file)])
            let mistakes = check.diagnostics.filter { $0.severity == .error }
            let ruleset = try #require(check.ruleset, "\(mistakes.map(\.message))")
            program = RulesetCompiler.compile(ruleset)
            let known = ruleset.meanings
            meanings = program.rules.compactMap { known[$0.name] }
        }

        func succession(from old: Rules) -> RuleSuccession {
            let predecessors = meanings.map { meaning in
                old.meanings.firstIndex { $0.hash == meaning.hash && $0.name == meaning.name }
            }
            for (rule, predecessor) in predecessors.enumerated() {
                guard let predecessor else { continue }
                let isAlike = program.rules[rule].isLaidOut(like: old.program.rules[predecessor])
                #expect(isAlike, "\(meanings[rule].name)")
            }
            return RuleSuccession(
                predecessors: predecessors, keepsPolicy: predecessors.map { $0 != nil })
        }
    }

    /// Sends events, and puts other rules in force in between.
    private func alerts(
        _ versions: [Rules], _ seed: UInt64, changesAt places: Set<Int>, restores: Bool = false,
        movesClock: Bool = false
    ) throws -> [String: [String]] {
        var random = seed
        func below(_ limit: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % limit
        }
        var version = 0
        var rules = versions[0]
        var engine = RuleEngine(rules.program)
        engine.feedNames = ["f"]
        var found: [String: [String]] = [:]
        var time: Int64 = 0
        func take(_ matches: [Match]) {
            for match in matches {
                let name = rules.program.rules[match.rule].name
                found[name, default: []].append(
                    "\(match.title) \(match.moment.nanoseconds) \(match.status) \(match.suppressed)"
                )
            }
        }
        func succeed() throws {
            version = (version + 1) % versions.count
            let next = versions[version]
            var succeeding = RuleEngine(next.program)
            succeeding.feedNames = ["f"]
            try succeeding.takeOver(from: engine, next.succession(from: rules))
            rules = next
            engine = succeeding
            #expect(engine.violation() == nil)
            guard restores else { return }
            var restored = RuleEngine(rules.program)
            restored.feedNames = ["f"]
            let bytes = engine.snapshot()
            try restored.restore(bytes)
            engine = restored
            #expect(engine.snapshot() == bytes)
        }
        for number in 0..<400 {
            let step = Int64(below(3))
            if movesClock, places.contains(number) {
                // As far as time can be without events that come before the next.
                let end = StreamTime(nanoseconds: (time + step) * 1_000_000_000 - 1)
                if end > engine.now { engine.advance(to: end) }
                take(engine.drain())
                try succeed()
            }
            time += step
            let type = ["a", "a", "b", "b", "c", "d"][Int(below(6))]
            var fields: [(name: String, value: Value)] = [
                ("k", .int(Int64(below(3)))), ("v", .int(Int64(below(10)))),
                ("w", .int(Int64(below(4)) - 1)), ("u", .int(Int64(below(10)))),
                ("t", .string("t\(below(3))")),
                ("tags", .list((0..<below(3)).map { _ in .string("g\(below(3))") })),
            ]
            if below(8) == 0 { fields.remove(at: Int(below(UInt64(fields.count)))) }
            var batch = EventBatch(slotCount: rules.program.decodePlan.slotCount)
            _ = EventEncoder(rules.program.decodePlan).append(
                type: type, time: StreamTime(nanoseconds: time * 1_000_000_000),
                id: below(2) == 0 ? "e\(number)" : nil, fields: fields, position: Int64(number),
                to: &batch, symbols: &engine.symbols)
            engine.apply(batch)
            take(engine.drain())
            if !movesClock, places.contains(number) { try succeed() }
        }
        engine.advance(to: StreamTime(nanoseconds: (time + 100) * 1_000_000_000))
        take(engine.drain())
        #expect(engine.violation() == nil)
        return found
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func rulesThatMeanTheSameGoOn(seed: UInt64) throws {
        let versions = try [
            Rules(Self.steady), Rules([Self.others[0]] + Self.steady.reversed() + [Self.others[1]]),
            Rules(Self.others + Self.steady),
        ]
        let expected = try alerts([versions[0]], seed, changesAt: [])
        let places = Set((0..<6).map { Int((seed * 37 + UInt64($0) * 71) % 400) })
        let changed = try alerts(
            versions, seed, changesAt: places, restores: seed % 2 == 0, movesClock: seed % 3 == 0)
        for rule in versions[0].program.rules {
            #expect(changed[rule.name] == expected[rule.name], "\(rule.name)")
        }
        #expect(expected.values.reduce(0) { $0 + $1.count } > 100)
        #expect(expected.count == Self.steady.count - 1, "all but the one that only emits")
    }

    @Test func aRuleThatIsNewHasWatchedSinceItCame() throws {
        let old = try Rules(["rule r { by k when { a } }"])
        let new = try Rules([
            "rule s { by k when { no c for 10s then a as x } alert \"{k}\" }",
            "rule r { by k when { a } }",
        ])
        var bench = Bench(old.program)
        bench.send("a", at: 0, [("k", .int(1))])
        bench.send("a", at: 100, [("k", .int(1))])
        _ = bench.engine.drain()
        var next = Bench(new.program)
        try next.engine.takeOver(from: bench.engine, new.succession(from: old))
        next.send("a", at: 109, [("k", .int(1))])
        #expect(next.titles() == ["r"])
        var restored = Bench(new.program)
        try restored.engine.restore(next.engine.snapshot())
        restored.send("a", at: 110, [("k", .int(1))])
        #expect(restored.titles() == ["1", "r"])
    }

    @Test func newKeysOfATableBeginWhenTheyCome() throws {
        func rules(_ keys: String) throws -> Rules {
            try Rules([
                """
                table fleet = [\(keys)]
                rule silent {
                  by device
                  keys from fleet
                  when { beat as last then no beat for 60s }
                  alert "{device}"
                }
                """
            ])
        }
        let (old, new) = (try rules("\"d1\", \"d2\""), try rules("\"d3\", \"d2\", \"d4\""))
        #expect(old.meanings == new.meanings, "rows are no part of what a rule means")
        var bench = Bench(old.program)
        bench.send("beat", at: 0, [("device", .string("d4"))])
        bench.send("beat", at: 40, [("device", .string("d9"))])
        var next = Bench(new.program)
        try next.engine.takeOver(from: bench.engine, new.succession(from: old))
        next.advance(to: 99)
        #expect(next.titles() == ["d1", "d2", "d4"], "those that were waited for still are")
        next.advance(to: 100)
        #expect(next.titles() == ["d3", "d9"])
        #expect(next.engine.violation() == nil)
    }
}
