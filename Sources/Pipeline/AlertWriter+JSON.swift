// SPDX-License-Identifier: Apache-2.0
// The form is fixed by docs/reference/alert-json.md.

internal import Automata
internal import Connectors
internal import EventModel
internal import MatchCore

/// What an alert that is too long does without.
private enum Omission: String {
    case nothing, events, values

    var next: Omission? {
        switch self {
        case .nothing: .events
        case .events: .values
        case .values: nil
        }
    }
}

extension AlertWriter {
    mutating func appendJSON(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        guard jsonByteCap < .max else {
            return appendJSON(row, of: batch, without: .nothing, to: &bytes)
        }
        let (start, unknown) = (bytes.count, unknownSeverityCount)
        // What is known to be too long is not written only to be taken back.
        var omission = eventByteCount(row, of: batch) > jsonByteCap ? Omission.events : .nothing
        while true {
            appendJSON(row, of: batch, without: omission, to: &bytes)
            guard bytes.count - start > jsonByteCap, let more = omission.next else { break }
            bytes.removeSubrange(start...)
            unknownSeverityCount = unknown
            omission = more
        }
        if omission != .nothing { shortenedCount += 1 }
    }

    private func eventByteCount(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch
    ) -> Int {
        row.events.reduce(0) { $0 + batch.events[$1].text.count }
    }

    private mutating func appendJSON(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch,
        without omission: Omission, to bytes: inout [UInt8]
    ) {
        let rule = row.rule
        let hasValues = omission != .values
        let severity = severity(row, of: batch)
        bytes.append(literal: "{\"id\":\"")
        appendID(row, of: batch, to: &bytes)
        bytes.append(copying: pieces[rule].json.head)
        bytes.append(copying: AlertWriter.severityTexts[severity])
        pieces[rule].json.append(AlertPieces.JSONPieces.tags, to: &bytes)
        appendLabelsAndKey(row, of: batch, hasLabels: hasValues, to: &bytes)
        stamps.append(row.start, to: &bytes)
        bytes.append(literal: "\",\"end\":\"")
        stamps.append(row.end, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        appendPolicy(row, to: &bytes)
        bytes.append(literal: ",\"title\":")
        if hasValues {
            JSONWriter.append(string: batch.bytes.span.extracting(row.title), to: &bytes)
        } else {
            JSONWriter.append(string: program.rules[rule].name.utf8.span, to: &bytes)
        }
        pieces[rule].json.append(pieces[rule].json.beforeFields, to: &bytes)
        appendFields(row, of: batch, hasValues: hasValues, to: &bytes)
        appendEvents(row, of: batch, hasEvents: omission == .nothing, to: &bytes)
        if omission == .nothing {
            appendEventIDs(row, of: batch, to: &bytes)
        } else {
            bytes.append(literal: "[]")
        }
        if pieces[rule].hasLineage {
            bytes.append(contentsOf: ",\"lineage\":".utf8)
            if hasValues {
                appendLineage(row, of: batch, to: &bytes)
            } else {
                bytes.append(contentsOf: "[]".utf8)
            }
        }
        if omission != .nothing {
            bytes.append(contentsOf: ",\"left_out\":\"\(omission.rawValue)\"".utf8)
        }
        bytes.append(literal: "}\n")
    }

    /// Appends what the rule's policies have to say: nothing, where it has none.
    private func appendPolicy(_ row: borrowing MatchBatch.Row, to bytes: inout [UInt8]) {
        if pieces[row.rule].hasStatus {
            if row.status == .resolved {
                bytes.append(contentsOf: ",\"status\":\"resolved\",\"resolved_at\":\"".utf8)
                row.moment.append(to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            } else {
                bytes.append(contentsOf: ",\"status\":\"open\",\"resolved_at\":null".utf8)
            }
        }
        if pieces[row.rule].hasSuppressed {
            bytes.append(contentsOf: ",\"suppressed\":".utf8)
            bytes.append(decimal: Int64(row.suppressed))
        }
        if pieces[row.rule].hasLimited {
            bytes.append(contentsOf: ",\"limited\":".utf8)
            bytes.append(decimal: Int64(row.limited))
        }
        if pieces[row.rule].hasExcepted {
            bytes.append(contentsOf: ",\"excepted\":".utf8)
            bytes.append(decimal: Int64(row.excepted))
        }
    }

    private func appendLabelsAndKey(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, hasLabels: Bool,
        to bytes: inout [UInt8]
    ) {
        // The values of the key come before those of the labels.
        let labelCount = pieces[row.rule].labels.count
        let keyCount = pieces[row.rule].key.count
        let first = pieces[row.rule].json.firstLabel
        for k in 0..<labelCount + keyCount {
            let value = k < labelCount ? keyCount + k : k - labelCount
            if hasLabels || k >= labelCount {
                batch.withSlot(row.firstValue + value) {
                    JSONWriter.append($0, payload: $1, to: &bytes)
                }
            } else {
                bytes.append(contentsOf: "null".utf8)
            }
            pieces[row.rule].json.append(first + k, to: &bytes)
        }
    }

    private func appendFields(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, hasValues: Bool,
        to bytes: inout [UInt8]
    ) {
        let first = row.firstValue + pieces[row.rule].key.count + pieces[row.rule].labels.count
        let pieceRange = pieces[row.rule].json.fields
        for piece in pieceRange {
            if hasValues {
                batch.withSlot(first + piece - pieceRange.lowerBound) {
                    JSONWriter.append($0, payload: $1, to: &bytes)
                }
            } else {
                bytes.append(contentsOf: "null".utf8)
            }
            pieces[row.rule].json.append(piece, to: &bytes)
        }
    }

    /// Appends `event,…` of each step, with what stands behind.
    private mutating func appendEvents(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, hasEvents: Bool,
        to bytes: inout [UInt8]
    ) {
        let steps = pieces[row.rule].json.steps
        for piece in steps {
            let step = piece - steps.lowerBound
            var isFirst = true
            for event in row.events where hasEvents && batch.events[event].step == step {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                appendEvent(event, of: batch, to: &bytes)
            }
            pieces[row.rule].json.append(piece, to: &bytes)
        }
    }
}
