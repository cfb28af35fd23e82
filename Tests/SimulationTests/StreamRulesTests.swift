// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Harness
import Pipeline
import RuleLanguage
import Testing

/// The shipped rules by themselves: no mistakes, no lints, and tests that pass.
@Suite struct StreamRulesTests {
    @Test func theShippedRulesAreClean() throws {
        let loaded = try RulesetLoader.load([StreamFixtures.rules.path])
        let report = DiagnosticRenderer.human(loaded.check.diagnostics, colour: false)
        #expect(loaded.check.diagnostics.isEmpty, "\(report)")
    }

    @Test func theTestsOfTheShippedRulesPass() throws {
        let ruleset = try StreamFixtures.ruleset()
        #expect(!ruleset.tests.isEmpty)
        var runner = TestRunner(ruleset)
        for test in ruleset.tests {
            let failures = runner.run(test).failures
            #expect(failures.isEmpty, "\(test.rules) \(test.name): \(failures)")
        }
    }

    @Test func eachShippedRuleHasCasesWithAlertsAndWithout() throws {
        let ruleset = try StreamFixtures.ruleset()
        for rule in ruleset.rules where !rule.onlyEmits {
            let cases = ruleset.tests.filter { $0.rules == [rule.name] }
            let silent = cases.count { test in
                test.expectations.contains { if case .none = $0.kind { true } else { false } }
            }
            #expect(silent >= 1 && cases.count > silent, "\(rule.name)")
            #expect(!rule.tags.isEmpty && rule.title != nil, "\(rule.name)")
        }
    }

    @Test func theCasesReachEverythingEachWay() throws {
        let ruleset = try StreamFixtures.ruleset()
        var runner = TestRunner(ruleset)
        let coverage = runner.coverage(of: ruleset.tests)
        #expect(coverage.map(\.rule) == ruleset.rules.map(\.name))
        for rule in coverage {
            let missed = rule.findings.flatMap { finding in
                finding.outcomes.filter { !$0.isReached }.map { "\(finding.text): \($0.name)" }
            }
            #expect(missed == [], "\(rule.rule)")
        }
    }

    @Test(arguments: (try? RulesetLoader.sources([StreamFixtures.rules.path]).map(\.name)) ?? [])
    func theCasesNoticeEveryChangeButThoseThatMeanNothing(file: String) throws {
        let name = file.split(separator: "/").last.map { String($0.dropLast(".martlet".count)) }
        let files = try StreamFixtures.files(around: try #require(name))
        let tables = RulesetLoader.tableFiles(of: files.map(RuleSyntax.parse))
        let run = MutationRun(files, tableFiles: tables)
        let mutants = run.mutants.filter { $0.span.file.name == file }
        #expect(!mutants.isEmpty)
        let results = mutants.map { run.result(of: $0) }
        for result in results where result.hasSurvived {
            Issue.record("no case notices \(result.mutant)")
        }
        let idle = run.idleAllowances(results).filter { $0.kind.span.file.name == file }
        #expect(idle.isEmpty, "\(idle.map(\.kind.text))")
    }

    @Test func theHowToNamesEachShippedRule() throws {
        let page = try String(
            contentsOf: StreamFixtures.root.appending(path: "docs/how-to/shipped-rules.md"),
            encoding: .utf8)
        for rule in try StreamFixtures.ruleset().rules {
            #expect(page.contains("| `\(rule.name)` |"), "\(rule.name)")
        }
    }
}
