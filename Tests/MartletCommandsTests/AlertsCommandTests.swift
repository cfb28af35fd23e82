// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Live
@testable import MartletCommands

@Suite struct AlertsCommandTests {
    /// A state folder with three alerts: at 10, 30 and 50 seconds.
    private static func node() throws -> RulesFolder {
        let rules = """
            rule came "Someone came" {
              severity high
              by user
              when { login }
              alert "{user} came" { from: "out\\nside", n: 2 }
            }
            """
        let folder = try RulesFolder(["r.martlet": rules])
        let events = [("ann", 10), ("bob", 30), ("ann", 50)].map { user, second in
            "{\"type\":\"login\",\"user\":\"\(user)\",\"time\":\(1_800_000_000 + second)}\n"
        }
        let outcome = try run(
            [
                "run", "--rules", "\(folder.path)/r.martlet", "--stdin", "--state",
                "\(folder.path)/s",
            ], input: events.joined())
        #expect(outcome.status == .clean, "\(outcome.errors)")
        return folder
    }

    private func list(_ folder: RulesFolder, _ arguments: String...) -> CommandOutcome {
        Martlet.outcome(
            of: ["alerts", "--state", "\(folder.path)/s"] + arguments,
            in: Surroundings(today: StreamTime(nanoseconds: 1_800_000_060_000_000_000)))
    }

    @Test func alertsAreListedAsPeopleReadThem() throws {
        let folder = try Self.node()
        let outcome = list(folder, "--format", "human", "--since", "30s", "--key", "user=bob")
        #expect(outcome.status == .clean)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.first == "2027-01-15T08:00:30.000Z high     bob came")
        #expect(
            lines.dropFirst().dropLast() == ["  came user=bob", "  from: out\\u{a}side", "  n: 2"])
        #expect(lines.last?.hasPrefix("  id ") == true)
    }

    @Test func anAlertWithAWrongBitIsLeftOutAndSaidSo() throws {
        let folder = try Self.node()
        let file = URL(fileURLWithPath: "\(folder.path)/s/alerts.sqlite")
        let store = try SQLiteAlertStore(path: file.path)
        store.writeBack.note(byteCount: 1 << 20)
        try store.tidy()
        var bytes = try Data(contentsOf: file)
        let place = try #require(bytes.range(of: Data("bob came".utf8)))
        bytes[place.lowerBound] ^= 1
        try bytes.write(to: file)
        let outcome = list(folder)
        #expect(outcome.status == .clean)
        #expect(outcome.output.split(separator: "\n").count == 2)
        #expect(
            outcome.errors == "warning: what is stored of alert 2 is damaged: it is left out\n")
    }

    @Test func programsAreGivenTheAlertsThemselves() throws {
        let folder = try Self.node()
        let all = list(folder)
        #expect(all.output.split(separator: "\n").count == 3)
        #expect(
            list(folder, "--limit", "1").output
                == all.output.suffix(
                    from: all.output.index(
                        after: all.output.dropLast().lastIndex(of: "\n") ?? all.output.startIndex)))
        let list = try JSONSerialization.jsonObject(
            with: Data(list(folder, "--format", "json", "--until", "20s").output.utf8))
        #expect(
            (list as? [[String: Any]])?.compactMap { $0["title"] as? String } == [
                "ann came", "bob came",
            ])
        #expect(self.list(folder, "--rule", "gone", "--format", "json").output == "[]\n")
        #expect(self.list(folder, "--severity", "critical").output == "")
        #expect(self.list(folder, "--severity", "low").output == all.output)
    }

    @Test func whatCannotBeListedIsSaid() throws {
        let folder = try RulesFolder([:])
        #expect(list(folder).status == .environment)
        #expect(list(folder).errors.contains("it has no database of alerts"))
        let wrong = list(folder, "--severity", "grave")
        #expect(wrong.status == .usage)
        #expect(wrong.errors.contains("there is no severity `grave`"))
        #expect(list(folder, "--since", "soon").errors.contains("or how long ago, such as 1h"))
        #expect(list(folder, "--limit", "0").status == .usage)
    }
}
