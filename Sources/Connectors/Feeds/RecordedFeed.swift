// SPDX-License-Identifier: Apache-2.0
// Exercised by RecordedFeedTests.

package import EventModel

/// The events of one recorded file, in order of (time, arrival).
package struct RecordedFeed: ~Copyable {
    /// Dead letters that wait to be taken; `fill` returns early rather than keep more.
    package static let deadLetterCap = 1000

    /// The last component of the path.
    package let name: String
    /// What the events of this feed carry as their feed.
    package let number: Int32
    package let format: FeedFormat

    private var reader: LineReader
    private var records: RecordAssembler
    private var gate: EventGate
    private var isAtEnd = false
    private var pendingError: FeedError?

    /// Opens a file; `-` is standard input.
    ///
    /// - Throws: `cannotOpen`.
    package init(
        path: String, number: Int32, plan: DecodePlan, options: FeedOptions = FeedOptions(),
        span: EventTimeSpan = EventTimeSpan()
    ) throws(FeedError) {
        let source = try ByteSource(path: path)
        let format = options.format ?? FeedFormat(guessedFrom: path)
        let modified = source.modifiedSeconds.flatMap { seconds in
            let (nanoseconds, over) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            return over ? nil : StreamTime(nanoseconds: nanoseconds)
        }
        let stamps = OldStamps(year: options.assumedYear, modified: modified)
        var decoding = JSONLineDecoder.Options()
        decoding.stamps = stamps
        decoding.fixedType = options.fixedType ?? (format == .lines ? "line" : nil)
        decoding.typeField = options.typeField
        decoding.timeField = options.timeField
        decoding.idField = options.idField
        decoding.isTextual = format != .jsonLines
        name = RecordedFeed.name(ofPath: path)
        self.number = number
        self.format = format
        // Offsets within a line fit comfortably however large a cap is asked for.
        let maxLineBytes = min(max(options.maxLineBytes, 1), 1 << 40)
        gate = EventGate(
            feed: number, lateness: TimeSpan(nanoseconds: max(options.lateness.nanoseconds, 0)),
            span: span, plan: plan, decoding: decoding)
        records = RecordAssembler(
            format: format, maxLineBytes: maxLineBytes, delimiter: options.delimiter,
            logLines: LogLines(stamps: stamps))
        reader = LineReader(source, maxLineBytes: maxLineBytes)
    }

    /// What the feed at a path is called.
    package static func name(ofPath path: String) -> String {
        path == "-" ? "stdin" : String(path.split(separator: "/").last ?? "")
    }

    package var statistics: FeedStatistics {
        var result = gate.counts
        result.lines = Int(reader.lineNumber)
        result.ignored = gate.decoder.ignored
        result.mismatched = gate.decoder.mismatches
        return result
    }

    /// Bytes of the file read so far, and its size where it has one, as it is stored.
    package var progress: (readByteCount: Int64, totalByteCount: Int64?) {
        (reader.source.readByteCount, reader.source.totalByteCount)
    }

    /// Events that wait for earlier ones.
    package var heldCount: Int { gate.held.count }

    /// The records since the last call that became no event.
    package mutating func takeDeadLetters() -> [DeadLetter] { gate.takeDeadLetters() }

    /// Marks the symbols of events that wait here, for `SymbolTable.sweep`.
    package func markSymbols(in live: inout [Bool]) { gate.held.markSymbols(in: &live) }

    /// Appends the next events until the batch has `limit`; false: there are no more after these.
    ///
    /// True with nothing appended means that dead letters have to be taken first.
    ///
    /// - Throws: what the file did, in a call of its own, after every event that came before.
    package mutating func fill(
        _ batch: inout EventBatch, upTo limit: Int, symbols: inout SymbolTable
    ) throws(FeedError) -> Bool {
        if batch.count == 0, format == .csv, gate.lateness == .zero {
            takeLentRows(&batch, upTo: limit, &symbols)
            if batch.count > 0 {
                batch.lend(text: reader.buffer)
                return true
            }
        } else if batch.count == 0, leavesTextsInBuffer {
            let result = try fillWithoutCopies(&batch, upTo: limit, symbols: &symbols)
            if batch.count > 0 { batch.lend(text: reader.buffer) }
            return result
        }
        let before = batch.count
        while batch.count < limit {
            if gate.release(into: &batch, isAtEnd: isAtEnd) { continue }
            if isAtEnd {
                guard let error = pendingError else { return false }
                if batch.count > before { return true }
                pendingError = nil
                throw error
            }
            if gate.deadLetters.count >= RecordedFeed.deadLetterCap { return true }
            do throws(FeedError) {
                if let line = try reader.next() {
                    records.take(
                        line, reader.lineNumber, of: reader.buffer, isLent: false, into: &gate,
                        &batch, &symbols)
                } else {
                    finish()
                }
            } catch {
                pendingError = error
                finish()
            }
        }
        return true
    }

    /// Whether every event is a line as it stands in the reader's buffer, and leaves at once.
    private var leavesTextsInBuffer: Bool {
        guard gate.lateness == .zero else { return false }
        return format == .jsonLines || (format == .lines && gate.decoder.takesLogLines)
    }

    /// Like `fill`, where events leave the feed as they are read: their texts are places in the
    /// reader's buffer, so the batch ends where that has to be filled again.
    private mutating func fillWithoutCopies(
        _ batch: inout EventBatch, upTo limit: Int, symbols: inout SymbolTable
    ) throws(FeedError) -> Bool {
        while batch.count < limit {
            if isAtEnd {
                guard let error = pendingError else { return false }
                if batch.count > 0 { return true }
                pendingError = nil
                throw error
            }
            if format == .jsonLines, reader.isAtFreshLine {
                takePlainLines(&batch, upTo: limit, &symbols)
            }
            if batch.count >= limit { break }
            if gate.deadLetters.count >= RecordedFeed.deadLetterCap { return true }
            var line = reader.nextInBuffer()
            if line == nil {
                if batch.count > 0, !reader.isAtEnd { return true }
                do throws(FeedError) {
                    line = try reader.next()
                } catch {
                    pendingError = error
                }
            }
            if let line {
                records.take(
                    line, reader.lineNumber, of: reader.buffer, isLent: true, into: &gate, &batch,
                    &symbols)
            } else {
                finish()
            }
        }
        return true
    }

    /// Takes the lines at hand as far as they are plain objects.
    private mutating func takePlainLines(
        _ batch: inout EventBatch, upTo limit: Int, _ symbols: inout SymbolTable
    ) {
        let buffer = reader.buffer
        let (start, position) = (reader.start, reader.lineNumber + 1)
        let maxLineBytes = reader.maxLineBytes
        // SAFETY: `buffer` is a constant that lives longer than the closure.
        let passed = unsafe buffer.withUnsafeBufferPointer { bytes in
            guard let text = unsafe RawText(bytes) else { return (lineCount: Int64(0), end: start) }
            return gate.admitPlainLines(
                text, buffer.span, from: start, at: position, maxLineBytes: maxLineBytes,
                upTo: limit, into: &batch, symbols: &symbols)
        }
        reader.pass(lineCount: passed.lineCount, to: passed.end)
    }

    /// Takes the rows of CSV at hand as far as they need not be made objects.
    private mutating func takeLentRows(
        _ batch: inout EventBatch, upTo limit: Int, _ symbols: inout SymbolTable
    ) {
        while batch.count < limit, gate.deadLetters.count < RecordedFeed.deadLetterCap {
            if batch.count == 0 { reader.readAhead() }
            guard let line = reader.peek() else { break }
            let buffer = reader.buffer
            let isTaken = records.takeLentRow(
                buffer.span.extracting(line), line, reader.lineNumber + 1, into: &gate, &batch,
                &symbols)
            guard isTaken else { break }
            reader.pass(lineCount: 1, to: line.upperBound + 1)
        }
    }

    private mutating func finish() {
        isAtEnd = true
        records.finish(into: &gate)
    }
}
