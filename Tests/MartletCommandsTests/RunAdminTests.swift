// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import Testing

@testable import MartletCommands

/// The admin server of `martlet run`, as a process.
@Suite struct RunAdminTests {
    private static let rules = "rule twice { by user when within 1m { 2 login as l } }"

    /// A running process and the port that its log tells.
    private struct Running {
        let process = Process()
        let errors = Pipe()
        let input = Pipe()

        init(_ arguments: [String]) throws {
            let program: URL = try #require(builtBinary(), "martlet has been built")
            process.executableURL = program
            process.arguments = arguments
            process.standardError = errors
            process.standardInput = input
            process.standardOutput = FileHandle.nullDevice
            try process.run()
        }

        /// What the log has until it has `text`.
        func log(until text: String) -> String {
            var log = ""
            while !log.contains(text) {
                let data = errors.fileHandleForReading.availableData
                if data.isEmpty { break }
                log += String(decoding: data, as: UTF8.self)
            }
            return log
        }
    }

    @Test func theLogTellsWhereItListensAndASignalEndsBoth() async throws {
        let folder = try RulesFolder(["r.martlet": Self.rules])
        let running = try Running([
            "run", "--rules", "\(folder.path)/r.martlet", "--stdin", "--state",
            "\(folder.path)/s", "--admin", "127.0.0.1:0",
        ])
        let log = running.log(until: "running 1 rules")
        let address = try #require(log.firstMatch(of: /admin server on (http:\S+)/))
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "\(address.1)/healthz"), timeout: .seconds(30))
        #expect(String(buffer: try await response.body.collect(upTo: 100)) == "ok\n")
        running.process.terminate()
        running.process.waitUntilExit()
        #expect(running.process.terminationStatus == 0)
    }

    @Test func aConfigurationSaysHowItIsLogged() throws {
        let folder = try RulesFolder([
            "r.martlet": Self.rules, "in.jsonl": "",
            "c.yaml": """
            rules: r.martlet
            admin: { listen: off }
            log: { format: json, level: info }
            feeds: { a: { type: file, path: in.jsonl } }
            """,
        ])
        let running = try Running(["run", "\(folder.path)/c.yaml"])
        let log = running.log(until: "running 1 rules")
        #expect(log.contains("\"level\":\"info\",\"message\":\"running 1 rules"))
        running.process.terminate()
        running.process.waitUntilExit()
    }

    @Test func anAddressThatCannotBeIsRefused() throws {
        let folder = try RulesFolder(["r.martlet": Self.rules])
        let start = ["run", "--rules", "\(folder.path)/r.martlet", "--stdin", "--admin"]
        let wrong = try run(start + ["9464"])
        #expect(wrong.status == .usage)
        #expect(wrong.errors.contains("write an address and a port"))
        let open = try run(start + ["0.0.0.0:0"])
        #expect(open.status == .usage)
        #expect(open.errors.contains("that needs a token"))
    }
}
