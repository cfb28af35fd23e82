// SPDX-License-Identifier: Apache-2.0
// Exercised by AcceptQueueTests and LivePipelineTests.

package import EventModel

/// The events of a feed whose records are pushed, chunk by chunk, in order of (time, arrival).
///
/// Every event is held until whoever merges the feeds asks for it.
///
/// - Shape: what it does depends on the lines alone, not on how they are cut into chunks, other
///   than of CSV.
package struct PushedFeed: ~Copyable {
    /// Dead letters that are kept until they are taken; the others are counted.
    package static let deadLetterCap = 10_000
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    package let name: String
    private let maxLineBytes: Int
    private let format: FeedFormat
    private let maxAhead: TimeSpan?
    private let assumesArrivalTime: Bool
    var records: RecordAssembler
    var gate: EventGate
    /// A batch that nothing goes to: the gate holds every event.
    private var none: EventBatch
    /// The number of the last line.
    package internal(set) var lineCount: Int64 = 0

    package init(
        name: String, number: Int32, plan: DecodePlan, options: FeedOptions
    ) {
        // Nothing of the value is read before all of it is there: for one that cannot be copied,
        // Swift 6.3.1 makes release code of that which frees what was never made.
        let format = options.format ?? .jsonLines
        let lateness = TimeSpan(nanoseconds: max(options.lateness.nanoseconds, 0))
        let recent = options.rememberedIDSpan.map { RecentIDs(for: $0) }
        let maxLineBytes = min(max(options.maxLineBytes, 1), 1 << 40)
        var decoding = JSONLineDecoder.Options()
        decoding.fixedType = options.fixedType ?? (format == .lines ? "line" : nil)
        decoding.typeField = options.typeField
        decoding.timeField = options.timeField
        decoding.idField = options.idField
        decoding.isTextual = format != .jsonLines
        self.name = name
        self.format = format
        self.maxLineBytes = maxLineBytes
        maxAhead = options.maxAhead
        assumesArrivalTime = options.assumesArrivalTime
        records = RecordAssembler(
            format: format, maxLineBytes: maxLineBytes, delimiter: options.delimiter,
            logLines: LogLines(stamps: OldStamps()))
        gate = EventGate(
            feed: number, lateness: lateness, span: EventTimeSpan(), plan: plan,
            decoding: decoding, holdsAll: true)
        gate.recent = recent
        none = EventBatch(slotCount: plan.slotCount)
    }

    /// Takes whole lines, each with its newline; of CSV a piece, whose first row is its header.
    ///
    /// A byte order mark before a line is passed over: it stands where a file or a body begins, and
    /// where that is cannot be seen here.
    ///
    /// - Parameters:
    ///   - firstLine: the number of the first one in its feed, from 1.
    ///   - time: when they were accepted; it tells the year of stamps that have none.
    package mutating func take(
        _ lines: [UInt8], firstLine: Int64, acceptedAt time: StreamTime,
        symbols: inout SymbolTable
    ) {
        // Nothing of what came before counts, so that nothing is to be remembered over a restart.
        gate.stamps = OldStamps(accepted: time)
        records.stamps = gate.stamps
        if let maxAhead { gate.horizon = time + maxAhead }
        if assumesArrivalTime { gate.assumedTime = time }
        gate.now = time
        lineCount = firstLine - 1
        var start = 0
        while start < lines.count {
            let end = lines[start...].firstIndex(of: 0x0a) ?? lines.count
            lineCount += 1
            if lines[start..<end].starts(with: PushedFeed.byteOrderMark) { start += 3 }
            let isTooLong = end - start > maxLineBytes
            let line = LineReader.Line(
                range: isTooLong ? (start..<end).prefix(DeadLetter.byteCap) : start..<end,
                byteCount: end - start, isTerminated: true, isTooLong: isTooLong)
            records.take(line, lineCount, of: lines, isLent: false, into: &gate, &none, &symbols)
            start = end + 1
        }
        records.finishPiece(into: &gate)
        assert(none.count == 0, "every event is held")
    }

    /// Behind this an event is late: the latest time so far less the lateness; nil: there was none.
    package var watermark: StreamTime? { gate.watermark }

    /// Has events before a time be late: time has moved on without this feed.
    package mutating func raiseWatermark(to time: StreamTime) { gate.raiseWatermark(to: time) }

    /// The time of the first event that is held.
    package var firstHeldTime: StreamTime? { gate.held.firstTime }
    package var heldCount: Int { gate.held.count }

    /// Appends the first event held if it is not after `time`; false: there is none such.
    package mutating func release(
        notAfter time: StreamTime, into batch: inout EventBatch
    ) -> Bool {
        gate.release(notAfter: time, into: &batch)
    }

    package mutating func takeDeadLetters() -> [DeadLetter] { gate.takeDeadLetters() }

    /// Marks the symbols of events that wait here, for `SymbolTable.sweep`.
    package func markSymbols(in live: inout [Bool]) { gate.held.markSymbols(in: &live) }

    package var statistics: FeedStatistics {
        var result = gate.counts
        result.lines = Int(lineCount)
        result.ignored = gate.decoder.ignored
        result.mismatched = gate.decoder.mismatches
        return result
    }
}
