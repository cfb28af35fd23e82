// SPDX-License-Identifier: Apache-2.0
// Exercised by CSVPiecesTests.

/// Rows that come little by little, cut into pieces that can each be read alone: the first row of
/// each is the header, and no row is in two.
package struct CSVPieces: Sendable {
    private var rows: CSVRows
    /// The row of names; empty: it has not come.
    private var header: [UInt8] = []
    /// The beginning of a row whose end has not come.
    private var rest: [UInt8] = []

    /// - Parameter maxRowByteCount: a row that is longer ends where that is found out.
    package init(delimiter: UInt8, maxRowByteCount: Int) {
        rows = CSVRows(delimiter: delimiter, rowByteCap: maxRowByteCount)
    }

    /// Bytes of rows that were taken, and are in no piece yet.
    package var restByteCount: Int { rest.count }

    /// Takes whole lines, each with its newline; gives the rows that are whole now behind their
    /// header, or nothing.
    package mutating func take(_ lines: [UInt8]) -> [UInt8] {
        let start = header.isEmpty ? takeHeader(lines) : 0
        var wholeEnd = start
        var lineStart = start
        while lineStart < lines.count {
            let end = lines[lineStart...].firstIndex(of: 0x0a) ?? lines.count
            let next = min(end + 1, lines.count)
            if !isUnfinished(lines, lineStart..<end) { wholeEnd = next }
            lineStart = next
        }
        let begun = rest
        if wholeEnd == start {
            rest += lines[wholeEnd...]
            return []
        }
        rest = Array(lines[wholeEnd...])
        return header + begun + lines[start..<wholeEnd]
    }

    /// What the end of the data leaves: a row that is not closed.
    package mutating func finish() -> [UInt8] {
        defer { rest = [] }
        return rest.isEmpty || header.isEmpty ? [] : header + rest
    }

    /// Looks for the header alone in the beginning of what was taken in an earlier life.
    package mutating func meet(beginning lines: [UInt8]) {
        _ = takeHeader(lines)
        rest = []
    }

    /// The place behind the row of names at the beginning of a piece.
    package static func headerEnd(of piece: [UInt8], delimiter: UInt8) -> Int {
        var pieces = CSVPieces(delimiter: delimiter, maxRowByteCount: .max)
        return pieces.takeHeader(piece)
    }

    /// The place behind the header, or behind all of `lines` where that is not whole.
    private mutating func takeHeader(_ lines: [UInt8]) -> Int {
        var lineStart = 0
        while lineStart < lines.count {
            let end = lines[lineStart...].firstIndex(of: 0x0a) ?? lines.count
            let next = min(end + 1, lines.count)
            let isBlank = rest.isEmpty && lines[lineStart..<end].allSatisfy { $0 == 0x0d }
            if isUnfinished(lines, lineStart..<end) {
                rest += lines[lineStart..<next]
            } else if !isBlank {
                header = rest + lines[lineStart..<next]
                rest = []
                return next
            }
            lineStart = next
        }
        return lines.count
    }

    /// Whether the row goes on behind a line. One that is none ends with it, and is for those to
    /// speak of who read the piece.
    private mutating func isUnfinished(_ lines: [UInt8], _ line: Range<Int>) -> Bool {
        let taken = try? rows.take(lines.span.extracting(line))
        return taken == .unfinished
    }
}
