// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel
internal import MatchCore

/// The alerts of one of the rulesets, taken out of its matches as they come.
final class ComparedAlerts {
    private var writer: AlertWriter
    private let program: RulesetProgram
    private let feedNames: [String]
    /// By the number of the rule in the program, its number among those compared.
    private let numbers: [Int]
    /// By the number of the rule, a JSON array.
    private let tags: [String]
    private(set) var alerts: [ComparedAlert] = []

    init(_ program: RulesetProgram, feedNames: [String], numbers: [Int]) {
        writer = AlertWriter(format: .jsonLines, program: program, feedNames: feedNames)
        self.program = program
        self.feedNames = feedNames
        self.numbers = numbers
        tags = program.rules.map { rule in
            "[\(rule.alert.tags.map { Value.string($0).json }.joined(separator: ","))]"
        }
    }

    /// Hands out those since the last call.
    func take() -> [ComparedAlert] {
        defer { alerts.removeAll(keepingCapacity: true) }
        return alerts
    }

    func append(_ batch: MatchBatch, _ index: Int) {
        let row = batch.rows[index]
        let rule = program.rules[row.rule]
        writer.prepare(row.rule)
        let pieces = writer.pieces[row.rule]
        let labels = row.firstValue + pieces.key.count
        let fields = labels + pieces.labels.count
        var json: [UInt8] = []
        writer.append(batch, index, to: &json)
        json.removeLast()
        var severity = batch.text(row.severity)
        if !AlertWriter.severities.contains(severity) { severity = AlertWriter.severities[2] }
        alerts.append(
            ComparedAlert(
                rule: numbers[row.rule],
                key: object(pieces.key, row.firstValue, of: batch),
                keyText: keyText(row, rule, of: batch),
                labels: object(pieces.labels, labels, of: batch),
                fields: object(pieces.fields, fields, of: batch),
                tags: tags[row.rule],
                isResolution: row.status == .resolved, moment: row.moment, start: row.start,
                end: row.end, severity: severity, title: batch.text(row.title),
                suppressed: row.suppressed, limited: row.limited, excepted: row.excepted,
                events: batch.events[row.events].map { event in
                    ComparedAlert.BoundEvent(
                        step: rule.stepNames[event.step], name: name(of: event, in: batch))
                },
                eventCount: max(row.eventCount, row.events.count), isWindow: rule.window != nil,
                json: String(decoding: json, as: UTF8.self)))
    }

    private func keyText(
        _ row: MatchBatch.Row, _ rule: RuleProgram, of batch: MatchBatch
    ) -> String {
        rule.keyNames.enumerated().map { index, name in
            let value = batch.value(row.firstValue + index)
            return "\(name)=\(value.isMissing ? "(missing)" : value.displayText)"
        }.joined(separator: " ")
    }

    private func object(_ names: [[UInt8]], _ first: Int, of batch: MatchBatch) -> String {
        var bytes: [UInt8] = []
        writer.appendObject(names, first, of: batch, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The rulesets may disagree about which field holds the id, but not about the place.
    private func name(of event: MatchBatch.EventRow, in batch: MatchBatch) -> String {
        if event.isAlert, let id = event.givenID { return batch.text(id) }
        let feed = Int(event.feed)
        let name = feedNames.indices.contains(feed) ? feedNames[feed] : "feed \(feed)"
        return "\(name):\(event.position)"
    }
}
