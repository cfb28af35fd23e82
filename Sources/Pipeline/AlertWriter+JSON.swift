// SPDX-License-Identifier: Apache-2.0
// The form is fixed by docs/reference/alert-json.md.

internal import Automata
internal import Connectors
internal import EventModel
internal import MatchCore

extension AlertWriter {
    mutating func appendJSON(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        let rule = row.rule
        let labels = row.firstValue + pieces[rule].key.count
        let fields = labels + pieces[rule].labels.count
        bytes.append(contentsOf: "{\"id\":\"".utf8)
        appendID(row, of: batch, to: &bytes)
        bytes.append(contentsOf: pieces[rule].head)
        bytes.append(contentsOf: severity(row, of: batch))
        bytes.append(contentsOf: pieces[rule].tags)
        appendObject(pieces[rule].labels, labels, of: batch, to: &bytes)
        bytes.append(contentsOf: ",\"key\":".utf8)
        appendObject(pieces[rule].key, row.firstValue, of: batch, to: &bytes)
        bytes.append(contentsOf: ",\"start\":\"".utf8)
        row.start.append(to: &bytes)
        bytes.append(contentsOf: "\",\"end\":\"".utf8)
        row.end.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        appendPolicy(row, to: &bytes)
        bytes.append(contentsOf: ",\"title\":".utf8)
        JSONWriter.append(string: batch.bytes.span.extracting(row.title), to: &bytes)
        bytes.append(contentsOf: ",\"fields\":".utf8)
        appendObject(pieces[rule].fields, fields, of: batch, to: &bytes)
        bytes.append(contentsOf: ",\"events\":".utf8)
        appendEvents(row, of: batch, to: &bytes)
        bytes.append(contentsOf: ",\"event_ids\":".utf8)
        appendEventIDs(row, of: batch, to: &bytes)
        if pieces[rule].hasLineage {
            bytes.append(contentsOf: ",\"lineage\":".utf8)
            appendLineage(row, of: batch, to: &bytes)
        }
        bytes.append(contentsOf: "}\n".utf8)
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
    }

    /// Appends `{"step":[event,…],…}`.
    private mutating func appendEvents(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: "{"))
        for step in pieces[row.rule].steps.indices {
            if step > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: pieces[row.rule].steps[step])
            var isFirst = true
            for event in row.events where batch.events[event].step == step {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                appendEvent(event, of: batch, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
