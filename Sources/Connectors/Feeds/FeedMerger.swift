// SPDX-License-Identifier: Apache-2.0
// Exercised by FeedMergerTests.

package import EventModel

/// Several feeds as one: their events in order of time and, at equal times, of the feeds.
package struct FeedMerger: ~Copyable {
    /// Events that are decoded ahead for each feed, where there are several.
    static let aheadEventCount = 256

    private final class Source {
        var feed: RecordedFeed
        var ahead: EventBatch
        var next = 0
        var isAtEnd = false

        init(_ feed: consuming RecordedFeed, slotCount: Int) {
            self.feed = feed
            ahead = EventBatch(slotCount: slotCount)
        }

        var time: StreamTime? { next < ahead.count ? ahead.events[next].time : nil }
    }

    private let plan: DecodePlan
    private let span: EventTimeSpan
    private var sources: [Source] = []
    private var pendingError: FeedError?

    /// - Parameter span: events of other times are passed over and counted as `outside`.
    package init(plan: DecodePlan, span: EventTimeSpan = EventTimeSpan()) {
        self.plan = plan
        self.span = span
    }

    /// Adds a feed behind the others; its events carry its number in that order, from 0.
    ///
    /// - Throws: `cannotOpen`.
    package mutating func add(
        path: String, options: FeedOptions = FeedOptions()
    ) throws(FeedError) {
        let feed = try RecordedFeed(
            path: path, number: Int32(sources.count), plan: plan, options: options, span: span)
        sources.append(Source(feed, slotCount: plan.slotCount))
    }

    package var feedCount: Int { sources.count }
    package func name(ofFeed feed: Int) -> String { sources[feed].feed.name }
    package func statistics(ofFeed feed: Int) -> FeedStatistics { sources[feed].feed.statistics }

    /// Bytes read so far over all files as they are stored, and their size; nil where one has none.
    package var progress: (readByteCount: Int64, totalByteCount: Int64?) {
        var read: Int64 = 0
        var total: Int64? = 0
        for source in sources {
            let progress = source.feed.progress
            read += progress.readByteCount
            total = total.flatMap { sum in progress.totalByteCount.map { sum + $0 } }
        }
        return (read, total)
    }

    /// The records since the last call that became no event, feed by feed.
    package mutating func takeDeadLetters() -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for source in sources { letters += source.feed.takeDeadLetters() }
        return letters
    }

    /// Marks the symbols of events that wait in the feeds, for `SymbolTable.sweep`.
    package func markSymbols(in live: inout [Bool]) {
        for source in sources {
            source.feed.markSymbols(in: &live)
            for event in source.next..<source.ahead.count {
                source.ahead.markSymbols(ofEvent: event, in: &live)
            }
        }
    }

    /// Appends the next events until the batch has `limit`; false: there are no more after these.
    ///
    /// It may return true before the batch is full, and with nothing appended: dead letters have
    /// to be taken then.
    ///
    /// - Throws: what one file did, in a call of its own, after the events that came before in
    ///   it; the other feeds go on with the next call.
    package mutating func fill(
        _ batch: inout EventBatch, upTo limit: Int, symbols: inout SymbolTable
    ) throws(FeedError) -> Bool {
        if sources.count == 1 {
            return try sources[0].feed.fill(&batch, upTo: limit, symbols: &symbols)
        }
        if let error = pendingError {
            pendingError = nil
            throw error
        }
        let before = batch.count
        while batch.count < limit {
            do throws(FeedError) {
                guard try look(&symbols) else { return true }
            } catch {
                if batch.count == before { throw error }
                pendingError = error
                return true
            }
            guard let (first, bound) = earliest() else { return false }
            let source = sources[first]
            repeat {
                batch.append(eventAt: source.next, of: source.ahead)
                source.next += 1
            } while batch.count < limit && source.time.map { isFree($0, first, bound) } ?? false
        }
        return true
    }

    /// Sees to it that each feed shows its next event; false: one first wants its dead letters
    /// taken.
    private func look(_ symbols: inout SymbolTable) throws(FeedError) -> Bool {
        for source in sources where source.next == source.ahead.count && !source.isAtEnd {
            source.ahead.removeAll()
            source.next = 0
            do throws(FeedError) {
                let hasMore = try source.feed.fill(
                    &source.ahead, upTo: FeedMerger.aheadEventCount, symbols: &symbols)
                source.isAtEnd = !hasMore
                if hasMore, source.ahead.count == 0 { return false }
            } catch {
                // A feed throws once, at its end.
                source.isAtEnd = true
                throw error
            }
        }
        return true
    }

    /// The feed with the earliest event, and the earliest time of those behind and before it.
    private func earliest() -> (feed: Int, bound: (time: StreamTime, feed: Int)?)? {
        var best: (time: StreamTime, feed: Int)?
        var second: (time: StreamTime, feed: Int)?
        for (k, source) in sources.enumerated() {
            guard let time = source.time else { continue }
            if let known = best, known.time <= time {
                if second.map({ $0.time > time }) ?? true { second = (time, k) }
            } else {
                second = best
                best = (time, k)
            }
        }
        return best.map { ($0.feed, second) }
    }

    /// Whether an event of `feed` goes before the next one of every other feed.
    private func isFree(
        _ time: StreamTime, _ feed: Int, _ bound: (time: StreamTime, feed: Int)?
    ) -> Bool {
        guard let bound else { return true }
        return time != bound.time ? time < bound.time : feed < bound.feed
    }
}
