// SPDX-License-Identifier: Apache-2.0
// RFC 4180, line by line. Exercised by CSVRowsTests.

import EventModel

/// Rows of comma-separated values, of which the first names the cells of the others.
///
/// Blank lines are passed over. A quote is only allowed around a whole cell, doubled inside it.
struct CSVRows: Sendable {
    enum Taken: Hashable {
        /// The row goes on in the next line.
        case unfinished
        case blank
        case header
        /// Its cells are in `cells`.
        case row
    }

    /// Of the rows behind the header; nil: there was none that can be read.
    private(set) var columns: RowColumns?
    /// The lines of the last row, or of the one under way; empty: it is one line.
    private(set) var joined: [UInt8] = []
    /// Whether a quoted cell goes on in the next line.
    var isInsideRow: Bool { found.isInsideCell }
    /// The cells of the last row.
    var cells: [CSVCell] { found.cells }

    private let rowByteCap: Int
    private var found: CSVCells
    private var headerProblem: String?

    init(delimiter: UInt8, rowByteCap: Int) {
        found = CSVCells(delimiter: delimiter)
        self.rowByteCap = min(rowByteCap, CSVCells.rowByteCap)
    }

    /// Takes the next line, without its newline.
    mutating func take(_ line: Span<UInt8>) throws(Undecodable) -> Taken {
        if found.isInsideCell {
            joined.append(0x0a)
            joined.append(copying: line)
            let row = joined
            return try take(row: row.span)
        }
        found.removeAll()
        joined.removeAll(keepingCapacity: true)
        let taken = try take(row: line)
        if taken == .unfinished { joined.append(copying: line) }
        return taken
    }

    /// The reason why the row under way is none, at the end of the data.
    mutating func abandon() -> Undecodable {
        found.removeAll()
        return Undecodable("a quoted cell is not closed")
    }

    private mutating func take(row: Span<UInt8>) throws(Undecodable) -> Taken {
        do throws(Undecodable) {
            // The caller sees to the length of a line.
            guard row.count <= (found.isInsideCell ? rowByteCap : CSVCells.rowByteCap) else {
                throw Undecodable("a row longer than \(rowByteCap) bytes")
            }
            do throws(CSVCells.Problem) {
                guard try found.take(row) else { return .unfinished }
            } catch {
                throw Undecodable(error.reason)
            }
            return try finish(row)
        } catch {
            found.removeAll()
            if columns == nil, headerProblem == nil { headerProblem = error.reason }
            throw error
        }
    }

    private mutating func finish(_ row: Span<UInt8>) throws(Undecodable) -> Taken {
        let cells = found.cells
        if cells.count == 1, cells[0].isMissing { return .blank }
        if let headerProblem {
            throw Undecodable("the row of names could not be read: \(headerProblem)")
        }
        guard let columns else {
            if let offset = JSONScanner.firstInvalidUTF8(row) {
                throw Undecodable(JSONFailure(.invalidUTF8, at: offset).reason)
            }
            let names = cells.map { cell in
                var name: [UInt8] = []
                cell.append(from: row, to: &name)
                return name
            }
            columns = RowColumns(names: names, delimiter: found.delimiter)
            return .header
        }
        guard cells.count == columns.names.count else {
            throw Undecodable("\(cells.count) cells where the header has \(columns.names.count)")
        }
        return .row
    }
}

extension CSVCells.Problem {
    fileprivate var reason: String {
        switch self {
        case .quoteInside(let byte): "a quote inside a cell without quotes at byte \(byte)"
        case .textBehind(let byte): "text behind a closing quote at byte \(byte)"
        }
    }
}
