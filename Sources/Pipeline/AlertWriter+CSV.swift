// SPDX-License-Identifier: Apache-2.0
// RFC 4180, lines ended by a line feed alone.

internal import Automata
internal import Connectors
internal import EventModel
internal import MatchCore

extension AlertWriter {
    func appendCSVHeader(to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: "id,rule,severity,key,start,end,title,fields,event_ids\n".utf8)
    }

    func appendCSV(_ alert: Alert, to bytes: inout [UInt8]) {
        let match = alert.match
        let cells = [
            alert.id, alert.rule.name, alert.severity, json { $0.object(alert.key) },
            match.start.description, match.end.description, match.title,
            json { $0.object(match.fields) }, json { $0.strings(alert.eventIDs) },
        ]
        for (k, cell) in cells.enumerated() {
            if k > 0 { bytes.append(UInt8(ascii: ",")) }
            append(cell: cell, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private func json(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private func append(cell: String, to bytes: inout [UInt8]) {
        let special: [UInt8] = [0x22, 0x2c, 0x0a, 0x0d]
        let blank = UInt8(ascii: " ")
        guard
            cell.utf8.contains(where: special.contains) || cell.utf8.first == blank
                || cell.utf8.last == blank
        else {
            bytes.append(contentsOf: cell.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in cell.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
