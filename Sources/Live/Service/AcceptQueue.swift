// SPDX-License-Identifier: Apache-2.0
// Exercised by AcceptQueueTests.

/// Records on their way from feeds to the node: bounded by their bytes, so that a feed that is
/// quicker than the node waits.
package final class AcceptQueue: Sendable {
    /// Bytes that may wait.
    package static let byteCap = 16 << 20
    /// What records count for beside their bytes, so that many small ones are bounded too.
    private static let overheadByteCount = 256

    /// Records that wait.
    package struct Waiting: Sendable {
        package var records: AcceptedRecords
        package var sync: SyncPolicy
        /// Is told once whether they have been accepted; on the node's thread, which it must not
        /// hold up.
        package var acknowledge: (@Sendable (_ isAccepted: Bool) -> Void)?

        fileprivate var byteCount: Int { records.lines.count + AcceptQueue.overheadByteCount }
    }

    /// What became of records that were offered.
    package enum Offer: Hashable, Sendable {
        case taken
        /// There is no room now: the same can be offered again.
        case full
        /// There never will be.
        case closed
    }

    private struct State {
        var waiting: [Waiting] = []
        var byteCount = 0
        /// Feeds that may still bring something.
        var openFeeds = 0
        var isClosed = false
        /// Whether whoever takes is to come back at once.
        var isWoken = false
        /// Whether nothing can be accepted, since the disk is full.
        var isWithoutRoom = false

        mutating func take(_ one: Waiting, upTo byteCap: Int) -> Offer {
            if isClosed { return .closed }
            // Who waits for an answer hears at once that there is none to come.
            if isWithoutRoom, one.acknowledge != nil { return .full }
            // A chunk that is larger than the whole queue goes in alone.
            guard byteCount == 0 || byteCount + one.byteCount <= byteCap else { return .full }
            waiting.append(one)
            byteCount += one.byteCount
            return .taken
        }
    }

    private let state = Guarded(State())
    private let byteCap: Int

    package init(byteCap: Int = AcceptQueue.byteCap) { self.byteCap = byteCap }

    package func open() { state.with { $0.openFeeds += 1 } }
    package func end() { state.with { $0.openFeeds -= 1 } }

    /// Takes no more records; those that wait are still given out.
    package func close() { state.with { $0.isClosed = true } }

    package var isClosed: Bool { state.with { $0.isClosed } }

    /// Says whether the disk is full. While it is, nothing is taken from those who wait to be
    /// answered: they come again.
    func setIsWithoutRoom(_ isWithoutRoom: Bool) {
        state.with { $0.isWithoutRoom = isWithoutRoom }
    }

    /// Has `take` come back, though there may be nothing.
    package func wake() { state.with { $0.isWoken = true } }

    package var waitingByteCount: Int { state.with { $0.byteCount } }

    /// Hands records over, and waits while there is no room; false: the queue is closed, and they
    /// were not taken.
    package func push(_ records: AcceptedRecords, sync: SyncPolicy) -> Bool {
        let waiting = Waiting(records: records, sync: sync)
        return state.wait(upTo: nil) { state in
            switch state.take(waiting, upTo: byteCap) {
            case .taken: true
            case .full: nil
            case .closed: false
            }
        } ?? false
    }

    /// Hands records over if there is room now.
    ///
    /// - Parameter acknowledge: see `Waiting`; called only where they were taken.
    package func offer(
        _ records: AcceptedRecords, sync: SyncPolicy,
        acknowledge: (@Sendable (_ isAccepted: Bool) -> Void)? = nil
    ) -> Offer {
        let waiting = Waiting(records: records, sync: sync, acknowledge: acknowledge)
        return state.with { $0.take(waiting, upTo: byteCap) }
    }

    /// All that waits; nothing after as many nanoseconds; nil: nothing comes any more.
    package func take(waitingUpTo limit: Int64) -> [Waiting]? {
        let isOver = state.wait(upTo: limit) { state -> Bool? in
            if !state.waiting.isEmpty || state.isWoken {
                state.isWoken = false
                return false
            }
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

    /// Closes the queue, and has nothing of what waits be accepted.
    package func abandon() {
        close()
        for one in take(waitingUpTo: 0) ?? [] { one.acknowledge?(false) }
    }

    /// Waits for as many nanoseconds, or until the queue is closed; true: it is.
    package func sleep(_ nanoseconds: Int64) -> Bool {
        state.wait(upTo: nanoseconds) { $0.isClosed ? true : nil } ?? false
    }
}
