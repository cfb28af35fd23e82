// SPDX-License-Identifier: Apache-2.0

import Connectors
import Testing

@testable import Pipeline

@Suite struct ReplayInputTests {
    private static let oneFeed = """
        event failed from syslog { message matches r"Failed for (?<user>\\S+)", user: string }
        event ok from syslog { message matches r"Accepted for (?<user>\\S+)", user: string }
        event both from failed, ok
        rule r { by user when within 1m { failed then ok then both } }
        """
    private static let twoFeeds = """
        event failed from syslog { message matches r"Failed for (?<user>\\S+)", user: string }
        event got from nginx { message matches r"GET (?<user>\\S+)", user: string }
        rule r { by user when within 1m { failed then got } }
        """

    private func inputs(
        _ rules: String, _ events: [String], feeds: [(String, String)] = [],
        format: FeedFormat? = nil,
        type: String? = nil
    ) throws -> [String] {
        let harness = try ReplayHarness(rules)
        var files = ReplayFiles()
        files.events = events
        files.feeds = feeds.map { ($0.0, $0.1) }
        files.common.format = format
        files.common.fixedType = type
        return try files.inputs(for: harness.ruleset, harness.program).map {
            let format = $0.options.format?.rawValue ?? "guessed"
            return "\($0.path) \(format) \($0.options.fixedType ?? "none")"
        }
    }

    @Test func linesAreOfTheOnlyFeed() throws {
        #expect(
            try inputs(Self.oneFeed, ["a.log", "b.jsonl", "-"])
                == ["a.log guessed syslog", "b.jsonl guessed none", "- jsonl none"])
        #expect(try inputs(Self.oneFeed, ["-"], format: .lines) == ["- lines syslog"])
    }

    @Test func aTypeGivenIsThatOfTheEventsAndNotOfFeeds() throws {
        #expect(
            try inputs(Self.twoFeeds, ["a.log"], feeds: [("nginx", "b")], type: "failed")
                == ["a.log guessed failed", "b guessed nginx"])
    }

    @Test(
        arguments: [
            (twoFeeds, ["a.log"], [], nil, "the rules read several feeds: `syslog`, `nginx`"),
            (
                "rule r { when within 1m { 2 a } }", ["a.log"], [], nil,
                "no event type of the rules is"
            ),
            (oneFeed, [], [("sylog", "a")], nil, "`--feed` names; did you mean `syslog`?"),
            (oneFeed, ["a.csv"], [], "nothing", "no rule reads events of type `nothing`"),
            (oneFeed, ["-"], [("syslog", "-")], nil, "can be read only once"),
        ] as [(String, [String], [(String, String)], String?, String)])
    func whatIsNotClearIsRefused(
        _ rules: String, _ events: [String], _ feeds: [(String, String)], _ type: String?,
        _ reason: String
    ) throws {
        let error = try #require(throws: ReplayInputError.self) {
            try inputs(rules, events, feeds: feeds, type: type)
        }
        #expect(error.description.contains(reason))
    }

    @Test func rulesOnAnyEventTakeEveryType() throws {
        let rules = "rule r { when within 1m { 2 any event } }"
        #expect(try inputs(rules, [], feeds: [("x", "a")]) == ["a guessed x"])
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let harness = try ReplayHarness(Self.oneFeed)
        var files = ReplayFiles()
        files.events = [harness.path("none.log")]
        #expect(throws: FeedError.cannotOpen(path: files.events[0], errno: 2)) {
            try files.requireReadable()
        }
        files.events = ["-", harness.folder]
        #expect(throws: FeedError.cannotRead(path: harness.folder, errno: 21)) {
            try files.requireReadable()
        }
    }
}
