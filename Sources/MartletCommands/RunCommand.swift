// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

internal import AdminServer
package import ArgumentParser
internal import EventModel
internal import Glibc
internal import Live
internal import Logging
internal import NetworkFeeds
internal import NetworkSinks
internal import Pipeline
internal import RuleLanguage

/// `martlet run`: rules at work on live feeds.
package struct RunCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs rules over live feeds and sends the alerts to sinks.",
        discussion: """
            What was accepted is journaled, and what is held of it is written down now and then: \
            after a crash everything goes on where it was, and no alert is lost or comes twice. \
            SIGTERM and SIGINT end it cleanly. SIGHUP has the rules be read again, all or nothing: \
            rules that mean the same go on, and with a mistake the old ones stay.

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

    @Flag(help: "Read the rules again when their files have changed.")
    package var watch = false

    @Option(
        help: ArgumentHelp(
            "The state folder; that of the configuration otherwise, or `state`.",
            valueName: "folder"))
    package var state: String?

    @Option(
        help: ArgumentHelp(
            "Where the admin server listens, such as 127.0.0.1:9464, or `off`.",
            discussion: "Without a configuration file it is off otherwise.",
            valueName: "address"))
    package var admin: String?

    package init() {}

    package mutating func validate() throws {
        if config == nil, rules == nil || !stdin {
            throw ValidationError(
                "name a configuration file, or give `--rules PATH` and `--stdin`")
        }
        if config != nil, rules != nil || stdin {
            throw ValidationError("`--rules` and `--stdin` take the place of a configuration file")
        }
        if let admin, admin != "off" {
            guard let address = ListenAddress(admin) else {
                throw ValidationError(
                    "`--admin \(admin)`: write an address and a port, such as 127.0.0.1:9464, or "
                        + "`off`")
            }
            if config == nil, !address.isLoopback {
                throw ValidationError(
                    "`--admin \(admin)` is reached from beyond this machine: that needs a token, "
                        + "in a configuration file")
            }
        }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        Termination.hold()
        do throws(CommandFailure) {
            var configuration = try read(in: surroundings)
            if let state { configuration.stateFolder = state }
            if let admin {
                configuration.admin.listen = ListenAddress(admin)
                configuration.admin.isAskedFor = true
            }
            try checkAdmin(configuration.admin)
            return try run(
                configuration, try rules(of: configuration, in: surroundings), in: surroundings)
        } catch {
            return error.outcome
        }
    }

    private func rules(
        of configuration: LiveConfiguration, in surroundings: Surroundings
    ) throws(CommandFailure) -> ConfiguredRules {
        let texts: RulesTexts
        do throws(RulesetLoadError) {
            texts = try RulesTexts.read(configuration.rules, SystemDisk())
        } catch {
            throw CommandFailure(.failed("\(error)", error.isUsage ? .usage : .environment))
        }
        let loaded = LoadedRuleset(files: texts.sources, check: texts.check())
        return ConfiguredRules(texts, try RightRules(loaded, in: surroundings).ruleset)
    }

    private func read(in surroundings: Surroundings) throws(CommandFailure) -> LiveConfiguration {
        guard let config else {
            var configuration = LiveConfiguration()
            configuration.rules = rules.map { [$0] } ?? []
            configuration.admin.listen = nil
            configuration.feeds = [
                FeedConfiguration(options: LiveFeedOptions(name: "stdin"), source: .standardInput)
            ]
            configuration.sinks = [
                SinkConfiguration(name: "stdout", target: .standardOutput(.automatic))
            ]
            return configuration
        }
        return try RunConfiguration.read(config, in: surroundings)
    }

    /// An address of the command line may be one that the configuration's section does not do for.
    private func checkAdmin(_ admin: AdminConfiguration) throws(CommandFailure) {
        guard let listen = admin.listen, !listen.isLoopback, admin.token == nil,
            admin.tokenFile == nil
        else { return }
        throw CommandFailure(
            .failed(
                "`--admin \(listen)` is reached from beyond this machine: configure `token` or "
                    + "`token_file` under `admin`", .usage))
    }

    private func run(
        _ configuration: LiveConfiguration, _ rules: ConfiguredRules,
        in surroundings: Surroundings
    ) throws(CommandFailure) -> CommandOutcome {
        let log = RunLog.logger(configuration.log)
        var configuration = configuration
        let shares = DescriptorShares(of: configuration, limit: OpenFileLimit.raise())
        for note in shares.apply(to: &configuration) { log.warning("\(note)") }
        let service = LiveService(
            configuration, rules, log: LiveLog(log), watchesRules: watch,
            networkFeeds: NetworkFeedServers(),
            networkSinks: NetworkSinkMaker.make,
            outputTerminal: surroundings.outputIsTerminal
                ? OutputTerminal(isColoured: !surroundings.refusesColour) : nil
        ) { bytes throws(StateError) in
            let problem = CommandOutcome.write(bytes, to: STDOUT_FILENO)
            if problem != 0 { throw .system("write", "standard output", errno: problem) }
        }
        let adminServices = AdminServices(service, version: Martlet.version)
        let adminConfiguration = configuration.admin
        let admin = try Waiting.result { () async throws(CommandFailure) in
            try await RunCommand.startAdmin(
                adminConfiguration, adminServices, descriptorCap: shares.each, log)
        }
        let services = RunServices(service, admin, ServiceManager(), log: log)
        watchSignals(services, service, configuration.shutdownSpan, log)
        do throws(StateError) {
            try services.run()
        } catch {
            return .failed("\(error)", .environment)
        }
        return CommandOutcome()
    }

    private func watchSignals(
        _ services: RunServices, _ service: LiveService, _ limit: TimeSpan, _ log: Logger
    ) {
        let inbox = service.rulesInbox
        let rest = "what was accepted is in the journal, and the next start goes on from there"
        Termination.watch(
            calling: services.stopper, reloading: { inbox.askForReload() }, endingWithin: limit,
            giveUp: { reason in
                switch reason {
                case .secondSignal: log.error("a second signal: ended at once; \(rest)")
                case .tooLate: log.error("not ended within \(limit): ended at once; \(rest)")
                }
            })
    }
}
