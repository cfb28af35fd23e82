// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import Diagnostics
import EventModel
import Foundation
import Live
import RuleLanguage
import Testing

@testable import NetworkSinks

/// Sinks of a node at work, over its lives.
@Suite struct LiveSinksTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        let lines = (1...5).map { number in
            "{\"type\":\"login\",\"user\":\"u\(number)\",\"time\":\(1_800_000_000 + number)}\n"
        }
        try Data(lines.joined().utf8).write(to: URL(filePath: "\(folder.path)/in.jsonl"))
    }

    private func rules() throws -> ConfiguredRules {
        let rules = """
            rule came {
              by user
              when { login }
              resolve on logout
              alert "{user} came"
            }
            """
        let texts = RulesTexts(
            files: [.init(name: "r", bytes: Array(rules.utf8))], tablesFrom: nil)
        return try ConfiguredRules(checking: texts)
    }

    /// A life of a node with these sinks, until `body` has come back.
    private func live(
        _ sinks: [SinkConfiguration], _ body: (SinkBoard) -> Void
    ) throws {
        var configuration = LiveConfiguration()
        configuration.stateFolder = "\(folder.path)/state"
        configuration.feeds = [
            FeedConfiguration(
                options: LiveFeedOptions(name: "in"),
                source: .files(
                    pattern: "\(folder.path)/in.jsonl", fromEnd: false,
                    pollSpan: TimeSpan(milliseconds: 10)))
        ]
        configuration.sinks = sinks
        let service = LiveService(
            configuration, try rules(), log: LiveLog { _, _ in },
            networkSinks: NetworkSinkMaker.make,
            output: { _ throws(StateError) in })
        let stop = service.stopper
        let board = service.sinkBoard
        let failure = Guarded<StateError?>(nil)
        let run = SendableBox(service)
        let thread = try WorkerThread {
            do throws(StateError) {
                try run.content.run()
            } catch {
                failure.with { $0 = error }
            }
        }
        body(board)
        stop()
        thread.join()
        #expect(failure.with { $0 } == nil)
    }

    private func webhook(
        _ name: String, _ receiver: ScriptedReceiver,
        _ change: (inout DeliveryOptions) -> Void = { _ in }
    ) -> SinkConfiguration {
        var delivery = DeliveryOptions()
        delivery.retrySpan = TimeSpan(milliseconds: 5)
        delivery.probeSpan = TimeSpan(milliseconds: 20)
        delivery.stopSpan = TimeSpan(milliseconds: 200)
        change(&delivery)
        return SinkConfiguration(
            name: name, target: .webhook(WebhookOptions(url: .text(receiver.url))),
            delivery: delivery)
    }

    private func ids(_ requests: [ScriptedReceiver.Request]) -> [String] {
        requests.map { JSONValue($0.body)?["id"]?.string ?? "" }
    }

    @Test func whatWaitsForAReceiverThatIsDownSurvivesARestart() throws {
        let down = try ScriptedReceiver([.status(200), .status(200)], otherwise: .status(503))
        let stuck = try ScriptedReceiver(otherwise: .silence)
        try live([webhook("hook", down), webhook("stuck", stuck)]) { board in
            // One that is stuck holds up neither the other nor the end.
            #expect(down.waitForRequests(6).count >= 6)
            let hook = board.counters.first { $0.name == "hook" }
            #expect(hook?.sent == 2)
            #expect(hook?.health != .up)
        }
        let up = try ScriptedReceiver()
        let free = try ScriptedReceiver()
        try live([webhook("hook", up), webhook("stuck", free)]) { board in
            #expect(up.waitForRequests(3).count == 3)
            #expect(free.waitForRequests(5).count == 5)
        }
        let sent = ids(Array(down.requests.prefix(2))) + ids(up.requests)
        #expect(Set(sent).count == 5)
        #expect(sent == ids(free.requests))
    }

    @Test func whatIsOpenIsSaidAgainAfterARestart() throws {
        let options = { (receiver: ScriptedReceiver) in
            SinkConfiguration(
                name: "am",
                target: .alertmanager(AlertmanagerOptions(url: .text(receiver.url))),
                delivery: webhook("", receiver).delivery)
        }
        let first = try ScriptedReceiver()
        try live([options(first)]) { board in
            let end = SystemClock().nanoseconds + 10_000_000_000
            while board.counters.first?.sent ?? 0 < 5, SystemClock().nanoseconds < end {
                _ = first.waitForRequests(1)
            }
        }
        let logout = Data("{\"type\":\"logout\",\"user\":\"u2\",\"time\":1800000100}\n".utf8)
        let second = try ScriptedReceiver()
        try live([options(second)]) { _ in
            _ = second.waitForRequests(1)
            // Not before: what is resolved by then is not said to be open.
            #expect(throws: Never.self) { try logout.append(to: "\(folder.path)/in.jsonl") }
            _ = second.waitForRequests(2)
        }
        let bodies = second.requests.compactMap { JSONValue($0.body)?.elements }
        #expect(bodies.contains { $0.count == 5 }, "those that were open before")
        #expect(bodies.contains { $0.first?["labels"]?["user"] == .string("u2") && $0.count == 1 })
    }
}

/// A service goes to the thread that runs it.
// SAFETY: `@unchecked Sendable`: that thread alone uses it until it has ended.
private struct SendableBox: @unchecked Sendable {
    let content: LiveService
    init(_ content: LiveService) { self.content = content }
}

extension Data {
    fileprivate func append(to path: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: self)
        try file.close()
    }
}
