// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import SampleCertificates
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
            // Who writes to one that has ended is told so, and does not end with it.
            signal(SIGPIPE, SIG_IGN)
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
        let log = running.log(until: "running 1 rule")
        let address = try #require(log.firstMatch(of: /admin server on (http:\S+)/))
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "\(address.1)/healthz"), timeout: .seconds(120))
        #expect(String(buffer: try await response.body.collect(upTo: 100)) == "ok\n")
        let url = String(address.1)
        let health = try run(["health", "--url", url])
        #expect(health == CommandOutcome(output: "ready\n"))
        #expect(try run(["health", "--alive", "--url", url]).output == "ok\n")
        running.process.terminate()
        running.process.waitUntilExit()
        #expect(running.process.terminationStatus == 0)
        #expect(try run(["health", "--url", url]).status == .environment)
    }

    @Test func topAndTapShowWhatARunningServiceDoes() throws {
        let folder = try RulesFolder(["r.martlet": Self.rules])
        let running = try Running([
            "run", "--rules", "\(folder.path)/r.martlet", "--stdin", "--state",
            "\(folder.path)/s", "--admin", "127.0.0.1:0",
        ])
        defer { running.process.terminate() }
        let log = running.log(until: "running 1 rule")
        let url = String(try #require(log.firstMatch(of: /admin server on (http:\S+)/)).1)
        // Both ends: one that nobody could read would end the process of the tests.
        let input = running.input
        // A thread of its own: the tests hold those of tasks while they wait for programs.
        Thread.detachNewThread {
            for k in 0..<200 {
                let time = 1_800_000_000_000 + k * 1000
                let line = "{\"type\":\"login\",\"user\":\"ann\",\"time\":\(time)}\n"
                // The test may be over.
                try? input.fileHandleForWriting.write(contentsOf: Data(line.utf8))
                usleep(50_000)
            }
        }
        let alerts = try run(["tap", "alerts", "--url", url, "--rule", "twice", "--limit", "1"])
        #expect(alerts.status == .clean, "\(alerts.errors)")
        #expect(alerts.output.hasPrefix("{\"id\":"))
        #expect(alerts.output.contains("\"rule\":\"twice\""))
        let events = try run(["tap", "events", "--url", url, "--type", "login", "--limit", "2"])
        #expect(events.output.split(separator: "\n").count == 2)
        #expect(events.output.hasPrefix("{\"feed\":\"stdin\","))
        let top = try run(["top", "--once", "--url", url])
        #expect(top.status == .clean, "\(top.errors)")
        let lines = top.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].hasPrefix("martlet 0.1.0  running"))
        #expect(lines.contains { $0.hasPrefix("twice") })
        #expect(lines.contains { $0.hasPrefix("stdin") })
        #expect(!top.output.contains("\u{1b}"))
    }

    @Test func aServerThatIsNotThereIsSaidToBe() throws {
        let top = try run(["top", "--once", "--url", "http://127.0.0.1:1"])
        #expect(top.status == .environment)
        #expect(top.errors.contains("`http://127.0.0.1:1` cannot be reached: nothing listens"))
        #expect(try run(["top", "--url", "localhost"]).status == .usage)
        #expect(try run(["tap", "events", "--rule", "x"]).status == .usage)
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
        let log = running.log(until: "running 1 rule")
        #expect(log.contains("\"level\":\"info\",\"message\":\"running 1 rule"))
        running.process.terminate()
        running.process.waitUntilExit()
    }

    private func secured(_ admin: String) throws -> RulesFolder {
        try RulesFolder([
            "r.martlet": Self.rules, "in.jsonl": "", "token": "  correct-horse-battery\n",
            "wrong": "another-horse-battery", "short": "horse",
            "ca.pem": TestCertificates.authority, "c.pem": TestCertificates.server,
            "k.pem": TestCertificates.serverKey, "other.pem": TestCertificates.clientKey,
            "c.yaml": """
            rules: r.martlet
            admin: { listen: "0.0.0.0:0", \(admin) }
            feeds: { a: { type: file, path: in.jsonl } }
            """,
        ])
    }

    @Test func beyondTheMachineItSpeaksTLSAndWantsTheToken() throws {
        let folder = try secured("token_file: token, tls_certificate: c.pem, tls_key: k.pem")
        let running = try Running(["run", "\(folder.path)/c.yaml"])
        defer { running.process.terminate() }
        let log = running.log(until: "running 1 rule")
        let port = try #require(log.firstMatch(of: /admin server on https:\/\/0.0.0.0:(\d+)/)).1
        let top = ["top", "--once", "--url", "https://localhost:\(port)"]
        let trusted = top + ["--ca", "\(folder.path)/ca.pem"]
        let seen = try run(trusted + ["--token-file", "\(folder.path)/token"])
        #expect(seen.status == .clean, "\(seen.errors)")
        #expect(seen.output.contains("twice"))
        let unknown = try run(trusted + ["--token-file", "\(folder.path)/wrong"])
        #expect(unknown.status == .environment)
        #expect(unknown.errors.contains("this is not the token (see `--token-file`)"))
        let none = try run(trusted)
        #expect(none.errors.contains("show the token"))
        let untrusted = try run(top + ["--token-file", "\(folder.path)/token"])
        #expect(untrusted.status == .environment)
        #expect(
            untrusted.errors.contains("cannot be reached: the server's certificate is not trusted"))
        #expect(
            try run(["top", "--once", "--url", "http://localhost:\(port)"]).status == .environment)
        #expect(try run(trusted + ["--token-file", "\(folder.path)/token"]).status == .clean)
        running.process.terminate()
        running.process.waitUntilExit()
        #expect(running.process.terminationStatus == 0)
        let rest = String(
            decoding: running.errors.fileHandleForReading.availableData, as: UTF8.self)
        #expect(!rest.contains("error"), "\(rest)")
    }

    @Test(arguments: [
        ("tls_certificate: c.pem, tls_key: k.pem", "has no `token` or `token_file`"),
        ("token_file: short", "has fewer than 16 characters"),
        ("token_file: nowhere", "nowhere`: No such file"),
        ("token_file: token, tls_certificate: c.pem", "`admin` has no `tls_key`"),
        (
            "token_file: token, tls_certificate: c.pem, tls_key: other.pem",
            "c.pem` cannot be used: it does not go with the key"
        ),
        (
            "token_file: token, tls_certificate: token, tls_key: k.pem",
            "token` cannot be used: it has no certificates in PEM form"
        ),
        (
            "token_file: token, tls_certificate: c.pem, tls_key: c.pem",
            "c.pem` cannot be used: it is no private key in PEM form"
        ),
    ])
    func whatDoesNotSecureItIsRefused(admin: String, error: String) throws {
        let folder = try secured(admin)
        let outcome = try run(["run", "\(folder.path)/c.yaml"])
        #expect(outcome.status != .clean)
        #expect(outcome.errors.contains(error), "\(outcome.errors)")
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
