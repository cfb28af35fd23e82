// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesChangeTests.

internal import Automata
internal import EventModel
internal import MatchCore
internal import RuleLanguage

/// What a change of rules did to each of them.
package struct RulesReport: Hashable, Sendable {
    package enum Fate: String, Hashable, Sendable, CaseIterable {
        /// It means the same, and all that it holds goes on.
        case kept
        /// Only what its alerts say, or which of them are held back, is otherwise: its attempts go
        /// on.
        case migrated
        /// It was not there, or not run, and begins with nothing.
        case new
        /// It means something else, and begins with nothing.
        case changed
        /// It is not there any more.
        case removed
        /// It is there and not run: not any more, or still not.
        case disabled
    }

    package struct Rule: Hashable, Sendable {
        package var name: String
        package var fate: Fate
        /// Attempts that were under way and are gone; of a rule that keeps none by itself, the keys
        /// that had some.
        package var lostAttempts = 0
    }

    /// 0: nothing has changed.
    package var change: Int64 = 0
    package var version: Int64 = 0
    /// In the order of the new rules, then those that are not run any more.
    package var rules: [Rule] = []
    /// Events that waited to be put in order and are none for the new rules.
    package var lostHeldCount = 0
    /// Alerts that were open, and of which no rule would know any more: their notices are sent.
    package var resolvedAlerts = 0
    /// What limits were and are, where they are others: `keys any -> 1000`.
    package var limits: [String] = []

    package init() {}

    package func names(_ fate: Fate) -> [String] {
        rules.filter { $0.fate == fate }.map(\.name)
    }

    package var lostAttempts: Int { rules.reduce(0) { $0 + $1.lostAttempts } }

    /// `3 kept, 1 changed (guessed), 5 attempts dropped`.
    package var summary: String {
        change == 0 ? "nothing has changed" : told
    }

    /// The same of a change that has no number yet.
    var told: String {
        var parts: [String] = []
        for fate in Fate.allCases {
            let names = names(fate)
            if names.isEmpty { continue }
            var part = "\(names.count) \(fate.rawValue)"
            if fate != .kept {
                let more = names.count > 5 ? ", …" : ""
                part += " (\(names.prefix(5).joined(separator: ", "))\(more))"
            }
            parts.append(part)
        }
        if lostAttempts > 0 { parts.append("\(lostAttempts) attempts dropped") }
        if resolvedAlerts > 0 { parts.append("\(resolvedAlerts) open alerts resolved") }
        if lostHeldCount > 0 { parts.append("\(lostHeldCount) waiting events dropped") }
        if !limits.isEmpty { parts.append("limits changed (\(limits.joined(separator: ", ")))") }
        return parts.isEmpty ? "no rules" : parts.joined(separator: ", ")
    }
}

extension LiveRules {
    /// How these rules go on from others, and what became of each.
    func succession(
        from old: LiveRules, attempts: (Int) -> Int?
    ) -> (succession: RuleSuccession, report: RulesReport) {
        var numbers: [String: Int] = [:]
        for (number, rule) in old.program.rules.enumerated() { numbers[rule.name] = number }
        var report = RulesReport()
        var predecessors = [Int?](repeating: nil, count: program.rules.count)
        var keepsPolicy = [Bool](repeating: false, count: program.rules.count)
        for (number, rule) in program.rules.enumerated() {
            guard let before = numbers.removeValue(forKey: rule.name) else {
                report.rules.append(.init(name: rule.name, fate: .new))
                continue
            }
            let fate = fate(ofRule: number, from: before, of: old)
            var told = RulesReport.Rule(name: rule.name, fate: fate)
            if fate == .changed {
                told.lostAttempts = attempts(before) ?? 0
            } else {
                predecessors[number] = before
                keepsPolicy[number] =
                    meanings[number].policyHash == old.meanings[before].policyHash
            }
            report.rules.append(told)
        }
        let isOff = Set(disabled)
        for (number, rule) in old.program.rules.enumerated() where numbers[rule.name] != nil {
            report.rules.append(
                .init(
                    name: rule.name, fate: isOff.contains(rule.name) ? .disabled : .removed,
                    lostAttempts: attempts(number) ?? 0))
        }
        report.limits = RuleLimits.differences(from: old.limits, to: limits)
        let known = Set(report.rules.map(\.name))
        for rule in ruleset.rules + ruleset.disabledRules
        where !known.contains(rule.name)
            && !program.rules.contains(where: { $0.name == rule.name })
        {
            report.rules.append(.init(name: rule.name, fate: .disabled))
        }
        return (
            RuleSuccession(predecessors: predecessors, keepsPolicy: keepsPolicy), report
        )
    }

    private func fate(
        ofRule number: Int, from before: Int, of old: LiveRules
    ) -> RulesReport.Fate {
        guard number < meanings.count, before < old.meanings.count,
            program.rules[number].isLaidOut(like: old.program.rules[before])
        else { return .changed }
        let (mine, theirs) = (meanings[number], old.meanings[before])
        if mine.hash == theirs.hash { return .kept }
        // What the alert reads of events that were bound before has to have been kept of them.
        let isSubset = Set(mine.boundFields).isSubset(of: theirs.boundFields)
        return mine.patternHash == theirs.patternHash && isSubset ? .migrated : .changed
    }
}
