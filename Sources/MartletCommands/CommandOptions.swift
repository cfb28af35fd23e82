// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Diagnostics
internal import EventModel
internal import Pipeline

/// `--color`.
package enum ColourChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case auto, always, never

    func isOn(in surroundings: Surroundings) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: surroundings.outputIsTerminal && !surroundings.refusesColour
        }
    }
}

/// The arguments of every command that reads rules.
package struct RulesOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Rules files and folders.",
            discussion: "Of a folder, every `*.martlet` below it; `-` is standard input."))
    package var rules: [String] = []

    @Option(help: "When to use colours.")
    package var color: ColourChoice = .auto

    package init() {}

    /// Refuses a command line without rules.
    func validateRules() throws {
        guard rules.isEmpty else { return }
        throw ValidationError("no rules are named: `.` takes those of this folder")
    }

    /// The ruleset at the paths given, or how it failed.
    ///
    /// - Parameter today: what exceptions with an end are held against.
    func load(today: StreamTime? = nil) -> Result<LoadedRuleset, CommandFailure> {
        RulesOptions.load(rules, today: today)
    }

    static func load(
        _ paths: [String], today: StreamTime? = nil
    ) -> Result<LoadedRuleset, CommandFailure> {
        do {
            return .success(try RulesetLoader.load(paths, today: today))
        } catch {
            let status: ExitStatus = error.isUsage ? .usage : .environment
            return .failure(CommandFailure(.failed("\(error)", status)))
        }
    }
}

extension [Diagnostic] {
    func count(_ severity: Severity) -> Int { count { $0.severity == severity } }
}

/// `1 error`, `3 errors`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
