// SPDX-License-Identifier: Apache-2.0

/// Opens feeds that listen; what knows about sockets is behind this.
package protocol NetworkFeedOpener: Sendable {
    /// - Throws: `system` where it cannot listen, `unusable` for a file that it needs.
    func open(_ inlet: FeedInlet) throws(StateError) -> any OpenFeed
}

/// A feed that listens.
package protocol OpenFeed: Sendable {
    /// Where, as it turned out.
    var address: String { get }

    /// Stops listening, answers what waits for an answer, and lets go of every connection.
    func close()
}

/// Where a feed that listens hands over what came.
package struct FeedInlet: Sendable {
    package let configuration: FeedConfiguration
    package let counters: FeedCounters
    package let log: LiveLog
    private let queue: AcceptQueue
    private let clock: any WallClock

    package init(
        configuration: FeedConfiguration, counters: FeedCounters, log: LiveLog,
        queue: AcceptQueue, clock: any WallClock = SystemClock()
    ) {
        self.configuration = configuration
        self.counters = counters
        self.log = log
        self.queue = queue
        self.clock = clock
    }

    package var name: String { configuration.options.name }

    /// Hands whole lines over if there is room for them.
    ///
    /// - Parameter acknowledge: is told once, on the node's thread, whether they were accepted.
    package func offer(
        _ lines: [UInt8], acknowledge: (@Sendable (_ isAccepted: Bool) -> Void)? = nil
    ) -> AcceptQueue.Offer {
        queue.offer(
            AcceptedRecords(feed: name, acceptedAt: clock.now, lines: lines),
            sync: configuration.sync, acknowledge: acknowledge)
    }

    /// Whether nothing is taken any more.
    package var isClosed: Bool { queue.isClosed }

    /// Writes a line of the log that says which feed it is about.
    package func write(_ level: LiveLog.Level, _ message: String) {
        log.write(level, "feed `\(name)`: \(message)")
    }
}
