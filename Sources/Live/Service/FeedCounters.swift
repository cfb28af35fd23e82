// SPDX-License-Identifier: Apache-2.0

/// What a feed has brought since the start, and what it was refused.
package struct FeedCounts: Hashable, Sendable {
    /// Lines that are in the journal, and their bytes.
    package var acceptedLineCount = 0
    package var acceptedByteCount = 0
    /// Requests, of a feed that has any.
    package var requestCount = 0
    /// Requests and connections that were answered with an error, or not at all.
    package var refusedCount = 0
    /// Of these, those for which there was no room at that moment.
    package var overloadCount = 0
    /// Of these, those that came too slowly.
    package var timeoutCount = 0
    /// Messages that were lost because there was no room for them.
    package var droppedCount = 0
    /// How often a connection was not read from because there was no room.
    package var pauseCount = 0
    package var connectionCount = 0
    package var openConnectionCount = 0

    package init() {}
}

/// The counts of a feed, for any thread.
package final class FeedCounters: Sendable {
    private let state = Guarded(FeedCounts())

    package init() {}

    package var counts: FeedCounts { state.with { $0 } }

    package func add(_ body: (inout FeedCounts) -> Void) { state.with { body(&$0) } }

    func countAccepted(_ lines: [UInt8]) {
        let lineCount = lines.count { $0 == 0x0a }
        state.with {
            $0.acceptedLineCount += lineCount
            $0.acceptedByteCount += lines.count
        }
    }
}
