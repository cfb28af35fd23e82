// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import MartletCommands

/// What nobody should send, to a process at work: each is refused or kept as a dead letter, with a
/// count, and those who mean well are served meanwhile.
@Suite struct BadInputTests {
    private static let rules = """
        event login { user: string, count: int?, outcome: "ok" | "fail" }
        rule twice {
          by user
          when within 1m { 2 login as l where outcome == "fail" }
          alert "{user}"
        }
        """
    private static let configuration = """
        rules: r.martlet
        admin: { listen: "127.0.0.1:0", token: correct-horse-battery }
        feeds:
          web:
            { type: http, listen: "127.0.0.1:0", token: feed-token-of-length, lateness: 10s,
              max_ahead: 1h, max_line: 2KB, max_body: 100KB, max_connections: 4,
              request_timeout: 2s, idle_timeout: 4s }
        sinks:
          out: { type: file, path: out.jsonl }
        """

    private let folder: RulesFolder
    private let process = Process()

    init() throws {
        folder = try RulesFolder([
            "r.martlet": Self.rules, "c.yaml": Self.configuration, "log": "", "stdout": "",
        ])
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = ["run", "c.yaml"]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardError = FileHandle(forWritingAtPath: "\(folder.path)/log")
        process.standardOutput = FileHandle(forWritingAtPath: "\(folder.path)/stdout")
        try process.run()
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)) ?? ""
    }

    private func eventually(_ isSo: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<3000 {
            if try await isSo() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    private func addresses() async throws -> (feed: String, admin: String) {
        #expect(try await eventually { text("log").contains("info running") })
        let log = text("log")
        let feed = try #require(log.firstMatch(of: /feed `web` listens on (\S+)/)).1
        let admin = try #require(log.firstMatch(of: /admin server on (http:\S+)/)).1
        return ("http://\(feed)/events", String(admin))
    }

    private func post(
        _ bytes: [UInt8], to url: String, _ fields: [(String, String)] = [],
        token: String = "feed-token-of-length"
    ) async throws -> Int {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        // A connection kept for the next request may be idle for too long on a busy machine.
        request.headers.add(name: "Connection", value: "close")
        for (name, value) in fields { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: bytes))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        _ = try await response.body.collect(upTo: 1 << 20)
        return Int(response.status.code)
    }

    private func metric(_ name: String, at admin: String) async throws -> Int? {
        var request = HTTPClientRequest(url: "\(admin)/metrics")
        request.headers.add(name: "Connection", value: "close")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
    }

    /// Waits until a metric is at least so much, at most half a minute.
    private func reaches(_ name: String, _ least: Int, at admin: String) async throws -> Bool {
        try await eventually { try await metric(name, at: admin) ?? 0 >= least }
    }

    private static func login(_ user: String, _ fields: String, at time: String) -> [UInt8] {
        Array("{\"type\":\"login\",\"user\":\"\(user)\",\(fields),\"time\":\(time)}".utf8)
    }

    private static let fail = "\"outcome\":\"fail\""

    /// Records that are no events, by what is said of them.
    private static func undecodable(_ now: Int) -> [(record: [UInt8], reason: String)] {
        [
            (Array("{".utf8), "is not closed"), (Array("nonsense".utf8), "not a JSON object"),
            (Array("{\"a\":1}}".utf8), "more text behind"), ([0, 0, 0], "not a JSON object"),
            ([0xff, 0xfe], "not a JSON object"),
            (
                Array("{\"type\":\"login\",\"user\":\"".utf8) + [0xff] + Array("\"}".utf8),
                "invalid UTF-8"
            ),
            (Array("{\"type\":\"login\",\"user\":\"\\ud800\"}".utf8), "surrogate"),
            (
                Array("{\"type\":\"login\",\"x\":".utf8)
                    + Array(String(repeating: "[", count: 1000).utf8), "nested deeper"
            ),
            (Array("{\"type\":5,\"time\":\(now)}".utf8), "is not the name of a type"),
            (Array("{\"user\":\"ann\"}".utf8), "no field `type`"),
            (login("ann", fail, at: "\"tomorrow\""), "is not a time"),
            (login("ann", fail, at: "1e300"), "time"),
            (login("ann", fail, at: "-99999999999999999"), "time out of range"),
            (login(String(repeating: "a", count: 5000), fail, at: "\(now)"), "2048"),
            (login("ann", fail, at: "\(now + 86_400_000)"), "ahead"),
        ]
    }

    @Test func whatIsNoEventIsADeadLetterAndDisturbsNothing() async throws {
        defer { process.terminate() }
        let (feed, admin) = try await addresses()
        let now = Int(Date().timeIntervalSince1970 * 1000)
        let bad = Self.undecodable(now)
        #expect(try await post(Self.login("eve", Self.fail, at: "\(now)"), to: feed) == 200)
        let body = Array(bad.map(\.record).joined(separator: [0x0a]))
        #expect(try await post(body, to: feed) == 200)
        // Of another type, and long ago.
        let mistyped = Self.login("bob", Self.fail + ",\"count\":{\"a\":1}", at: "\(now)")
        #expect(try await post(mistyped, to: feed) == 200)
        let maybe = Self.login("bob", "\"outcome\":\"maybe\"", at: "\(now)")
        #expect(try await post(maybe, to: feed) == 200)
        let moves = Self.login("zoe", Self.fail, at: "\(now + 60_000)")
        #expect(try await post(moves, to: feed) == 200)
        #expect(
            try await post(Self.login("eve", Self.fail, at: "\(now - 86_400_000)"), to: feed) == 200
        )
        #expect(
            try await post(Self.login("zoe", Self.fail, at: "\(now + 61_000)"), to: feed) == 200)
        #expect(
            try await post(Self.login("kim", Self.fail, at: "\(now + 120_000)"), to: feed) == 200)
        let labels = "{feed=\"web\"}"
        #expect(
            try await reaches(
                "martlet_feed_undecodable_records_total\(labels)", bad.count, at: admin))
        #expect(try await reaches("martlet_feed_late_events_total\(labels)", 1, at: admin))
        #expect(try await reaches("martlet_feed_mistyped_values_total\(labels)", 2, at: admin))
        #expect(try await reaches("martlet_alerts_total", 1, at: admin))
        #expect(try await metric("martlet_dead_letters_total", at: admin) == bad.count + 1)
        let letters = text("state/dead-letters.jsonl").split(separator: "\n")
        #expect(letters.count == bad.count + 1)
        for (letter, one) in zip(letters, bad) {
            #expect(letter.contains(one.reason), "\(letter.prefix(300))")
        }
        #expect(try await eventually { text("out.jsonl").contains("\"title\":\"zoe\"") })
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(text("out.jsonl").split(separator: "\n").count == 1)
    }

    @Test func whoMayNotOrSendsTooMuchIsRefusedWithACount() async throws {
        defer { process.terminate() }
        let (feed, admin) = try await addresses()
        let record = Self.login("ann", Self.fail, at: "1800000000000")
        #expect(try await post(record, to: feed, token: "some-other-token") == 401)
        #expect(try await post(record, to: "\(feed)/../../etc/passwd") == 404)
        #expect(try await post(record, to: feed, [("Content-Encoding", "br")]) == 415)
        #expect(try await post(record, to: feed, [("Content-Type", "image/png")]) == 415)
        #expect(try await post([UInt8](repeating: 0x61, count: 200_000), to: feed) == 413)
        #expect(try await post(Self.bomb, to: feed, [("Content-Encoding", "gzip")]) == 413)
        #expect(
            try await post(
                Array(Self.bomb.dropLast(9)), to: feed, [("Content-Encoding", "gzip")]) >= 400)
        let refusals = "martlet_feed_refusals_total{feed=\"web\"}"
        #expect(try await reaches(refusals, 7, at: admin))
        #expect(try await post([], to: "\(admin)/api/v1/checkpoint", token: "none") == 401)
        #expect(try await post([], to: "\(admin)/api/v1/rules/..%2f..%2fx") >= 400)
        #expect(try await reaches("martlet_admin_refused_requests_total", 2, at: admin))
        #expect(try await post(record, to: feed) == 200)
    }

    /// 64 MB of blanks.
    private static let bomb: [UInt8] = {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "head -c 67108864 /dev/zero | tr '\\0' ' ' | gzip -9"]
        let output = Pipe()
        process.standardOutput = output
        try? process.run()
        return Array(output.fileHandleForReading.readDataToEndOfFile())
    }()

    /// Ten times as many as are served, half of which say nothing or drip.
    @Test func aFloodOfClientsIsTurnedAwayAndThenOver() async throws {
        defer { process.terminate() }
        let (feed, admin) = try await addresses()
        let port = try #require(feed.firstMatch(of: /:(\d+)\//)).1
        let head =
            "POST /events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer feed-token-of-length\r\n"
        let whole = head + "Content-Length: 1\r\n\r\na"
        let clients = Process()
        clients.executableURL = URL(filePath: "/bin/bash")
        clients.arguments = [
            "-c",
            """
            for i in $(seq 40); do
              eval "exec $((i + 10))<>/dev/tcp/127.0.0.1/\(port)"
              if [ $((i % 2)) = 0 ]; then printf '\(head)' >&$((i + 10))
              else printf '\(whole)' >&$((i + 10)); fi
            done
            sleep 5
            for i in $(seq 1 2 40); do timeout 2 head -1 <&$((i + 10)); done
            """,
        ]
        let output = Pipe()
        clients.standardOutput = output
        clients.standardError = FileHandle.nullDevice
        try clients.run()
        let answers = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        clients.waitUntilExit()
        #expect(answers.contains("HTTP/1.1 429"), "\(answers)")
        let labels = "{feed=\"web\"}"
        #expect(try await reaches("martlet_feed_overloads_total\(labels)", 10, at: admin))
        #expect(try await reaches("martlet_feed_timeouts_total\(labels)", 1, at: admin))
        #expect(
            try await eventually {
                try await metric("martlet_feed_open_connections\(labels)", at: admin) == 0
            })
        #expect(
            try await post(Self.login("ann", Self.fail, at: "1800000000000"), to: feed) == 200)
        #expect(process.isRunning)
    }
}
