// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

internal import EventModel

/// Files as a feed: what is accepted is journaled with the place behind it, so each line counts
/// once, whatever ends the process.
struct FileFeed {
    let configuration: FeedConfiguration
    let clock: any WallClock
    let tail: FileTail
    let pollSpan: TimeSpan
    let log: LiveLog

    /// Follows the files until the queue is closed.
    func run(into queue: AcceptQueue) {
        var isFirstLook = true
        while true {
            while let (lines, resumption) = tail.next() ?? tail.look() ?? tail.next() {
                let records = AcceptedRecords(
                    feed: configuration.options.name, acceptedAt: clock.now,
                    resumption: resumption, lines: lines)
                guard queue.push(records, sync: configuration.sync) else { return }
            }
            if isFirstLook, tail.files.isEmpty { write(.warning, "no file is there yet") }
            isFirstLook = false
            for problem in tail.takeProblems() { write(.error, problem) }
            if queue.sleep(pollSpan.nanoseconds) { return }
        }
    }

    private func write(_ level: LiveLog.Level, _ message: String) {
        log.write(level, "feed `\(configuration.options.name)`: \(message)")
    }
}
