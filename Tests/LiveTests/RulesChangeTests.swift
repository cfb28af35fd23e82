// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import Testing

@testable import Live

/// Rules that change under a node at work.
@Suite struct RulesChangeTests {
    private let state: ScratchState
    private var folder: ScratchFolder { state.folder }
    private var registry: SQLiteRulesRegistry { state.registry }

    init() throws { state = try ScratchState() }

    private static let twice = """
        rule twice {
          by user
          when within 1m {
            login as a
            then login as b
          }
          alert "{user}"
        }
        """
    private static let unpaid = """
        rule unpaid {
          by user
          when { order as o then no payment for 20s }
          alert "{user} {o.amount}"
        }
        """
    /// Reads more of the same events, so that all is laid out otherwise.
    private static let more = """
        rule more {
          by country
          when within 1m { order as o where tax > 1 then login as l where ip == "x" }
        }
        """

    private func rules(_ texts: String...) throws -> ConfiguredRules {
        let text = texts.joined(separator: "\n")
        let read = RulesTexts(
            files: [.init(name: "r.martlet", bytes: Array(text.utf8))], tablesFrom: nil)
        let check = read.check()
        return ConfiguredRules(read, try #require(check.ruleset))
    }

    private func open(
        _ rules: ConfiguredRules?, lateness: Int64 = 0
    ) throws -> LiveNode {
        try LiveNode.open(
            rules, registry: registry, feeds: [feed("a", lateness: lateness)],
            disk: SystemDisk(), folder: folder.path, store: state.store)
    }

    private func change(
        _ node: inout LiveNode, _ wish: RulesRequest.Wish, _ source: RulesSource = .sighup
    ) throws -> RulesReport {
        try node.change(RulesRequest(wish, at: at(0), from: source, author: "ann", note: "why"))
    }

    private func send(
        _ node: inout LiveNode, _ type: String, _ user: String, _ seconds: Double,
        _ more: String = ""
    ) throws {
        try node.accept([records("a", seconds, line(type, user, seconds, more))], syncs: false)
    }

    /// The rules and titles of the alerts so far.
    private var alerts: [String] { get throws { try state.texts("rule", "title") } }

    @Test func aRuleThatMeansTheSameGoesOn() throws {
        var node = try open(try rules(Self.twice, Self.unpaid))
        #expect(node.recovery.rules?.names(.new) == ["twice", "unpaid"])
        try send(&node, "login", "ann", 0)
        try send(&node, "order", "bob", 1, ",\"amount\":5")
        let report = try change(
            &node, .rules(try rules(Self.more, "// A remark\n" + Self.unpaid, Self.twice)))
        #expect(report.names(.kept) == ["unpaid", "twice"])
        #expect(report.names(.new) == ["more"])
        #expect(report.lostAttempts == 0)
        try send(&node, "login", "ann", 10)
        try send(&node, "other", "x", 12)
        try send(&node, "login", "eve", 30)
        #expect(try alerts == ["twice ann", "unpaid bob 5"])
    }

    @Test func aRuleThatMeansSomethingElseBeginsAnew() throws {
        var node = try open(try rules(Self.twice, Self.unpaid))
        try send(&node, "login", "ann", 0)
        try send(&node, "login", "bob", 1)
        let slower = Self.twice.replacing("within 1m", with: "within 2m")
        let report = try change(&node, .rules(try rules(slower)))
        #expect(report.names(.changed) == ["twice"])
        #expect(report.names(.removed) == ["unpaid"])
        #expect(report.lostAttempts == 2)
        #expect(
            report.summary
                == "1 changed (twice), 1 removed (unpaid), 2 attempts dropped")
        try send(&node, "login", "ann", 10)
        #expect(try alerts == [])
        try send(&node, "login", "ann", 20)
        #expect(try alerts == ["twice ann"])
    }

    @Test func attemptsGoOnWhereOnlyTheAlertIsOtherwise() throws {
        var node = try open(try rules(Self.unpaid))
        try send(&node, "order", "bob", 1, ",\"amount\":5")
        let louder = Self.unpaid.replacing("by user", with: "severity high\n  by user")
            .replacing("{user} {o.amount}", with: "{o.amount} of {user}")
        let report = try change(&node, .rules(try rules(louder)))
        #expect(report.names(.migrated) == ["unpaid"])
        try send(&node, "order", "eve", 30)
        #expect(try alerts == ["unpaid 5 of bob"])
        let reading = louder.replacing("{user}\"", with: "{user}: {o.tax}\"")
        let second = try change(&node, .rules(try rules(reading)))
        #expect(second.names(.changed) == ["unpaid"], "of what is bound nobody kept the tax")
    }

    @Test func whatIsSuppressedStaysSo() throws {
        let quiet = Self.twice.replacing("alert", with: "suppress 1h\n  alert")
        var node = try open(try rules(quiet))
        for second in 0..<4 { try send(&node, "login", "ann", Double(second)) }
        _ = try change(&node, .rules(try rules(Self.more, quiet)))
        for second in 4..<8 { try send(&node, "login", "ann", Double(second)) }
        #expect(try alerts == ["twice ann"])
    }

    private static let kept = twice.replacing("alert", with: "resolve on logout\n  alert")

    /// The ids and the status of the alerts so far.
    private var states: [String] {
        get throws {
            try state.store.alerts(from: 1, limit: 1000).map { alert in
                let content = AlertContent(alert, withEvents: false)
                return "\(content.keyText) \(content.status ?? "") "
                    + content.text("resolved_at").prefix(19)
            }
        }
    }

    /// Nothing else would ever resolve them.
    @Test(arguments: ["removed", "disabled", "changed", "migrated"])
    func openAlertsOfARuleThatGoesAreResolved(how: String) throws {
        var node = try open(try rules(Self.kept, Self.unpaid))
        for (second, user) in ["bob", "bob", "ann", "ann"].enumerated() {
            try send(&node, "login", user, Double(second))
        }
        try send(&node, "order", "x", 5)
        let next: RulesRequest.Wish =
            switch how {
            case "removed": .rules(try rules(Self.unpaid))
            case "disabled": .disable("twice")
            case "changed":
                .rules(try rules(Self.kept.replacing("1m", with: "2m"), Self.unpaid))
            default:
                .rules(
                    try rules(
                        Self.kept.replacing("\"{user}\"", with: "\"{user}\" { u: user }"),
                        Self.unpaid))
            }
        let report = try change(&node, next)
        #expect(report.names(RulesReport.Fate(rawValue: how) ?? .kept) == ["twice"])
        #expect(report.resolvedAlerts == 2)
        #expect(report.summary.contains("2 open alerts resolved"))
        let expected = [
            "user=bob open ", "user=ann open ", "user=bob resolved 2027-01-15T08:00:05",
            "user=ann resolved 2027-01-15T08:00:05",
        ]
        #expect(try states == expected)
        #expect(try state.store.openAlerts(before: 100) == [])
        // A checkpoint made aside says them too, and so does a start.
        var aside = try node.checkpointMaker.begin(node.checkpointMark)
        while try !aside.step() {}
        _ = try aside.finish()
        node = try open(nil)
        try send(&node, "logout", "ann", 9)
        #expect(try states == expected)
    }

    @Test func openAlertsOfARuleThatMeansTheSameStayOpen() throws {
        var node = try open(try rules(Self.kept))
        for second in [0.0, 1] { try send(&node, "login", "ann", second) }
        let report = try change(&node, .rules(try rules(Self.more, Self.kept)))
        #expect(report.resolvedAlerts == 0)
        try send(&node, "logout", "ann", 9)
        try send(&node, "other", "x", 20)
        #expect(
            try states == ["user=ann open ", "user=ann resolved 2027-01-15T08:00:09"])
    }

    @Test func eventsThatWaitCountForTheNewRules() throws {
        var node = try open(try rules(Self.twice), lateness: 10)
        try send(&node, "login", "ann", 0)
        let report = try change(
            &node, .rules(try rules("rule once { by user when { login } alert \"{user}\" }")))
        #expect(report.lostHeldCount == 0)
        try send(&node, "login", "bob", 20)
        #expect(try alerts == ["once ann"])
    }

    @Test func aRuleIsDisabledAndEnabled() throws {
        var node = try open(try rules(Self.twice, Self.unpaid))
        try send(&node, "login", "ann", 0)
        let off = try change(&node, .disable("twice"), .command)
        #expect(off.names(.disabled) == ["twice"])
        #expect(off.names(.kept) == ["unpaid"])
        try send(&node, "login", "ann", 1)
        let again = try change(&node, .disable("twice"))
        #expect(again.change == 0, "it is already")
        let kept = try change(&node, .rules(try rules(Self.twice, Self.unpaid, Self.more)))
        #expect(kept.names(.new) == ["more"], "a disabled rule stays so")
        #expect(kept.names(.disabled) == ["twice"], "and that is said")
        node = try open(nil)
        #expect(node.pipeline.rules.disabled == ["twice"])
        let on = try change(&node, .enable("twice"))
        #expect(on.names(.new) == ["twice"])
        try send(&node, "login", "ann", 2)
        try send(&node, "login", "ann", 3)
        #expect(try alerts == ["twice ann"])
        #expect(throws: RulesRefusal.self) {
            var node = try open(nil)
            _ = try change(&node, .disable("twise"))
        }
    }

    @Test func aVersionWithNothingButADisabledRuleSaysSo() throws {
        let (first, second) = (try rules(Self.twice), try rules(Self.twice, Self.unpaid))
        var node = try open(first)
        _ = try change(&node, .disable("twice"))
        _ = try change(&node, .rules(second))
        let back = try change(&node, .version(1))
        #expect(back.summary == "1 removed (unpaid), 1 disabled (twice)")
        let again = try change(&node, .enable("twice"))
        #expect(again.summary == "1 new (twice)")
    }

    @Test func aVersionThatWasInForceIsAgain() throws {
        let (first, second) = (try rules(Self.twice), try rules(Self.unpaid))
        var node = try open(first)
        _ = try change(&node, .rules(second))
        #expect(node.pipeline.rules.version == 2)
        let back = try change(&node, .version(1), .command)
        #expect(back.names(.new) == ["twice"])
        #expect(throws: RulesRefusal.self) {
            var node = try open(nil)
            _ = try change(&node, .version(7))
        }
        // The files are still those of the second one, and were not changed since.
        node = try open(second)
        #expect(node.pipeline.rules.version == 1)
        #expect(node.recovery.rules == nil)
        node = try open(try rules(Self.more))
        #expect(node.pipeline.rules.version == 3)
        #expect(
            try registry.changes().map { "\($0.number) \($0.source) \($0.version)" } == [
                "1 start 1", "2 sighup 2", "3 command 1", "4 start 3",
            ])
        #expect(try registry.changes()[1].author == "ann")
    }

    @Test func aRestartGoesOnWithTheRulesInForce() throws {
        var node = try open(try rules(Self.twice))
        try send(&node, "login", "ann", 0)
        try node.checkpoint()
        _ = try change(&node, .rules(try rules(Self.more, Self.twice)))
        try send(&node, "login", "bob", 1)
        node = try open(nil)
        #expect(node.pipeline.rules.change == 2)
        try send(&node, "login", "ann", 2)
        try send(&node, "login", "bob", 3)
        #expect(try alerts == ["twice ann", "twice bob"])
    }

    @Test func aVersionThatIsMissingIsRefused() throws {
        let node = try open(try rules(Self.twice))
        _ = node.recovery
        try registry.forgetChanges(after: 0)
        #expect { _ = try open(nil).recovery } throws: {
            "\($0)".hasPrefix(
                "`\(SQLiteRulesRegistry.path(in: folder.path))` cannot be used: it lacks the "
                    + "change of rules 1")
        }
    }
}
