// SPDX-License-Identifier: Apache-2.0
// RFC 4180, lines ended by a line feed alone.

internal import EventModel
internal import MatchCore

extension AlertWriter {
    func appendCSVHeader(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "id,rule,severity,key,start,end,title,fields,event_ids,".utf8)
        bytes.append(contentsOf: "status,suppressed,limited,excepted,lineage\n".utf8)
    }

    mutating func appendCSV(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        let (key, fields) = (pieces[row.rule].key, pieces[row.rule].fields)
        let firstField = row.firstValue + key.count + pieces[row.rule].labels.count
        var cell: [UInt8] = []
        swap(&cell, &self.cell)
        appendID(row, of: batch, to: &bytes)
        appendNext(pieces[row.rule].name, to: &bytes)
        appendNext(AlertWriter.severityTexts[severity(row, of: batch)], to: &bytes)
        cell.removeAll(keepingCapacity: true)
        appendObject(key, row.firstValue, of: batch, to: &cell)
        appendNext(cell, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        stamps.append(row.start, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        stamps.append(row.end, to: &bytes)
        cell.removeAll(keepingCapacity: true)
        cell.append(copying: batch.bytes.span.extracting(row.title))
        appendNext(cell, to: &bytes)
        cell.removeAll(keepingCapacity: true)
        appendObject(fields, firstField, of: batch, to: &cell)
        appendNext(cell, to: &bytes)
        cell.removeAll(keepingCapacity: true)
        appendEventIDs(row, of: batch, to: &cell)
        appendNext(cell, to: &bytes)
        appendPolicyCells(row, to: &bytes)
        cell.removeAll(keepingCapacity: true)
        if pieces[row.rule].hasLineage { appendLineage(row, of: batch, to: &cell) }
        appendNext(cell, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        swap(&cell, &self.cell)
    }

    /// Four cells, which are empty where the rule has no such policy.
    private func appendPolicyCells(_ row: borrowing MatchBatch.Row, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: ","))
        if pieces[row.rule].hasStatus {
            bytes.append(contentsOf: (row.status == .resolved ? "resolved" : "open").utf8)
        }
        bytes.append(UInt8(ascii: ","))
        if pieces[row.rule].hasSuppressed { bytes.append(decimal: Int64(row.suppressed)) }
        bytes.append(UInt8(ascii: ","))
        if pieces[row.rule].hasLimited { bytes.append(decimal: Int64(row.limited)) }
        bytes.append(UInt8(ascii: ","))
        if pieces[row.rule].hasExcepted { bytes.append(decimal: Int64(row.excepted)) }
    }

    /// Appends a comma and the cell.
    private func appendNext(_ cell: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: ","))
        let blank = UInt8(ascii: " ")
        guard
            cell.contains(where: AlertWriter.isSpecial) || cell.first == blank
                || cell.last == blank
        else { return bytes.append(contentsOf: cell) }
        bytes.append(UInt8(ascii: "\""))
        for byte in cell {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == 0x22 || byte == 0x2c || byte == 0x0a || byte == 0x0d
    }
}
