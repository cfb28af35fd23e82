// SPDX-License-Identifier: Apache-2.0
// Exercised by WebhookSinkTests and MailSinkTests.

internal import Live
internal import NIOCore
internal import NIOPosix

/// Why there is no connection, in the words of the operating system.
enum ConnectionFailure {
    static func reason(_ error: NIOConnectionError) -> String {
        guard let first = error.connectionErrors.first?.error else {
            return "there is no address of `\(error.host)`"
        }
        guard let failure = first as? IOError else { return "cannot connect: \(first)" }
        return reason(failure, host: error.host)
    }

    static func reason(_ error: IOError, host: String) -> String {
        "\(StateError.system("reach", host, errno: error.errnoCode))"
    }
}
