// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Batches of several shards as one, for whoever has to see all matches in order.
extension MatchBatch {
    /// Moves the contents of `batches` into the first of them, its matches in `order`, and empties
    /// the others.
    ///
    /// - Parameter order: each match once, as the number of its batch and its number there.
    package static func combine(
        _ batches: inout [MatchBatch], in order: [(batch: Int, index: Int)]
    ) {
        var firstRows = [0]
        for batch in 1..<batches.count {
            firstRows.append(batches[0].rows.count)
            batches[0].append(contentsOf: batches[batch])
            batches[batch].removeAll()
        }
        let rows = batches[0].rows
        batches[0].rows.removeAll(keepingCapacity: true)
        for place in order { batches[0].rows.append(rows[firstRows[place.batch] + place.index]) }
    }

    private mutating func append(contentsOf other: MatchBatch) {
        let (byte, value, event) = (bytes.count, valueCount, events.count)
        bytes.append(copying: other.bytes.span)
        appendValues(of: other, movedBy: byte)
        for var row in other.events {
            row.givenID = row.givenID.map { $0.moved(by: byte) }
            row.type = row.type.moved(by: byte)
            row.text = row.text.moved(by: byte)
            row.firstValue += value
            events.append(row)
        }
        for var row in other.rows {
            row.severity = row.severity.moved(by: byte)
            row.title = row.title.moved(by: byte)
            row.firstValue += value
            if row.lineage >= 0 { row.lineage += value }
            row.events = row.events.moved(by: event)
            rows.append(row)
        }
    }
}

extension Range<Int> {
    func moved(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}
