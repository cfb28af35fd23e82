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
    /// Whether an event that is not late goes on at once, and is not held.
    private let passesAtOnce: Bool
    let span: EventTimeSpan
    private(set) var decoder: JSONLineDecoder
    private(set) var held: ReorderBuffer
    private(set) var counts = FeedStatistics()
    private(set) var deadLetters: [DeadLetter] = []
    /// Behind this an event is late.
    private(set) var watermark: StreamTime?
    /// An event after this moves no time on: it is a dead letter.
    var horizon = StreamTime.distantFuture
    /// The ids by which events that come again are known; nil: nobody asked for that.
    var recent: RecentIDs?
    /// When what comes now comes.
    var now = StreamTime.zero

    init(
        feed: Int32, lateness: TimeSpan, span: EventTimeSpan, plan: DecodePlan,
        decoding: JSONLineDecoder.Options, holdsAll: Bool = false
    ) {
        self.feed = feed
        self.lateness = lateness
        passesAtOnce = lateness == .zero && !holdsAll
        self.span = span
        decoder = JSONLineDecoder(plan: plan, options: decoding)
        held = ReorderBuffer(slotCount: plan.slotCount)
    }

    /// Takes one record, a JSON object, and appends its event to `batch` or holds it.
    ///
    /// - Parameter lent: where the record is in a buffer that is lent to the batch; nil: the batch
    ///   gets a copy.
    mutating func admit(
        _ text: Span<UInt8>, lent: Range<Int>? = nil, at position: Int64,
        into batch: inout EventBatch, symbols: inout SymbolTable
    ) throws(Undecodable) {
        let scanned = try decoder.scan(text)
        take(scanned, text, lent: lent, at: position, &batch, &symbols)
    }

    /// Takes the columns of the rows that come.
    mutating func meet(_ columns: RowColumns) { decoder.meet(columns) }

    /// Takes a row with the columns met last; false: its object has to be taken instead.
    ///
    /// - Parameter lent: like that of a record.
    mutating func admit(
        row: Span<UInt8>, _ cells: Span<CSVCell>, _ columns: RowColumns, lent: Range<Int>?,
        at position: Int64, into batch: inout EventBatch, symbols: inout SymbolTable
    ) throws(Undecodable) -> Bool {
        guard let scanned = try decoder.note(row: row, cells) else { return false }
        take(scanned, row, columns, lent: lent, at: position, &batch, &symbols)
        return true
    }

    /// - Parameter columns: of a row; nil: the text is an object.
    private mutating func take(
        _ scanned: ScannedLine, _ text: Span<UInt8>, _ columns: RowColumns? = nil,
        lent: Range<Int>?, at position: Int64,
        _ batch: inout EventBatch, _ symbols: inout SymbolTable
    ) {
        guard case .event(let time) = scanned else { return }
        // Before it is late, which what comes again often is.
        if recent != nil, isRepeated(text, &symbols) { return }
        guard passes(time, text, 0..<text.count, at: position) else { return }
        if passesAtOnce {
            decoder.append(
                text, textAt: lent ?? batch.append(text: text),
                form: columns.map { batch.form(ofRowsWith: $0) } ?? .object, to: &batch,
                symbols: &symbols, feed: feed, position: position)
            counts.events += 1
        } else {
            held.hold(time: time) { batch in
                decoder.append(
                    text, textAt: batch.append(text: text),
                    form: columns.map { batch.form(ofRowsWith: $0) } ?? .object, to: &batch,
                    symbols: &symbols, feed: feed, position: position)
            }
        }
    }

    /// Takes a line of a log like the object that would be made of it; false: that has to be made,
    /// and gives no event.
    ///
    /// - Parameter lent: like that of a record.
    mutating func admit(
        _ line: Span<UInt8>, _ reading: LogLines.Reading, lent: Range<Int>?, at position: Int64,
        into batch: inout EventBatch, symbols: inout SymbolTable
    ) -> Bool {
        // What becomes a dead letter shows the object, or what is wrong with it.
        guard decoder.takesLogLines, recent == nil, let time = reading.time,
            watermark.map({ $0 <= time }) ?? true, time <= horizon,
            JSONScanner.firstInvalidUTF8(line) == nil
        else { return false }
        guard decoder.note(line, reading.parts, time: time),
            passes(time, line, 0..<line.count, at: position)
        else { return true }
        if passesAtOnce {
            decoder.append(
                line, textAt: lent ?? batch.append(text: line), form: reading.form,
                to: &batch, symbols: &symbols, feed: feed, position: position)
            counts.events += 1
        } else {
            held.hold(time: time) {
                decoder.append(
                    line, textAt: $0.append(text: line), form: reading.form, to: &$0,
                    symbols: &symbols, feed: feed, position: position)
            }
        }
        return true
    }

    /// Takes as many lines of `bytes` from `start` on as are plain objects, up to `limit` events in
    /// the batch, to which `bytes` will be lent; gives how many, and the end of the last.
    ///
    /// - Precondition: there is no lateness; `text` is `bytes`.
    mutating func admitPlainLines(
        _ text: RawText, _ bytes: Span<UInt8>, from start: Int, at position: Int64,
        maxLineBytes: Int, upTo limit: Int, into batch: inout EventBatch,
        symbols: inout SymbolTable
    ) -> (lineCount: Int64, end: Int) {
        decoder.meet(symbols)
        var end = start
        var lineCount: Int64 = 0
        let slotCount = batch.slotCount
        batch.appendRows(upTo: limit) { events, rows, firstSlot in
            while events.freeCapacity > 0, deadLetters.count < RecordedFeed.deadLetterCap {
                let newline = decoder.scanPredicted(text, bytes, from: end)
                guard newline >= 0, newline - end <= maxLineBytes,
                    let scanned = decoder.understandPlain(text) ?? (try? decoder.understand(bytes))
                else { break }
                if case .event(let time) = scanned,
                    passes(time, bytes, end..<newline, at: position + lineCount)
                {
                    decoder.appendPlain(
                        text, bytes, end..<newline, to: &events, &rows,
                        slotsAt: firstSlot + events.count * slotCount, symbols: &symbols,
                        feed: feed, position: position + lineCount)
                }
                lineCount += 1
                end = newline + 1
            }
            counts.events += events.count
            decoder.finishTexts(&rows, symbols: &symbols)
        }
        return (lineCount, end)
    }

    /// Whether an event of that time is given on; counts it if not, and moves the watermark.
    ///
    /// - Parameter line: where it stands in `text`.
    @inline(__always)
    private mutating func passes(
        _ time: StreamTime, _ text: Span<UInt8>, _ line: Range<Int>, at position: Int64
    ) -> Bool {
        let isInside = span.contains(time)
        if let watermark, time < watermark {
            if isInside { dropLate(text.extracting(line), at: position, by: watermark, time) }
            if !isInside { counts.outside += 1 }
            return false
        }
        let due = time - lateness
        if watermark.map({ $0 < due }) ?? true {
            if time > horizon {
                dropAhead(text.extracting(line), at: position, time)
                return false
            }
            watermark = due
        }
        if !isInside { counts.outside += 1 }
        return isInside
    }

    @inline(never)
    private mutating func isRepeated(_ text: Span<UInt8>, _ symbols: inout SymbolTable) -> Bool {
        guard let id = decoder.recentID(text, &symbols), let isNew = recent?.note(id, at: now)
        else { return false }
        if !isNew { counts.repeated += 1 }
        counts.forgottenIDs = recent?.forgottenCount ?? 0
        return !isNew
    }

    @inline(never)
    private mutating func dropAhead(_ text: Span<UInt8>, at position: Int64, _ time: StreamTime) {
        bury(text, "its time, \(time), is too far ahead of the clock", at: position)
    }

    /// Appends the first event held if no earlier one can come; `isAtEnd`: none comes at all.
    mutating func release(into batch: inout EventBatch, isAtEnd: Bool) -> Bool {
        if held.isEmpty { return false }
        guard let limit = isAtEnd ? .distantFuture : watermark else { return false }
        return release(notAfter: limit, into: &batch)
    }

    /// Appends the first event held if it is not after `time`.
    mutating func release(notAfter time: StreamTime, into batch: inout EventBatch) -> Bool {
        guard held.release(notAfter: time, into: &batch) else { return false }
        counts.events += 1
        return true
    }

    /// Has events before a time be late.
    mutating func raiseWatermark(to time: StreamTime) {
        watermark = max(watermark ?? .distantPast, time)
    }

    /// The time of an event that has none; nil: it is no event.
    var assumedTime: StreamTime? {
        get { decoder.assumedTime }
        set { decoder.assumedTime = newValue }
    }

    /// What is known about stamps without a year.
    var stamps: OldStamps {
        get { decoder.stamps }
        set { decoder.stamps = newValue }
    }

    /// Holds an event that was held before, by its text and time; false: it is none here.
    mutating func holdAgain(
        _ text: Span<UInt8>, isObject: Bool, time: StreamTime, at position: Int64,
        symbols: inout SymbolTable
    ) -> Bool {
        if isObject {
            // It may have had the time at which it came.
            let assumed = assumedTime
            assumedTime = time
            defer { assumedTime = assumed }
            guard let scanned = try? decoder.scan(text), case .event = scanned else { return false }
            decoder.time = time
            held.hold(time: time) {
                decoder.append(text, to: &$0, symbols: &symbols, feed: feed, position: position)
            }
            return true
        }
        var lines = LogLines(stamps: stamps)
        guard var reading = lines.read(text) else { return false }
        // The year that a stamp had when it came.
        reading.time = time
        if !decoder.takesLogLines {
            lines.write(text, reading)
            return holdAgain(
                lines.text.span, isObject: true, time: time, at: position, symbols: &symbols)
        }
        guard decoder.note(text, reading.parts, time: time) else { return false }
        held.hold(time: time) {
            decoder.append(
                text, textAt: $0.append(text: text), form: reading.form, to: &$0,
                symbols: &symbols, feed: feed, position: position)
        }
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

    /// Has the last dead letter show what its record was made from.
    mutating func showInLastLetter(_ raw: Span<UInt8>) {
        guard !deadLetters.isEmpty else { return }
        let kept = raw.extracting(0..<min(raw.count, DeadLetter.byteCap))
        deadLetters[deadLetters.count - 1].bytes = Array(copying: kept)
        deadLetters[deadLetters.count - 1].isTruncated = kept.count < raw.count
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
