// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Pipeline

/// How the alert of a rule on rules says where it comes from.
@Suite struct AlertLineageTests {
    private static let rules = """
        rule hot {
          severity high
          tags ["heat"]
          by sensor
          when { reading as r where temp > 90 }
          alert "{sensor} is \\"hot\\"" { temp: r.temp }
        }
        rule often {
          by sensor
          when within 1h { 2 hot as h }
          alert "{first(h.id)}"
        }
        """

    private static let events = """
        {"type":"reading","time":"2027-01-31T12:00:00Z","sensor":"s1","temp":95}
        {"type":"reading","time":"2027-01-31T12:00:10Z","sensor":"s1","temp":96.5}

        """

    private func replay(_ format: AlertFormat) throws -> String {
        let harness = try ReplayHarness(Self.rules)
        let events = try harness.write("readings.jsonl", Self.events)
        return try harness.replay(events: events) { $0.format = format }.output
    }

    private func id(_ line: Substring) -> Substring { line.dropFirst(7).prefix(32) }

    @Test func lineageNamesTheAlertsThatWereBound() throws {
        let lines = try replay(.jsonLines).split(separator: "\n")
        try #require(lines.count == 3)
        let ids = "[\"\(id(lines[0]))\",\"\(id(lines[1]))\"]"
        #expect(lines[2].hasSuffix("\"event_ids\":\(ids),\"lineage\":\(ids)}"))
        #expect(lines[2].contains("\"title\":\"\(id(lines[0]))\""))
        #expect(!lines[0].contains("lineage"))
    }

    @Test(arguments: [
        "tumbling 1h", "hopping 1h every 1h", "session 20m", "sliding 1h", "last 2",
    ])
    func theLineageOfAWindowIsOfAllAlertsThatItHeld(window: String) throws {
        let harness = try ReplayHarness(
            String(Self.rules.prefix(upTo: Self.rules.firstRange(of: "rule often")!.lowerBound))
                + """
                rule much {
                  by sensor
                  when over \(window) { alert as h }
                  having count(h) >= 2
                  alert "{sensor}"
                }
                """)
        let events = try harness.write("readings.jsonl", Self.events)
        let lines = try harness.replay(events: events) { $0.format = .jsonLines }.output
            .split(separator: "\n")
        try #require(lines.count == 3)
        let ids = "[\"\(id(lines[0]))\",\"\(id(lines[1]))\"]"
        #expect(lines[2].hasSuffix("\"lineage\":\(ids)}"), "\(lines[2])")
    }

    @Test func aBoundAlertIsShownAsAnEvent() throws {
        let lines = try replay(.jsonLines).split(separator: "\n")
        let shown = [
            #""events":{"h":[{"type":"hot","time":"2027-01-31T12:00:00.000Z","rule":"hot","#,
            #""severity":"high","tags":["heat"],"title":"s1 is \"hot\"","#,
            #""start":"2027-01-31T12:00:00.000Z","end":"2027-01-31T12:00:00.000Z","#,
            #""sensor":"s1","temp":95},"#,
        ].joined()
        #expect(lines[2].contains(shown), "\(lines[2])")
    }

    @Test func aTableHasTheLineageInAColumn() throws {
        let json = try replay(.jsonLines).split(separator: "\n")
        let rows = try replay(.csv).split(separator: "\n")
        #expect(rows[0].hasSuffix(",lineage"))
        #expect(rows[1].hasSuffix(",,,,"))
        #expect(rows[3].hasSuffix("\"[\"\"\(id(json[0]))\"\",\"\"\(id(json[1]))\"\"]\""))
    }

    @Test func anAlertIsTheSameOneWithAndWithoutReaders() throws {
        let alone = try ReplayHarness(
            String(Self.rules.prefix(upTo: Self.rules.firstRange(of: "rule often")!.lowerBound)))
        let events = try alone.write("readings.jsonl", Self.events)
        let output = try alone.replay(events: events).output
        #expect(try replay(.jsonLines).hasPrefix(output))
    }

    @Test func aCountIsOfTheMatchesOfEachRule() throws {
        #expect(try replay(.count) == "hot 2\noften 1\n")
    }
}
