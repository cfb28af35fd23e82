// SPDX-License-Identifier: Apache-2.0

import EventModel
import Oracle
import Testing

@Suite struct ScenarioTests {
    private func time(_ milliseconds: Int64) -> StreamTime {
        MatchingScenario.zero + TimeSpan(milliseconds: milliseconds)
    }

    @Test func aScenarioIsReadSectionBySection() throws {
        let text = """
            # words
            == a name
            rule r { when { a } }
            -- events
            a-b { n: 1 }
            1s500ms login { user: "a, b", codes: [1, 2.5], ip: ::1, gone: null, d: 5s }
            -- watched -5s
            -- until 10s
            -- matches
            at 0s | _1: 0s
            """
        let scenario = try #require(try MatchingScenario.read(text).first)
        #expect(scenario.name == "a name")
        #expect(scenario.line == 2)
        #expect(scenario.rules == "rule r { when { a } }\n")
        #expect(scenario.events.map(\.type) == ["a", "b", "login"])
        #expect(scenario.events.map(\.time) == [time(0), time(2000), time(1500)])
        #expect(scenario.events[1].fields == [NamedValue("n", .int(1))])
        let address = try #require(IPAddress("::1"))
        let fields = [
            NamedValue("user", .string("a, b")),
            NamedValue("codes", .list([.int(1), .float(2.5)])),
            NamedValue("ip", .ip(address)), NamedValue("gone", .missing),
            NamedValue("d", .duration(TimeSpan(seconds: 5))),
        ]
        #expect(scenario.events[2].fields == fields)
        #expect(scenario.watchedFrom == time(-5000))
        #expect(scenario.drainUntil == time(10_000))
        #expect(scenario.expected == ["at 0s | _1: 0s"])
    }

    @Test(arguments: [
        ("rule r", 0), ("-- events", 1), ("== n\n-- evenst", 2), ("== n\n-- events\na b c", 3),
        ("== n\n-- events\na { n }", 3), ("== n\n-- until soon", 2),
    ])
    func whatIsNoScenarioIsRefusedAtItsLine(text: String, line: Int) {
        let problem = #expect(throws: MatchingScenario.Problem.self) {
            try MatchingScenario.read(text)
        }
        #expect(problem?.line == max(line, 1))
    }

    @Test(arguments: [
        (
            Value.string("2026-01-01T00:00:00.5Z"), ValueType.time,
            Value.time(StreamTime(nanoseconds: 1_767_225_600_500_000_000))
        ),
        (.string("2026-01-01T01:00:00+01:00"), .time, .time(MatchingScenario.zero)),
        (.string("2026-02-30"), .time, .missing),
        (.list([.int(1), .missing]), .list(.int), .list([.int(1), .missing])),
        (.int(1_767_225_600), .time, .time(MatchingScenario.zero)),
        (.int(1_767_225_600_000), .time, .time(MatchingScenario.zero)),
        (.string("1h30m"), .duration, .duration(TimeSpan(seconds: 5400))),
        (.string("-2s"), .duration, .duration(TimeSpan(seconds: -2))),
        (.string("5 s"), .duration, .missing),
        (.string("9999999999d"), .duration, .missing),
        (.string("x"), .enumeration(["x", "y"]), .string("x")),
        (.string("z"), .enumeration(["x", "y"]), .missing),
        (.int(2), .float, .float(2)),
        (.float(2), .int, .int(2)),
        (.float(2.5), .int, .missing),
        (.string("2"), .int, .missing),
        (.int(2), .string, .missing),
        (.int(2), .any, .int(2)),
        (.string("2"), .number, .missing),
        (.list([.int(1), .string("x")]), .list(.int), .missing),
        (.int(1), .list(.int), .missing),
    ])
    func aValueIsTakenAsTheTypeOfItsField(value: Value, type: ValueType, wanted: Value) {
        #expect(value.coerced(to: type) == wanted)
    }
}
