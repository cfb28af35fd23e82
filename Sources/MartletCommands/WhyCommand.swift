// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import AttemptTracing
internal import Automata
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Pipeline
internal import RuleLanguage

/// `martlet why`: how far a rule came for one value of its key, and what kept it from an alert.
package struct WhyCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Shows why a rule did or did not fire for one key.",
        discussion: """
            Goes over recorded events with one rule, and shows for one value of its key how far \
            the furthest attempts came: what each step bound, what they waited for, what ended \
            them, and the event that came nearest to what was missing.

            Example: martlet why rules/ logins.jsonl --rule brute_force --key user=ann
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case human, json
    }

    @Argument(help: "The rules: a file, or a folder with every `*.martlet` below it.")
    package var rules: String

    @Argument(help: "Files of events.")
    package var events: [String] = []

    @Option(
        name: .customLong("rule"),
        help: ArgumentHelp(
            "The rule.", discussion: "Not needed where there is only one.", valueName: "name"))
    var ruleName: String?

    @Option(
        help: ArgumentHelp(
            "The value of the rule's key.",
            discussion: "Once for each field of the key.", valueName: "field=value"))
    var key: [KeyArgument] = []

    @Option(help: ArgumentHelp("Look at what was under way at this time.", valueName: "time"))
    var at: TimeArgument?

    @Option(help: ArgumentHelp("Attempts to show, at most.", valueName: "count"))
    var attempts = 3

    @Option(help: "How to show it.")
    var format: Format = .human

    @Option(help: "When to use colours.")
    var color: ColourChoice = .auto

    @OptionGroup(title: "Reading")
    package var reading: ReplayReadingOptions

    package init() {}

    package mutating func validate() throws {
        try reading.requireEvents(events, rules: [rules])
        if attempts < 1 { throw ValidationError("`--attempts` is at least 1") }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            try files.requireReadableOrFail()
            return answer(try RightRules(at: rules, in: surroundings), color.isOn(in: surroundings))
        } catch {
            return error.outcome
        }
    }

    private func answer(_ rules: RightRules, _ colour: Bool) -> CommandOutcome {
        do {
            let disabled = ruleName.flatMap { WhyQuestion.enabling($0, in: rules.loaded.files) }
            let asked = disabled?.ruleset ?? rules.ruleset
            let rule = try WhyQuestion.rule(ruleName, in: asked)
            let run = WhyRun(
                ruleset: asked, rule: rule, key: try WhyQuestion.key(key, of: rule, asked),
                files: files, span: reading.span,
                at: at?.time, attempts: attempts,
                note: disabled.map {
                    "the rule is disabled (\($0.place)): this is what it would do"
                })
            return try run.outcome(format == .json, colour: colour)
        } catch let error as FeedError {
            return ReplayRun.failure(error)
        } catch {
            return .failed("\(error)", .usage)
        }
    }

    private var files: ReplayFiles { reading.files(events) }
}

/// `FIELD=VALUE`.
package struct KeyArgument: ExpressibleByArgument, Sendable {
    package var name: String
    package var value: String

    package init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else {
            return nil
        }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }
}

/// What a command line asks for, held against the rules.
enum WhyQuestion {
    /// Another command line would help.
    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    /// The ruleset with a rule at work that is disabled, and where it is; nil: it is not.
    static func enabling(
        _ name: String, in files: [SourceFile]
    ) -> (ruleset: CheckedRuleset, place: String)? {
        for (index, file) in files.enumerated() {
            for case .rule(let rule) in RuleSyntax.parse(file).tree.declarations
            where rule.name.text == name {
                let clause = rule.clauses.first {
                    if case .disabled = $0.kind { true } else { false }
                }
                guard let span = clause?.span else { continue }
                var bytes = file.bytes
                for place in span.range { bytes[place] = UInt8(ascii: " ") }
                var enabled = files
                enabled[index] = SourceFile(name: file.name, bytes: bytes)
                let ruleset = RulesetLoader.check(enabled).ruleset
                return ruleset.map { ($0, "\(file.name):\(span.line)") }
            }
        }
        return nil
    }

    static func rule(_ name: String?, in ruleset: CheckedRuleset) throws -> CheckedRule {
        let names = ruleset.rules.map(\.name)
        guard let name else {
            if names.count == 1 { return ruleset.rules[0] }
            throw Mistake(
                description: names.isEmpty
                    ? "there are no rules"
                    : "there are several rules; say which with `--rule`: "
                        + names.map { "`\($0)`" }.joined(separator: ", "))
        }
        if let rule = ruleset.rules.first(where: { $0.name == name }) { return rule }
        let hint = Spelling.closest(to: name, among: names).map { ": did you mean `\($0)`?" }
        throw Mistake(description: "there is no rule `\(name)`\(hint ?? "")")
    }

    /// A text for each part of the rule's key.
    static func key(
        _ arguments: [KeyArgument], of rule: CheckedRule, _ ruleset: CheckedRuleset
    ) throws -> [String] {
        let names = rule.key.map(\.name)
        let listed = names.map { "`\($0)`" }.joined(separator: ", ")
        var values = [String?](repeating: nil, count: names.count)
        for argument in arguments {
            guard !names.isEmpty else {
                throw Mistake(
                    description: "rule `\(rule.name)` has no key (`by`): leave out `--key`")
            }
            guard
                let part = names.indices.first(where: {
                    names[$0] == argument.name
                        || rule.names(ofKeyPart: $0, ruleset).contains(argument.name)
                })
            else {
                throw Mistake(
                    description: "`\(argument.name)` is not in the key of rule `\(rule.name)`,"
                        + " which is \(listed)")
            }
            values[part] = argument.value
        }
        let missing = names.indices.filter { values[$0] == nil }
        guard missing.isEmpty else {
            let asked = missing.map { "--key \(names[$0])=…" }.joined(separator: " ")
            throw Mistake(
                description: "rule `\(rule.name)` works by \(listed): say which with `\(asked)`")
        }
        return values.compactMap { $0 }
    }
}

extension CheckedRule {
    /// What a part of the key is called in the events of each route.
    fileprivate func names(ofKeyPart part: Int, _ ruleset: CheckedRuleset) -> [String] {
        routes.compactMap { route in
            if route.eventType == nil { return route.fieldNames[part] }
            let field = route.fields[part]
            return ruleset[field.type].fields[field.field].name
        }
    }
}
