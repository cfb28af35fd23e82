// SPDX-License-Identifier: Apache-2.0
// docs/reference/matching.md, "Rules on rules". Exercised by AlertChainTests and by the
// differential tests of chains.

internal import Automata
internal import EventModel
internal import MatchCore

/// Makes events of alerts, for the rules that read them.
struct AlertChain: ~Copyable {
    private let program: RulesetProgram
    private let encoder: EventEncoder
    /// By the number of the rule; none where no rule reads alerts.
    private let namings: [AlertNaming]
    /// One event.
    private(set) var batch: EventBatch
    /// Alerts that became events so far.
    private var count: Int64 = 0
    private var scratch: [UInt8] = []

    init(_ program: RulesetProgram) {
        self.program = program
        encoder = EventEncoder(program.decodePlan)
        batch = EventBatch(slotCount: program.decodePlan.slotCount)
        namings =
            program.hasChains
            ? program.rules.map {
                AlertNaming(
                    rule: $0.name, partCount: $0.keyNames.count, stepCount: $0.stepNames.count,
                    isWindow: $0.window != nil)
            } : []
    }

    /// Makes the alert of a row the event of `batch`; false where no rule reads it.
    mutating func load(
        _ row: MatchBatch.Row, of matches: borrowing MatchBatch, feedNames: [[UInt8]],
        symbols: inout SymbolTable
    ) -> Bool {
        guard row.status == .open, program.rules[row.rule].chain.feeds else { return false }
        let rule = program.rules[row.rule]
        let id = namings[row.rule].id(
            of: row, in: matches, feedNames: feedNames, using: &scratch)
        var digits: [UInt8] = []
        id.append(to: &digits)
        count += 1
        batch.removeAll()
        return encoder.append(
            type: rule.name, time: row.end, id: String(decoding: digits, as: UTF8.self),
            fields: fields(of: row, rule, matches), feed: MatchBatch.alertFeed, position: -count,
            to: &batch, symbols: &symbols)
    }

    /// What every alert has, then the key, then the rule's own fields: of one name the last counts.
    private func fields(
        of row: MatchBatch.Row, _ rule: RuleProgram, _ matches: borrowing MatchBatch
    ) -> [(name: String, value: Value)] {
        var fields: [(name: String, value: Value)] = [
            ("type", .string(rule.name)), ("time", .time(row.end)),
            ("rule", .string(rule.name)), ("severity", .string(matches.text(row.severity))),
            ("tags", .list(rule.alert.tags.map(Value.string))),
            ("title", .string(matches.text(row.title))), ("start", .time(row.start)),
            ("end", .time(row.end)),
        ]
        let firstField = row.firstValue + rule.keyNames.count + rule.alert.labels.count
        for (index, name) in rule.keyNames.enumerated() {
            add(name, matches.value(row.firstValue + index), to: &fields)
        }
        for (index, field) in rule.alert.fields.enumerated() {
            add(field.name, matches.value(firstField + index), to: &fields)
        }
        return fields
    }

    private func add(
        _ name: String, _ value: Value, to fields: inout [(name: String, value: Value)]
    ) {
        if ["type", "time", "id", "rule"].contains(name) { return }
        fields.removeAll { $0.name == name }
        fields.append((name, value))
    }

    func write(to writer: inout SnapshotWriter) { writer.write(count) }

    mutating func read(_ reader: inout SnapshotReader) throws(SnapshotError) {
        count = Int64(try reader.int())
    }
}
