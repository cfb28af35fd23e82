// SPDX-License-Identifier: Apache-2.0
// What commands have in common that run rules over recorded events: `replay`, `why` and `diff`.

internal import ArgumentParser
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Glibc
internal import Pipeline
internal import RuleLanguage

/// How a command ended before its work was done.
struct CommandFailure: Error {
    var outcome: CommandOutcome

    init(_ outcome: CommandOutcome) { self.outcome = outcome }
}

extension ReplayReadingOptions {
    /// Refuses a command line without events, and one that reads standard input more than once.
    func requireEvents(_ events: [String], rules: [String]) throws {
        if events.isEmpty && feed.isEmpty {
            throw ValidationError("no events: name files of events, or `--feed NAME=FILE`")
        }
        let inputs = rules + events + feed.map(\.path)
        if inputs.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("standard input (`-`) can be read only once")
        }
    }

    func files(_ events: [String]) -> ReplayFiles {
        var files = ReplayFiles()
        files.events = events
        files.feeds = feed.map { ($0.name, $0.path) }
        files.common = feedOptions
        return files
    }

    var span: EventTimeSpan { EventTimeSpan(from: from?.time, to: to?.time) }
}

extension ReplayFiles {
    func requireReadableOrFail() throws(CommandFailure) {
        do throws(FeedError) {
            try requireReadable()
        } catch {
            throw CommandFailure(ReplayRun.failure(error))
        }
    }
}

/// Rules without a mistake.
struct RightRules {
    let loaded: LoadedRuleset
    let ruleset: CheckedRuleset

    init(at path: String, in surroundings: Surroundings) throws(CommandFailure) {
        self = try RightRules(try RulesOptions.load([path]).get(), in: surroundings)
    }

    init(_ loaded: LoadedRuleset, in surroundings: Surroundings) throws(CommandFailure) {
        self.loaded = loaded
        let errors = loaded.check.diagnostics.filter { $0.severity == .error }
        guard let ruleset = loaded.check.ruleset, errors.isEmpty else {
            let colour = isatty(STDERR_FILENO) == 1 && !surroundings.refusesColour
            throw CommandFailure(
                CommandOutcome(
                    errors: DiagnosticRenderer.human(errors, colour: colour), status: .findings))
        }
        self.ruleset = ruleset
    }
}
