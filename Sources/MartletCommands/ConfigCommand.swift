// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

package import ArgumentParser
internal import Live
internal import NetworkSinks
internal import Pipeline
internal import RuleLanguage

/// `martlet config`: what a configuration may hold, and whether one is right.
package struct ConfigCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Checks and shows configuration files of `martlet run`.",
        subcommands: [
            ConfigCheckCommand.self, ConfigShowCommand.self, ConfigSchemaCommand.self,
        ])

    package init() {}
}

/// `martlet config check`: a configuration and the rules that it names.
package struct ConfigCheckCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a configuration file and the rules that it names.")

    @Argument(help: "The configuration file.")
    package var config: String

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            let configuration = try RunConfiguration.read(config, in: surroundings)
            if let problem = NetworkSinkMaker.problem(of: configuration.sinks) {
                return .failed("\(problem)", .usage)
            }
            let loaded = try RulesOptions.load(configuration.rules).get()
            let right = try RightRules(loaded, in: surroundings)
            let (feeds, sinks) = (configuration.feeds.count, configuration.sinks.count)
            return CommandOutcome(
                output: "\(counted(right.ruleset.rules.count, "rule")), \(counted(feeds, "feed")), "
                    + "\(counted(sinks, "sink")), no mistakes\n",
                errors: RoutedNames(right.ruleset.rules).warnings(about: configuration.routes))
        } catch {
            return error.outcome
        }
    }
}

/// `martlet config show`: a configuration as it counts.
package struct ConfigShowCommand: OutcomeCommand {
    package enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case yaml, json
    }

    package static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints a configuration as it counts.",
        discussion: """
            Every option that has a value, with defaults and with variables put in; paths are \
            absolute, and secrets are `***`. As YAML it is a configuration again, but for those.
            """)

    @Argument(help: "The configuration file.")
    package var config: String

    @Option(help: "How it is written.")
    package var format = Format.yaml

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            let tree = try RunConfiguration.effective(config, in: surroundings)
            return CommandOutcome(output: format == .yaml ? tree.yaml : tree.json)
        } catch {
            return error.outcome
        }
    }
}

/// `martlet config schema`: what a configuration may hold, for editors.
package struct ConfigSchemaCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints a JSON Schema of configuration files, for editors.")

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        CommandOutcome(output: ConfigurationReference.schema)
    }
}
