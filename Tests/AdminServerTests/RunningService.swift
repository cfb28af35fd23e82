// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Automata
import Connectors
import Diagnostics
import EventModel
import Foundation
import Live
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import RuleLanguage
import Testing

@testable import AdminServer

/// A service over a pipe, with its admin server on a port of its own.
final class RunningService: Sendable {
    static let rules = """
        rule guessed "Guessing <that> worked" {
          severity high
          tags ["T1110"]
          by user
          when within 1m {
            at least 2 login as fails where outcome == "fail"
            then login as entry where outcome == "ok"
          }
          suppress 1h per user
          alert "{user} came in" { tries: count(fails) }
        }
        rule quiet {
          by host
          when { beat as last then no beat for 5m }
          alert "{host} is quiet"
        }
        """

    static let token = "correct-horse-battery"

    let service: LiveService
    let services: AdminServices
    let server: AdminServer
    private let folder: String
    private let input: Pipe
    private let thread: WorkerThread

    private init(
        _ folder: String, _ input: Pipe, _ service: LiveService, _ services: AdminServices,
        _ server: AdminServer
    ) throws {
        self.folder = folder
        self.input = input
        self.service = service
        self.services = services
        self.server = server
        thread = try WorkerThread { try? service.run() }
    }

    /// One that takes events.
    static func startReady(
        token: String? = RunningService.token
    ) async throws -> RunningService {
        let running = try await start(token: token)
        try await running.wait { try await running.ask("/readyz").status == 200 }
        return running
    }

    static func start(
        rules: String = RunningService.rules, token: String? = RunningService.token,
        listen: String = "127.0.0.1:0",
        _ change: (inout AdminOptions) -> Void = { _ in }
    ) async throws -> RunningService {
        let folder = NSTemporaryDirectory() + "martlet-admin-" + UUID().uuidString
        let input = Pipe()
        var configuration = LiveConfiguration()
        configuration.stateFolder = folder
        configuration.feeds = [
            FeedConfiguration(
                options: LiveFeedOptions(name: "in", idleAfter: TimeSpan(seconds: 3600)),
                source: .standardInput)
        ]
        configuration.sinks = [SinkConfiguration(name: "out", target: .standardOutput(.jsonLines))]
        let texts = RulesTexts(
            files: [.init(name: "r.martlet", bytes: Array(rules.utf8))], tablesFrom: nil)
        let rules = try ConfiguredRules(checking: texts)
        let service = LiveService(
            configuration, rules, log: LiveLog { _, _ in },
            inputDescriptor: input.fileHandleForReading.fileDescriptor
        ) { _ in }
        let services = AdminServices(service, version: "1.2.3")
        var options = AdminOptions(listen: try #require(ListenAddress(listen)))
        options.token = token
        change(&options)
        let server = try await AdminServer.start(
            options, services, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try RunningService(folder, input, service, services, server)
    }

    func write(_ text: String) { input.fileHandleForWriting.write(Data(text.utf8)) }

    /// Ends the service, and then its server.
    func end() {
        service.stopper()
        thread.join()
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Waits until `isSo`, half a minute at most.
    func wait(until isSo: () async throws -> Bool) async throws {
        for _ in 0..<3000 {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it did not come to that in half a minute")
    }

    struct Answer {
        var status: Int
        var headers: [String: String]
        var text: String

        func json() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
    }

    func ask(
        _ path: String, method: String = "GET", token: String? = nil, host: String? = nil,
        body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://\(server.address)\(path)")
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        if let host { request.headers.add(name: "Host", value: host) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let body = try await response.body.collect(upTo: 1 << 24)
        var headers: [String: String] = [:]
        for (name, value) in response.headers { headers[name.lowercased()] = value }
        return Answer(
            status: Int(response.status.code), headers: headers, text: String(buffer: body))
    }

    /// Sends bytes as they are, and gives what comes back until the server closes; nil: it does
    /// not, for `seconds`.
    func sendRaw(
        _ parts: [String], pause: Double = 0, closesWithin seconds: Double
    ) async throws -> String? {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: server.address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            await withTaskGroup(of: String??.self) { group in
                group.addTask {
                    for part in parts {
                        try? await outbound.write(ByteBuffer(string: part))
                        try? await Task.sleep(for: .seconds(pause))
                    }
                    return nil
                }
                group.addTask {
                    var answer = ByteBuffer()
                    do {
                        for try await part in inbound { answer.writeImmutableBuffer(part) }
                    } catch {}
                    return .some(String(buffer: answer))
                }
                group.addTask {
                    try? await Task.sleep(for: .seconds(seconds))
                    return .some(nil)
                }
                while let result = await group.next() {
                    guard let result else { continue }
                    group.cancelAll()
                    return result
                }
                return nil
            }
        }
    }
}

/// A line of JSON with an event so many seconds after the beginning of the tests' time.
func line(_ type: String, _ seconds: Double, _ fields: String) -> String {
    let time = 1_800_000_000_000 + Int64(seconds * 1000)
    return "{\"type\":\"\(type)\",\"time\":\(time),\(fields)}\n"
}

/// Two failures and a success.
func guesses(of user: String, at seconds: Double) -> String {
    ["fail", "fail", "ok"].enumerated().map { k, outcome in
        line("login", seconds + Double(k), "\"user\":\"\(user)\",\"outcome\":\"\(outcome)\"")
    }.joined()
}
