// SPDX-License-Identifier: Apache-2.0
// Exercised by CSVRowsTests and CSVFeedTests.

/// The columns of rows of CSV: with them a row is one JSON object of texts.
///
/// Rows wait as they came; the object is made of those that somebody wants to see.
package final class RowColumns: Sendable {
    package let delimiter: UInt8
    package let names: [[UInt8]]
    /// What stands before each value in an object: `"name":`.
    private let heads: [[UInt8]]

    package init(names: [[UInt8]], delimiter: UInt8) {
        self.delimiter = delimiter
        self.names = names
        heads = names.map { name in
            var head: [UInt8] = []
            head.append(jsonString: name.span)
            head.append(UInt8(ascii: ":"))
            return head
        }
    }

    /// Appends the object of a row: cells without a value are left out.
    ///
    /// - Precondition: the row is whole, and has as many cells as there are columns.
    package func appendObject(of row: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        var start = 0
        var isFirst = true
        for head in heads {
            let cell = CSVCells.cell(of: row, from: start, delimiter: delimiter)
            start = cell.range.upperBound + (cell.isQuoted ? 2 : 1)
            if cell.isMissing { continue }
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes.append(contentsOf: head)
            if cell.hasQuotes {
                var value: [UInt8] = []
                cell.append(from: row, to: &value)
                bytes.append(jsonString: value.span)
            } else {
                bytes.append(jsonString: row.extracting(cell.range))
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
