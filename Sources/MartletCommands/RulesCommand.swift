// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesCommandTests.

package import ArgumentParser
internal import Live

/// `martlet rules`: the rules that a live pipeline runs, those that it ran before, and changes of
/// them.
package struct RulesCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Shows and changes the rules that `martlet run` runs.",
        discussion: """
            Goes by the state folder: whoever may write to it needs no token, and what nothing \
            runs on can be changed too. From elsewhere the admin server does the same: POST \
            /api/v1/rules/NAME/enable, POST /api/v1/rules/NAME/disable, POST \
            /api/v1/ruleset/rollback?version=NUMBER, GET /api/v1/ruleset/history.
            """,
        subcommands: [
            RulesListCommand.self, RulesShowCommand.self, RulesHistoryCommand.self,
            RulesRollbackCommand.self, RulesEnableCommand.self, RulesDisableCommand.self,
        ])

    package init() {}
}

/// The state folder of the pipeline that is meant.
package struct RulesStateOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The state folder.", valueName: "folder"))
    package var state = "state"

    package init() {}

    func registry() throws(CommandFailure) -> SQLiteRulesRegistry {
        let path = SQLiteRulesRegistry.path(in: state)
        let isThere = try RulesStateOptions.using { () throws(StateError) in
            try SystemDisk().byteCount(of: path) != nil
        }
        guard isThere else {
            throw CommandFailure(
                .failed(
                    "there is no `\(path)`: has `martlet run` run with that state folder?",
                    .environment))
        }
        return try RulesStateOptions.using { () throws(StateError) in
            try SQLiteRulesRegistry(path: path)
        }
    }

    /// Does what may fail for reasons of the machine.
    static func using<Result>(
        _ body: () throws(StateError) -> Result
    ) throws(CommandFailure) -> Result {
        do throws(StateError) {
            return try body()
        } catch {
            throw CommandFailure(.failed("\(error)", .environment))
        }
    }
}

/// What is in force, out of a registry.
struct RulesInForce {
    let change: RulesChange
    let rules: [RegisteredRule]

    init(_ registry: SQLiteRulesRegistry) throws(CommandFailure) {
        let last = try RulesStateOptions.using { () throws(StateError) in
            try registry.changes().last
        }
        guard let last else {
            throw CommandFailure(.failed("no rules have been in force yet", .environment))
        }
        change = last
        rules = try RulesStateOptions.using { () throws(StateError) in
            try registry.rules(ofVersion: last.version)
        }
    }
}

/// `martlet rules list`.
package struct RulesListCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the rules in force.")

    @OptionGroup package var options: RulesStateOptions

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            let current = try RulesInForce(try options.registry())
            let disabled = Set(current.change.disabled)
            var outcome = CommandOutcome()
            for rule in current.rules {
                let isOff = rule.isDisabledInText || disabled.contains(rule.name)
                let state = isOff ? "  disabled" : ""
                outcome.output += "\(rule.name)  \(rule.place)  \(rule.hash)\(state)\n"
            }
            let change = current.change
            outcome.errors =
                "version \(change.version), in force since \(change.time) "
                + "(\(change.source.rawValue))\n"
            return outcome
        } catch {
            return error.outcome
        }
    }
}

/// `martlet rules show`.
package struct RulesShowCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a rule as it is in force, or was.")

    @Argument(help: "The rule.")
    package var name: String

    @Option(help: ArgumentHelp("The version; the one in force otherwise.", valueName: "number"))
    package var version: Int64?

    @OptionGroup package var options: RulesStateOptions

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            let registry = try options.registry()
            let rules = try rules(registry)
            guard let rule = rules.first(where: { $0.name == name }) else {
                return .failed(
                    "\(RulesRefusal.noRule(name, among: rules.map(\.name)))", .usage)
            }
            return CommandOutcome(output: rule.text + "\n")
        } catch {
            return error.outcome
        }
    }

    private func rules(
        _ registry: SQLiteRulesRegistry
    ) throws(CommandFailure) -> [RegisteredRule] {
        guard let version else { return try RulesInForce(registry).rules }
        let rules = try RulesStateOptions.using { () throws(StateError) in
            try registry.hash(ofVersion: version) == nil
                ? nil : try registry.rules(ofVersion: version)
        }
        guard let rules else {
            throw CommandFailure(.failed("\(RulesRefusal.noVersion(version))", .usage))
        }
        return rules
    }
}

/// `martlet rules history`.
package struct RulesHistoryCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Tells which rules were in force when, or when one rule changed.")

    @Argument(help: "A rule: only changes of what it means, and whether it was run.")
    package var name: String?

    @OptionGroup package var options: RulesStateOptions

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            let registry = try options.registry()
            let lines = try RulesStateOptions.using { () throws(StateError) -> [String] in
                let changes = try registry.changes()
                guard let name else { return changes.map(\.line) }
                return try history(of: name, changes, registry)
            }
            if let name, lines.isEmpty {
                return .failed("no version has had a rule `\(name)`", .usage)
            }
            return CommandOutcome(output: lines.map { $0 + "\n" }.joined())
        } catch {
            return error.outcome
        }
    }

    private func history(
        of name: String, _ changes: [RulesChange], _ registry: SQLiteRulesRegistry
    ) throws(StateError) -> [String] {
        var lines: [String] = []
        var before = "gone"
        for change in changes {
            let rule = try registry.rules(ofVersion: change.version).first { $0.name == name }
            var state = "gone"
            if let rule {
                let isOff = rule.isDisabledInText || change.disabled.contains(name)
                state = rule.hash + (isOff ? "  disabled" : "")
            }
            if state != before { lines.append("\(change.head)  \(state)\(change.tail)") }
            before = state
        }
        return lines
    }
}

extension RulesChange {
    fileprivate var head: String { "\(number)  \(time)  version \(version)  \(source.rawValue)" }

    fileprivate var tail: String {
        (author.isEmpty ? "" : "  by \(author)") + (note.isEmpty ? "" : "  \(note)")
    }

    fileprivate var line: String { "\(head)  \(summary)\(tail)" }
}

extension RegisteredRule {
    /// What it means, in 16 digits.
    fileprivate var hash: String {
        let digits = String(meaning, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
