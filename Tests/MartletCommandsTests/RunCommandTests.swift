// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import MartletCommands

/// `martlet run` as people start it, stop it and kill it.
@Suite struct RunCommandTests {
    private static let rules = """
        rule guessed {
          by user
          when within 1m {
            2 login as fails where outcome == "fail"
            then login as entry where outcome == "ok"
          }
          alert "{user} came in"
        }
        """

    private static func line(_ k: Int) -> String {
        let time = 1_800_000_000_000 + k * 100
        let outcome = k % 7 == 0 ? "ok" : "fail"
        return """
            {"id":\(k),"type":"login","user":"u\(k % 13)","outcome":"\(outcome)","time":\(time)}

            """
    }

    private static let configuration = """
        rules: r.martlet
        state: { checkpoint_every: 50ms }
        admin: { listen: off }
        feeds:
          logins: { type: file, path: "in.jsonl", lateness: 1s, idle_after: 1h, poll_every: 10ms }
        sinks:
          out: { type: file, path: out.jsonl }
        """

    private func start(_ arguments: [String], in folder: RulesFolder) throws -> Process {
        let process = Process()
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func bytes(_ name: String, in folder: RulesFolder) -> Data {
        (try? Data(contentsOf: URL(filePath: "\(folder.path)/\(name)"))) ?? Data()
    }

    /// Waits until a file holds as many bytes, at most half a minute.
    private func waitFor(_ count: Int, in name: String, of folder: RulesFolder) {
        for _ in 0..<3000 where bytes(name, in: folder).count < count { usleep(10_000) }
    }

    @Test func standardInputGivesTheAlertsOfAReplay() throws {
        let folder = try RulesFolder(["r.martlet": Self.rules])
        let events = (0..<3000).map(Self.line).joined()
        let live = try run(
            [
                "run", "--rules", "\(folder.path)/r.martlet", "--stdin", "--state",
                "\(folder.path)/s",
            ],
            input: events)
        let replayed = try run(
            ["replay", "\(folder.path)/r.martlet", "-", "--format", "jsonl"], input: events)
        #expect(live.status == .clean, "\(live.errors)")
        #expect(live.output == replayed.output)
        #expect(live.output.split(separator: "\n").count > 100)
        #expect(live.errors.contains("running 1 rule over 1 feed"))
    }

    @Test func aLimitThatARuleReachesIsToldInTheLog() throws {
        let folder = try RulesFolder([
            "r.martlet": """
            rule unpaid {
              by user
              when { order then no payment for 1h }
            }
            """,
            "c.yaml": """
            rules: r.martlet
            limits: { keys: 1 }
            admin: { listen: off }
            feeds: { in: { type: stdin } }
            """,
        ])
        let events = ["ann", "bob", "eve"].enumerated().map { second, user in
            "{\"type\":\"order\",\"user\":\"\(user)\",\"time\":\(1000 + second)}\n"
        }
        for k in 0..<2 {
            let live = try run(["run", "\(folder.path)/c.yaml"], input: events.joined())
            #expect(live.status == .clean, "\(live.errors)")
            let first = "the limit `keys` has held up the rule `unpaid` 2 times"
            #expect(live.errors.contains(first) == (k == 0))
            #expect(live.errors.contains("limits are in force: keys any -> 1") == (k == 0))
        }
    }

    /// The process is killed at any moment, and what is in the file is what an undisturbed one
    /// writes.
    @Test func killedAtAnyMomentNoAlertIsLostOrDoubled() throws {
        let files = ["r.martlet": Self.rules, "c.yaml": Self.configuration, "in.jsonl": ""]
        let folder = try RulesFolder(files)
        let lines = (0..<4000).map(Self.line)
        let expected = try run(
            ["replay", "\(folder.path)/r.martlet", "-", "--format", "jsonl"],
            input: lines.joined()
        ).output
        let input = try #require(FileHandle(forWritingAtPath: "\(folder.path)/in.jsonl"))
        for life in 0..<8 {
            let process = try start(["run", "c.yaml"], in: folder)
            for part in 0..<5 {
                let first = life * 500 + part * 100
                input.write(Data(lines[first..<first + 100].joined().utf8))
                usleep(UInt32(20_000 + (life * 7 + part) % 5 * 10_000))
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let last = try start(["run", "c.yaml"], in: folder)
        // What the end of the file leaves open waits for its lateness to pass.
        input.write(Data(Self.line(4050).utf8))
        waitFor(expected.utf8.count, in: "out.jsonl", of: folder)
        last.terminate()
        last.waitUntilExit()
        #expect(last.terminationStatus == 0)
        #expect(String(decoding: bytes("out.jsonl", in: folder), as: UTF8.self) == expected)
    }

    /// The threads of its sockets leave signals to the one that waits for them.
    @Test func aSignalEndsAPipelineThatListens() throws {
        let configuration = """
            rules: r.martlet
            feeds:
              web: { type: http, listen: "127.0.0.1:0" }
              net: { type: tcp, listen: "127.0.0.1:0" }
              dat: { type: udp, listen: "127.0.0.1:0" }
            """
        let folder = try RulesFolder(["r.martlet": Self.rules, "c.yaml": configuration])
        let process = Process()
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = ["run", "c.yaml"]
        process.currentDirectoryURL = URL(filePath: folder.path)
        let log = Pipe()
        process.standardError = log
        try process.run()
        var text = ""
        while !text.contains("info running"),
            let data = try log.fileHandleForReading.read(upToCount: 1)
        {
            text += String(decoding: data, as: UTF8.self)
        }
        for feed in ["web", "net", "dat"] {
            #expect(text.contains("info feed `\(feed)` listens on 127.0.0.1:"))
        }
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
    }

    /// A signal reaches the thread that waits for it, and none of those of the network.
    @Test func aNodeWithSinksOnTheNetworkEndsCleanly() throws {
        let configuration =
            Self.configuration
            + "\n  hook: { type: webhook, url: \"http://127.0.0.1:1\", retry: 10ms }\n"
        let files = ["r.martlet": Self.rules, "c.yaml": configuration, "in.jsonl": ""]
        let folder = try RulesFolder(files)
        let lines = (0..<100).map(Self.line).joined()
        try Data(lines.utf8).write(to: URL(filePath: "\(folder.path)/in.jsonl"))
        let process = try start(["run", "c.yaml"], in: folder)
        waitFor(1, in: "out.jsonl", of: folder)
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
    }

    @Test func aStateFolderBelongsToOneProcess() throws {
        let files = ["r.martlet": Self.rules, "c.yaml": Self.configuration, "in.jsonl": ""]
        let folder = try RulesFolder(files)
        let first = try start(["run", "c.yaml"], in: folder)
        defer { first.terminate() }
        waitFor(1, in: "state/alerts.sqlite", of: folder)
        usleep(200_000)
        let second = try run(["run", "\(folder.path)/c.yaml"])
        #expect(second.status == .environment)
        #expect(second.errors.contains("cannot lock"))
        first.terminate()
        first.waitUntilExit()
        #expect(first.terminationStatus == 0, "a signal ends it cleanly")
    }

    /// A new store of alerts, or a new journal, beside checkpoints would have alerts come twice, or
    /// events be lost without a word.
    @Test(arguments: ["alerts.sqlite", "journal"])
    func whatIsGoneOfTheStateFolderIsMissed(name: String) throws {
        let folder = try RulesFolder(["r.martlet": Self.rules])
        let arguments = [
            "run", "--rules", "\(folder.path)/r.martlet", "--stdin", "--state", "\(folder.path)/s",
        ]
        let events = (0..<300).map(Self.line).joined()
        #expect(try run(arguments, input: events).status == .clean)
        #expect(try run(["journal", "check", "\(folder.path)/s"]).status == .clean)
        try FileManager.default.removeItem(atPath: "\(folder.path)/s/\(name)")
        let again = try run(arguments, input: events)
        #expect(again.status == .environment)
        #expect(again.errors.contains("s/\(name)` is gone"))
        #expect(again.output == "")
    }

    @Test func aWrongConfigurationSaysWhere() throws {
        let folder = try RulesFolder(["c.yaml": "rules: r\nfeeds:\n  a: { type: fle }\n"])
        let outcome = try run(["run", "\(folder.path)/c.yaml"])
        #expect(outcome.status == .usage)
        #expect(outcome.errors.contains("there is no type `fle`; did you mean `file`?"))
        #expect(outcome.errors.contains("c.yaml:3:14"))
        let checked = try run(["config", "check", "\(folder.path)/c.yaml"])
        #expect(checked.errors == outcome.errors)
        #expect(try run(["run"]).status == .usage)
        #expect(try run(["run", "c.yaml", "--stdin"]).status == .usage)
    }
}
