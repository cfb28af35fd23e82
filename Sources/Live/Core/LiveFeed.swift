// SPDX-License-Identifier: Apache-2.0

package import Connectors
package import EventModel

/// A feed with what the pipeline knows about it.
///
/// The pipeline that made it is its only user.
package final class LiveFeed {
    package let options: LiveFeedOptions
    private let number: Int32
    package internal(set) var pushed: PushedFeed
    /// When an event of it last moved time on, by the wall clock; before that, when the first
    /// entry came.
    package internal(set) var heardAt: StreamTime?
    /// The latest event time then; nil: it has had no event.
    var base: StreamTime?
    /// Where it goes on behind what has been taken.
    package internal(set) var resumption: [UInt8] = []

    init(_ options: LiveFeedOptions, number: Int32, _ plan: DecodePlan) {
        self.options = options
        self.number = number
        pushed = PushedFeed(
            name: options.name, number: number, plan: plan, options: options.reading)
    }

    func take(
        _ records: AcceptedRecords, at time: StreamTime, symbols: inout SymbolTable
    ) {
        let before = pushed.watermark
        pushed.take(
            records.lines, firstLine: records.firstLine, acceptedAt: time, symbols: &symbols)
        resumption = records.resumption
        // Events that no rule wants move no time: a feed of which nothing else comes is quiet.
        guard let after = pushed.watermark, after != before else { return }
        heardAt = time
        base = after + options.reading.lateness
    }

    /// Takes other fields out of events from now on, and of those that wait.
    ///
    /// - Returns: how many of these are none for whoever wants those fields.
    func replan(_ plan: DecodePlan, symbols: inout SymbolTable) -> Int {
        let state = pushed.state
        pushed = PushedFeed(
            name: options.name, number: number, plan: plan, options: options.reading)
        return pushed.restore(state, symbols: &symbols)
    }

    /// Whether the wall clock may move time on without this feed.
    func isQuiet(at time: StreamTime) -> Bool {
        guard let heardAt else { return false }
        return time >= heardAt + options.idleAfter
    }

    /// What time it is for the feed's events, if they still come as long after their time as they
    /// did: less the time that it may be quiet, so that one that comes after all is not late.
    func estimate(at time: StreamTime) -> StreamTime? {
        guard let base, let heardAt else { return nil }
        let quiet = time.nanoseconds - heardAt.nanoseconds - options.idleAfter.nanoseconds
        return base + TimeSpan(nanoseconds: quiet)
    }
}
