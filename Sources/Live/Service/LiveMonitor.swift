// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

internal import EventModel

/// What the loop of a service remembers of itself between two accounts.
struct LiveMonitor {
    let startedAt: StreamTime
    let feedNames: [String]
    let feedCounters: [String: FeedCounters]
    var batches = SpanHistogram()
    var lostLetters = 0
    var checkpoint: CheckpointStatus?
    /// Whether the disk was full when something was last to be written to the journal.
    var isWithoutRoom = false
    var roomWaitCount = 0
    var failedCheckpointCount = 0
    var differingCheckpointCount = 0
    var reachedCaps = ReachedCaps()

    init(
        startedAt: StreamTime, feedNames: [String], _ feedCounters: [String: FeedCounters]
    ) {
        self.startedAt = startedAt
        self.feedNames = feedNames
        self.feedCounters = feedCounters
    }

    func status(
        of node: borrowing LiveNode, _ sinks: SinkBoard, _ retention: RetentionFigures,
        at time: StreamTime, waitingByteCount: Int
    ) -> LiveStatus {
        var status = LiveStatus(takenAt: time, startedAt: startedAt)
        status.watermark = node.pipeline.watermark
        status.rules = node.pipeline.ruleStatus
        status.feeds = node.pipeline.feedStatus(of: feedNames)
        for place in status.feeds.indices {
            status.feeds[place].counts = feedCounters[status.feeds[place].name]?.counts ?? .init()
        }
        status.sinks = sinks.counters
        status.checkpoint = checkpoint
        status.retention = retention
        status.work = node.pipeline.workStatus
        status.work.roomWaits = roomWaitCount
        status.work.failedCheckpoints = failedCheckpointCount
        status.work.differingCheckpoints = differingCheckpointCount
        status.work.lostLetters = lostLetters
        status.work.unroutedAlerts = sinks.unroutedCount
        status.work.batches = batches
        status.work.waitingBytes = waitingByteCount
        return status
    }
}
