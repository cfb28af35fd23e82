// SPDX-License-Identifier: Apache-2.0
// Exercised by RecordedFeedTests.

import EventModel

/// Lines to records: each line of JSON and of text is one, a row of CSV may take several.
struct RecordAssembler: Sendable {
    private let format: FeedFormat
    private let maxLineBytes: Int
    private var rows: CSVRows
    /// As they are before any header.
    private let blankRows: CSVRows
    private var logLines: LogLines
    /// The lines so far of a row of CSV that has more than one, and the number of its first.
    private var rowBytes: [UInt8] = []
    private var rowLineNumber: Int64 = 0

    init(format: FeedFormat, maxLineBytes: Int, delimiter: UInt8, logLines: LogLines) {
        self.format = format
        self.maxLineBytes = maxLineBytes
        self.logLines = logLines
        blankRows = CSVRows(delimiter: delimiter, rowByteCap: maxLineBytes)
        rows = blankRows
    }

    /// What is known about the stamps of log lines that have no year.
    var stamps: OldStamps {
        get { logLines.stamps }
        set { logLines.stamps = newValue }
    }

    /// Takes a line of `buffer` and hands the record that it ends, if it does, to the gate.
    ///
    /// - Parameter isLent: whether the buffer is lent to the batch.
    mutating func take(
        _ line: LineReader.Line, _ position: Int64, of buffer: [UInt8], isLent: Bool,
        into gate: inout EventGate, _ batch: inout EventBatch, _ symbols: inout SymbolTable
    ) {
        let bytes = buffer.span.extracting(line.range)
        if line.isTooLong {
            let reason = "a line of \(line.byteCount) bytes, which is more than \(maxLineBytes)"
            gate.bury(bytes, reason, at: position, isTruncated: true)
            return
        }
        switch format {
        case .jsonLines:
            do throws(Undecodable) {
                try gate.admit(
                    bytes, lent: isLent ? line.range : nil, at: position, into: &batch,
                    symbols: &symbols)
            } catch {
                let reason =
                    line.isTerminated ? error.reason : "the file ends in the middle of a line"
                gate.bury(bytes, reason, at: position)
            }
        case .lines:
            let text = bytes.extracting(0..<LogLines.end(of: bytes))
            guard let reading = logLines.read(text) else { return }
            let start = line.range.lowerBound
            if gate.admit(
                text, reading, lent: isLent ? start..<start + text.count : nil, at: position,
                into: &batch, symbols: &symbols)
            {
                return
            }
            logLines.write(text, reading)
            admit(logLines.text, from: bytes, at: position, &gate, &batch, &symbols)
        case .csv: takeRow(bytes, position, &gate, &batch, &symbols)
        }
    }

    /// Buries the row that the end of the data cut off.
    mutating func finish(into gate: inout EventGate) {
        guard rows.isInsideRow else { return }
        let reason = rows.abandon().reason
        gate.bury(rowBytes.span, reason, at: rowLineNumber)
    }

    /// Ends a piece of CSV: what comes next begins with a header of its own.
    mutating func finishPiece(into gate: inout EventGate) {
        guard format == .csv else { return }
        finish(into: &gate)
        rows = blankRows
    }

    private mutating func takeRow(
        _ bytes: Span<UInt8>, _ position: Int64, _ gate: inout EventGate,
        _ batch: inout EventBatch, _ symbols: inout SymbolTable
    ) {
        if !rows.isInsideRow {
            rowBytes.removeAll(keepingCapacity: true)
            rowLineNumber = position
        }
        do throws(Undecodable) {
            switch try rows.take(bytes) {
            case .blank: return
            case .header: gate.meet(columns: rows.names)
            case .unfinished:
                rowBytes.append(copying: bytes)
                rowBytes.append(0x0a)
            case .row where rowBytes.isEmpty:
                admit(
                    rows.text, rows.places, from: bytes, at: rowLineNumber, &gate, &batch,
                    &symbols)
            case .row:
                rowBytes.append(copying: bytes)
                let raw = rowBytes
                admit(rows.text, from: raw.span, at: rowLineNumber, &gate, &batch, &symbols)
            }
        } catch {
            rowBytes.append(copying: bytes)
            gate.bury(rowBytes.span, error.reason, at: rowLineNumber)
        }
    }

    /// Takes a record whose object was made from `raw`, which is what a dead letter shows.
    ///
    /// - Parameter places: where the values of its columns are; empty: they have to be looked for.
    private func admit(
        _ text: [UInt8], _ places: [Range<Int>] = [], from raw: Span<UInt8>, at position: Int64,
        _ gate: inout EventGate, _ batch: inout EventBatch, _ symbols: inout SymbolTable
    ) {
        let known = gate.deadLetters.count
        do throws(Undecodable) {
            try gate.admit(
                text.span, places: places.span, at: position, into: &batch, symbols: &symbols)
            if gate.deadLetters.count > known { gate.showInLastLetter(raw) }
        } catch {
            var reason = error.reason
            if let offset = JSONScanner.firstInvalidUTF8(raw) {
                reason = JSONFailure(.invalidUTF8, at: offset).reason
            }
            gate.bury(raw, reason, at: position)
        }
    }
}
