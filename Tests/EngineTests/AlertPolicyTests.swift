// SPDX-License-Identifier: Apache-2.0

import Automata
import Engine
import EventModel
import MatchCore
import Testing

/// What the differential tests of policies cannot show: caps, snapshots, and drains in between.
@Suite struct AlertPolicyTests {
    private static let rules = """
        rule open {
          by k
          when { a }
          resolve on b for 10s
          alert "open {k}"
        }
        rule seldom {
          by k
          when { a }
          suppress 10s
          limit 5 per 1m
          alert "seldom {k}"
        }
        """

    private func send(_ bench: inout Bench, _ times: Range<Int64>, keys: Int64 = 3) {
        for time in times { bench.send("a", at: time, [("k", .int(time % keys))]) }
    }

    @Test func aSnapshotOfARestoredEngineIsTheSameBytes() throws {
        let program = try Bench.program(Self.rules)
        var first = Bench(program)
        send(&first, 0..<17)
        _ = first.engine.drain()
        let bytes = first.engine.snapshot()
        var second = Bench(program)
        try second.engine.restore(bytes)
        #expect(second.engine.snapshot() == bytes)
        #expect(second.engine.alertCounters(ofRule: 0) == first.engine.alertCounters(ofRule: 0))
    }

    @Test func snapshotsDoNotGrowWithWhatIsOver() throws {
        let program = try Bench.program(Self.rules)
        func size(_ count: Int64) throws -> Int {
            var bench = Bench(program)
            for time in 0..<count {
                bench.send("a", at: time * 100, [("k", .int(time))])
                _ = bench.engine.drain()
            }
            bench.engine.advance(to: StreamTime(nanoseconds: (count * 100) * 1_000_000_000))
            _ = bench.engine.drain()
            return bench.engine.snapshot().count
        }
        #expect(try size(400) == size(40))
    }

    @Test func drainsInBetweenChangeNothing() throws {
        let program = try Bench.program(Self.rules)
        var whole = Bench(program)
        var parts = Bench(program)
        send(&whole, 0..<60, keys: 7)
        var titles: [String] = []
        for time in 0..<60 as Range<Int64> {
            send(&parts, time..<time + 1, keys: 7)
            titles += parts.engine.drain().map { "\($0.title) \($0.moment) \($0.status)" }
        }
        whole.engine.drainDeadlines()
        parts.engine.drainDeadlines()
        titles += parts.engine.drain().map { "\($0.title) \($0.moment) \($0.status)" }
        #expect(whole.engine.drain().map { "\($0.title) \($0.moment) \($0.status)" } == titles)
    }

    @Test func alertsBeyondTheCapAreSentAndNotKeptOpen() throws {
        var caps = Caps()
        caps.openAlertsPerRule = 2
        caps.untoldSuppressionsPerRule = 1
        var bench = Bench(try Bench.program(Self.rules), caps: caps)
        for second in [0, 1] as [Int64] {
            for key in 0..<4 as Range<Int64> { bench.send("a", at: second, [("k", .int(key))]) }
        }
        bench.send("a", at: 100, [("k", .int(9))])
        let open = bench.engine.drain().filter { $0.rule == 0 }
        #expect(open.filter { $0.status == .open }.count == 7)
        #expect(open.filter { $0.status == .resolved }.count == 2)
        #expect(bench.engine.alertCounters(ofRule: 0).notKeptOpen == 4)
        // Four keys have one suppressed match each to tell of, and one may be remembered.
        #expect(bench.engine.alertCounters(ofRule: 1).suppressed == 4)
        #expect(bench.engine.alertCounters(ofRule: 1).untold == 3)
    }

    @Test func alertsBeyondTheCapKeepNothingBack() throws {
        var caps = Caps()
        caps.suppressionsPerRule = 2
        var bench = Bench(
            try Bench.program(#"rule r { by k when { a } suppress 10s alert "{k}" }"#), caps: caps)
        send(&bench, 0..<12)
        // Keys 0 and 1 are remembered from their first alerts on; of key 2 all are sent, until the
        // others' time is over, at the eleventh second.
        #expect(bench.engine.drain().map { $0.title } == ["0", "1", "2", "2", "2", "2"])
        let counts = bench.engine.alertCounters(ofRule: 0)
        #expect(counts.suppressed == 6)
        #expect(counts.notSuppressing == 3)
    }

    /// The titles of the first rule's new alerts.
    private func opened(_ bench: inout Bench) -> [String] {
        bench.engine.drain().filter { $0.rule == 0 && $0.status == .open }.map(\.title)
    }

    @Test func withoutMemoryAlertsAreRememberedInThePlaceOfOthersAlone() throws {
        var bench = Bench(try Bench.program(Self.rules))
        bench.send("a", at: 0, [("k", .int(1))])
        _ = bench.engine.drain()
        bench.engine.setMemoryIsFull(true)
        for time in 1...3 as ClosedRange<Int64> {
            for key in [1, 2] as [Int64] { bench.send("a", at: time, [("k", .int(key))]) }
        }
        // The limit of the other rule takes no memory that grows.
        #expect(opened(&bench) == ["open 2", "open 2", "open 2"])
        #expect(bench.engine.alertCounters(ofRule: 0).notKeptOpen == 3)
        #expect(bench.engine.alertCounters(ofRule: 1).notSuppressing == 3)
        // The alert of key 1 is over, and there is a place for that of key 2.
        bench.engine.advance(to: StreamTime(nanoseconds: 20_000_000_000))
        for time in [21, 22] as [Int64] { bench.send("a", at: time, [("k", .int(2))]) }
        #expect(opened(&bench) == ["open 2"])
        #expect(bench.engine.alertCounters(ofRule: 0).notKeptOpen == 3)
    }

    @Test func damageIsFoundOrHarmless() throws {
        let program = try Bench.program(Self.rules)
        var first = Bench(program)
        send(&first, 0..<17)
        _ = first.engine.drain()
        let bytes = Array(first.engine.snapshot().dropLast(8))
        for place in stride(from: bytes.count - 900, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[place] ^= 0x41
            let sum = SnapshotWriter.checksum(damaged[...])
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                damaged.append(UInt8(truncatingIfNeeded: sum >> shift))
            }
            var second = Bench(program)
            guard (try? second.engine.restore(damaged)) != nil else { continue }
            second.send("a", at: 100, [("k", .int(1))])
            second.engine.drainDeadlines()
            _ = second.engine.drain()
        }
    }
}
