// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

/// Feeds at work.
struct RunningFeeds {
    var threads: [WorkerThread] = []
    var network: [any OpenFeed] = []
}

extension LiveService {
    func start(
        _ running: inout RunningFeeds, _ pipeline: borrowing LivePipeline
    ) throws(StateError) {
        for feed in configuration.feeds {
            let (queue, clock, log) = (queue, clock, log)
            queue.open()
            switch feed.source {
            case .standardInput:
                let input = StandardInputFeed(
                    configuration: feed, clock: clock, descriptor: inputDescriptor)
                running.threads.append(
                    try WorkerThread {
                        do throws(StateError) {
                            try input.run(into: queue)
                        } catch {
                            log.write(.error, "feed `\(feed.options.name)`: \(error)")
                        }
                        queue.end()
                    })
            case .files(let pattern, let fromEnd, let pollSpan):
                let resumption = pipeline.resumption(ofFeed: feed.options.name)
                running.threads.append(
                    try WorkerThread {
                        let tail = FileTail(
                            pattern: pattern, startsAtEnd: fromEnd,
                            maxLineByteCount: feed.maxLineByteCount, resumption: resumption,
                            delimiter: feed.delimiter, fileCap: feed.descriptorCap)
                        FileFeed(
                            configuration: feed, clock: clock, tail: tail, pollSpan: pollSpan,
                            log: log
                        ).run(into: queue)
                        queue.end()
                    })
            case .http, .tcp, .udp:
                running.network.append(try open(feed))
            }
        }
    }

    private func open(_ feed: FeedConfiguration) throws(StateError) -> any OpenFeed {
        let name = feed.options.name
        guard let networkFeeds, let counters = feedCounters[name] else {
            throw .unusable(path: name, reason: "there is nothing that opens feeds that listen")
        }
        let opened = try networkFeeds.open(
            FeedInlet(configuration: feed, counters: counters, log: log, queue: queue, clock: clock)
        )
        log.write(.info, "feed `\(name)` listens on \(opened.address)")
        return opened
    }
}
