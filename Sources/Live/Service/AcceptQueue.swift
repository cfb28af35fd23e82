// SPDX-License-Identifier: Apache-2.0
// Exercised by AcceptQueueTests.

/// Records on their way from feeds to the node: bounded by their bytes, so that a feed that is
/// quicker than the node waits.
package final class AcceptQueue: Sendable {
    /// Bytes that may wait.
    package static let byteCap = 16 << 20

    /// Records that wait.
    package struct Waiting: Sendable {
        package var records: AcceptedRecords
        package var sync: SyncPolicy
    }

    private struct State {
        var waiting: [Waiting] = []
        var byteCount = 0
        /// Feeds that may still bring something.
        var openFeeds = 0
        var isClosed = false
    }

    private let state = Guarded(State())
    private let byteCap: Int

    package init(byteCap: Int = AcceptQueue.byteCap) { self.byteCap = byteCap }

    package func open() { state.with { $0.openFeeds += 1 } }
    package func end() { state.with { $0.openFeeds -= 1 } }

    /// Takes no more records; those that wait are still given out.
    package func close() { state.with { $0.isClosed = true } }

    package var isClosed: Bool { state.with { $0.isClosed } }

    /// Hands records over, and waits while there is no room; false: the queue is closed, and they
    /// were not taken.
    package func push(_ records: AcceptedRecords, sync: SyncPolicy) -> Bool {
        state.wait(upTo: nil) { state in
            if state.isClosed { return false }
            // A chunk that is larger than the whole queue goes in alone.
            guard state.byteCount == 0 || state.byteCount + records.lines.count <= byteCap else {
                return nil
            }
            state.waiting.append(Waiting(records: records, sync: sync))
            state.byteCount += records.lines.count
            return true
        } ?? false
    }

    /// All that waits; nothing after as many nanoseconds; nil: nothing comes any more.
    package func take(waitingUpTo limit: Int64) -> [Waiting]? {
        let isOver = state.wait(upTo: limit) { state -> Bool? in
            if !state.waiting.isEmpty { return false }
            return state.isClosed || state.openFeeds == 0 ? true : nil
        }
        if isOver == true { return nil }
        return state.with { state in
            defer {
                state.waiting.removeAll()
                state.byteCount = 0
            }
            return state.waiting
        }
    }

    /// Waits for as many nanoseconds, or until the queue is closed; true: it is.
    package func sleep(_ nanoseconds: Int64) -> Bool {
        state.wait(upTo: nanoseconds) { $0.isClosed ? true : nil } ?? false
    }
}
