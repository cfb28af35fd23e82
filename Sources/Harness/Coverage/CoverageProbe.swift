// SPDX-License-Identifier: Apache-2.0
// What the cases of a rule reach is found without the engine's help: the rule is cut off behind a
// line, or has one thing left out or turned round, and the cases run again. A cut rule matches
// where an attempt of the rule gets to that line; one without a limit matches more where the limit
// made a difference. So nothing is counted on the hot path, and what is said is what the engine
// does.

internal import Automata
internal import EventModel
internal import RuleLanguage

/// What one rule reported in one case: which events, and under which steps.
struct Sighting: Hashable {
    var testCase: Int
    var bound: [[Int64]]

    /// The first event of the attempt.
    var first: Int64 { bound.compactMap(\.first).min() ?? 0 }

    /// Where the attempt began.
    var start: Start { Start(testCase: testCase, first: first) }

    struct Start: Hashable {
        var testCase: Int
        var first: Int64
    }
}

/// The notice that an alert of one case is resolved.
struct ResolvedSighting: Hashable {
    var alert: Sighting
    var moment: StreamTime
}

/// Runs the cases of a rule with the rule as it is or changed.
struct CoverageProbe {
    private let ruleset: CheckedRuleset
    private let cases: [Case]

    struct Case {
        var names: [String]
        /// The tables that have other rows in it.
        var tables: [TableID: LookupTable]
        var schedule: TestSchedule
    }

    init(_ ruleset: CheckedRuleset, _ cases: [Case]) {
        self.ruleset = ruleset
        self.cases = cases
    }

    /// What `rule` reports in all cases.
    ///
    /// - Parameter keepsSkip: matches end attempts, and become alerts, as the rule says; else they
    ///   end none, and all do.
    func sightings(of rule: CheckedRule, keepsSkip: Bool = false) -> Set<Sighting> {
        var rule = rule
        if !keepsSkip {
            if rule.window == nil { rule.skip = .none }
            rule.policy = AlertPolicy()
        }
        var found: Set<Sighting> = []
        run(rule) { alert, sighting in if !alert.isResolved { found.insert(sighting) } }
        return found
    }

    /// The notices that alerts of `rule` are resolved, in all cases.
    func notices(of rule: CheckedRule) -> Set<ResolvedSighting> {
        var found: Set<ResolvedSighting> = []
        run(rule) { alert, sighting in
            guard alert.isResolved else { return }
            found.insert(ResolvedSighting(alert: sighting, moment: alert.moment))
        }
        return found
    }

    private func run(_ rule: CheckedRule, _ take: (TestAlert, Sighting) -> Void) {
        let stepCount = rule.steps.count
        var rule = rule.laidBare
        let numbering = StepNumbering(&rule)
        var programs: [[String]: RulesetProgram] = [:]
        for (index, testCase) in cases.enumerated() {
            var program = programs[testCase.names] ?? compile(testCase.names, with: rule)
            programs[testCase.names] = program
            program.give(testCase.tables)
            var drive = TestDrive(program)
            drive.run(testCase.schedule, restartsEverywhere: false)
            for alert in drive.alerts where alert.rule == rule.name {
                let bound = numbering.original(alert.bound, count: stepCount)
                take(alert, Sighting(testCase: index, bound: bound))
            }
        }
    }

    private func compile(_ names: [String], with changed: CheckedRule) -> RulesetProgram {
        let rules = ruleset.rules.filter { names.contains($0.name) }
            .map { $0.name == changed.name ? changed : $0 }
        return RulesetCompiler.compile(
            CheckedRuleset(
                eventTypes: ruleset.eventTypes, rules: rules, tests: [], tables: ruleset.tables))
    }
}

extension CheckedRule {
    /// Without what reads or drops finished matches.
    fileprivate var laidBare: CheckedRule {
        var rule = self
        rule.severity = .constant(.string("medium"))
        rule.labels = []
        rule.alertTitle = .constant(.string(""))
        rule.alertFields = []
        // What only emits gives no alerts to see it by.
        rule.onlyEmits = false
        return rule
    }
}
