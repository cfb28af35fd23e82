// SPDX-License-Identifier: Apache-2.0
// Rows of RFC 4180, section 2, with any byte as the delimiter. Exercised by CSVRowsTests and
// CSVFeedTests.

/// A cell as it stands in its row.
package struct CSVCell: Hashable, BitwiseCopyable, Sendable {
    private let start: UInt32
    private let end: UInt32
    /// Whether quotes stand around it.
    package let isQuoted: Bool
    /// Whether quotes stand in it, each doubled.
    package let hasQuotes: Bool

    @inline(__always)
    init(_ start: Int, _ end: Int, isQuoted: Bool = false, hasQuotes: Bool = false) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.isQuoted = isQuoted
        self.hasQuotes = hasQuotes
    }

    /// Where it is in the row, without the quotes around it.
    package var range: Range<Int> { Int(start)..<Int(end) }

    /// A cell without quotes that is empty has no value; a quoted one has the empty text.
    package var isMissing: Bool { start == end && !isQuoted }

    /// Appends the value of the cell of `row`.
    package func append(from row: Span<UInt8>, to bytes: inout [UInt8]) {
        guard hasQuotes else { return bytes.append(copying: row.extracting(range)) }
        var i = range.lowerBound
        while i < range.upperBound {
            bytes.append(row[i])
            i += row[i] == CSVCells.quote ? 2 : 1
        }
    }
}

/// The cells of a row that may come line by line, each looked at once.
package struct CSVCells: Sendable {
    /// Why a row is none.
    package enum Problem: Error, Hashable {
        /// A quote inside a cell without quotes; the byte counts from 1.
        case quoteInside(byte: Int)
        /// Text behind the quote that closes a cell.
        case textBehind(byte: Int)
    }

    /// Rows may have no more bytes.
    package static let rowByteCap = Int(UInt32.max)
    static let quote = UInt8(ascii: "\"")
    private static let carriageReturn: UInt8 = 0x0d

    package let delimiter: UInt8
    package private(set) var cells: [CSVCell] = []
    /// Of a quoted cell that is not closed: where it begins; -1: there is none.
    private var openStart = -1
    private var hasQuotes = false
    /// What is before this has been looked at.
    private var scanned = 0

    package init(delimiter: UInt8) { self.delimiter = delimiter }

    /// Whether a quoted cell goes on in the next line.
    package var isInsideCell: Bool { openStart >= 0 }

    /// Begins a row.
    package mutating func removeAll() {
        cells.removeAll(keepingCapacity: true)
        openStart = -1
        scanned = 0
    }

    /// Takes the row as far as it has come, without its last newline; false: a quoted cell is not
    /// closed yet.
    ///
    /// The carriage return of a CRLF ends the row, but inside of quotes it is text.
    ///
    /// - Precondition: it begins with what was taken before, and is no longer than `rowByteCap`.
    package mutating func take(_ row: Span<UInt8>) throws(Problem) -> Bool {
        let end = CSVCells.end(of: row)
        while true {
            if openStart >= 0 || scanned < end && row[scanned] == CSVCells.quote {
                guard takeQuoted(row) else { return false }
                if scanned >= end { return true }
                guard row[scanned] == delimiter else { throw .textBehind(byte: scanned + 1) }
            } else {
                let start = scanned
                scanned = min(row.firstPlace(of: delimiter, or: CSVCells.quote, from: start), end)
                if scanned < end, row[scanned] != delimiter {
                    throw .quoteInside(byte: scanned + 1)
                }
                cells.append(CSVCell(start, scanned))
                if scanned == end { return true }
            }
            scanned += 1
        }
    }

    /// Takes a quoted cell from `scanned` on, or goes on with one; false: it is not closed.
    private mutating func takeQuoted(_ row: Span<UInt8>) -> Bool {
        var i = scanned
        if openStart < 0 {
            i += 1
            openStart = i
            hasQuotes = false
        }
        while true {
            i = row.firstPlace(of: CSVCells.quote, or: CSVCells.quote, from: i)
            if i == row.count { break }
            if i + 1 < row.count, row[i + 1] == CSVCells.quote {
                hasQuotes = true
                i += 2
                continue
            }
            cells.append(CSVCell(openStart, i, isQuoted: true, hasQuotes: hasQuotes))
            openStart = -1
            scanned = i + 1
            return true
        }
        scanned = i
        return false
    }

    /// The cell of a whole row that begins at `start`.
    static func cell(of row: Span<UInt8>, from start: Int, delimiter: UInt8) -> CSVCell {
        let end = end(of: row)
        var i = start
        guard start < end, row[start] == quote else {
            while i < end, row[i] != delimiter { i += 1 }
            return CSVCell(start, i)
        }
        i += 1
        var hasQuotes = false
        while row[i] != quote || i + 1 < row.count && row[i + 1] == quote {
            if row[i] == quote { hasQuotes = true }
            i += row[i] == quote ? 2 : 1
        }
        return CSVCell(start + 1, i, isQuoted: true, hasQuotes: hasQuotes)
    }

    /// The end of a row without the carriage return that it may have.
    private static func end(of row: Span<UInt8>) -> Int {
        row.count > 0 && row[row.count - 1] == carriageReturn ? row.count - 1 : row.count
    }
}
