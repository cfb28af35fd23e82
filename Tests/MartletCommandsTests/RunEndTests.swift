// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import MartletCommands

/// How `martlet run` ends.
@Suite struct RunEndTests {
    private static let rules = """
        rule each {
          by n
          when { 1 login as l }
          alert "{n}"
        }
        """

    private struct Running {
        let process = Process()
        let errors = Pipe()

        init(_ arguments: [String], in folder: RulesFolder) throws {
            let program: URL = try #require(builtBinary(), "martlet has been built")
            process.executableURL = program
            process.arguments = arguments
            process.currentDirectoryURL = URL(filePath: folder.path)
            process.standardError = errors
        }

        func log(until text: String) -> String {
            var log = ""
            while !log.contains(text) {
                let data = errors.fileHandleForReading.availableData
                if data.isEmpty { break }
                log += String(decoding: data, as: UTF8.self)
            }
            return log
        }

        /// Waits for its end, and gives the rest of the log.
        func end() -> String {
            let log = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: log, as: UTF8.self)
        }
    }

    /// What was answered to be accepted is worked in and written down, each record once.
    @Test func aSignalUnderLoadLosesNothing() async throws {
        let configuration = """
            rules: r.martlet
            admin: { listen: off }
            feeds:
              web: { type: http, listen: "127.0.0.1:0", idle_after: 1h }
            sinks:
              out: { type: file, path: out.jsonl }
            """
        let folder = try RulesFolder(["r.martlet": Self.rules, "c.yaml": configuration])
        let running = try Running(["run", "c.yaml"], in: folder)
        try running.process.run()
        let log = running.log(until: "running 1 rule")
        let address = try #require(log.firstMatch(of: /listens on (\S+)/)).1
        var accepted: Set<Int> = []
        for batch in 0... {
            let numbers = (batch * 200)..<(batch * 200 + 200)
            var request = HTTPClientRequest(url: "http://\(address)/events")
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/x-ndjson")
            request.body = .bytes(
                ByteBuffer(
                    string: numbers.map {
                        "{\"type\":\"login\",\"n\":\($0),\"time\":\(1_800_000_000_000 + $0)}\n"
                    }.joined()))
            let answer = try? await HTTPClient.shared.execute(request, timeout: .seconds(120))
            if answer?.status == .ok { accepted.formUnion(numbers) }
            if batch == 20 { running.process.terminate() }
            if batch > 20, answer?.status != .ok { break }
        }
        let rest = running.end()
        #expect(running.process.terminationReason == .exit)
        #expect(running.process.terminationStatus == 0)
        let text = try String(contentsOfFile: "\(folder.path)/out.jsonl", encoding: .utf8)
        let alerts = text.matches(of: /"title":"(\d+)"/).compactMap { Int($0.1) }
        #expect(Set(alerts).count == alerts.count, "none comes twice")
        #expect(accepted.count >= 20 * 200)
        #expect(Set(alerts).isSuperset(of: accepted))
        #expect(rest.contains("info ending: nothing more is taken"))
        #expect(rest.contains("info ended: \(alerts.count) records were accepted"))
    }

    /// A pipeline whose output nobody takes cannot end cleanly.
    private func stuck(_ limit: String) throws -> (RulesFolder, Running) {
        let configuration = """
            rules: r.martlet
            shutdown_timeout: \(limit)
            admin: { listen: off }
            feeds:
              in: { type: file, path: in.jsonl, idle_after: 1h, poll_every: 10ms }
            sinks:
              out: { type: stdout }
            """
        let events = (0..<2000).map {
            "{\"type\":\"login\",\"n\":\($0),\"time\":\(1_800_000_000_000 + $0)}\n"
        }
        let folder = try RulesFolder([
            "r.martlet": Self.rules, "c.yaml": configuration, "in.jsonl": events.joined(),
        ])
        let running = try Running(["run", "c.yaml"], in: folder)
        running.process.standardOutput = Pipe()
        try running.process.run()
        _ = running.log(until: "running 1 rule")
        let database = "\(folder.path)/state/alerts.sqlite-wal"
        for _ in 0..<500 {
            let size = try? FileManager.default.attributesOfItem(atPath: database)[.size] as? Int
            if size ?? 0 > 200_000 { break }
            usleep(20_000)
        }
        return (folder, running)
    }

    @Test func whatTakesTooLongToEndIsEnded() throws {
        let (folder, running) = try stuck("300ms")
        running.process.terminate()
        let log = running.end()
        #expect(log.contains("error not ended within 300ms: ended at once; what was accepted"))
        #expect(running.process.terminationReason == .exit)
        #expect(running.process.terminationStatus == ExitStatus.environment.rawValue)
        _ = folder
    }

    @Test func aSecondSignalEndsAtOnce() throws {
        let (folder, running) = try stuck("1h")
        running.process.terminate()
        _ = running.log(until: "ending:")
        running.process.terminate()
        let log = running.end()
        #expect(log.contains("error a second signal: ended at once; what was accepted"))
        #expect(running.process.terminationReason == .exit)
        #expect(running.process.terminationStatus == 128 + SIGTERM)
        _ = folder
    }
}
