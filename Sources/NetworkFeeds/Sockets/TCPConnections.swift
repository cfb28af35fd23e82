// SPDX-License-Identifier: Apache-2.0

internal import Live
internal import NIOCore

/// The connections of a TCP feed: no more than it serves, and known for when it closes.
final class TCPConnections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var isClosing = false
    }

    private let state = Guarded(State())
    private let cap: Int
    private let inlet: FeedInlet
    private let complaints: Complaints

    init(cap: Int, _ inlet: FeedInlet) {
        self.cap = cap
        self.inlet = inlet
        complaints = Complaints(inlet)
    }

    /// False: there are too many.
    func admit(_ channel: any Channel) -> Bool {
        let isAdmitted = state.with { state in
            guard state.open.count < cap, !state.isClosing else { return false }
            state.open[ObjectIdentifier(channel)] = channel
            return true
        }
        inlet.counters.add { counts in
            counts.connectionCount += 1
            if isAdmitted {
                counts.openConnectionCount += 1
            } else {
                counts.refusedCount += 1
                counts.overloadCount += 1
            }
        }
        if !isAdmitted { complain("there are more than \(cap) connections: others are closed") }
        return isAdmitted
    }

    func remove(_ channel: any Channel) {
        let known = state.with { $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
        if known != nil { inlet.counters.add { $0.openConnectionCount -= 1 } }
    }

    func complain(_ message: String) { complaints.write(message) }

    func close() {
        let open = state.with { state in
            state.isClosing = true
            return Array(state.open.values)
        }
        for channel in open { channel.close(promise: nil) }
    }
}

/// Lines of the log about what comes in, which others cause: no more than one in a while.
final class Complaints: Sendable {
    private static let span = TimeAmount.seconds(10)

    private struct State {
        var quietUntil: NIODeadline?
        var heldBackCount = 0
    }

    private let state = Guarded(State())
    private let inlet: FeedInlet

    init(_ inlet: FeedInlet) { self.inlet = inlet }

    func write(_ message: String) {
        let now = NIODeadline.now()
        let heldBackCount: Int? = state.with { state in
            if let until = state.quietUntil, now < until {
                state.heldBackCount += 1
                return nil
            }
            defer { state = State(quietUntil: now + Complaints.span) }
            return state.heldBackCount
        }
        guard let heldBackCount else { return }
        let more = heldBackCount > 0 ? " (and \(heldBackCount) more like this before)" : ""
        inlet.write(.warning, message + more)
    }
}
