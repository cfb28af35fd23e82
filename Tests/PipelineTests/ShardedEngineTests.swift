// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Pipeline

/// The same bytes come out, whatever the number of threads.
@Suite struct ShardedEngineTests {
    private static let rules = """
        rule guessed {
          by user
          when within 10m {
            at least 2 login as fails where outcome == "fail"
            then login as ok where outcome == "ok"
          }
          alert "{user}: {count(fails)} then in from {lower(ok.host)}"
        }
        rule quiet {
          by user
          when { login as l where outcome == "ok" then no logout for 30s }
          alert "{user} stayed"
        }
        rule hosts {
          by host
          when within 1m { login as a then login as b where user != a.user }
          skip none
          alert "{host}: {a.user} and {b.user}"
        }
        rule tagged {
          by tag
          when within 5m { logout as a then logout as b then no login for 7s }
          alert "{tag}"
        }
        rule all {
          when within 2s { 2 logout as l }
          alert "two at once"
        }
        rule noisy {
          by user
          when { login as l where outcome == "fail" }
          suppress 20s per l.host
          limit 30 per 1m
          alert "{user} on {l.host}" { host: l.host }
        }
        rule only_an_event {
          by user
          when { logout as l }
          suppress 9s
          resolve on login
          emit { host: l.host }
        }
        rule open {
          by host
          when { 2 logout as l }
          resolve on login where outcome == "fail" for 9s
          alert "{host}"
        }
        rule far { by user when { no login for 2m then login as l } alert "{user}" }
        """

    private static func events(_ count: Int) -> String {
        var state: UInt64 = 7
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var time: UInt64 = 1_790_000_000_000
        return (0..<count).map { _ in
            time += next(2_000)
            let user = next(20) == 0 ? "null" : "\"u\(next(40))\""
            let start = "{\"time\": \(time), \"user\": \(user), \"host\": \"H\(next(6))\", "
            if next(3) == 0 {
                return start
                    + "\"type\": \"logout\", \"tag\": [\"t\(next(9))\", \"t\(next(9))\", 4]}\n"
            }
            let outcome = next(2) == 0 ? "ok" : "fail"
            return start + "\"type\": \"login\", \"outcome\": \"\(outcome)\"}\n"
        }.joined()
    }

    @Test func anyNumberOfThreadsGivesTheSameBytes() throws {
        let harness = try ReplayHarness(Self.rules)
        let file = try harness.write("events.jsonl", Self.events(3_000))
        let alone = try harness.replay(events: file) { $0.batchEventCount = 64 }
        #expect(alone.report.matches.allSatisfy { $0.count > 0 })
        for threads in [2, 3, 5, 128] {
            let shared = try harness.replay(events: file) {
                $0.threads = threads
                $0.batchEventCount = threads * 7
            }
            #expect(shared.output == alone.output, "\(threads) threads")
            #expect(shared.report.text == alone.report.text, "\(threads) threads")
        }
    }

    /// Ids of these events are made of the file and the line.
    @Test(arguments: ["by id", "by type", "by time", "by type, user", "by user, id"])
    func whatEveryEventHasIsAKeyOnAnyNumberOfThreads(key: String) throws {
        let harness = try ReplayHarness(
            """
            rule lone { \(key) when { login as l then no any event for 1s } alert "{l.id}" }
            rule other { by tag when { 2 logout as l } alert "{tag}" }
            """)
        let file = try harness.write("events.jsonl", Self.events(1_000))
        let alone = try harness.replay(events: file) { $0.batchEventCount = 64 }
        #expect(alone.report.matches.allSatisfy { $0.count > 10 })
        for threads in [2, 5] {
            let shared = try harness.replay(events: file) {
                $0.threads = threads
                $0.batchEventCount = threads * 7
            }
            #expect(shared.output == alone.output, "\(threads) threads")
            #expect(shared.report.text == alone.report.text, "\(threads) threads")
        }
    }

    @Test func countsAreThoseOfOneThread() throws {
        let harness = try ReplayHarness(Self.rules)
        let file = try harness.write("events.jsonl", Self.events(2_000))
        let texts = try [1, 2, 4].map { threads in
            try harness.replay(events: file) {
                $0.threads = threads
                $0.format = .count
            }.output
        }
        #expect(texts[1] == texts[0] && texts[2] == texts[0])
    }

    /// A new name in each event: they are given back although several engines may hold some.
    @Test func symbolsAreGivenBackBetweenBatches() throws {
        let harness = try ReplayHarness(
            #"rule r { by user when within 1s { a as x then a as y } alert "{x.name} {y.name}" }"#)
        let lines = (0..<130_000).map {
            "{\"type\": \"a\", \"time\": \(1_790_000_000_000 + $0 * 10), "
                + "\"user\": \"u\($0 % 90)\", \"name\": \"a name of its own, \($0)\"}\n"
        }
        let file = try harness.write("events.jsonl", lines.joined())
        let outputs = try [1, 3].map { threads in
            try harness.replay(events: file) {
                $0.threads = threads
                $0.format = .csv
            }.output
        }
        #expect(outputs[0] == outputs[1] && outputs[0].utf8.count > 10_000)
    }
}
