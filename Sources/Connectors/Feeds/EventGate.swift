// SPDX-License-Identifier: Apache-2.0
// Exercised by RecordedFeedTests.

package import EventModel

/// The times [from, to) whose events are asked for; nil leaves an end open.
package struct EventTimeSpan: Hashable, Sendable {
    package var from: StreamTime?
    package var to: StreamTime?

    package init(from: StreamTime? = nil, to: StreamTime? = nil) {
        self.from = from
        self.to = to
    }

    package func contains(_ time: StreamTime) -> Bool {
        if let from, time < from { return false }
        if let to, time >= to { return false }
        return true
    }
}

/// What stands between the records of a feed and its events: decodes what is wanted, holds it until
/// earlier ones can no longer come, and counts all that does not pass.
struct EventGate: ~Copyable {
    let feed: Int32
    let lateness: TimeSpan
    let span: EventTimeSpan
    private(set) var decoder: JSONLineDecoder
    private(set) var held: ReorderBuffer
    private(set) var counts = FeedStatistics()
    private(set) var deadLetters: [DeadLetter] = []
    /// Behind this an event is late.
    private(set) var watermark: StreamTime?

    init(
        feed: Int32, lateness: TimeSpan, span: EventTimeSpan, decoder: consuming JSONLineDecoder,
        slotCount: Int
    ) {
        self.feed = feed
        self.lateness = lateness
        self.span = span
        self.decoder = decoder
        held = ReorderBuffer(slotCount: slotCount)
    }

    /// Takes one record, a JSON object, and appends its event to `batch` or holds it.
    mutating func admit(
        _ text: Span<UInt8>, at position: Int64, into batch: inout EventBatch,
        symbols: inout SymbolTable
    ) throws(Undecodable) {
        guard case .event(let time) = try decoder.scan(text) else { return }
        let isInside = span.contains(time)
        if let watermark, time < watermark {
            if isInside { dropLate(text, at: position, by: watermark, time) }
            if !isInside { counts.outside += 1 }
            return
        }
        let due = time - lateness
        if watermark.map({ $0 < due }) ?? true { watermark = due }
        guard isInside else {
            counts.outside += 1
            return
        }
        if lateness == .zero {
            decoder.append(text, to: &batch, symbols: &symbols, feed: feed, position: position)
            counts.events += 1
        } else {
            held.hold(time: time) {
                decoder.append(text, to: &$0, symbols: &symbols, feed: feed, position: position)
            }
        }
    }

    /// Appends the first event held if no earlier one can come; `isAtEnd`: none comes at all.
    mutating func release(into batch: inout EventBatch, isAtEnd: Bool) -> Bool {
        if held.isEmpty { return false }
        guard let limit = isAtEnd ? .distantFuture : watermark,
            held.release(notAfter: limit, into: &batch)
        else { return false }
        counts.events += 1
        return true
    }

    /// Counts and keeps a record that cannot be decoded.
    ///
    /// - Parameter isTruncated: `bytes` are only the beginning of the record.
    mutating func bury(
        _ bytes: Span<UInt8>, _ reason: String, at position: Int64, isTruncated: Bool = false
    ) {
        counts.undecodable += 1
        keep(bytes, reason, at: position, isTruncated)
    }

    mutating func takeDeadLetters() -> [DeadLetter] {
        let taken = deadLetters
        deadLetters.removeAll(keepingCapacity: true)
        return taken
    }

    private mutating func dropLate(
        _ text: Span<UInt8>, at position: Int64, by watermark: StreamTime, _ time: StreamTime
    ) {
        counts.late += 1
        let (behind, over) = watermark.nanoseconds.subtractingReportingOverflow(time.nanoseconds)
        let span = TimeSpan(nanoseconds: over ? .max : behind)
        keep(text, "late by \(span)", at: position, false)
    }

    private mutating func keep(
        _ bytes: Span<UInt8>, _ reason: String, at position: Int64, _ isTruncated: Bool
    ) {
        let kept = bytes.extracting(0..<min(bytes.count, DeadLetter.byteCap))
        deadLetters.append(
            DeadLetter(
                feed: feed, lineNumber: position, reason: reason, bytes: Array(copying: kept),
                isTruncated: isTruncated || kept.count < bytes.count))
    }
}
