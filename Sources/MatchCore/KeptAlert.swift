// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// What an alert said, without its events: enough to send a notice of it later.
package struct KeptAlert: Sendable {
    private struct Content: Sendable {
        var slot: Slot
        var payload: [UInt8]
    }

    private var start: StreamTime
    package private(set) var end: StreamTime
    private var severity: [UInt8]
    private var title: [UInt8]
    /// Those of the key, the labels and the fields.
    private var values: [Content]
    private var id: AlertID

    /// - Parameter valueCount: the values of its rule's key, labels and fields.
    package init(
        _ row: MatchBatch.Row, of batch: borrowing MatchBatch, valueCount: Int, id: AlertID
    ) {
        start = row.start
        end = row.end
        severity = Array(batch.bytes[row.severity])
        title = Array(batch.bytes[row.title])
        var values: [Content] = []
        for value in row.firstValue..<row.firstValue + valueCount {
            batch.withSlot(value) { slot, payload in
                var bytes: [UInt8] = []
                bytes.append(copying: payload)
                values.append(Content(slot: slot, payload: bytes))
            }
        }
        self.values = values
        self.id = id
    }

    /// Appends the notice that the alert is resolved.
    ///
    /// - Parameters:
    ///   - moment: when that was.
    ///   - held: matches that were no alerts, because this one was open.
    package func appendResolved(
        rule: Int, at moment: StreamTime, held: Int, to batch: inout MatchBatch
    ) {
        let firstValue = batch.valueCount
        for value in values { batch.append(value.slot, payload: value.payload) }
        var row = MatchBatch.Row(
            rule: rule, start: start, end: end, severity: batch.append(severity[...]),
            title: batch.append(title[...]), firstValue: firstValue, events: 0..<0,
            completedBy: 0, keyOrder: 0, number: batch.rows.count, isByClock: false,
            status: .resolved, moment: moment)
        row.suppressed = held
        row.id = id
        batch.append(row)
    }

    // MARK: Snapshots

    package func write(to writer: inout SnapshotWriter) {
        writer.write(start.nanoseconds)
        writer.write(end.nanoseconds)
        writer.write(severity)
        writer.write(title)
        writer.write(Int64(truncatingIfNeeded: id.hash))
        writer.write(Int64(truncatingIfNeeded: id.hash >> 64))
        for value in values { writer.write(value.slot, payload: value.payload) }
    }

    package init(
        _ reader: inout SnapshotReader, valueCount: Int
    ) throws(SnapshotError) {
        start = StreamTime(nanoseconds: try reader.int64())
        end = StreamTime(nanoseconds: try reader.int64())
        severity = Array(try reader.byteString())
        title = Array(try reader.byteString())
        let low = UInt128(UInt64(bitPattern: try reader.int64()))
        id = AlertID(hash: UInt128(UInt64(bitPattern: try reader.int64())) << 64 | low)
        values = []
        var symbols = SymbolTable()
        for _ in 0..<valueCount {
            let slot = try reader.slot(&symbols)
            let payload = slot.holdsSymbol ? Array(symbols.bytes(of: slot.symbol)) : []
            values.append(Content(slot: slot, payload: payload))
        }
    }
}

extension MatchBatch {
    /// Takes the rows from `first` on out, for whoever puts back what goes on.
    package mutating func takeRows(from first: Int) -> [Row] {
        if first == 0 {
            var taken: [Row] = []
            swap(&taken, &rows)
            return taken
        }
        let taken = Array(rows[first...])
        rows.removeLast(taken.count)
        return taken
    }

    package mutating func append(_ row: Row) { rows.append(row) }

    /// Appends bytes that are the same exactly for the same values.
    package func appendIdentity(ofValues range: Range<Int>, to bytes: inout [UInt8]) {
        for index in range {
            withSlot(index) { slot, payload in
                bytes.append(slot.tag.rawValue)
                let word = slot.holdsSymbol ? UInt64(payload.count) : slot.bits
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: word >> shift))
                }
                bytes.append(copying: payload)
            }
        }
    }
}
