// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertWriterTests.

package import Automata
internal import Connectors
internal import EventModel
package import MatchCore

/// Matches to the bytes of alerts.
///
/// - Shape: as JSON and CSV an alert is written straight to the bytes, and allocates only for them
///   to grow.
package struct AlertWriter: Sendable {
    package static let severities = ["info", "low", "medium", "high", "critical"]
    static let severityTexts = severities.map { Array($0.utf8) }

    package let format: AlertFormat
    let program: RulesetProgram
    /// By the number of the rule; made with its first alert (`prepare`), since most of many rules
    /// have none.
    private(set) var pieces: [AlertPieces]
    private var isPrepared: [Bool]
    /// By the number of the feed: what stands before the position in the id of an event that
    /// brings none.
    private let feedNames: [[UInt8]]
    let colour: Bool
    /// Bytes that an alert may take as JSON; of a longer one the events are left out, and where
    /// that is not enough the values too.
    package var jsonByteCap = Int.max
    /// Alerts that would have been longer.
    package internal(set) var shortenedCount = 0
    /// Alerts whose rule gave a severity that is none; they are written as `medium`.
    package internal(set) var unknownSeverityCount = 0

    // Scratch.
    var cell: [UInt8] = []
    private var identity: [UInt8] = []
    private var eventText = EventText()
    var stamps = StampWriter()

    /// - Parameter colour: escape sequences of a terminal, in `human` only.
    package init(
        format: AlertFormat, program: RulesetProgram, feedNames: [String], colour: Bool = false
    ) {
        self.format = format
        self.program = program
        self.feedNames = feedNames.map { Array("\($0):".utf8) }
        self.colour = colour
        pieces = Array(repeating: .none, count: program.rules.count)
        isPrepared = Array(repeating: false, count: program.rules.count)
    }

    /// Makes what the alerts of a rule have in common, unless it is there.
    mutating func prepare(_ rule: Int) {
        if isPrepared[rule] { return }
        isPrepared[rule] = true
        let model = Int(program.rules[rule].model)
        if model >= 0, program.rules[model].chain.rank == program.rules[rule].chain.rank {
            prepare(model)
            pieces[rule] = AlertPieces(program.rules[rule], like: pieces[model])
        } else {
            pieces[rule] = AlertPieces(program.rules[rule])
        }
    }

    /// Appends what stands before the first alert.
    package func appendHeader(to bytes: inout [UInt8]) {
        if format == .csv { appendCSVHeader(to: &bytes) }
    }

    /// Appends the alert of match `index`.
    package mutating func append(
        _ batch: borrowing MatchBatch, _ index: Int, to bytes: inout [UInt8]
    ) {
        let row = batch.rows[index]
        prepare(row.rule)
        switch format {
        case .human: appendHuman(row, of: batch, to: &bytes)
        case .jsonLines: appendJSON(row, of: batch, to: &bytes)
        case .csv: appendCSV(row, of: batch, to: &bytes)
        case .count: break
        }
    }

    // MARK: Parts

    /// The number of the alert's severity; counts one that is none.
    mutating func severity(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch
    ) -> Int {
        for number in AlertWriter.severityTexts.indices {
            let text = AlertWriter.severityTexts[number]
            if batch.bytes.span.extracting(row.severity).isEqual(to: text.span) { return number }
        }
        unknownSeverityCount += 1
        return 2
    }

    /// Appends `{"name":value,…}`, with the values from `first` on.
    func appendObject(
        _ names: [[UInt8]], _ first: Int, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: "{"))
        for i in names.indices {
            if i > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(copying: names[i])
            batch.withSlot(first + i) { JSONWriter.append($0, payload: $1, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func appendEvent(
        _ event: Int, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        eventText.append(event, of: batch, program, to: &bytes)
    }

    /// Appends the ids of all events, in the order of binding.
    func appendEventIDs(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: "["))
        for event in row.events {
            if event > row.events.lowerBound { bytes.append(UInt8(ascii: ",")) }
            batch.appendEventID(batch.events[event], feedNames: feedNames, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Appends the ids of the alerts among the events, in the order of binding.
    func appendLineage(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        if row.lineage >= 0, !batch.value(row.lineage).isMissing {
            return batch.withSlot(row.lineage) {
                JSONWriter.append($0, payload: $1, to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for event in row.events where batch.events[event].isAlert {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            batch.appendEventID(batch.events[event], feedNames: feedNames, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Appends the digits of the alert's id.
    mutating func appendID(
        _ row: borrowing MatchBatch.Row, of batch: borrowing MatchBatch, to bytes: inout [UInt8]
    ) {
        prepare(row.rule)
        pieces[row.rule].naming.id(of: row, in: batch, feedNames: feedNames, using: &identity)
            .append(to: &bytes)
    }
}

extension Span where Element == UInt8 {
    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for i in indices where self[i] != other[i] { return false }
        return true
    }
}
