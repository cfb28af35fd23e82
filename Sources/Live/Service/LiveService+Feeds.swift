// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

extension LiveService {
    func startFeeds(_ pipeline: borrowing LivePipeline) throws(StateError) -> [WorkerThread] {
        var threads: [WorkerThread] = []
        for feed in configuration.feeds {
            let (queue, clock, log) = (queue, clock, log)
            queue.open()
            switch feed.source {
            case .standardInput:
                let input = StandardInputFeed(
                    configuration: feed, clock: clock, descriptor: inputDescriptor)
                threads.append(
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
                threads.append(
                    try WorkerThread {
                        let tail = FileTail(
                            pattern: pattern, startsAtEnd: fromEnd,
                            maxLineByteCount: feed.maxLineByteCount, resumption: resumption)
                        FileFeed(
                            configuration: feed, clock: clock, tail: tail, pollSpan: pollSpan
                        ).run(into: queue)
                        queue.end()
                    })
            }
        }
        return threads
    }
}
