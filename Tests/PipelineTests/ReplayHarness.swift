// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import Diagnostics
import Foundation
import RuleLanguage
import Testing

@testable import Pipeline

/// Rules and files of events in a folder of their own, replayed as a value.
final class ReplayHarness {
    let folder: String
    let ruleset: CheckedRuleset
    let program: RulesetProgram

    init(_ rules: String) throws {
        folder = NSTemporaryDirectory() + "martlet-replay-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let parsed = RuleSyntax.parse(SourceFile(name: "rules.martlet", text: rules))
        let result = RuleChecker.check([parsed])
        ruleset = try #require(
            result.ruleset, "\(DiagnosticRenderer.human(result.diagnostics, colour: false))")
        program = RulesetCompiler.compile(ruleset)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try FileManager.default.createDirectory(
            at: URL(filePath: path(name)).deletingLastPathComponent(),
            withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path(name)))
        return path(name)
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
    }

    struct Result {
        var output: String
        var report: ReplayReport
        var feedErrors: [FeedError]
    }

    /// Replays the files to the file `alerts`.
    func replay(
        _ files: ReplayFiles, _ change: (inout ReplayOptions) -> Void = { _ in }
    ) throws -> Result {
        var options = ReplayOptions()
        options.outputPath = path("alerts")
        change(&options)
        let inputs = try files.inputs(for: ruleset, program)
        var session = try ReplaySession(program, inputs: inputs, options: options)
        while try session.step() {}
        try session.runOut()
        let errors = session.feedErrors
        let report = try session.finish()
        let output = options.outputPath == path("alerts") ? try text("alerts") : ""
        return Result(output: output, report: report, feedErrors: errors)
    }

    func replay(
        events: String..., options change: (inout ReplayOptions) -> Void = { _ in }
    ) throws -> Result {
        var files = ReplayFiles()
        files.events = events
        return try replay(files, change)
    }

    static let guesses = """
        event login { user: string, ip: ip, outcome: "ok" | "fail", host: string = lower("A") }
        rule guessed "Guessing" {
          severity high
          tags ["T1110", "a,b"]
          labels { team: "blue" }
          by user
          when within 10m {
            at least 2 login as fails where outcome == "fail"
            then login where outcome == "ok"
          }
          alert "{user}: {count(fails)} failures" { took: match.end - match.start }
        }
        rule silent {
          by user
          when { login as last
            then no login for 1h }
        }
        """

    /// Ann guesses and gets in, and so does Bob, whose name needs quotes.
    static let logins = """
        {"type":"login","time":"2027-01-31T12:00:00Z","user":"ann","ip":"10.0.0.1","outcome":"fail"}
        {"type":"login","time":"2027-01-31T12:00:10Z","user":"ann","ip":"10.0.0.1","outcome":"fail","id":"x7"}
        {"type":"logout","time":"2027-01-31T12:00:10Z","user":"ann"}
        {"type":"login","time":"2027-01-31T12:00:10Z","user":"b\\"ob","ip":"10.0.0.2","outcome":"fail"}
        {"type":"login","time":"2027-01-31T12:00:20.5Z","user":"ann","ip":"10.0.0.1","outcome":"ok"}
        {"type":"login","time":"2027-01-31T12:00:21Z","user":"b\\"ob","ip":"10.0.0.2","outcome":"fail"}
        {"type":"login","time":"2027-01-31T12:00:22Z","user":"b\\"ob","ip":"10.0.0.2","outcome":"ok"}

        """
}
