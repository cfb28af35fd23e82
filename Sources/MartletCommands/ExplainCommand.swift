// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Automata
internal import Diagnostics
internal import Pipeline
internal import Reporting
internal import RuleLanguage

/// `martlet explain`: what a rule means, and how it is run.
package struct ExplainCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Shows what rules mean and how they are run.",
        discussion: """
            Restates each rule in one sentence, then shows its steps, the states an attempt can be \
            in and what takes it on or ends it, and what a key can hold at most.

            Example: martlet explain rules/ --rule brute_force --format svg > rule.svg
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text, dot, svg, json
    }

    @OptionGroup var options: RulesOptions

    @Option(
        name: .customLong("rule"),
        help: ArgumentHelp(
            "Only this rule.", discussion: "May be given several times.", valueName: "name"))
    var names: [String] = []

    @Option(
        help: ArgumentHelp(
            "How to show it.",
            discussion: """
                text: for people; svg: a drawing; dot: a graph for Graphviz; json: one object a \
                rule.
                """))
    var format: Format = .text

    package init() {}

    package mutating func validate() throws { try options.validateRules() }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        let loaded: LoadedRuleset
        switch options.load() {
        case .failure(let failure): return failure.outcome
        case .success(let files): loaded = files
        }
        let colour = options.color.isOn(in: surroundings)
        guard let ruleset = loaded.check.ruleset else {
            let errors = loaded.check.diagnostics.filter { $0.severity == .error }
            return CommandOutcome(
                errors: DiagnosticRenderer.human(errors, colour: colour), status: .findings)
        }
        for name in names where !ruleset.rules.contains(where: { $0.name == name }) {
            let near = Spelling.closest(to: name, among: ruleset.rules.map(\.name))
            let hint = near.map { ": did you mean `\($0)`?" } ?? ""
            return .failed("there is no rule `\(name)`\(hint)", .usage)
        }
        let program = RulesetCompiler.compile(ruleset)
        let filings = RuleFilings(program)
        let explanations = zip(ruleset.rules, program.rules).compactMap { rule, program in
            names.isEmpty || names.contains(rule.name)
                ? RuleExplanation(rule, program, in: ruleset, filedIn: filings) : nil
        }
        guard !explanations.isEmpty else { return CommandOutcome(errors: "note: no rules\n") }
        switch format {
        case .text:
            let texts = explanations.map { ExplanationText($0, colour: colour).text }
            return CommandOutcome(output: texts.joined(separator: "\n"))
        case .dot: return CommandOutcome(output: ExplanationGraph.dot(explanations))
        case .svg: return CommandOutcome(output: RuleDrawing.file(explanations))
        case .json:
            return CommandOutcome(output: explanations.map { ExplanationJSON.line($0) }.joined())
        }
    }
}
