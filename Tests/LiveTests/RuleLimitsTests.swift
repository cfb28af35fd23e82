// SPDX-License-Identifier: Apache-2.0

import EventModel
import MatchCore
import RuleLanguage
import Testing

@testable import Live

/// Limits that are configured, and that change from one start to the next.
@Suite struct RuleLimitsTests {
    private let state: ScratchState
    private var folder: ScratchFolder { state.folder }
    private var registry: SQLiteRulesRegistry { state.registry }

    init() throws { state = try ScratchState() }

    private func rules(_ text: String = RuleLimitsTests.twice) throws -> ConfiguredRules {
        let read = RulesTexts(
            files: [.init(name: "r.martlet", bytes: Array(text.utf8))], tablesFrom: nil)
        return ConfiguredRules(read, try #require(read.check().ruleset))
    }

    private static let twice = """
        rule twice {
          by user
          when within 1h {
            login as a
            then logout as b
          }
          having match.count > 1
          skip none
          alert "{user} {a.n}"
        }
        """

    private func open(_ rules: ConfiguredRules?, _ limits: Caps = Caps()) throws -> LiveNode {
        var options = LiveNodeOptions()
        options.limits = limits
        return try LiveNode.open(
            rules, registry: registry, feeds: [feed("a")], disk: SystemDisk(),
            folder: folder.path, store: state.store, options: options)
    }

    private func send(_ node: inout LiveNode, _ type: String, _ second: Double) throws {
        let text = line(type, "ann", second, ",\"n\":\(Int(second))")
        try node.accept([records("a", second, text)], syncs: false)
    }

    private static func limits(attempts: Int) -> Caps {
        var caps = Caps()
        caps.attemptsPerKey = attempts
        return caps
    }

    private var titles: [String] { get throws { try state.texts("title") } }

    @Test func everyCapHasAName() {
        let fixed = 2
        #expect(RuleLimits.all.count + fixed == Mirror(reflecting: Caps()).children.count)
        #expect(Set(RuleLimits.all.map(\.path)).count == RuleLimits.all.count)
        let told = RuleLimits.all.map(\.name).filter { !RuleStatus.capNames.contains($0) }
        #expect(told == [], "a cap that is reached is counted under the name of its limit")
    }

    @Test func whatTheRegistryKeepsIsReadAsItWas() {
        var caps = Caps()
        for (number, limit) in RuleLimits.all.enumerated() {
            caps[keyPath: limit.path] = number + 1
            #expect(RuleLimits.caps(RuleLimits.text(caps)) == caps)
        }
        #expect(RuleLimits.caps(RuleLimits.text(Caps())) == Caps())
        #expect(RuleLimits.caps("") == Caps(), "changes of before limits could be set")
        for text in ["pages 3", "keys", "keys -1", "keys 1 2", "keys 0"] {
            #expect(RuleLimits.caps(text) == nil, "\(text)")
        }
    }

    @Test func aStartWithOtherLimitsIsAChange() throws {
        var node = try open(try rules())
        #expect(node.recovery.limits == nil)
        for second in 0..<3 { try send(&node, "login", Double(second)) }
        node = try open(try rules(), Self.limits(attempts: 2))
        let report = try #require(node.recovery.limits)
        #expect(report.summary == "1 kept, limits changed (attempts_per_key 100000 -> 2)")
        #expect(node.recovery.rules == nil)
        // What is held already stays, and nothing is added.
        try send(&node, "login", 3)
        try send(&node, "logout", 4)
        for second in 5..<9 { try send(&node, "login", Double(second)) }
        try send(&node, "logout", 9)
        try send(&node, "other", 60)
        let expected = ["ann 0", "ann 1", "ann 2", "ann 5", "ann 6"]
        #expect(try titles == expected)
        #expect(node.pipeline.ruleStatus.map(\.caps[0]) == [3])
        // The same limits are no change, and neither is a restart that nobody has configured.
        let change = node.pipeline.rules.change
        node = try open(try rules(), Self.limits(attempts: 2))
        #expect(node.pipeline.rules.change == change)
        node = try open(nil)
        #expect(node.pipeline.rules.limits == Self.limits(attempts: 2))
        #expect(try registry.changes().map(\.source) == [.start, .limits])
    }

    @Test func theJournalIsWorkedInUnderTheLimitsOfItsTime() throws {
        var node = try open(try rules())
        try send(&node, "login", 0)
        node = try open(try rules(), Self.limits(attempts: 1))
        try send(&node, "login", 1)
        // As though no checkpoint had been made since the first one, before the limits changed.
        let checkpoints = LiveNode.checkpointFolder(folder.path)
        let names = try SystemDisk().names(in: checkpoints).sorted()
        for name in names.dropFirst() { try SystemDisk().remove("\(checkpoints)/\(name)") }
        #expect(names.count == 2)
        node = try open(nil)
        #expect(node.recovery.entryCount == 3)
        #expect(node.pipeline.rules.limits == Self.limits(attempts: 1))
        node = try open(try rules())
        try send(&node, "login", 2)
        try send(&node, "logout", 3)
        try send(&node, "other", 60)
        #expect(try titles == ["ann 0", "ann 2"])
        #expect(
            try registry.changes().map(\.limits) == [Caps(), Self.limits(attempts: 1), Caps()])
    }

    @Test func rulesThatChangeStayUnderTheirLimits() throws {
        var node = try open(try rules(), Self.limits(attempts: 1))
        let more = try rules(Self.twice + "\nrule more { when { other } }")
        for wish in [
            RulesRequest.Wish.rules(more), .disable("more"), .enable("more"), .version(1),
        ] {
            let report = try node.change(RulesRequest(wish, at: at(0), from: .api))
            #expect(report.limits == [] && report.change > 0)
            #expect(node.pipeline.rules.limits == Self.limits(attempts: 1))
        }
        // Rules that somebody wanted stay, whatever becomes of the limits.
        _ = try node.change(RulesRequest(.rules(more), at: at(0), from: .api))
        node = try open(try rules(), Self.limits(attempts: 7))
        #expect(node.pipeline.rules.limits == Self.limits(attempts: 7))
        node = try open(try rules())
        #expect(node.pipeline.rules.ruleset.rules.map(\.name) == ["twice", "more"])
        #expect(node.recovery.standing?.source == .api)
    }

    @Test func limitsThatThisVersionDoesNotKnowAreRefused() {
        #expect {
            _ = try SQLiteRulesRegistry.limits("keys 4\npages 3", ofChange: 2)
        } throws: {
            "\($0)".contains(
                "the limits of change 2 are of another version of Martlet: keys 4, pages 3")
        }
    }
}
