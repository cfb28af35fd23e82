// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser

/// `martlet completions`: what a shell reads to complete the words of a command line.
package struct CompletionsCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Writes a script that completes commands and options in a shell.",
        discussion: """
            Example: martlet completions bash > /etc/bash_completion.d/martlet
            """)

    package enum Shell: String, ExpressibleByArgument, CaseIterable, Sendable {
        case bash, zsh, fish
    }

    @Argument(help: "The shell.")
    var shell: Shell

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        let script =
            switch shell {
            case .bash: Martlet.completionScript(for: .bash)
            case .zsh: Martlet.completionScript(for: .zsh)
            case .fish: Martlet.completionScript(for: .fish)
            }
        return CommandOutcome(output: script.hasSuffix("\n") ? script : script + "\n")
    }
}
