// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

/// What happened live, as a recording and through rules anew.
@Suite struct JournalCommandTests {
    private static let rules = """
        rule guessed {
          by user
          when within 1m {
            2 login as fails where outcome == "fail"
            then login as entry where outcome == "ok"
          }
          alert "{user} came in"
        }
        rule quiet {
          by user
          when {
            login as last
            then no login for 20s
          }
        }
        """

    private static let events =
        (0..<900).map { k in
            let time = 1_800_000_000_000 + k * 100 + (k % 5 == 0 ? 700 : 0)
            let outcome = k % 7 == 0 ? "ok" : "fail"
            return """
                {"id":\(k),"type":"login","user":"u\(k % 13)","outcome":"\(outcome)","time":\(time)}

                """
        }.joined() + "{ this is none\n"

    /// A folder with the state of a run over `events`, and the alerts that it made.
    private func lived() throws -> (folder: RulesFolder, alerts: String) {
        let folder = try RulesFolder(["r.martlet": Self.rules])
        let live = try run(
            [
                "run", "--rules", "\(folder.path)/r.martlet", "--stdin", "--state",
                "\(folder.path)/s",
            ], input: Self.events)
        #expect(live.status == .clean, "\(live.errors)")
        #expect(live.output.split(separator: "\n").count > 15)
        return (folder, live.output)
    }

    @Test func theRecordsAreExportedAsTheyCame() throws {
        let (folder, _) = try lived()
        let export = try run(["journal", "export", "\(folder.path)/s"])
        #expect(export.status == .clean, "\(export.errors)")
        #expect(export.output == Self.events)
        let none = try run([
            "journal", "export", "\(folder.path)/s", "--to", "2001-01-01",
        ])
        #expect(none.output.isEmpty)
        let all = try run([
            "journal", "export", "\(folder.path)/s/journal", "--feed", "stdin", "-o",
            "\(folder.path)/all.jsonl",
        ])
        #expect(all == CommandOutcome())
        let file = try String(contentsOfFile: "\(folder.path)/all.jsonl", encoding: .utf8)
        #expect(file == Self.events)
        let slip = try run(["journal", "export", "\(folder.path)/s", "--feed", "nose"])
        #expect(slip.status == .usage)
        #expect(slip.errors.contains("no record of a feed `nose`; it has those of `stdin`"))
    }

    @Test func ofCSVTheRowOfNamesIsExportedOnce() throws {
        let folder = try RulesFolder(["r.martlet": Self.rules])
        let configuration = """
            rules: r.martlet
            state: { folder: s }
            admin: { listen: "off" }
            feeds:
              in: { type: stdin, format: csv, event_type: login }
            """
        let path = "\(folder.path)/c.yaml"
        try Data(configuration.utf8).write(to: URL(filePath: path))
        let rows = (0..<20_000).map { "u\($0 % 13),fail,\(1_800_000_000_000 + $0)\n" }
        let events = "user,outcome,time\n" + rows.joined()
        let live = try run(["run", path], input: events)
        #expect(live.status == .clean, "\(live.errors)")
        let plain = try run(["journal", "export", "\(folder.path)/s"])
        #expect(plain.output.split(separator: "\n").count > rows.count + 1)
        let once = try run(["journal", "export", "\(folder.path)/s", "--config", path])
        #expect(once.status == .clean, "\(once.errors)")
        #expect(once.output == events)
        let slip = try run([
            "journal", "export", "\(folder.path)/s", "--config", "\(folder.path)/no.yaml",
        ])
        #expect(slip.status != .clean)
    }

    @Test func aReplayOfTheJournalGivesTheAlertsThatWereMade() throws {
        let (folder, alerts) = try lived()
        let replay = try run([
            "replay", "\(folder.path)/r.martlet", "--journal", "\(folder.path)/s",
            "--dead-letters", "\(folder.path)/dead.jsonl",
        ])
        #expect(replay.status == .clean, "\(replay.errors)")
        #expect(replay.output == alerts)
        #expect(replay.errors.contains("1 dead letter"))
        let letters = try String(contentsOfFile: "\(folder.path)/dead.jsonl", encoding: .utf8)
        let live = try String(
            contentsOfFile: "\(folder.path)/s/dead-letters.jsonl", encoding: .utf8)
        #expect(letters == live)
    }

    @Test func feedsAreReadAsTheConfigurationSays() throws {
        let (folder, _) = try lived()
        let configuration = """
            rules: r.martlet
            feeds:
              stdin: { type: stdin, lateness: 1s }
            """
        try Data(configuration.utf8).write(to: URL(filePath: "\(folder.path)/c.yaml"))
        let arguments = ["replay", "\(folder.path)/r.martlet", "--journal", "\(folder.path)/s"]
        let said = try run(arguments + ["--config", "\(folder.path)/c.yaml"])
        let given = try run(arguments + ["--lateness", "1s"])
        let plain = try run(arguments)
        #expect(said.status == .clean, "\(said.errors)")
        #expect(said.output == given.output)
        #expect(said.output != plain.output, "with a lateness no event is late")
    }

    @Test func aWholeJournalIsFoundWholeAndADamagedOneIsNot() throws {
        let (folder, _) = try lived()
        let whole = try run(["journal", "check", "\(folder.path)/s"])
        #expect(whole.status == .clean)
        #expect(whole.output.contains("901 lines"))
        #expect(whole.errors.contains("all whole"))
        let journal = "\(folder.path)/s/journal"
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: journal).first)
        var bytes = try Data(contentsOf: URL(filePath: "\(journal)/\(name)"))
        bytes[30] ^= 16
        try bytes.write(to: URL(filePath: "\(journal)/\(name)"))
        let damaged = try run(["journal", "check", "\(folder.path)/s"])
        #expect(damaged.status == .findings)
        #expect(damaged.output.contains("is damaged from byte 24 to byte"))
        let export = try run(["journal", "export", "\(folder.path)/elsewhere"])
        #expect(export.status == .environment)
    }

    @Test(arguments: [
        ["--journal", "s", "events.jsonl"], ["--journal", "s", "--count"],
        ["--journal", "s", "--from", "2026-01-01"], ["--config", "c.yaml", "events.jsonl"],
    ]) func whatDoesNotGoWithAJournalIsRefused(more: [String]) {
        #expect(outcome(["replay", "r.martlet"] + more).status == .usage)
    }
}
