// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import EventModel
import MatchCore
import Testing

@Suite struct SnapshotTests {
    static let rules = """
        rule unpaid {
          by order_id
          when {
            order as o
            then no payment for 30m
          }
          alert "{order_id} unpaid, {o.note}"
        }
        """

    private func fed(_ program: RulesetProgram, keyGroups: Range<Int>? = nil) -> Bench {
        var bench = Bench(program, keyGroups: keyGroups)
        for order in 0..<50 {
            bench.send(
                "order", at: Int64(order),
                [("order_id", .string("o\(order)")), ("note", .string("n\(order)"))])
        }
        return bench
    }

    @Test func aRestoredEngineGoesOnAsTheFirstWould() throws {
        let program = try Bench.program(Self.rules)
        var first = fed(program)
        var second = Bench(program)
        try second.engine.restore(first.engine.snapshot())
        #expect(second.engine.violation() == nil)
        first.send("payment", at: 60, [("order_id", .string("o7"))])
        second.send("payment", at: 60, [("order_id", .string("o7"))])
        first.engine.drainDeadlines()
        second.engine.drainDeadlines()
        let titles = first.titles()
        #expect(titles.count == 49)
        #expect(titles == second.titles())
    }

    @Test func aSnapshotOfARestoredEngineIsTheSameBytes() throws {
        let program = try Bench.program(Self.rules)
        let first = fed(program)
        let bytes = first.engine.snapshot()
        var second = Bench(program)
        try second.engine.restore(bytes)
        #expect(second.engine.snapshot() == bytes)
    }

    /// The window ends just behind the last instant within it, and that is when its event comes.
    @Test func theEventOfAWindowIsRestoredInTheLastInstantOfIt() throws {
        let program = try Bench.program(
            """
            rule busy {
              when over tumbling 1m { login as x }
              emit { n: count(x) }
            }
            rule then_busier {
              when {
                busy as first
                then busy as second where n > first.n
              }
              limit 1 per 1d
            }
            rule by_hour {
              when over tumbling 1h { busy as x }
              limit 1 per 1d
            }
            """)
        var first = Bench(program)
        first.send("login", at: 0)
        first.engine.advance(to: StreamTime(nanoseconds: 59_999_999_999))
        _ = first.engine.drain()
        var second = Bench(program)
        try second.engine.restore(first.engine.snapshot())
        #expect(second.engine.violation() == nil)
        for seconds in [60, 61] as [Int64] { second.send("login", at: seconds) }
        second.engine.drainDeadlines()
        #expect(second.engine.drain().map(\.title) == ["then_busier", "by_hour"])
    }

    @Test func listsMayBeAsDeepAsEventsHaveThem() throws {
        let program = try Bench.program(Self.rules)
        var first = Bench(program)
        let deep = (0..<600).reduce(Value.int(1)) { list, _ in
            .list([.missing, list, .bool(true)])
        }
        first.send("order", at: 0, [("order_id", .string("o")), ("note", deep)])
        let bytes = first.engine.snapshot()
        var second = Bench(program)
        try second.engine.restore(bytes)
        #expect(second.engine.snapshot() == bytes)
    }

    @Test func aSnapshotInPiecesIsTheSameBytes() throws {
        let first = fed(try Bench.program(Self.rules))
        var pieces: [UInt8] = []
        var writer = SnapshotWriter { pieces += $0 }
        first.engine.write(to: &writer)
        writer.finish()
        #expect(pieces == first.engine.snapshot())
        var counting = SnapshotWriter.counting
        first.engine.write(to: &counting)
        #expect(counting.byteCount == pieces.count)
    }

    /// Parts inside of each other, over the ends of pieces.
    @Test func checksumsOfPartsDoNotDependOnPieces() throws {
        func write(to writer: inout SnapshotWriter) {
            writer.begin()
            writer.write([UInt8](repeating: 7, count: 1_500_000))
            writer.begin()
            for number in 0..<400_000 { writer.write(number) }
            writer.append(written: [UInt8](repeating: 9, count: 2_000_000))
            writer.seal()
            writer.write(5)
            writer.seal()
        }
        var whole = SnapshotWriter()
        write(to: &whole)
        var pieces: [[UInt8]] = []
        var writer = SnapshotWriter { pieces.append($0) }
        write(to: &writer)
        writer.finish()
        #expect(pieces.count > 3)
        #expect(Array(pieces.joined()) == whole.bytes)
        #expect(writer.byteCount == whole.bytes.count)
        var reader = try SnapshotReader(whole.bytes[...])
        #expect(try reader.byteString().count == 1_500_000)
    }

    @Test func keyGroupsCanGoToDifferentEngines() throws {
        let program = try Bench.program(Self.rules)
        let whole = fed(program)
        var titles: [String] = []
        for groups in [0..<40, 40..<100, 100..<128] {
            var part = Bench(program, keyGroups: groups)
            try part.engine.restore(whole.engine.snapshot(groups))
            part.engine.drainDeadlines()
            titles += part.titles()
        }
        #expect(titles.count == 50)
        #expect(Set(titles).count == 50)
    }

    @Test func shardsOfKeyGroupsGiveTheMatchesOfOneEngine() throws {
        let program = try Bench.program(Self.rules)
        var titles: [String] = []
        for groups in [0..<64, 64..<128] {
            var part = fed(program, keyGroups: groups)
            part.engine.drainDeadlines()
            titles += part.titles()
        }
        #expect(Set(titles).count == 50)
        #expect(titles.count == 50)
    }

    @Test func aDamagedSnapshotIsRefused() throws {
        let program = try Bench.program(Self.rules)
        let bytes = fed(program).engine.snapshot()
        for place in stride(from: 0, to: bytes.count, by: 97) {
            var damaged = bytes
            damaged[place] ^= 0x40
            #expect(throws: SnapshotError.damaged) {
                var bench = Bench(program)
                try bench.engine.restore(damaged)
            }
        }
        #expect(throws: SnapshotError.damaged) {
            var bench = Bench(program)
            try bench.engine.restore(Array(bytes.dropLast(9)))
        }
        #expect(throws: SnapshotError.notASnapshot) {
            var bench = Bench(program)
            try bench.engine.restore([])
        }
    }

    @Test func aSnapshotOfOtherRulesIsRefused() throws {
        let bytes = fed(try Bench.program(Self.rules)).engine.snapshot()
        let other = try Bench.program(Self.rules.replacing("30m", with: "31m"))
        #expect(throws: SnapshotError.otherRules) {
            var bench = Bench(other)
            try bench.engine.restore(bytes)
        }
    }
}
