// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

package import ArgumentParser
internal import Automata
internal import EventModel
internal import Glibc
internal import Live
internal import NetworkFeeds
internal import NetworkSinks
internal import RuleLanguage

/// `martlet run`: rules at work on live feeds.
package struct RunCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs rules over live feeds and sends the alerts to sinks.",
        discussion: """
            What was accepted is journaled, and what is held of it is written down now and then: \
            after a crash everything goes on where it was, and no alert is lost or comes twice. \
            SIGTERM and SIGINT end it cleanly.

            Examples:
              martlet run martlet.yaml
              app | martlet run --rules rules/ --stdin
            """)

    @Argument(help: "The configuration file.")
    package var config: String?

    @Option(
        help: ArgumentHelp(
            "The rules, without a configuration file: a file or a folder.", valueName: "path"))
    package var rules: String?

    @Flag(help: "Read events from standard input, without a configuration file.")
    package var stdin = false

    @Option(
        help: ArgumentHelp(
            "The state folder; that of the configuration otherwise, or `state`.",
            valueName: "folder"))
    package var state: String?

    package init() {}

    package mutating func validate() throws {
        if config == nil, rules == nil || !stdin {
            throw ValidationError(
                "name a configuration file, or give `--rules PATH` and `--stdin`")
        }
        if config != nil, rules != nil || stdin {
            throw ValidationError("`--rules` and `--stdin` take the place of a configuration file")
        }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do throws(CommandFailure) {
            var configuration = try read(in: surroundings)
            if let state { configuration.stateFolder = state }
            let loaded = try RulesOptions.load(configuration.rules).get()
            let right = try RightRules(loaded, in: surroundings)
            return run(configuration, RulesetCompiler.compile(right.ruleset))
        } catch {
            return error.outcome
        }
    }

    private func read(in surroundings: Surroundings) throws(CommandFailure) -> LiveConfiguration {
        guard let config else {
            var configuration = LiveConfiguration()
            configuration.rules = rules.map { [$0] } ?? []
            configuration.feeds = [
                FeedConfiguration(options: LiveFeedOptions(name: "stdin"), source: .standardInput)
            ]
            configuration.sinks = [SinkConfiguration(name: "stdout", target: .standardOutput)]
            return configuration
        }
        return try RunConfiguration.read(config, in: surroundings)
    }

    private func run(
        _ configuration: LiveConfiguration, _ program: RulesetProgram
    ) -> CommandOutcome {
        let service = LiveService(
            configuration, program, log: RunCommand.log, networkFeeds: NetworkFeedServers(),
            networkSinks: NetworkSinkMaker.make
        ) { bytes throws(StateError) in
            let problem = CommandOutcome.write(bytes, to: STDOUT_FILENO)
            if problem != 0 { throw .system("write", "standard output", errno: problem) }
        }
        Termination.watch(calling: service.stopper)
        do throws(StateError) {
            try service.run()
        } catch {
            return .failed("\(error)", .environment)
        }
        return CommandOutcome()
    }

    private static let log = LiveLog { level, message in
        let time = SystemClock().now
        _ = CommandOutcome.write(
            Array("\(time) \(level.rawValue) \(message)\n".utf8), to: STDERR_FILENO)
    }
}
