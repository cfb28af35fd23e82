// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Live
internal import NIOCore

/// The connections of an HTTP feed: no more than it serves, and known for when it closes.
final class HTTPConnections: Sendable {
    /// How long answers may take to be written when the feed closes.
    private static let farewellSpan: Int64 = 5_000_000_000
    /// Bytes of bodies that may be in memory, in bodies of the largest size.
    private static let heldBodyCap = 4

    private struct State {
        var served: [ObjectIdentifier: any Channel] = [:]
        var refused: [ObjectIdentifier: any Channel] = [:]
        var requestCount = 0
        var heldByteCount = 0
        var isClosing = false
    }

    private let state = Guarded(State())
    let options: HTTPFeedOptions
    let counters: FeedCounters

    init(_ options: HTTPFeedOptions, _ counters: FeedCounters) {
        self.options = options
        self.counters = counters
    }

    /// Takes a connection in; false: there are too many, and it is to be refused.
    func admit(_ channel: any Channel) -> Bool {
        let isServed = state.with { state in
            let id = ObjectIdentifier(channel)
            if state.served.count < options.maxConnectionCount {
                state.served[id] = channel
                return true
            }
            state.refused[id] = channel
            return false
        }
        // It was made while the others were closed.
        if isClosing { channel.close(promise: nil) }
        counters.add {
            $0.connectionCount += 1
            if isServed { $0.openConnectionCount += 1 }
        }
        return isServed
    }

    func remove(_ channel: any Channel) {
        let wasServed = state.with { state in
            let id = ObjectIdentifier(channel)
            state.refused[id] = nil
            return state.served.removeValue(forKey: id) != nil
        }
        if wasServed { counters.add { $0.openConnectionCount -= 1 } }
    }

    /// False: the feed is closing, and takes no request any more.
    func beginRequest() -> Bool {
        state.with { state in
            if state.isClosing { return false }
            state.requestCount += 1
            return true
        }
    }

    func endRequest() { state.with { $0.requestCount -= 1 } }

    /// Asks for memory for a part of a body; false: too much is in use.
    func hold(_ byteCount: Int) -> Bool {
        let cap = options.maxBodyByteCount.multipliedReportingOverflow(
            by: HTTPConnections.heldBodyCap)
        return state.with { state in
            guard cap.overflow || state.heldByteCount + byteCount <= cap.partialValue else {
                return false
            }
            state.heldByteCount += byteCount
            return true
        }
    }

    func release(_ byteCount: Int) { state.with { $0.heldByteCount -= byteCount } }

    var isClosing: Bool { state.with { $0.isClosing } }

    /// Takes no request any more, waits for the answers to those that were taken, and closes every
    /// connection.
    func close() {
        state.with { $0.isClosing = true }
        _ = state.wait(upTo: HTTPConnections.farewellSpan) { $0.requestCount == 0 ? true : nil }
        let open = state.with { Array($0.served.values) + Array($0.refused.values) }
        for channel in open { channel.close(promise: nil) }
    }
}
