// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Pipeline

/// What happens where there is no memory for more keys.
@Suite struct MemoryLimitTests {
    private static let rules = """
        rule pair { by user when { a as x then b as y } alert "{user}" }
        rule single { by user when { b as y where user == "u7" } alert "{user}" }
        """

    private static func events(_ type: String, from time: Int) -> String {
        (0..<50).map { user in
            "{\"type\": \"\(type)\", \"time\": \(time + user), \"user\": \"u\(user)\"}\n"
        }
        .joined()
    }

    /// The process has needed more than a byte before the first event.
    @Test(arguments: [1, 3])
    func withoutMemoryNoKeyIsTakenOnAndThatIsCounted(_ threads: Int) throws {
        let harness = try ReplayHarness(Self.rules)
        let file = try harness.write(
            "events.jsonl",
            Self.events("a", from: 1_790_000_000) + Self.events("b", from: 1_790_000_100))
        let result = try harness.replay(events: file) {
            $0.maxMemory = 1
            $0.threads = threads
            $0.format = .csv
        }
        #expect(result.report.matches.map(\.count) == [0, 1])
        #expect(result.report.refused == [.init(rule: "pair", count: 50)])
        #expect(
            result.report.text.contains(
                "  50 events that began nothing in pair: --max-memory was reached\n"))
    }

    @Test func enoughMemoryChangesNothing() throws {
        let harness = try ReplayHarness(Self.rules)
        let file = try harness.write(
            "events.jsonl",
            Self.events("a", from: 1_790_000_000) + Self.events("b", from: 1_790_000_100))
        let result = try harness.replay(events: file) { $0.maxMemory = 1 << 50 }
        #expect(result.report.matches.map(\.count) == [50, 1] && result.report.refused.isEmpty)
    }
}
