// SPDX-License-Identifier: Apache-2.0

/// Takes lines of the log, from any thread.
package struct LiveLog: Sendable {
    package enum Level: String, Sendable {
        case info, warning, error
    }

    private let body: @Sendable (Level, String) -> Void

    package init(_ body: @escaping @Sendable (Level, String) -> Void) { self.body = body }

    package func write(_ level: Level, _ message: String) { body(level, message) }
}
