// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Harness
internal import Pipeline
internal import RuleLanguage

/// How good the cases are, rather than whether they pass.
extension TestCommand {
    /// Cases that fail are shown beside what the cases reach.
    func outcome(
        _ coverage: CoverageReport, _ report: TestReport, in surroundings: Surroundings
    ) -> CommandOutcome {
        var outcome = CommandOutcome(status: report.failedCount > 0 ? .findings : .clean)
        let colour = options.color.isOn(in: surroundings)
        switch format {
        case .json: outcome.output = coverage.json
        case .html: outcome.output = coverage.html
        default: outcome.output = coverage.human(colour: colour)
        }
        if report.failedCount > 0 { outcome.errors = report.human(colour: false) }
        outcome.errors += "\(report.summary); \(coverage.summary)\n"
        return outcome
    }

    /// Mutants of rules whose cases fail already would all be noticed.
    func mutants(
        of loaded: LoadedRuleset, _ report: TestReport, in surroundings: Surroundings
    ) -> CommandOutcome {
        guard report.failedCount == 0 else {
            let failures = report.human(colour: options.color.isOn(in: surroundings))
            return CommandOutcome(
                output: format == .human ? failures : "",
                errors: "\(report.summary): no mutant was tried\n", status: .findings)
        }
        let tableFiles = RulesetLoader.tableFiles(of: loaded.files.map(RuleSyntax.parse))
        let run = MutationRun(
            loaded.files, tableFiles: tableFiles, reader: RecordingReader.events,
            isWanted: isWanted)
        var mutants = MutationReport()
        for mutant in run.mutants { mutants.add(run.result(of: mutant)) }
        mutants.idle = run.idleAllowances(mutants.results)
        return CommandOutcome(
            output: format == .json ? mutants.json : mutants.human,
            errors: "\(mutants.summary)\n", status: mutants.hasFindings ? .findings : .clean)
    }
}
