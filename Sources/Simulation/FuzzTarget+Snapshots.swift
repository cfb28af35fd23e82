// SPDX-License-Identifier: Apache-2.0
// Snapshots as bytes. A checksum keeps accidents out; what is tried here is what stands behind it.

internal import Automata
internal import Engine
internal import EventModel
internal import MatchCore
internal import Oracle

extension FuzzTarget {
    /// The first byte says which rules, the second whether the input is sealed with a checksum and
    /// a heading that fit; the snapshot follows.
    static let snapshots = FuzzTarget(
        "snapshots", law: "any bytes are refused, or restore an engine that works",
        corpus: ["fixtures/corpus/snapshots"], seeds: realSnapshots, invent: realSnapshot,
        byteCap: 64 * 1024
    ) { bytes in
        guard bytes.count >= 2 else { return FuzzVerdict() }
        let index = Int(bytes[0]) % snapshotPrograms.count
        let program = snapshotPrograms[index]
        var snapshot = Array(bytes[2...])
        if bytes[1] % 8 != 0 { seal(&snapshot, for: index) }
        var engine = freshEngine(of: index)
        var verdict = FuzzVerdict()
        do {
            try engine.restore(snapshot)
        } catch {
            verdict.reached("\(error)".prefix(24).description)
            return verdict
        }
        verdict.reached("restored \(bytes[0]) keys", engine.keyCount)
        verdict.reached("restored \(bytes[0]) attempts", engine.attemptCount)
        if let violation = engine.violation() { return .failed("just restored: \(violation)") }
        feed(&engine, program, seed: FuzzVerdict.hash(bytes), count: 16)
        if let violation = engine.violation() { return .failed("after events: \(violation)") }
        verdict.reached("matches \(bytes[0])", engine.drain().count)
        verdict.reached("counted \(bytes[0])", engine.counters(ofRule: 0).matches)
        do throws(SnapshotError) {
            var third = freshEngine(of: index)
            try third.restore(engine.snapshot())
        } catch .tooManyEvents {
            verdict.reached("too many events", 1)
        } catch {
            return .failed("a snapshot of what was restored is refused: \(error)")
        }
        engine.drainDeadlines()
        verdict.reached("by clock \(bytes[0])", engine.drain().count)
        if let violation = engine.violation() { return .failed("at the end: \(violation)") }
        return verdict
    }

    private static func feed(
        _ engine: inout RuleEngine, _ program: RulesetProgram, seed: UInt64, count: Int
    ) {
        var events = FuzzEvents(program, seed: seed)
        let encoder = EventEncoder(program.decodePlan)
        var batch = EventBatch(slotCount: program.decodePlan.slotCount)
        for (number, event) in events.events(count: count).enumerated() {
            _ = encoder.append(
                type: event.type, time: event.time, id: event.id,
                fields: event.fields.map { ($0.name, $0.value) }, position: Int64(number),
                to: &batch, symbols: &engine.symbols)
        }
        engine.apply(batch)
    }

    /// One of the programs is only counted.
    private static let countedProgram = 5

    private static func freshEngine(of index: Int) -> RuleEngine {
        let isCounted = index == countedProgram
        return RuleEngine(
            snapshotPrograms[index], output: isCounted ? .count(by: .counters) : .matches)
    }

    /// Makes the heading and the checksum those of a snapshot of a program.
    private static func seal(_ snapshot: inout [UInt8], for index: Int) {
        let heading = freshEngine(of: index).snapshot().prefix(24)
        snapshot = Array(heading) + snapshot.dropFirst(24).dropLast(8)
        var sum = SnapshotWriter.checksum(snapshot[...])
        for _ in 0..<8 {
            snapshot.append(UInt8(truncatingIfNeeded: sum))
            sum >>= 8
        }
    }

    /// What the corpus holds one of for each program. The format stands in bytes 10 to 17.
    static var corpusSnapshots: [(name: String, bytes: [UInt8])] {
        snapshotPrograms.indices.map { index in
            // One that holds something, by which it is seen that it is restored.
            let tries = (100..<200).lazy.map { (seed: UInt64) in
                realSnapshot(of: index, seed: seed, events: 30)
            }
            let bytes = tries.first { snapshots.body($0).features.count > 1 } ?? []
            return ("program-\(index).bin", bytes)
        }
    }

    private static func realSnapshots() -> [[UInt8]] {
        snapshotPrograms.indices.flatMap { index in
            [3, 9, 20, 60].map { realSnapshot(of: index, seed: UInt64(index), events: $0) }
        }
    }

    private static func realSnapshot(_ seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return realSnapshot(
            of: random.below(snapshotPrograms.count), seed: random.next(),
            events: random.below(80))
    }

    private static func realSnapshot(of index: Int, seed: UInt64, events: Int) -> [UInt8] {
        var engine = freshEngine(of: index)
        feed(&engine, snapshotPrograms[index], seed: seed, count: events)
        _ = engine.drain()
        return [UInt8(index), 1] + engine.snapshot()
    }

    private static let snapshotPrograms: [RulesetProgram] = snapshotRules.map { text in
        guard let ruleset = accepted(Array(text.utf8)) else {
            preconditionFailure("the rules of the snapshot target are accepted: \(text)")
        }
        return RulesetCompiler.compile(ruleset)
    }

    /// Small rules that between them keep every kind of state.
    private static let snapshotRules = [
        """
        rule one {
          by user
          when within 10m {
            at least 3 login as f where ok == false
            then login as s where ok == true
          }
          alert "{user}" { n: count(f), who: first(f).user }
        }
        """,
        """
        rule one {
          by user, host
          when within 1h { a as x then each b as y where n > x.n then each c as z }
          skip none
          alert "{x.tag}"
        }
        rule two { by user when { a as x then no b for 30m } alert "x" }
        """,
        """
        rule one {
          by user
          when within 1h {
            all of { a as x, b as y then c as z, any event as w where n == 3 }
            then any of { b as p where n > 2, c as q then a as r }
            then no c for 5m
          }
          skip to next
          alert "x"
        }
        """,
        """
        rule one {
          when within 1d {
            a as x
            then 2 to 3 times { b as y then next at least 2 consecutive c as z in 10s } within 5m
            then optional d as o
            then at least 2 distinct tag of e as v until f
          }
          skip to first y
          attempts latest
          alert "x" { s: sum(z.n), l: distinct(v.tag) }
        }
        """,
        """
        rule one {
          by tags
          when {
            no a for 10s
            then 3 b as x in 60s
            but no c where n > first(x).n
            then d as y
          }
          reset on e
          alert "{sum(x.n)}"
        }
        """,
        """
        rule one {
          by user
          when { a as x }
          except "e" where x.n == 3
          resolve on b for 10s
          suppress 20s per x.tag, x.n
          limit 3 per 30s
          alert "{x.tag}" { n: x.n, l: [x.n, 1] }
        }
        rule two {
          by user
          when { one as x then no alert for 10s where rule == "one" }
          suppress 1m
          alert "{x.id}"
        }
        """,
        """
        rule one {
          by user
          when within 1h {
            a as x
            but not next c
            then each 2 b as y
            but no c where n == 1
            then each any event as z
            then next d as w
          }
          reset on e
          skip none
          alert "{x.tag}"
        }
        rule two { when { a as x then each b as y then c as z } alert "{y.tag}" }
        """,
        """
        rule one {
          by user
          when within 1h { a as x then each b as y then each any event as z }
          skip none
        }
        rule two { when { a as x then each b as y then each a as z } skip none }
        """,
        """
        rule one {
          by user
          when over sliding 10m { any event as x }
          having avg(x.n, in 1m) > 2 and count(x, last 3) > 1
          alert "x" {
            s: stddev(x.n * 1.1), l: distinct(x.tag), e: ema(x.n, 3), m: median(x.n), t: max(x.tag)
          }
        }
        rule two {
          by host
          when over hopping 1h every 10m { a as x }
          alert "x" { p: sum(x.n, in 5m) }
        }
        """,
        """
        rule one {
          by user
          when over tumbling 1h { any event as x }
          having count_distinct(x.tag) > 0
          alert "x" {
            s: stddev(x.n / 3), l: distinct(x.n), e: ema(x.n, 3), m: percentile(x.n, 90)
            least: min(x.tag), f: first(x.tag), o: last(x.n)
          }
        }
        rule two { when over session 5m { a as x } alert "x" { t: sum(x.n) } }
        rule three { by user when over last 4 { b as x } having sum(x.n) > 3 alert "x" }
        """,
    ]
}
