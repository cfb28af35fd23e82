// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Pipeline

/// How alerts tell of what was kept back before them, and how notices look.
@Suite struct AlertPolicyOutputTests {
    private static let rules = """
        rule hot {
          by sensor
          when { reading as r where temp > 90 }
          except "in the test rig" where sensor == "rig"
          resolve on reading where temp < 80
          alert "{sensor} is hot" { temp: r.temp }
        }
        rule cold {
          by sensor
          when { reading where temp < 0 }
          suppress 1m
          limit 2 per 1h
          alert "{sensor} is cold"
        }
        """

    private static let events = """
        {"type":"reading","time":"2027-01-31T12:00:00Z","sensor":"s1","temp":95}
        {"type":"reading","time":"2027-01-31T12:00:05Z","sensor":"rig","temp":99}
        {"type":"reading","time":"2027-01-31T12:00:10Z","sensor":"s1","temp":96}
        {"type":"reading","time":"2027-01-31T12:01:00Z","sensor":"s1","temp":-1}
        {"type":"reading","time":"2027-01-31T12:01:01Z","sensor":"s1","temp":-2}
        {"type":"reading","time":"2027-01-31T12:03:00Z","sensor":"s1","temp":-3}
        {"type":"reading","time":"2027-01-31T12:04:01Z","sensor":"s1","temp":-4}
        {"type":"reading","time":"2027-01-31T13:30:00Z","sensor":"s1","temp":-5}
        """

    private func replay(_ format: AlertFormat) throws -> ReplayHarness.Result {
        let harness = try ReplayHarness(Self.rules)
        let events = try harness.write("readings.jsonl", Self.events)
        return try harness.replay(events: events) { $0.format = format }
    }

    /// The values of a member in each line that has it.
    private func values(_ name: String, in output: String) throws -> [String] {
        let pattern = try Regex("\"\(name)\":(\"[^\"]*\"|[^,}]*)", as: (Substring, Substring).self)
        return output.split(separator: "\n").compactMap {
            $0.firstMatch(of: pattern).map { String($0.output.1) }
        }
    }

    @Test func anAlertAndItsNoticeHaveOneID() throws {
        let output = try replay(.jsonLines).output
        let lines = output.split(separator: "\n").filter { $0.contains("\"rule\":\"hot\"") }
        try #require(lines.count == 2)
        let (alert, notice) = (String(lines[0]), String(lines[1]))
        #expect(try values("id", in: alert) == values("id", in: notice))
        #expect(try values("status", in: output) == ["\"open\"", "\"resolved\""])
        #expect(
            try values("resolved_at", in: output) == ["null", "\"2027-01-31T12:01:00.000Z\""])
        #expect(try values("suppressed", in: notice) == ["1"])
        #expect(notice.hasSuffix("\"events\":{\"r\":[]},\"event_ids\":[]}"))
        #expect(notice.contains("\"title\":\"s1 is hot\",\"fields\":{\"temp\":95}"))
    }

    @Test func anAlertSaysWhatWasKeptBackBeforeIt() throws {
        let output = try replay(.jsonLines).output
        let cold = output.split(separator: "\n").filter { $0.contains("\"rule\":\"cold\"") }
            .joined(separator: "\n")
        #expect(try values("suppressed", in: cold) == ["0", "1", "0"])
        #expect(try values("limited", in: cold) == ["0", "0", "1"])
        #expect(!cold.contains("status"))
    }

    @Test func anAlertSaysWhatAnExceptionHasDroppedBeforeIt() throws {
        let harness = try ReplayHarness(Self.rules)
        let more = """
            {"type":"reading","time":"2027-01-31T14:00:00Z","sensor":"rig","temp":99}
            {"type":"reading","time":"2027-01-31T14:00:01Z","sensor":"s2","temp":95}
            {"type":"reading","time":"2027-01-31T14:00:02Z","sensor":"s3","temp":95}

            """
        let events = try harness.write("readings.jsonl", Self.events + "\n" + more)
        let output = try harness.replay(events: events) { $0.format = .jsonLines }.output
        #expect(try values("excepted", in: output) == ["0", "0", "2", "0"])
        let text = try harness.replay(events: events) { $0.format = .human }.output
        #expect(text.contains("  excepted before: 2\n"))
    }

    @Test func aTableHasTheSameInColumns() throws {
        let ends = try replay(.csv).output.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).suffix(5).dropLast()
                .joined(separator: ",")
        }
        #expect(
            ends == [
                "status,suppressed,limited,excepted", "open,0,,0", "resolved,1,,0", ",0,0,",
                ",1,0,",
                ",0,1,",
            ])
    }

    @Test func peopleReadHowLongItWasOpen() throws {
        let output = try replay(.human).output
        #expect(
            output.contains(
                """
                2027-01-31T12:01:00.000Z medium   resolved: s1 is hot
                  hot sensor=s1
                  temp: 95
                  open since 2027-01-31T12:00:00.000Z
                  suppressed before: 1

                """))
        #expect(output.contains("  beyond the limit before: 1\n"))
    }

    @Test func theSummarySaysWhatBecameOfMatches() throws {
        let report = try replay(.jsonLines).report
        #expect(
            report.text.hasSuffix(
                """
                4 alerts
                  hot: 1 alert of 3 matches (1 suppressed, 1 excepted; 1 resolved)
                  cold: 3 alerts of 5 matches (1 suppressed, 1 limited)

                """), "\(report.text)")
        #expect(report.alertCount == 4)
    }

    @Test func aCountIsOfMatches() throws {
        #expect(try replay(.count).output == "hot 3\ncold 5\n")
    }
}
