// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesChangeTests, and by simulated crashes.

internal import Automata
internal import Engine
package import MatchCore

/// Rules that have taken over what they go on with, and are not in force yet.
package struct PreparedRules: ~Copyable {
    var rules: LiveRules
    let engine: RuleEngine
    let succession: RuleSuccession
    /// Without what becomes of events that wait.
    package let report: RulesReport

    fileprivate init(
        _ rules: LiveRules, _ engine: consuming RuleEngine, _ succession: RuleSuccession,
        _ report: RulesReport
    ) {
        self.rules = rules
        self.engine = engine
        self.succession = succession
        self.report = report
    }
}

extension LivePipeline {
    /// Has other rules take over what the rules in force hold, as far as they mean the same;
    /// nothing changes here yet.
    ///
    /// - Precondition: alerts have been written.
    /// - Throws: where what is held does not fit the new rules.
    package func prepare(_ next: LiveRules) throws(SnapshotError) -> PreparedRules {
        var succeeding = RuleEngine(next.program, caps: next.limits)
        succeeding.feedNames = feeds.map(\.options.name)
        var attempts: [Int] = []
        engine.countAttempts(into: &attempts)
        // Of rules that keep no attempt by itself: the keys that have some.
        var keys: [Int] = []
        engine.countKeys(into: &keys)
        for rule in attempts.indices where attempts[rule] < 0 { attempts[rule] = keys[rule] }
        var (succession, report) = next.succession(from: rules) { attempts[$0] }
        report.resolvedAlerts = engine.openAlertCount(forgottenIn: succession)
        try succeeding.takeOver(from: engine, succession)
        return PreparedRules(next, succeeding, succession, report)
    }

    /// Takes in a journal entry that puts prepared rules in force.
    ///
    /// Alerts that are open, and that nothing would ever resolve then, are resolved.
    package mutating func adopt(_ prepared: consuming PreparedRules) -> RulesReport {
        entryNumber += 1
        engine.resolveAlerts(forgottenIn: prepared.succession)
        if engine.hasMatches { writeAlerts() }
        var report = prepared.report
        (report.change, report.version) = (prepared.rules.change, prepared.rules.version)
        run(prepared.rules, on: prepared.engine)
        for feed in feeds {
            report.lostHeldCount += feed.replan(program.decodePlan, symbols: &engine.symbols)
        }
        return report
    }
}
