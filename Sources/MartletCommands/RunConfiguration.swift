// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Glibc
internal import Live

/// The configuration file of `run` and `config check`.
enum RunConfiguration {
    static func read(
        _ path: String, in surroundings: Surroundings
    ) throws(CommandFailure) -> LiveConfiguration {
        let bytes: [UInt8]
        do throws(StateError) {
            bytes = try SystemDisk().read(path)
        } catch {
            throw CommandFailure(.failed("\(error)", .environment))
        }
        let (configuration, diagnostics) = LiveConfiguration.read(
            SourceFile(name: path, bytes: bytes)
        ) { Surroundings.variable($0) }
        guard let configuration else {
            let colour = isatty(STDERR_FILENO) == 1 && !surroundings.refusesColour
            throw CommandFailure(
                CommandOutcome(
                    errors: DiagnosticRenderer.human(diagnostics, colour: colour), status: .usage))
        }
        return configuration
    }
}
