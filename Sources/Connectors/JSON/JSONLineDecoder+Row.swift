// SPDX-License-Identifier: Apache-2.0
// Rows of CSV without JSON in between: the wanted cells are noted where the values of an object
// would be. Exercised by CSVFeedTests and by the fuzzer of rows, which hold rows against the
// objects that are made of them.

import EventModel

extension JSONLineDecoder {
    /// A column that somebody wants.
    struct WantedColumn: Sendable {
        let column: Int
        let spot: Int
    }

    /// Finds out where the values of the columns of rows belong.
    mutating func meet(_ columns: RowColumns) {
        wantedColumns.removeAll()
        for (column, name) in columns.names.enumerated() {
            let edge = index.keys.find(name.span, scope: 0)
            guard edge >= 0, index.edges[edge].spot >= 0 else { continue }
            wantedColumns.append(WantedColumn(column: column, spot: index.edges[edge].spot))
        }
    }

    /// Like `scan`, of a row with the columns met last; nil: its object has to be scanned, for
    /// the value of a cell is not as it stands, or the row is no UTF-8.
    mutating func note(
        row: Span<UInt8>, _ cells: Span<CSVCell>
    ) throws(Undecodable) -> ScannedLine? {
        guard JSONScanner.firstInvalidUTF8(row) == nil else { return nil }
        generation += 1
        for wanted in wantedColumns {
            let cell = cells[wanted.column]
            // Of columns of one name the last that has a value counts.
            if cell.isMissing { continue }
            if cell.hasQuotes { return nil }
            spots[wanted.spot] = Spot(
                start: cell.range.lowerBound, end: cell.range.upperBound, generation: generation,
                kind: .text)
        }
        return try understand(row)
    }
}
