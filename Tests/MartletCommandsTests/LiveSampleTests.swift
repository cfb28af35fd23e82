// SPDX-License-Identifier: Apache-2.0

import Connectors
import Foundation
import Testing

@testable import MartletCommands

/// What `make live` shows.
@Suite struct LiveSampleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/live")
        .path

    @Test func itsConfigurationAndItsRulesAreRight() throws {
        let checked = outcome(["config", "check", "\(Self.folder)/martlet.yaml"])
        #expect(checked.output == "5 rules, 1 feed, 2 sinks, no mistakes\n", "\(checked.errors)")
        #expect(outcome(["test", "\(Self.folder)/rules.martlet"]).status == .clean)
    }

    /// Played at sixty times the speed, the rules find live what they find in a replay.
    @Test func thePlayedRecordingGivesTheAlertsOfAReplay() throws {
        let state = try RulesFolder(["here": ""])
        let program = try #require(builtBinary(), "martlet has been built").path
        let (rules, events) = ("\(Self.folder)/rules.martlet", "\(Self.folder)/shop.jsonl")
        // As they were: windows begin with the minute, whatever is played when.
        let recording = try String(contentsOfFile: events, encoding: .utf8)
        let firstTime = try #require(recording.firstMatch(of: /"time":"([^"]+)"/)).1
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c",
            "\"\(program)\" play --speed 60 --keep-distances --start \(firstTime) \"\(events)\" | "
                + "\"\(program)\" run \"\(Self.folder)/martlet.yaml\" --admin off",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["MARTLET_LIVE": state.path]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let live = try alerts(
            String(contentsOfFile: "\(state.path)/alerts.jsonl", encoding: .utf8))
        let replayed = try alerts(try run(["replay", rules, events, "--format", "jsonl"]).output)
        // A replay waits for what is still to come at its end.
        #expect(live == Array(replayed.prefix(live.count)))
        #expect(live.count >= 12)
        #expect(Set(live.map { $0.prefix { $0 != " " } }).count == 5, "each rule has something")
    }

    @Test(arguments: ["human", "jsonl"])
    func standardOutputIsForPeopleOrPrograms(form: String) throws {
        let folder = try RulesFolder([
            "c.yaml": "rules: \(Self.folder)/rules.martlet\nadmin: { listen: off }\n"
                + "feeds: { in: { type: file, path: \(Self.folder)/shop.jsonl, "
                + "poll_every: 10ms } }\n"
                + "sinks: { out: { type: stdout, format: \(form) } }\n"
        ])
        let process = Process()
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = ["run", "\(folder.path)/c.yaml"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while text.count(where: { $0 == "\n" }) < 4,
            let data = try output.fileHandleForReading.read(upToCount: 1)
        {
            text += String(decoding: data, as: UTF8.self)
        }
        process.terminate()
        _ = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if form == "human" {
            #expect(
                text.hasPrefix(
                    """
                    2026-03-02T09:00:06.500Z high     ann: 4 failures, then in from 203.0.113.9
                      guessed_password user=ann
                      attempts: 4
                      id 
                    """))
        } else {
            #expect(text.hasPrefix("{\"id\":\""))
        }
    }

    /// Rule and key of each alert.
    private func alerts(_ text: String) throws -> [String] {
        try text.split(separator: "\n").map { line in
            let alert = try #require(JSONValue(Array(line.utf8)))
            return "\(alert["rule"]?.displayText ?? "") \(alert["key"]?.json ?? "")"
        }
    }
}
