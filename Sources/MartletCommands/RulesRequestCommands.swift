// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesCommandTests.

package import ArgumentParser
internal import Glibc
internal import Live

/// What every change of rules may say of itself.
package struct RulesRequestOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who wants it; `$USER` otherwise.", valueName: "name"))
    package var author: String?

    @Option(help: ArgumentHelp("Why, for the history.", valueName: "text"))
    package var note = ""

    @OptionGroup package var options: RulesStateOptions

    package init() {}

    /// Leaves a request for the process that runs the rules, and waits for its answer.
    func ask(_ action: String, _ argument: String) -> CommandOutcome {
        let request = RegisteredRequest(
            action: action, argument: argument,
            author: author ?? Surroundings.variable("USER") ?? "", note: note)
        do throws(CommandFailure) {
            let registry = try options.registry()
            do throws(StateError) {
                let number = try registry.ask(request)
                guard isRunning else {
                    return CommandOutcome(
                        output: "nothing runs on `\(options.state)`: done at the next start\n")
                }
                return try answer(to: number, of: registry)
            } catch {
                return .failed("\(error)", .environment)
            }
        } catch {
            return error.outcome
        }
    }

    /// Whether a process holds the state folder.
    private var isRunning: Bool {
        do throws(StateError) {
            _ = try FolderLock(options.state)
            return false
        } catch {
            return true
        }
    }

    private func answer(
        to number: Int64, of registry: SQLiteRulesRegistry
    ) throws(StateError) -> CommandOutcome {
        for _ in 0..<300 {
            if let answer = try registry.answer(toRequest: number) {
                return answer.isRefused
                    ? .failed(answer.text, .findings) : CommandOutcome(output: answer.text + "\n")
            }
            usleep(100_000)
        }
        return .failed(
            "there is no answer yet: it is done as soon as the process looks", .environment)
    }
}

/// `martlet rules rollback`.
package struct RulesRollbackCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Puts a version of the rules in force that was so before.",
        discussion: """
            The files of the rules stay as they are, and come into force when they change or are \
            read again.
            """)

    @Argument(help: "The number of the version, as `martlet rules history` tells it.")
    package var version: Int64

    @OptionGroup package var request: RulesRequestOptions

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        request.ask("rollback", "\(version)")
    }
}

/// `martlet rules enable`.
package struct RulesEnableCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Has a rule be run again, which begins with nothing.")

    @Argument(help: "The rule.")
    package var name: String

    @OptionGroup package var request: RulesRequestOptions

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        request.ask("enable", name)
    }
}

/// `martlet rules disable`.
package struct RulesDisableCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Has a rule not be run any more; what it holds is dropped.",
        discussion: "It stays disabled over restarts and changes of rules, until it is enabled.")

    @Argument(help: "The rule.")
    package var name: String

    @OptionGroup package var request: RulesRequestOptions

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        request.ask("disable", name)
    }
}
