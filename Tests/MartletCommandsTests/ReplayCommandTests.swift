// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands
@testable import Pipeline

/// `martlet replay` as the built program: exit codes, streams, signals.
@Suite struct ReplayCommandTests {
    private static let rules = """
        event login { user: string }
        rule twice { by user when within 1m { 2 login as l } alert "{user}" }
        test twice { case "c" { at 0s 2 login { user: "a" } expect alert } }

        """
    private static let events = """
        {"type":"login","time":"2027-01-31T12:00:00Z","user":"ann"}
        {"type":"login","time":"2027-01-31T12:00:01Z","user":"ann"}

        """
    private static let summary = "2 events from 2 lines\n1 alert\n  twice: 1\n"

    private let folder: RulesFolder

    init() throws {
        folder = try RulesFolder([
            "r.martlet": Self.rules, "e.jsonl": Self.events, "e.log": "text\n", "empty.jsonl": "",
            "wrong.martlet": "rule {", "hinted.martlet": "rule r { when within 1m { 2 a } }",
            "each.martlet":
                "rule pairs { when within 1m { login then each login as l } skip none }",
            "emits.martlet": """
            rule seen { by user when { login as l } emit { at: l.time } }
            rule often { by user when { 9 seen } alert "{user}" }
            """,
        ])
    }

    private func replay(
        _ rules: String = "r.martlet", _ arguments: String..., input: String? = nil
    ) throws -> CommandOutcome {
        let resolved = arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path) }
        var result = try run(["replay", "\(folder.path)/\(rules)"] + resolved, input: input)
        result.errors = folder.shortened(result.errors)
        return result
    }

    @Test func alertsGoOutAndTheSummaryBeside() throws {
        let result = try replay("r.martlet", "FOLDER/e.jsonl")
        #expect(result.status == .clean)
        #expect(result.errors == Self.summary)
        #expect(result.output.hasPrefix(#"{"id":""#))
        #expect(result.output.split(separator: "\n").count == 1)
        let quiet = try replay("r.martlet", "FOLDER/e.jsonl", "--quiet")
        #expect(quiet == CommandOutcome(output: result.output))
        let piped = try replay("r.martlet", "-", "-q", input: Self.events)
        #expect(
            piped.output == result.output.replacingOccurrences(of: "e.jsonl:", with: "stdin:")
                || piped.output.contains(#""event_ids":["stdin:1","stdin:2"]"#))
    }

    @Test func alertsAreFindingsOnlyIfAskedFor() throws {
        let failing = try replay("r.martlet", "FOLDER/e.jsonl", "-q", "--count", "--fail-on-alert")
        #expect(failing == CommandOutcome(output: "twice 1\n", status: .findings))
        let empty = try replay(
            "r.martlet", "FOLDER/empty.jsonl", "-q", "--count", "--fail-on-alert")
        #expect(empty == CommandOutcome(output: "twice 0\n"))
    }

    @Test func whatARuleOnlyEmitsIsNoAlert() throws {
        let result = try replay("emits.martlet", "FOLDER/e.jsonl", "--fail-on-alert")
        let errors = "2 events from 2 lines\n0 alerts\n  seen: 2 emitted\n  often: 0\n"
        #expect(result.errors.hasSuffix(errors))
        #expect(result.output.isEmpty && result.status == .clean)
        let counted = try replay(
            "emits.martlet", "FOLDER/e.jsonl", "-q", "--count", "--fail-on-alert")
        #expect(counted == CommandOutcome(output: "seen 2\noften 0\n"))
    }

    @Test(arguments: ["a", "b", "c"]) func theBackendCanBeForced(backend: String) throws {
        let events = String(repeating: Self.events, count: 2)
        let counted = try replay(
            "each.martlet", "-", "-q", "--count", "--lateness", "1m", "--backend", backend,
            input: events)
        #expect(counted == CommandOutcome(output: "pairs 6\n"))
        let visited = try replay(
            "each.martlet", "-", "-q", "--count", "--lateness", "1m", "--visit", input: events)
        #expect(visited == counted)
    }

    @Test func aBackendThatCannotRunARuleIsRefused() throws {
        let onSets = try replay("r.martlet", "FOLDER/e.jsonl", "-q", "--backend", "a")
        let onAttempts = try replay("r.martlet", "FOLDER/e.jsonl", "-q", "--backend", "b")
        #expect(onSets == onAttempts)
        let uncounted = try replay("each.martlet", "-", "--backend", "c", input: Self.events)
        #expect(uncounted.status == .usage)
        #expect(
            uncounted.errors.contains(
                "`pairs` cannot be run on backend c: counters find no matches, only their number"))
        let visited = try replay("each.martlet", "-", "--visit", input: Self.events)
        #expect(visited.status == .usage)
    }

    @Test func rulesWithMistakesAreFindingsAndWarningsANumber() throws {
        let wrong = try replay("wrong.martlet", "FOLDER/e.jsonl")
        #expect(wrong.status == .findings)
        #expect(wrong.output.isEmpty)
        #expect(wrong.errors.contains("--> FOLDER/wrong.martlet:1:"))
        let hinted = try replay("hinted.martlet", "FOLDER/e.jsonl", "--count")
        #expect(hinted.status == .clean)
        #expect(
            hinted.errors.hasPrefix(
                "1 warning in the rules: see `martlet check FOLDER/hinted.martlet`\n"))
    }

    @Test(arguments: [
        (["FOLDER/none.jsonl"], "cannot open `FOLDER/none.jsonl`: No such file or directory"),
        (["FOLDER/none.log"], "cannot open `FOLDER/none.log`: No such file or directory"),
        (["FOLDER"], "cannot read `FOLDER`: Is a directory"),
        (
            ["FOLDER/e.jsonl", "--output", "/dev/full"],
            "cannot write `/dev/full`: No space left on device"
        ),
        (
            ["FOLDER/e.jsonl", "--count", "-o", "/dev/full"],
            "cannot write `/dev/full`: No space left on device"
        ),
        (
            ["FOLDER/e.jsonl", "--type-field", "none", "--dead-letters", "/dev/full"],
            "cannot write `/dev/full`: No space left on device"
        ),
        (
            ["FOLDER/e.jsonl", "--output", "FOLDER/no/where"],
            "cannot open `FOLDER/no/where`: No such file or directory"
        ),
    ])
    func whatTheMachineLacksExitsWithThree(_ arguments: [String], _ message: String) throws {
        let resolved = arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path) }
        let result = try run(["replay", folder.path + "/r.martlet"] + resolved)
        #expect(result.status == .environment)
        #expect(result.output.isEmpty)
        #expect(folder.shortened(result.errors).hasSuffix("error: \(message)\n"))
    }

    @Test func aFullDiskKeepsNeitherTheSummaryNorDeadLettersBack() throws {
        let input = Self.events + "oops\n"
        let full = try replay(
            "r.martlet", "-", "--output", "/dev/full", "--dead-letters", "FOLDER/dead",
            input: input)
        #expect(full.status == .environment)
        #expect(
            full.errors == """
                2 events from 3 lines
                  1 undecodable
                    stdin:3: not a JSON object
                1 alert
                  twice: 1
                error: cannot write `/dev/full`: No space left on device

                """)
        let letters = try String(contentsOfFile: folder.path + "/dead", encoding: .utf8)
        #expect(letters.contains(#""text":"oops""#))
        let other = try replay(
            "r.martlet", "-", "-q", "--dead-letters", "/dev/full", input: input)
        #expect(other.status == .environment)
        #expect(other.output.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        (["--output", "FOLDER/e.jsonl"], "`--output` would overwrite `FOLDER/e.jsonl`"),
        (["-o", "FOLDER/../FOLDERNAME/e.jsonl"], "`--output` would overwrite `FOLDER/e.jsonl`"),
        (
            ["--dead-letters", "FOLDER/r.martlet"],
            "`--dead-letters` would overwrite `FOLDER/r.martlet`"
        ),
    ])
    func noOutputOverwritesWhatIsRead(_ options: [String], _ message: String) throws {
        let name = URL(filePath: folder.path).lastPathComponent
        let resolved = options.map {
            $0.replacingOccurrences(of: "FOLDERNAME", with: name)
                .replacingOccurrences(of: "FOLDER", with: folder.path)
        }
        let result = try run(
            ["replay", folder.path + "/r.martlet", folder.path + "/e.jsonl"] + resolved)
        #expect(result.status == .usage)
        #expect(folder.shortened(result.errors) == "error: \(message), which is read\n")
        let events = try String(contentsOfFile: folder.path + "/e.jsonl", encoding: .utf8)
        #expect(events == Self.events)
    }

    @Test(arguments: [
        [], ["FOLDER/e.jsonl", "--input", "xml"], ["FOLDER/e.jsonl", "--format", "xml"],
        ["FOLDER/e.log"], ["FOLDER/e.jsonl", "--lateness", "5"],
        ["FOLDER/e.jsonl", "--lateness", "-5s"],
        ["FOLDER/e.jsonl", "--from", "yesterday"], ["--feed", "login"], ["--feed", "=x"],
        ["FOLDER/e.jsonl", "--from", "2027-02-01", "--to", "2027-01-01"], ["-", "-"],
        ["--feed", "logn=FOLDER/e.jsonl"], ["FOLDER/e.jsonl", "--count", "--format", "csv"],
        ["FOLDER/e.jsonl", "--dead-letters", "x", "--output", "x"],
    ])
    func wrongUseExitsWithTwo(_ arguments: [String]) throws {
        let resolved = arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path) }
        let result = try run(["replay", folder.path + "/r.martlet"] + resolved)
        #expect(result.status == .usage)
        #expect(result.output.isEmpty)
        #expect(!result.errors.isEmpty)
    }

    @Test func aFeedNeedsNoOtherFile() throws {
        let result = try replay("r.martlet", "--feed", "login=FOLDER/e.jsonl", "--count", "-q")
        #expect(result == CommandOutcome(output: "twice 1\n"))
    }

    @Test func datesBoundTheReplay() throws {
        let before = try replay(
            "r.martlet", "FOLDER/e.jsonl", "-q", "--count", "--to", "2027-01-31")
        #expect(before.output == "twice 0\n")
        let within = try replay(
            "r.martlet", "FOLDER/e.jsonl", "-q", "--count", "--from", "1801396800", "--to",
            "2027-02-01")
        #expect(within.output == "twice 1\n")
    }

    @Test func aSignalEndsTheReplayWithItsOutputWhole() throws {
        let process = Process()
        let program: URL = try #require(builtBinary())
        process.executableURL = program
        let alerts = folder.path + "/alerts"
        process.arguments = ["replay", folder.path + "/r.martlet", "-", "--output", alerts]
        let (input, errors) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardError = errors
        try process.run()
        // More than a pipe holds: when all is written, some has been read, and so the replay is on.
        var lines = ""
        while lines.utf8.count < 1 << 18 { lines += Self.events }
        input.fileHandleForWriting.write(Data(lines.utf8))
        process.interrupt()
        let text = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(text.hasPrefix("interrupted: what follows is a part\n"))
        let written = try Data(contentsOf: URL(filePath: alerts))
        #expect(written.last == UInt8(ascii: "\n"))
    }

    @Test func aReaderThatGoesEndsTheReplayQuietly() throws {
        var lines = ""
        while lines.utf8.count < 1 << 20 { lines += Self.events }
        let file = folder.path + "/long.jsonl"
        try Data(lines.utf8).write(to: URL(filePath: file))
        let process = Process()
        let program: URL = try #require(builtBinary())
        process.executableURL = program
        process.arguments = ["replay", folder.path + "/r.martlet", file]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try output.fileHandleForReading.close()
        try process.run()
        try output.fileHandleForWriting.close()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(text.isEmpty)
    }

    @Test func theProgressLineSaysHowFarItIs() {
        let progress = ReplaySession.Progress(events: 12_345_678, alerts: 1_234, percent: 45)
        #expect(
            ReplayProgressLine.text(progress, nanoseconds: 10_000_000_000)
                == "12,345,678 events, 1,234,567 a second, 45 %, 1,234 alerts")
        let endless = ReplaySession.Progress(events: 0, alerts: 0, percent: nil)
        #expect(
            ReplayProgressLine.text(endless, nanoseconds: 0) == "0 events, 0 a second, 0 alerts")
    }
}
