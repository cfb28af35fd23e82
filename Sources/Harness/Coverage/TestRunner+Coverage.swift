// SPDX-License-Identifier: Apache-2.0

internal import Automata
package import RuleLanguage

extension TestRunner {
    /// What `tests` show of the rules that they test, in the order of the rules.
    ///
    /// - Shape: runs the cases of a rule once for each outcome of each of its lines.
    package mutating func coverage(of tests: [CheckedTest]) -> [RuleCoverage] {
        let schedules = tests.compactMap { test in
            schedule(of: test).map {
                CoverageProbe.Case(names: test.rules, tables: test.givenTables, schedule: $0)
            }
        }
        return ruleset.rules.compactMap { rule in
            let cases = schedules.filter { $0.names.contains(rule.name) }
            guard !cases.isEmpty else { return nil }
            var survey = CoverageSurvey(rule, in: ruleset, CoverageProbe(ruleset, cases))
            survey.run()
            return RuleCoverage(rule: rule.name, span: rule.span, findings: survey.findings)
        }
    }

    /// Nil where a recording cannot be read, which the case itself reports.
    private mutating func schedule(of test: CheckedTest) -> TestSchedule? {
        var failures: [TestFailure] = []
        let program = program(of: test)
        let recordings = recordings(of: test, program, &failures)
        guard failures.isEmpty else { return nil }
        return TestSchedule(test, in: ruleset, recordings: recordings)
    }
}
