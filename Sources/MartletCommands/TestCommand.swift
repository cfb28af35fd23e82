// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Diagnostics
internal import Harness
internal import Pipeline
internal import RuleLanguage

/// `martlet test`: runs the `test` blocks of a ruleset.
package struct TestCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Runs the tests beside the rules.",
        discussion: """
            Every case runs on a fresh engine whose clock the case moves, and once more with \
            restarts in between, which must change nothing. Exits with 1 if a case fails or a rule \
            has a mistake.

            Example: martlet test rules/ --filter brute_force
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case human, junit, json, github, html
    }

    @OptionGroup var options: RulesOptions

    @Option(
        name: .customLong("filter"),
        help: ArgumentHelp(
            "Run the cases whose rule or name contains this text.",
            discussion: "May be given several times: a case runs if one of the texts fits.",
            valueName: "text"))
    var filters: [String] = []

    @Option(
        help: ArgumentHelp(
            "How to show the results.",
            discussion: """
                human: for people; junit: an XML report; json: one object a case; github: \
                annotations of a GitHub workflow; html: a page, of coverage only.
                """))
    var format: Format = .human

    @Flag(help: "Show what the cases reach of their rules, and what they only reach one way.")
    var coverage = false

    @Flag(
        help: ArgumentHelp(
            "Change one thing of a rule at a time, and show the changes that no case notices.",
            discussion: "Exits with 1 if there are any."))
    var mutate = false

    package init() {}

    package mutating func validate() throws {
        try options.validateRules()
        if coverage, mutate {
            throw ValidationError("`--coverage` and `--mutate` are asked for one at a time")
        }
        let known: [Format] =
            coverage
            ? [.human, .json, .html]
            : mutate ? [.human, .json] : [.human, .junit, .json, .github]
        guard known.contains(format) else {
            let what = coverage ? "coverage" : mutate ? "mutants" : "results without `--coverage`"
            throw ValidationError("there is no form `\(format.rawValue)` of \(what)")
        }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        let start = Surroundings.nanoseconds
        let loaded: LoadedRuleset
        switch options.load() {
        case .failure(let failure): return failure.outcome
        case .success(let files): loaded = files
        }
        guard let ruleset = loaded.check.ruleset?.withTestedRules else {
            return mistakes(loaded.check.diagnostics, in: surroundings)
        }
        let tests = ruleset.tests.filter(isWanted)
        if tests.isEmpty, !ruleset.tests.isEmpty {
            let texts = filters.map { "`\($0)`" }.joined(separator: " or ")
            return .failed("no case or rule is called like \(texts)", .usage)
        }
        var runner = TestRunner(ruleset, reader: RecordingReader.events)
        let results = tests.map { test in
            let result = runner.run(test)
            return mutate || coverage ? result : TestWhyNot.explain(result, in: ruleset)
        }
        let report = TestReport(ruleset, results)
        if mutate { return mutants(of: loaded, report, in: surroundings) }
        if coverage {
            let found = CoverageReport(rules: runner.coverage(of: tests))
            return outcome(found, report, in: surroundings)
        }
        let colour = options.color.isOn(in: surroundings)
        var outcome = CommandOutcome(status: report.failedCount > 0 ? .findings : .clean)
        switch format {
        case .human:
            outcome.output = report.human(colour: colour)
            let took = (Surroundings.nanoseconds - start) / 1_000_000
            let time = surroundings.outputIsTerminal ? " (\(took) ms)" : ""
            outcome.errors =
                tests.isEmpty
                ? "note: these rules have no tests\n" : "\(report.summary)\(time)\n"
        case .junit: outcome.output = report.junit
        case .json: outcome.output = report.json
        case .github: outcome.output = report.github
        case .html: break
        }
        return outcome
    }

    func isWanted(_ test: CheckedTest) -> Bool {
        filters.isEmpty
            || filters.contains { text in
                test.name.contains(text) || test.rules.contains { $0.contains(text) }
            }
    }

    /// The errors of rules that do not compile, in the form asked for.
    private func mistakes(
        _ diagnostics: [Diagnostic], in surroundings: Surroundings
    ) -> CommandOutcome {
        let errors = diagnostics.filter { $0.severity == .error }
        var outcome = CommandOutcome(status: .findings)
        switch format {
        case .human:
            let colour = options.color.isOn(in: surroundings)
            outcome.output = DiagnosticRenderer.human(errors, colour: colour)
            outcome.errors = "\(counted(errors.count, "error")): no test was run\n"
        case .junit: outcome.output = TestReport.junit(errors)
        case .json: outcome.output = DiagnosticRenderer.json(errors)
        case .github: outcome.output = DiagnosticRenderer.github(errors)
        case .html: outcome.errors = DiagnosticRenderer.human(errors, colour: false)
        }
        return outcome
    }
}
