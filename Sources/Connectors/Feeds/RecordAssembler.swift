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
    /// The number of the first line of the row of CSV under way.
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

    /// Takes a line of a buffer that is lent to the batch, if it is a row of CSV that need not be
    /// made an object; false: nothing is taken.
    ///
    /// - Parameter range: where the line is in the buffer.
    mutating func takeLentRow(
        _ line: Span<UInt8>, _ range: Range<Int>, _ position: Int64, into gate: inout EventGate,
        _ batch: inout EventBatch, _ symbols: inout SymbolTable
    ) -> Bool {
        guard !rows.isInsideRow, line.count <= maxLineBytes else { return false }
        do throws(Undecodable) {
            let taken = try rows.take(line)
            guard let columns = rows.columns, taken != .unfinished else {
                _ = rows.abandon()
                return false
            }
            if taken == .header { gate.meet(columns) }
            if taken != .row { return true }
            let cells = rows.cells
            return try gate.admit(
                row: line, cells.span, columns, lent: range, at: position, into: &batch,
                symbols: &symbols)
        } catch {
            gate.bury(line, error.reason, at: position)
            return true
        }
    }

    /// Buries the row that the end of the data cut off.
    mutating func finish(into gate: inout EventGate) {
        guard rows.isInsideRow else { return }
        let reason = rows.abandon().reason
        gate.bury(rows.joined.span, reason, at: rowLineNumber)
    }

    /// Ends a piece of CSV: what comes next begins with a header of its own.
    mutating func finishPiece(into gate: inout EventGate) {
        guard format == .csv else { return }
        finish(into: &gate)
        rows = blankRows
    }

    private mutating func takeRow(
        _ line: Span<UInt8>, _ position: Int64, _ gate: inout EventGate,
        _ batch: inout EventBatch, _ symbols: inout SymbolTable
    ) {
        if !rows.isInsideRow { rowLineNumber = position }
        let taken: CSVRows.Taken
        do throws(Undecodable) {
            taken = try rows.take(line)
        } catch {
            let joined = rows.joined
            gate.bury(joined.isEmpty ? line : joined.span, error.reason, at: rowLineNumber)
            return
        }
        switch taken {
        case .blank, .unfinished: break
        case .header: if let columns = rows.columns { gate.meet(columns) }
        case .row:
            let joined = rows.joined
            if joined.isEmpty {
                admit(row: line, &gate, &batch, &symbols)
            } else {
                admit(row: joined.span, &gate, &batch, &symbols)
            }
        }
    }

    private func admit(
        row: Span<UInt8>, _ gate: inout EventGate, _ batch: inout EventBatch,
        _ symbols: inout SymbolTable
    ) {
        guard let columns = rows.columns else { return }
        let cells = rows.cells
        do throws(Undecodable) {
            let isTaken = try gate.admit(
                row: row, cells.span, columns, lent: nil, at: rowLineNumber, into: &batch,
                symbols: &symbols)
            if isTaken { return }
        } catch {
            gate.bury(row, error.reason, at: rowLineNumber)
            return
        }
        var object: [UInt8] = []
        columns.appendObject(of: row, to: &object)
        admit(object, from: row, at: rowLineNumber, &gate, &batch, &symbols)
    }

    /// Takes a record whose object was made from `raw`, which is what a dead letter shows.
    private func admit(
        _ text: [UInt8], from raw: Span<UInt8>, at position: Int64,
        _ gate: inout EventGate, _ batch: inout EventBatch, _ symbols: inout SymbolTable
    ) {
        let known = gate.deadLetters.count
        do throws(Undecodable) {
            try gate.admit(text.span, at: position, into: &batch, symbols: &symbols)
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
