// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import MartletCommands

/// Rules that change under a process at work.
@Suite struct RulesCommandTests {
    private static let twice = """
        table robots from "robots.txt"
        rule twice {
          by user
          when within 1h {
            login as a where user not in robots
            then login as b
          }
          alert "{user}"
        }
        """
    private static let once = """

        rule once {
          by user
          when { logout }
          alert "{user}"
        }
        """
    private static let configuration = """
        rules: r.martlet
        feeds:
          logins: { type: file, path: "in.jsonl", poll_every: 10ms }
        sinks:
          out: { type: file, path: out.jsonl }
        """

    private let folder: RulesFolder

    init() throws {
        folder = try RulesFolder([
            "r.martlet": Self.twice, "c.yaml": Self.configuration, "in.jsonl": "",
            "robots.txt": "probe\n",
        ])
    }

    private func start(_ more: String...) throws -> Process {
        let process = Process()
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = ["run", "c.yaml"] + more
        process.currentDirectoryURL = URL(filePath: folder.path)
        let log = "\(folder.path)/log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        wait(for: "info running", in: "log")
        return process
    }

    private func end(_ process: Process) {
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)) ?? ""
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
    }

    /// Waits until a file has a text, at most half a minute.
    private func wait(for wanted: String, in name: String) {
        for _ in 0..<3000 where !text(name).contains(wanted) { usleep(10_000) }
        #expect(text(name).contains(wanted))
    }

    private func send(_ type: String, _ user: String, _ seconds: Int) throws {
        let input = try #require(FileHandle(forWritingAtPath: "\(folder.path)/in.jsonl"))
        try input.seekToEnd()
        let time = 1_800_000_000 + seconds
        input.write(
            Data("{\"type\":\"\(type)\",\"user\":\"\(user)\",\"time\":\(time)}\n".utf8))
    }

    private func rules(_ arguments: String...) throws -> CommandOutcome {
        try run(["rules"] + arguments + ["--state", "\(folder.path)/state"])
    }

    @Test func aHangUpReadsTheRulesAgainAllOrNothing() throws {
        let process = try start()
        try send("login", "ann", 0)
        try write(Self.twice + Self.once + "\nrule wrong { when { } }", to: "r.martlet")
        kill(process.processIdentifier, SIGHUP)
        wait(for: "the rules stay as they are: the rules have mistakes: r.martlet:", in: "log")
        try write(Self.twice + Self.once, to: "r.martlet")
        kill(process.processIdentifier, SIGHUP)
        wait(
            for: "version 2 of the rules is in force, from sighup: 1 kept, 1 new (once)", in: "log")
        try send("login", "ann", 1)
        try send("logout", "ann", 2)
        // What the latest time leaves open waits for the next one.
        try send("other", "x", 3)
        wait(for: "\"rule\":\"once\"", in: "out.jsonl")
        #expect(text("out.jsonl").contains("\"rule\":\"twice\""))
        end(process)
    }

    @Test func filesThatChangeAreReadAgainWhereTheyAreWatched() throws {
        let process = try start("--watch")
        try write(Self.twice + Self.once, to: "r.martlet")
        wait(for: "version 2 of the rules is in force, from watch: 1 kept, 1 new (once)", in: "log")
        end(process)
    }

    @Test func tablesAreReadAgainWhenTheirFilesChange() throws {
        let process = try start()
        try write("probe\nann\n", to: "robots.txt")
        wait(for: "version 2 of the rules is in force, from table: 1 kept", in: "log")
        for (second, user) in ["ann", "ann", "bob", "bob"].enumerated() {
            try send("login", user, second)
        }
        try send("login", "eve", 9)
        wait(for: "bob", in: "out.jsonl")
        #expect(!text("out.jsonl").contains("ann"))
        end(process)
    }

    @Test func rulesAreDisabledEnabledAndRolledBack() throws {
        var process = try start()
        let off = try rules("disable", "twice", "--author", "ann", "--note", "too loud")
        #expect(off.output == "1 disabled (twice)\n", "\(off.errors)")
        #expect(try rules("disable", "twice").output == "nothing has changed\n")
        let slip = try rules("disable", "twise")
        #expect(slip.status == .findings)
        #expect(slip.errors.contains("there is no rule `twise`; did you mean `twice`?"))
        end(process)
        process = try start()
        let list = try rules("list")
        #expect(list.output.hasPrefix("twice  r.martlet:2  "))
        #expect(list.output.hasSuffix("  disabled\n"))
        #expect(try rules("enable", "twice").output == "1 new (twice)\n")
        try write(Self.once, to: "r.martlet")
        kill(process.processIdentifier, SIGHUP)
        wait(for: "1 new (once), 1 removed (twice)", in: "log")
        #expect(try rules("rollback", "1").output == "1 new (twice), 1 removed (once)\n")
        #expect(try rules("rollback", "9").status == .findings)
        end(process)
        #expect(try rules("show", "twice").output.hasPrefix("rule twice {\n"))
        #expect(try rules("show", "once", "--version", "2").output.hasPrefix("rule once {\n"))
        #expect(try rules("show", "once").status == .usage)
        let history = try rules("history").output.split(separator: "\n")
        #expect(history.count == 5)
        #expect(history[1].hasSuffix("version 1  command  1 disabled (twice)  by ann  too loud"))
        #expect(history[4].contains("version 1  command  1 new (twice), 1 removed (once)"))
        let one = try rules("history", "once").output.split(separator: "\n")
        #expect(one.count == 2)
        #expect(one[1].contains("  gone"))
        #expect(try rules("history", "nobody").status == .usage)
        let later = try rules("disable", "twice")
        #expect(later.output.contains("done at the next start"))
        process = try start()
        wait(for: "1 disabled (twice)", in: "log")
        end(process)
    }

    @Test func rulesThatAreSentStayUntilTheFilesChange() async throws {
        try write(
            Self.configuration
                + "\nadmin: { listen: \"127.0.0.1:0\", token: correct-horse-battery }\n",
            to: "c.yaml")
        var process = try start()
        let answer = try await send(rules: Self.twice + Self.once, as: "r.martlet")
        #expect(answer.contains("\"kept\":[\"twice\"],"), "\(answer)")
        wait(for: "version 2 of the rules is in force, from api by ann: 1 kept, 1 new", in: "log")
        let wrong = try await send(rules: Self.twice + "\nrule wrong { when { } }", as: "r.martlet")
        #expect(wrong.contains("\"status\":422"), "\(wrong)")
        wait(
            for: "the rules stay as they are: the rules have mistakes: r.martlet:10:20: E",
            in: "log")
        end(process)
        process = try start()
        wait(for: "version 2 of the rules stays in force, from api by ann at ", in: "log")
        #expect(try rules("list").output.contains("once  r.martlet:"))
        end(process)
        try write(Self.twice + "\n", to: "r.martlet")
        process = try start()
        wait(for: "version 3 of the rules is in force: 1 kept, 1 removed (once)", in: "log")
        end(process)
    }

    /// Puts a file of rules in force over HTTP; gives what the server answered with.
    private func send(rules: String, as name: String) async throws -> String {
        let log = text("log")
        let url = try #require(log.firstMatch(of: /admin server on (http:\S+)/)).1
        var request = HTTPClientRequest(url: "\(url)/api/v1/rules/\(name)?author=ann")
        request.method = .PUT
        request.headers.add(name: "Authorization", value: "Bearer correct-horse-battery")
        request.body = .bytes(ByteBuffer(string: rules))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        return String(buffer: try await response.body.collect(upTo: 1 << 20))
    }

    @Test func aStateFolderWithoutRulesIsSaidToBeNone() throws {
        let none = try rules("list")
        #expect(none.status == .environment)
        #expect(none.errors.contains("has `martlet run` run with that state folder?"))
    }
}
