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

    /// Rule and key of each alert.
    private func alerts(_ text: String) throws -> [String] {
        try text.split(separator: "\n").map { line in
            let alert = try #require(JSONValue(Array(line.utf8)))
            return "\(alert["rule"]?.displayText ?? "") \(alert["key"]?.json ?? "")"
        }
    }
}
