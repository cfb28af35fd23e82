// SPDX-License-Identifier: Apache-2.0

import Connectors
import Testing

@testable import MartletCommands

@Suite struct TopTableTests {
    private static func look(
        events: Int, at second: Int, retention: String = "null"
    ) throws -> TopTable.Look {
        let status = """
            {"version":"1.2.3","phase":"running","ready":true,
            "taken_at":"2027-01-15T08:00:0\(second)Z",
            "started_at":"2027-01-15T07:00:00Z","watermark":"2027-01-15T08:00:00Z",
            "events":\(events),
            "alerts":7,"keys":5,"dead_letters":1,
            "checkpoint":{"written_at":"2027-01-15T07:59:00Z"},
            "feeds":[{"name":"web","quiet":true,"lines":12,"events":10,"late":1,"undecodable":1,
            "refused":3,"dropped":0}],
            "retention":\(retention),
            "sinks":[{"name":"hook","health":"down","sent":0,"waiting":7,"failed":5,
            "dead_letters":0,"problem":"refused"}]}
            """
        let rules = try ["many", "few"].enumerated().map { place, name in
            try #require(
                JSONValue(
                    Array(
                        """
                        {"name":"\(name)","severity":"high","events":\(events / (place + 1)),
                        "attempts_under_way":null,"matches":9,"alerts":7,"suppressed":2,"caps":{}}
                        """.utf8)))
        }
        return TopTable.Look(
            status: try #require(JSONValue(Array(status.utf8))), rules: rules)
    }

    private func lines(_ width: Int, _ height: Int? = nil) throws -> [String] {
        let table = TopTable(
            try Self.look(events: 300, at: 2), try Self.look(events: 100, at: 1), order: .events,
            isColoured: false)
        return table.lines(width: width, height: height)
    }

    @Test func aWideTerminalShowsAllColumns() throws {
        let lines = try lines(120)
        #expect(lines[0] == "martlet 1.2.3  running  since 2027-01-15T07:00:00Z")
        #expect(lines[1].hasPrefix("200 events/s · 7 alerts · 5 keys · event time 2s behind · "))
        func words(_ line: String) -> [Substring] { line.split(separator: " ") }
        let head = try #require(lines.firstIndex { $0.hasPrefix("RULE") })
        #expect(
            words(lines[head]) == [
                "RULE", "SEVERITY", "EVENTS/S", "EVENTS", "UNDER", "WAY", "MATCHES", "ALERTS",
                "KEPT", "BACK", "CAPS",
            ])
        #expect(
            words(lines[head + 1]) == ["many", "high", "200", "300", "-", "9", "7", "2", "0"])
        #expect(words(lines[head + 2]).prefix(4) == ["few", "high", "100", "150"])
        #expect(lines[head].count == lines[head + 1].count, "numbers end below their heads")
        let sinks = try #require(lines.firstIndex { $0.hasPrefix("SINK") })
        #expect(lines[sinks - 1] == "")
        #expect(words(lines[sinks + 1]) == ["hook", "down", "0", "7", "5", "0"])
        #expect(lines[sinks + 2] == "  refused")
    }

    @Test(
        arguments: [
            (#"{"removed_alerts":0,"removed_for_room":0,"removed_dead_letters":0}"#, nil),
            (
                #"{"removed_alerts":5,"removed_for_room":2,"removed_dead_letters":3}"#,
                "removed: 5 alerts (2 for room), 3 dead letters"
            ),
            (#"{"removed_dead_letters":3}"#, "removed: 3 dead letters"),
        ] as [(String, String?)])
    func whatRetentionHasRemovedIsShown(retention: String, shown: String?) throws {
        let look = try Self.look(events: 1, at: 1, retention: retention)
        let table = TopTable(look, look, order: .events, isColoured: false)
        let text = table.lines(width: 200, height: nil).joined(separator: "\n")
        #expect(text.contains("removed") == (shown != nil))
        #expect(text.contains(shown ?? ""))
    }

    @Test(arguments: [40, 60, 70, 90])
    func aNarrowTerminalLeavesColumnsOut(width: Int) throws {
        let lines = try lines(width)
        #expect(lines.allSatisfy { $0.count <= width })
        let head = try #require(lines.first { $0.hasPrefix("RULE") })
        #expect(head.contains("EVENTS/S"))
        #expect(head.contains("ALERTS"))
        #expect(head.contains("MATCHES") == (width > 45))
        #expect(!head.contains("CAPS"))
        // Nothing of the second line is cut off.
        #expect(lines.joined(separator: " ").contains("1 dead letters"))
        #expect(lines.joined(separator: " ").contains("checkpoint 1m2s ago"))
    }

    @Test func aLowTerminalSaysHowManyRulesThereAreMore() throws {
        #expect(try lines(120, 12).contains("and 1 more"))
    }
}
