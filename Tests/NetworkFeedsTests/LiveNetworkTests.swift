// SPDX-License-Identifier: Apache-2.0

import Connectors
import Diagnostics
import EventModel
import Foundation
import Live
import Testing

@testable import NetworkFeeds

/// The whole: a service with feeds that listen, and a file of alerts.
@Suite struct LiveNetworkTests {
    private struct Started: Sendable {
        var stop: @Sendable () -> Void
        var counters: [String: FeedCounters]
    }

    /// A service at work on a thread of its own.
    private final class Running: Sendable {
        let service: Guarded<Bool>
        let started: Started
        let log: Guarded<[String]>
        let problem = Guarded<String?>(nil)

        init(_ rules: String, _ configuration: String, in folder: ScratchFolder) throws {
            let texts = RulesTexts(
                files: [.init(name: "r.martlet", bytes: Array(rules.utf8))], tablesFrom: nil)
            let rules = try ConfiguredRules(checking: texts)
            let read = LiveConfiguration.read(
                SourceFile(name: "\(folder.path)/c.yaml", text: configuration)
            ) { _ in nil }
            #expect(read.diagnostics.map(\.message) == [])
            let wanted = try #require(read.configuration)
            let log = Guarded<[String]>([])
            let isOver = Guarded(false)
            let problem = problem
            let started = Guarded<Started?>(nil)
            _ = try WorkerThread {
                let service = LiveService(
                    wanted, rules, log: LiveLog { _, text in log.with { $0.append(text) } },
                    networkFeeds: NetworkFeedServers()
                ) { _ in }
                started.with {
                    $0 = Started(stop: service.stopper, counters: service.feedCounters)
                }
                do {
                    try service.run()
                } catch {
                    problem.with { $0 = "\(error)" }
                }
                isOver.with { $0 = true }
            }
            self.started = try #require(started.wait(upTo: nil) { $0 })
            self.log = log
            service = isOver
        }

        var isOver: Bool { service.with { $0 } }

        /// The port that a feed listens on, once it does.
        func port(of feed: String) async throws -> Int {
            let beginning = "feed `\(feed)` listens on "
            let log = log
            let isListening = try await eventually {
                log.with { lines in lines.contains { $0.hasPrefix(beginning) } }
            }
            #expect(isListening)
            let line = log.with { $0.first { $0.hasPrefix(beginning) } }
            return line?.split(separator: ":").last.flatMap { Int($0) } ?? 0
        }

        func finish() async throws {
            started.stop()
            #expect(try await eventually { self.isOver })
            #expect(problem.with { $0 } == nil)
        }
    }

    private static let rules = """
        rule guessed {
          by user
          when within 1m {
            2 login as fails where outcome == "fail"
            then login as entry where outcome == "ok"
          }
          alert "{user} came in"
        }
        rule silent {
          by device
          when {
            beat as last
            then no beat for 1s
          }
          alert "{device} is silent"
        }
        """

    private func post(_ text: String, to port: Int) async throws -> String {
        try await onThread {
            let client = try RawConnection(port: port)
            client.send(
                "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: \(text.utf8.count)\r\n"
                    + "Connection: close\r\n\r\n" + text)
            return client.readToEnd() ?? ""
        }
    }

    private func login(_ user: String, _ outcome: String, _ seconds: Int) -> String {
        "{\"type\":\"login\",\"user\":\"\(user)\",\"outcome\":\"\(outcome)\","
            + "\"time\":\(1_800_000_000 + seconds)000}\n"
    }

    @Test func eventsOfThreeFeedsMakeAlerts() async throws {
        let folder = try ScratchFolder()
        let configuration = """
            rules: r
            feeds:
              web: { type: http, listen: "127.0.0.1:0", idle_after: 1h, sync: always }
              net: { type: tcp, listen: "127.0.0.1:0", idle_after: 0s }
              dat: { type: udp, listen: "127.0.0.1:0", idle_after: 0s }
            sinks: { out: { type: file, path: out.jsonl } }
            """
        let running = try Running(Self.rules, configuration, in: folder)
        let web = try await running.port(of: "web")
        let (net, dat) = (try await running.port(of: "net"), try await running.port(of: "dat"))
        let first = login("ann", "fail", 0) + "garbage\n" + login("ann", "fail", 1)
        #expect(try await post(first, to: web).contains("{\"accepted\":3}"))
        let (bob, end) = (login("bob", "fail", 2), login("ann", "ok", 3))
        try await onThread {
            try RawConnection(port: net).send(bob)
            RawConnection.sendDatagrams([Array(bob.utf8)], to: dat)
        }
        // What comes after its time would be late.
        #expect(
            try await eventually {
                ["net", "dat"].allSatisfy {
                    running.started.counters[$0]?.counts.acceptedLineCount == 1
                }
            })
        #expect(try await post(end + login("zoe", "fail", 60), to: web).contains("200 OK"))
        #expect(try await eventually { !folder.lines(of: "out.jsonl").isEmpty })
        try await running.finish()
        let alerts = folder.lines(of: "out.jsonl")
        #expect(alerts.count == 1)
        #expect(alerts.first?.contains("\"title\":\"ann came in\"") == true)
        let letters = folder.lines(of: "state/dead-letters.jsonl")
        #expect(letters.count == 1)
        #expect(letters.first?.contains("\"feed\":\"web\",\"line\":2") == true)
    }

    /// A feed that falls silent: the absence is noticed a moment after it has been quiet for long.
    @Test func anAbsenceFiresOnAQuietFeed() async throws {
        let folder = try ScratchFolder()
        let configuration = """
            rules: r
            feeds: { web: { type: http, listen: "127.0.0.1:0", idle_after: 500ms } }
            sinks: { out: { type: file, path: out.jsonl } }
            """
        let running = try Running(Self.rules, configuration, in: folder)
        let port = try await running.port(of: "web")
        let now = SystemClock().now.nanoseconds / 1_000_000
        let beat = "{\"type\":\"beat\",\"device\":\"d1\",\"time\":\(now)}"
        #expect(try await post(beat, to: port).contains("{\"accepted\":1}"))
        let start = SystemClock().nanoseconds
        #expect(try await eventually { !folder.lines(of: "out.jsonl").isEmpty })
        let took = Double(SystemClock().nanoseconds - start) / 1_000_000_000
        // The absence, `idle_after`, a second, and what a busy machine takes.
        #expect(took < 4.5, "it took \(took) s")
        try await running.finish()
        #expect(folder.lines(of: "out.jsonl").first?.contains("d1 is silent") == true)
    }

    /// Callers are answered when what they sent is in the journal: the next life knows it.
    @Test func whatWasAnsweredIsThereAfterwards() async throws {
        let folder = try ScratchFolder()
        let configuration = """
            rules: r
            feeds: { web: { type: http, listen: "127.0.0.1:0", idle_after: 1h } }
            sinks: { out: { type: file, path: out.jsonl } }
            """
        for (life, outcome) in ["fail", "fail", "ok"].enumerated() {
            let running = try Running(Self.rules, configuration, in: folder)
            let port = try await running.port(of: "web")
            let answer = try await post(login("ann", outcome, life), to: port)
            #expect(answer.contains("{\"accepted\":1}"))
            try await running.finish()
            await #expect(throws: RawConnection.NoConnection.self) {
                try await post("x", to: port)
            }
        }
        let running = try Running(Self.rules, configuration, in: folder)
        let port = try await running.port(of: "web")
        #expect(try await post(login("zoe", "fail", 60), to: port).contains("200 OK"))
        #expect(try await eventually { folder.lines(of: "out.jsonl").count == 1 })
        try await running.finish()
    }

    @Test func aPortThatIsTakenEndsTheStart() async throws {
        try await OpenedFeed.with(HTTPFeedTests.source()) { feed in
            let folder = try ScratchFolder()
            let configuration = """
                rules: r
                feeds:
                  a: { type: tcp, listen: "127.0.0.1:0" }
                  b: { type: http, listen: "127.0.0.1:\(feed.port)" }
                """
            let running = try Running(Self.rules, configuration, in: folder)
            #expect(try await eventually { running.isOver })
            #expect(
                running.problem.with { $0 }
                    == "cannot listen on `127.0.0.1:\(feed.port)`: Address already in use")
        }
    }
}
