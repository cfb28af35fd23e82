// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Diagnostics
internal import Pipeline
internal import RuleLanguage

/// `martlet check`: every mistake of a ruleset, at its place.
package struct CheckCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Finds mistakes in rules.",
        discussion: """
            Reads all files of a ruleset as one, and shows every mistake in every file. Errors \
            exit with 1; warnings alone exit with 0 unless `--strict` is given.

            Example: martlet check rules/
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case human, json, github
    }

    @OptionGroup var options: RulesOptions

    @Option(
        help: ArgumentHelp(
            "How to show what was found.",
            discussion: """
                human: for people; json: one object a line; github: annotations of a GitHub \
                workflow.
                """))
    var format: Format = .human

    @Flag(help: "Exit with 1 for warnings too.")
    var strict = false

    @Flag(help: "List the lints, with the names that silence them.")
    var lints = false

    package init() {}

    package mutating func validate() throws { if !lints { try options.validateRules() } }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        if lints { return CommandOutcome(output: LintList(format).text) }
        return switch options.load(today: surroundings.today) {
        case .failure(let failure): failure.outcome
        case .success(let loaded): report(loaded, in: surroundings)
        }
    }

    private func report(_ loaded: LoadedRuleset, in surroundings: Surroundings) -> CommandOutcome {
        let found = loaded.check.diagnostics
        var outcome = CommandOutcome()
        switch format {
        case .human:
            let colour = options.color.isOn(in: surroundings)
            outcome.output = DiagnosticRenderer.human(found, colour: colour)
            outcome.errors = CheckCommand.summary(loaded) + "\n"
        case .json: outcome.output = DiagnosticRenderer.json(found)
        case .github: outcome.output = DiagnosticRenderer.github(found)
        }
        let isClean = found.count(.error) == 0 && !(strict && found.count(.warning) > 0)
        outcome.status = isClean ? .clean : .findings
        return outcome
    }

    /// `3 errors, 1 warning in 4 files`.
    private static func summary(_ loaded: LoadedRuleset) -> String {
        let errors = loaded.check.diagnostics.count(.error)
        let warnings = loaded.check.diagnostics.count(.warning)
        let files = counted(loaded.files.count, "file")
        let parts =
            (errors > 0 ? [counted(errors, "error")] : [])
            + (warnings > 0 ? [counted(warnings, "warning")] : [])
        guard parts.isEmpty else { return "\(parts.joined(separator: ", ")) in \(files)" }
        let rules = loaded.check.ruleset?.rules.count ?? 0
        return "\(rules == 0 ? "no rules" : counted(rules, "rule")) in \(files), no mistakes"
    }
}
