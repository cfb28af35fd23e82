// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Diagnostics

/// The command `martlet`.
package struct Martlet: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Finds patterns in streams of events.",
        discussion: """
            Rules say which sequences of events matter, how long they may take, and what has to \
            stay away. They are kept in files that end in `.martlet`, with their tests beside them.

            Exit codes: 0 nothing found, 1 findings (mistakes in rules, tests that failed), \
            2 wrong usage, 3 a file or device that can't be used, 70 a fault in martlet itself.
            """,
        version: Martlet.version,
        subcommands: [
            CheckCommand.self, TestCommand.self, FmtCommand.self, ReplayCommand.self,
            RunCommand.self, PlayCommand.self, AlertsCommand.self, TopCommand.self, TapCommand.self,
            HealthCommand.self,
            JournalCommand.self, RulesCommand.self,
            ConfigCommand.self,
            DiffCommand.self, ExplainCommand.self, WhyCommand.self, LspCommand.self,
            NewCommand.self, CompletionsCommand.self,
        ])

    package static let version = "0.1.0"

    package init() {}

    /// Runs the command that `arguments` name, and ends the process with its exit code.
    package static func run(arguments: [String]) -> Never {
        var surroundings = Surroundings.current
        surroundings.endWithCommand = true
        let outcome = outcome(of: arguments, in: surroundings)
        ExitStatus.leave(outcome.write())
    }

    /// Parses `arguments` and runs what they name.
    ///
    /// Commands that write as they go give what is left to write when they are done.
    package static func outcome(
        of arguments: [String], in surroundings: Surroundings = .current
    ) -> CommandOutcome {
        if let refusal = refusalOfCommand(arguments.first ?? "") { return refusal }
        do {
            var command = try Martlet.parseAsRoot(arguments)
            if let command = command as? any OutcomeCommand {
                return command.outcome(in: surroundings)
            }
            try command.run()
            return CommandOutcome()
        } catch let code as ExitCode {
            return CommandOutcome(status: ExitStatus(rawValue: code.rawValue) ?? .internalFault)
        } catch {
            return outcome(ofParsing: error)
        }
    }

    /// What there is to say of a first word that is no command; nil where it is one.
    private static func refusalOfCommand(_ word: String) -> CommandOutcome? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        if word.isEmpty || word.hasPrefix("-") || word == "help" || names.contains(word) {
            return nil
        }
        let near = Spelling.closest(to: word, among: names)
        let hint = near.map { ": did you mean `\($0)`?" } ?? ""
        return CommandOutcome(
            errors: "Error: there is no command `\(word)`\(hint)\n"
                + "  See 'martlet --help' for those that there are.\n",
            status: .usage)
    }

    /// A message about a value that cannot be read, with what would do.
    private static func withHint(_ text: String) -> String {
        guard let line = text.split(separator: "\n").first, line.contains("' is invalid for '"),
            let start = line.lastIndex(of: "<"), let end = line.lastIndex(of: ">"), start < end
        else { return text }
        let hint: String
        switch line[line.index(after: start)..<end] {
        case "duration": hint = "a number with a unit, such as 500ms, 5s, 10m or 1h30m"
        case "time":
            hint = "a date or time, such as 2026-03-01, 2026-03-01T08:00:00Z or seconds since 1970"
        case "time or duration":
            hint = "a time, such as 2026-03-01T08:00:00Z, or how long ago, such as 1h"
        case "size": hint = "a number of bytes or with a unit, such as 500mb or 4gb"
        case "count": hint = "a whole number, such as 10"
        case "name=file": hint = "a name and a file, such as auth=/var/log/auth.log"
        case "field=value": hint = "a field and its value, such as user=ann"
        default: return text
        }
        return line + ": write \(hint)" + text.dropFirst(line.count)
    }

    /// What the argument parser has to say: help, the version, or what was wrong.
    private static func outcome(ofParsing error: any Error) -> CommandOutcome {
        let text = withHint(Martlet.fullMessage(for: error))
        let ended = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
        switch Martlet.exitCode(for: error) {
        case .success: return CommandOutcome(output: ended)
        case .validationFailure: return CommandOutcome(errors: ended, status: .usage)
        default: return CommandOutcome(errors: ended, status: .internalFault)
        }
    }
}
