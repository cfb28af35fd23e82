// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Glibc
internal import Live

/// The configuration file of `run` and `config check`.
enum RunConfiguration {
    static func read(
        _ path: String, in surroundings: Surroundings
    ) throws(CommandFailure) -> LiveConfiguration {
        let (configuration, diagnostics) = LiveConfiguration.read(try source(path)) {
            Surroundings.variable($0)
        }
        guard let configuration else { throw failure(diagnostics, surroundings) }
        return configuration
    }

    /// All of it that counts.
    static func effective(
        _ path: String, in surroundings: Surroundings
    ) throws(CommandFailure) -> ConfigurationTree {
        let (tree, diagnostics) = LiveConfiguration.effective(
            try source(path), folder: Surroundings.currentFolder
        ) { Surroundings.variable($0) }
        guard let tree else { throw failure(diagnostics, surroundings) }
        return tree
    }

    private static func source(_ path: String) throws(CommandFailure) -> SourceFile {
        do throws(StateError) {
            return SourceFile(name: path, bytes: try SystemDisk().read(path))
        } catch {
            throw CommandFailure(.failed("\(error)", .environment))
        }
    }

    private static func failure(
        _ diagnostics: [Diagnostic], _ surroundings: Surroundings
    ) -> CommandFailure {
        let colour = isatty(STDERR_FILENO) == 1 && !surroundings.refusesColour
        return CommandFailure(
            CommandOutcome(
                errors: DiagnosticRenderer.human(diagnostics, colour: colour), status: .usage))
    }
}
