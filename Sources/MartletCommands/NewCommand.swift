// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Pipeline

/// `martlet new`: a ruleset to begin with.
package struct NewCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Makes a ruleset to begin with.",
        discussion: """
            Writes an event type, a rule, its tests and a recording to try it on into a folder, \
            which is made if it is not there. A folder with something in it is refused.

            Example: martlet new rules && martlet test rules
            """)

    @Argument(help: "The folder.")
    var folder: String

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do {
            let written = try RulesetLoader.found(StarterRuleset.files, in: folder)
            return CommandOutcome(
                output: written.map { "\($0)\n" }.joined(),
                errors: "try it: martlet test \(folder)\n")
        } catch {
            return .failed("\(error)", error.isUsage ? .usage : .environment)
        }
    }
}
