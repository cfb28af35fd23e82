// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Automata
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Glibc
internal import Pipeline
internal import RuleLanguage

/// `martlet diff`: what a change of the rules does to their alerts.
package struct DiffCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows which alerts two versions of rules disagree about.",
        discussion: """
            Runs the same events through both and shows the alerts that are lost, new or changed, \
            and the rules that were added, removed or renamed. Exits with 1 if there are any.

            Examples:
              martlet diff rules.old/ rules/ logins.jsonl.gz
              git worktree add ../main main && martlet diff ../main/rules rules day.jsonl
            """)

    @Argument(help: "The rules as they were: a file, or a folder.")
    package var old: String

    @Argument(help: "The rules as they are now.")
    package var new: String

    @Argument(help: "Files of events.")
    package var events: [String] = []

    @OptionGroup(title: "Reading")
    package var reading: ReplayReadingOptions

    @Option(help: "How to write the differences: human; json, one object a rule; html, a page.")
    package var format: DiffFormat = .human

    @Option(
        help: ArgumentHelp(
            "Alerts of each kind that are shown of a rule.", valueName: "count"))
    package var examples = 3

    @Option(
        help: ArgumentHelp(
            "How far apart two alerts may come out and still be one that has changed.",
            valueName: "duration"))
    package var horizon = DurationArgument(span: TimeSpan(seconds: 86_400))

    @Option(help: "When to use colours.")
    package var color: ColourChoice = .auto

    @Flag(name: .shortAndLong, help: "No progress and no summary on standard error.")
    package var quiet = false

    package init() {}

    package mutating func validate() throws {
        try reading.requireEvents(events, rules: [old, new])
        if examples < 0 { throw ValidationError("`--examples` is 0 or more") }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            return try compare(in: surroundings)
        } catch {
            return error.outcome
        }
    }

    private func compare(in surroundings: Surroundings) throws(CommandFailure) -> CommandOutcome {
        try files.requireReadableOrFail()
        let oldRules = try load(old, in: surroundings)
        let newRules = try load(new, in: surroundings)
        var inputs = try inputs(oldRules, newRules)
        var spool: SpooledInput?
        if (inputs.old + inputs.new).contains(where: { $0.path == "-" }) {
            do throws(FeedError) {
                let copy = try SpooledInput()
                spool = copy
                inputs = (copy.inputs(inputs.old), copy.inputs(inputs.new))
            } catch {
                throw CommandFailure(ReplayRun.failure(error))
            }
        }
        let outcome = run(oldRules, newRules, inputs, surroundings)
        withExtendedLifetime(spool) {}
        return outcome
    }

    private struct Rules {
        var ruleset: CheckedRuleset
        var program: RulesetProgram
    }

    private func load(
        _ path: String, in surroundings: Surroundings
    ) throws(CommandFailure) -> Rules {
        let ruleset = try RightRules(at: path, in: surroundings).ruleset
        return Rules(ruleset: ruleset, program: RulesetCompiler.compile(ruleset))
    }

    private var files: ReplayFiles { reading.files(events) }

    private typealias Inputs = (old: [ReplayInput], new: [ReplayInput])

    /// What each side reads. A feed or type that only one of them knows is none of the other's
    /// business: its events reach no rule there.
    private func inputs(_ old: Rules, _ new: Rules) throws(CommandFailure) -> Inputs {
        do throws(ReplayInputError) {
            let newInputs = try files.inputs(for: new.ruleset, new.program)
            guard let oldInputs = try? files.inputs(for: old.ruleset, old.program) else {
                return (newInputs, newInputs)
            }
            return (oldInputs, newInputs)
        } catch {
            guard let inputs = try? files.inputs(for: old.ruleset, old.program) else {
                throw CommandFailure(.failed("\(error)", .usage))
            }
            return (inputs, inputs)
        }
    }

    private func run(
        _ old: Rules, _ new: Rules, _ inputs: Inputs, _ surroundings: Surroundings
    ) -> CommandOutcome {
        var options = ComparisonOptions()
        options.span = reading.span
        options.horizon = horizon.span
        options.exampleCount = examples
        let pairing = RulesetPairing(old: old.ruleset, new: new.ruleset)
        do throws(FeedError) {
            var session = try ComparisonSession(
                pairing, old: (old.program, inputs.old), new: (new.program, inputs.new),
                options: options)
            Interruption.watch(standardInputIsRead: false)
            while Interruption.signal == 0, try session.step() {}
            let interruption = Interruption.signal
            if interruption == 0 { try session.runOut() }
            let errors = session.feedErrors
            return outcome(
                session.finish(), isPart: interruption != 0, errors,
                colour: color.isOn(in: surroundings))
        } catch {
            return ReplayRun.failure(error)
        }
    }

    private func outcome(
        _ ending: ComparisonSession.Ending, isPart: Bool, _ errors: [FeedError], colour: Bool
    ) -> CommandOutcome {
        let report = DiffReport(ending.result)
        var outcome = CommandOutcome(
            status: ending.result.hasDifferences ? .findings : .clean)
        switch format {
        case .human: outcome.output = report.human(colour: colour)
        case .json: outcome.output = report.json
        case .html: outcome.output = report.html(old: old, new: new)
        }
        if !quiet {
            if isPart { outcome.errors += "interrupted: what follows is a part\n" }
            outcome.errors += "old: \(ending.old.readingText)new: \(ending.new.readingText)"
            outcome.errors += report.summary
        }
        if isPart { outcome.status = .interrupted }
        for error in errors {
            outcome.errors += "error: \(error)\n"
            outcome.status = .environment
        }
        return outcome
    }
}

/// How differences are written.
package enum DiffFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case human, json, html
}

/// An outcome that ends a command before its work.
extension SpooledInput {
    /// The inputs with this in the place of standard input.
    fileprivate func inputs(_ inputs: [ReplayInput]) -> [ReplayInput] {
        inputs.map { input in
            guard input.path == "-" else { return input }
            return ReplayInput(path: path, options: input.options, name: "stdin")
        }
    }
}
