// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests.

internal import NIOCore
internal import Synchronization

/// The channels of a server: no more than it serves, and known for when it ends.
///
/// Its task is not cancelled: a connection that has been made and not been taken up yet would be
/// let go of unfinished, and that ends the process.
final class OpenConnections: Sendable {
    private struct State {
        var listener: (any Channel)?
        var open: [ObjectIdentifier: any Channel] = [:]
        var served: Set<ObjectIdentifier> = []
        var isClosing = false
        var refusedCount = 0
        var cutOffCount = 0
    }

    private let state = Mutex(State())
    /// Connections that are served at once.
    let cap: Int

    init(cap: Int) { self.cap = cap }

    /// Connections that are served; those that were refused, since they were too many; and those
    /// that were closed because a request did not come in time or was too large, or nobody took
    /// its answer.
    var counts: (open: Int, refused: Int, cutOff: Int) {
        state.withLock { ($0.served.count, $0.refusedCount, $0.cutOffCount) }
    }

    func countRefusal() { state.withLock { $0.refusedCount += 1 } }
    func countCutOff() { state.withLock { $0.cutOffCount += 1 } }

    func listen(on channel: any Channel) {
        let isClosing = state.withLock { state in
            state.listener = channel
            return state.isClosing
        }
        if isClosing { channel.close(promise: nil) }
    }

    var isClosing: Bool { state.withLock { $0.isClosing } }

    /// False: there are as many as are served.
    func add(_ channel: any Channel) -> Bool {
        let (isClosing, isServed) = state.withLock { state in
            let id = ObjectIdentifier(channel)
            state.open[id] = channel
            let isServed = state.served.count < cap
            if isServed { state.served.insert(id) }
            return (state.isClosing, isServed)
        }
        if isClosing { channel.close(promise: nil) }
        return isServed
    }

    func remove(_ channel: any Channel) {
        state.withLock { state in
            state.open[ObjectIdentifier(channel)] = nil
            state.served.remove(ObjectIdentifier(channel))
        }
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
