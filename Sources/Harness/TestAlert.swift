// SPDX-License-Identifier: Apache-2.0

internal import Automata
package import EventModel
internal import MatchCore

/// An alert as a test sees it.
package struct TestAlert: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: Value
    }

    package var rule: String
    package var key: [Field]
    package var start: StreamTime
    package var end: StreamTime
    /// When it came out: its end or, of a notice, the time at which the alert was resolved.
    package var moment: StreamTime
    /// Whether it is the notice that an alert is resolved.
    package var isResolved: Bool
    package var suppressed: Int
    package var limited: Int
    package var excepted: Int
    package var severity: String
    package var title: String
    package var fields: [Field]
    package var labels: [Field]
    /// For each step the events it bound, as numbered in the run.
    package var bound: [[Int64]]
    package var eventCount: Int

    init(_ match: Match, of rule: RuleProgram) {
        self.rule = rule.name
        key = zip(rule.keyNames, match.key).map { Field(name: $0, value: $1) }
        start = match.start
        end = match.end
        moment = match.moment
        isResolved = match.status == .resolved
        suppressed = match.suppressed
        limited = match.limited
        excepted = match.excepted
        severity = match.severity
        title = match.title
        fields = match.fields.map { Field(name: $0.name, value: $0.value) }
        labels = match.labels.map { Field(name: $0.name, value: $0.value) }
        bound = match.steps.map { $0.map(\.position) }
        eventCount = match.eventCount
    }

    /// What `name` means in an `expect`: a field of the alert, a part of the key, a label, then
    /// what every alert has. Nil where it has nothing of that name.
    package func value(named name: String) -> Value? {
        let own = [fields, key, labels].lazy.compactMap { list in
            list.first { $0.name == name }?.value
        }
        if let value = own.first { return value }
        switch name {
        case "rule": return .string(rule)
        case "severity": return .string(severity)
        case "title": return .string(title)
        case "start": return .time(start)
        case "end": return .time(end)
        case "count": return .int(Int64(eventCount))
        case "status": return .string(isResolved ? "resolved" : "open")
        case "suppressed": return .int(Int64(suppressed))
        case "limited": return .int(Int64(limited))
        case "excepted": return .int(Int64(excepted))
        default:
            guard name.hasPrefix("labels.") else { return nil }
            return labels.first { $0.name == name.dropFirst("labels.".count) }?.value
        }
    }
}

extension Value {
    /// Whether an alert that has this value is what a test that names `expected` wants.
    ///
    /// Equal as in rules; an address or network also equals its text, as events carry it so.
    func fits(_ expected: Value) -> Bool {
        switch (self, expected) {
        case (.missing, .missing): true
        case (.ip(let address), .string(let text)), (.string(let text), .ip(let address)):
            IPAddress(text) == address
        default: ValueOperations.equal(self, expected) == true
        }
    }
}
