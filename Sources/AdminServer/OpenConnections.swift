// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests.

internal import NIOCore
internal import Synchronization

/// The channels of a server, by which it is ended.
///
/// Its task is not cancelled: a connection that has been made and not been taken up yet would be
/// let go of unfinished, and that ends the process.
final class OpenConnections: Sendable {
    private struct State {
        var listener: (any Channel)?
        var open: [ObjectIdentifier: any Channel] = [:]
        var isClosing = false
    }

    private let state = Mutex(State())

    func listen(on channel: any Channel) {
        let isClosing = state.withLock { state in
            state.listener = channel
            return state.isClosing
        }
        if isClosing { channel.close(promise: nil) }
    }

    func add(_ channel: any Channel) {
        let isClosing = state.withLock { state in
            state.open[ObjectIdentifier(channel)] = channel
            return state.isClosing
        }
        if isClosing { channel.close(promise: nil) }
    }

    func remove(_ channel: any Channel) {
        state.withLock { $0.open[ObjectIdentifier(channel)] = nil }
    }

    /// Closes all there are, and all that come.
    func close() {
        let channels = state.withLock { state in
            state.isClosing = true
            return [state.listener].compactMap { $0 } + Array(state.open.values)
        }
        for channel in channels { channel.close(promise: nil) }
    }
}
