// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import EventModel
import MatchCore
import Testing

@Suite struct KeysFromTests {
    private static let rules = """
        table fleet = ["d1", "d2", "d3", "d2"]
        rule silent {
          by device
          keys from fleet
          when {
            beat as last
            then no beat for 5m
          }
          alert "{device} {last.n ?? "never"}"
        }
        """
    /// The same on attempts that are records, not a queue.
    private static let gapped = rules.replacing(
        "then no beat for 5m", with: "but no restarted\n    then no beat for 5m")

    private func time(_ seconds: Int64) -> StreamTime {
        StreamTime(nanoseconds: seconds * 1_000_000_000)
    }

    @Test(arguments: [rules, gapped])
    func theFirstEventOfWhateverKeyBeginsThem(rules: String) throws {
        var bench = Bench(try Bench.program(rules))
        #expect(bench.engine.attemptCount == 0)
        bench.send("beat", at: 100, [("device", .string("d9"))])
        #expect(bench.engine.keyCount == 4)
        #expect(bench.engine.storedEventCount == 2)
        bench.engine.drainDeadlines()
        #expect(bench.titles() == ["d1 never", "d2 never", "d3 never", "d9 never"])
        #expect(bench.engine.violation() == nil)
        #expect(bench.engine.keyCount == 0)
        #expect(bench.engine.storedEventCount == 0)
    }

    @Test(arguments: [rules, gapped])
    func theyAreBegunOnceWhateverIsWatchedLater(rules: String) throws {
        var bench = Bench(try Bench.program(rules))
        bench.engine.watch(from: time(0))
        bench.engine.watch(from: time(10))
        bench.engine.advance(to: time(300))
        #expect(bench.titles() == ["d1 never", "d2 never", "d3 never"])
        bench.engine.watch(from: time(400))
        bench.engine.drainDeadlines()
        #expect(bench.titles() == [])
    }

    @Test(arguments: [rules, gapped])
    func aRestoredEngineGoesOnAndDoesNotBeginThemAgain(rules: String) throws {
        let program = try Bench.program(rules)
        var first = Bench(program)
        first.send("beat", at: 0, [("device", .string("d2")), ("n", .string("7"))])
        let bytes = first.engine.snapshot()
        var second = Bench(program)
        try second.engine.restore(bytes)
        #expect(second.engine.violation() == nil)
        #expect(second.engine.snapshot() == bytes)
        second.send("beat", at: 100, [("device", .string("d3")), ("n", .string("8"))])
        second.engine.drainDeadlines()
        #expect(second.titles() == ["d1 never", "d2 7", "d3 8"])
    }

    @Test func theyAreOfTheEngineThatHasTheirGroup() throws {
        let program = try Bench.program(Self.rules)
        var titles: [String] = []
        for groups in [0..<30, 30..<90, 90..<128] {
            var part = Bench(program, keyGroups: groups)
            part.engine.watch(from: time(0))
            part.engine.drainDeadlines()
            titles += part.titles()
        }
        #expect(titles.sorted() == ["d1 never", "d2 never", "d3 never"])
    }

    @Test func rulesThatDifferInConstantsAloneBeginWithTheirOwnTables() throws {
        let rules = """
            table north = ["d1"]
            table south = ["d1", "d2"]

            """
        let both = ["north", "south"].map { table in
            """
            rule \(table)_silent {
              by device
              keys from \(table)
              when {
                beat as last
                then no beat for 5m where site == "\(table)"
              }
              alert "\(table) {device}"
            }

            """
        }
        var bench = Bench(try Bench.program(rules + both.joined()))
        #expect(bench.engine.automatonCount == 1)
        bench.send("beat", at: 10, [("device", .string("d1")), ("site", .string("south"))])
        bench.engine.drainDeadlines()
        #expect(bench.titles() == ["north d1", "south d2", "north d1", "south d1"])
    }
}
