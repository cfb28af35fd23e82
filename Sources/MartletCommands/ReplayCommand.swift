// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Automata
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Glibc
internal import Pipeline
internal import RuleLanguage

/// `martlet replay`: recorded events through the rules, to alerts.
package struct ReplayCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs recorded events through rules and writes the alerts.",
        discussion: """
            Files hold JSON lines, CSV with a header or lines of text, plain or packed (.gz, \
            .zst); `-` is standard input. Several files are merged by time. Alerts exit with 0 \
            unless `--fail-on-alert` is given.

            Examples:
              martlet replay rules/ logins.jsonl.gz
              martlet replay rules/ --feed syslog=/var/log/auth.log --count
            """)

    @Argument(help: "The rules: a file, or a folder with every `*.martlet` below it.")
    package var rules: String

    @Argument(help: "Files of events.")
    package var events: [String] = []

    @Option(
        help: ArgumentHelp(
            "What `martlet run` accepted, in the place of files: a state folder, or its journal.",
            discussion: "In the order in which it came, with time moved by what moved it then.",
            valueName: "folder"))
    package var journal: String?

    @Option(
        help: ArgumentHelp(
            "With `--journal`: the configuration that says how the feeds are read.",
            discussion: "If not given, all are read as the options say.", valueName: "file"))
    package var config: String?

    @OptionGroup(title: "Reading")
    package var reading: ReplayReadingOptions

    @OptionGroup(title: "Writing")
    package var writing: ReplayWritingOptions

    package init() {}

    package mutating func validate() throws {
        try validateJournal()
        if journal == nil { try reading.requireEvents(events, rules: [rules]) }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            if let journal {
                let right = try RightRules(at: rules, in: surroundings)
                return try replayJournal(journal, right, in: surroundings)
            }
            try files.requireReadableOrFail()
            return replay(try RightRules(at: rules, in: surroundings), in: surroundings)
        } catch {
            return error.outcome
        }
    }

    private func replay(_ right: RightRules, in surroundings: Surroundings) -> CommandOutcome {
        let (loaded, ruleset) = (right.loaded, right.ruleset)
        let program = RulesetCompiler.compile(ruleset)
        surroundings.keep(loaded, program)
        if let obstacle = writing.obstacle(in: program) { return .failed(obstacle, .usage) }
        let inputs: [ReplayInput]
        do {
            try files.requireApart(writing.files, rules: loaded.files.map(\.name))
            inputs = try files.inputs(for: ruleset, program)
        } catch {
            return .failed("\(error)", .usage)
        }
        let warnings = loaded.check.diagnostics.count(.warning)
        var run = ReplayRun(
            program: program, inputs: inputs, options: options(in: surroundings),
            isQuiet: writing.quiet, failsOnAlert: writing.failOnAlert)
        run.page = writing.report.map { path in
            ReplayPage(
                path: path, ruleset: ruleset, files: loaded.files, title: rules,
                shownCap: writing.reportAlerts, arguments: pageArguments(loaded, inputs))
        }
        var outcome = run.outcome()
        if warnings > 0, !writing.quiet {
            outcome.errors =
                "\(counted(warnings, "warning")) in the rules: see `martlet check \(rules)`\n"
                + outcome.errors
        }
        return outcome
    }

    private var files: ReplayFiles { reading.files(events) }

    private func options(in surroundings: Surroundings) -> ReplayOptions {
        let showsOutput = writing.output == "-" && surroundings.outputIsTerminal
        var options = ReplayOptions()
        options.format = writing.alertFormat(isTerminal: showsOutput)
        options.outputPath = writing.output
        options.deadLetterPath = writing.deadLetters
        options.span = reading.span
        options.colour = showsOutput && !surroundings.refusesColour
        options.flushesEveryBatch = showsOutput
        options.threads = writing.threads ?? Processors.availableCount
        options.maxMemory = writing.maxMemory?.byteCount
        options.backend = writing.backend
        options.visitsMatches = writing.visit
        options.countsAttempts = writing.report != nil
        return options
    }
}
