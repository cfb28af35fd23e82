// SPDX-License-Identifier: Apache-2.0
// `keys from TABLE`: the table has to hold the rule's keys, and the pattern to begin with a step of
// one event, for which the table then stands.

import Diagnostics
import EventModel

extension RulesetChecker {
    /// "keys" "from" TABLE
    func checkKeysFrom(_ name: Name, _ clause: Clause, _ rule: RuleOutline) {
        note(.symbol(name.text), at: name.span)
        guard let table = tableIDs[name.text] else {
            // A table with a mistake has been reported where it is declared.
            if case .table? = symbols[name.text]?.kind { return }
            return reportUnknown(
                .unknownTable, "there is no table `\(name.text)`", name,
                among: tables.map(\.name))
        }
        usedNames.insert(name.text)
        guard !rule.isBroken, holdsKeys(of: rule, table, name), let pattern = rule.pattern
        else { return }
        if pattern.leadingAbsence != nil {
            report(
                .idleKeysFrom,
                "`keys from` changes nothing in a pattern that begins with an absence",
                at: clause.span.firstLine,
                label: "every key counts as watched since the rule began to watch",
                notes: [
                    .init("begin with the event that a key is heard of by: `a then no a for 1d`")
                ])
            return
        }
        if let refusal = refusal(of: pattern.body) {
            report(
                .keysFromPattern, "`keys from` can't begin this pattern: \(refusal.reason)",
                at: clause.span.firstLine, label: refusal.repair,
                notes: rule.steps.first.map { [.init("it begins here", at: $0.span)] } ?? [])
            return
        }
        rule.keysFrom = table
    }

    /// Whether the keys of the table can be keys of the rule; reported.
    private func holdsKeys(of rule: RuleOutline, _ table: TableID, _ name: Name) -> Bool {
        let column = tables[table.index].contents.columns[tables[table.index].contents.keyColumn]
        let declared = Diagnostic.Note(
            "its key, `\(column.name)`, is declared here", at: tables[table.index].span)
        guard rule.keys.count == 1 else {
            report(
                .keysFromKey,
                rule.keys.isEmpty
                    ? "`keys from` needs a rule with a key"
                    : "the rule's key has \(rule.keys.count) parts, and `\(name.text)` has one",
                at: name.span,
                label: rule.keys.isEmpty
                    ? "write `by` and the field whose values `\(name.text)` holds"
                    : "only a rule `by` one field can take its keys from a table",
                notes: [declared])
            return false
        }
        if column.type == .network {
            report(
                .keysFromKey, "`\(name.text)` holds networks, which are no single keys",
                at: name.span, label: "a table of addresses would do", notes: [declared])
            return false
        }
        // Where no event has the key there is another report.
        guard rule.keys[0].holderCount > 0 else { return false }
        guard let span = rule.keys[0].typeSpan else {
            return isFound(column.type, as: rule.keys[0].path.text, name, declared)
        }
        let key = Typed(.key(0), rule.keys[0].type, span)
        let cell = Typed(.constant(.missing), .known(column.type), name.span)
        switch relate(key, cell) {
        case .refused: return false
        case .fits: return true
        case .mismatch: break
        }
        var notes = [Diagnostic.Note("here it is \(resolved(key).article)", at: span), declared]
        if let line = column.firstTextLine {
            notes.append(.init("line \(line) of its file makes `\(column.name)` a text"))
        }
        report(
            .keyTypes,
            "the key `\(rule.keys[0].name)` is \(resolved(key).article), and the keys of "
                + "`\(name.text)` are each \(column.type.article)", at: name.span,
            label: "here it is \(column.type.article)", notes: notes)
        return false
    }

    /// Whether `any event`, which takes the key as each event has it, can have one of a type;
    /// reported.
    private func isFound(
        _ type: ValueType, as field: String, _ table: Name, _ declared: Diagnostic.Note
    ) -> Bool {
        switch type {
        case .ip, .time, .duration: break
        default: return true
        }
        let isDeclared = types.contains { event in
            event.fieldIndices[field].map { fieldTypes.resolve(event.fields[$0].type) == type }
                ?? false
        }
        if isDeclared { return true }
        report(
            .keyTypes,
            "the keys of `\(table.text)` are each \(type.article), and `any event` has `\(field)` "
                + "as it came in: a text", at: table.span,
            label: "declare the events that have it: `event NAME { \(field): \(type) }`",
            notes: [declared])
        return false
    }

    /// Why no made-up event can stand for the first line of a pattern; nil: one can.
    private func refusal(of body: Pattern.Sequence) -> (reason: String, repair: String)? {
        switch body.lines[0].element {
        case .group, .allOf, .anyOf:
            return (
                "its first line is of several",
                "begin with one step; `event x from a, b` makes one of two types"
            )
        case .absence: return nil
        case .step(let step):
            guard step.count.minimum == 1, step.count.maximum == 1 else {
                return (
                    "its first line can bind another number of events than one",
                    "begin with a step without a count"
                )
            }
        }
        let needsMore = body.lines.dropFirst().contains { line in
            switch line.element {
            case .step(let step): step.count.minimum > 0
            case .group(let group): group.count.minimum > 0
            case .allOf, .anyOf, .absence: true
            }
        }
        if needsMore { return nil }
        return (
            "it would be complete at once", "say what must or must not follow: `then no a for 5m`"
        )
    }
}
