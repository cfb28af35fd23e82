// SPDX-License-Identifier: Apache-2.0
// Keys: which field of which event type holds each part, and the routes by which events come in.

import Diagnostics
import EventModel

extension RulesetChecker {
    /// `by a.x = b.y, tenant`.
    func declareKeys(
        _ paths: [[Path]], _ rule: RuleOutline, _ when: WhenSyntax?, _ clauses: [Clause]
    ) {
        let events = eventNames(when, clauses)
        for alternatives in paths {
            guard let first = alternatives.first else { continue }
            var typed: [String: Path] = [:]
            var key = first
            for (index, path) in alternatives.enumerated() {
                guard alternatives.count > 1, path.parts.count > 1 || index > 0 else { continue }
                guard let type = keyType(path, isFirst: index == 0, events, rule) else { continue }
                let field = Path(
                    parts: Array(path.parts.dropFirst()),
                    span: path.parts[1].span.joined(path.span))
                typed[type] = field
                if index == 0 { key = field }
            }
            addKey(key, typed, first.span, rule)
        }
    }

    private func addKey(
        _ path: Path, _ typed: [String: Path], _ span: SourceSpan, _ rule: RuleOutline
    ) {
        if let same = rule.keys.first(where: { $0.name == path.text }) {
            report(
                .duplicateField, "`\(path.text)` is in the key twice", at: span,
                notes: [.init("first named here", at: same.span)])
            return
        }
        if typed.isEmpty { note(.key(rule: rule.number, rule.keys.count), at: span) }
        rule.keys.append(
            .init(
                name: path.text, type: .known(.any), span: span, path: path, typedPaths: typed))
    }

    /// The event type that a path of `a.x = b.y` names; nil where it names none.
    private func keyType(
        _ path: Path, isFirst: Bool, _ events: [String], _ rule: RuleOutline
    ) -> String? {
        let head = path.parts[0]
        if path.parts.count > 1, events.contains(head.text) {
            note(.symbol(head.text), at: head.span)
            return head.text
        }
        let isType = typeIDs[head.text] != nil && path.parts.count > 1
        if (isFirst && !isType) || rule.isBroken { return nil }
        reportUnknown(
            .keyTypeAbsent,
            isType
                ? "the rule `\(rule.name)` does not use `\(head.text)`"
                : "`\(path.text)` does not name an event type of this rule", head, among: events,
            otherwise: "begin with one of " + events.joined(separator: ", "))
        return nil
    }

    /// The names of all event types in a rule, in the order in which they are written.
    private func eventNames(_ when: WhenSyntax?, _ clauses: [Clause]) -> [String] {
        var names: [String] = []
        func add(_ event: EventRefSyntax) {
            if event.kind == .named, !names.contains(event.name.text) {
                names.append(event.name.text)
            }
        }
        func walk(_ sequence: SequenceSyntax) {
            for line in sequence.lines {
                switch line.kind {
                case .step(_, let step): add(step.event)
                case .group(_, let group): walk(group.body)
                case .allOf(_, let branches), .anyOf(_, let branches):
                    branches.branches.forEach(walk)
                case .absence(_, let absence): add(absence.filter.event)
                case .butNo(let filter), .butNotNext(let filter), .until(let filter):
                    add(filter.event)
                case .unexpected: break
                }
            }
        }
        if let when { walk(when.sequence) }
        for clause in clauses {
            switch clause.kind {
            case .resetOn(let filter), .resolveOn(let filter, _): add(filter.event)
            default: break
            }
        }
        return names
    }

    /// The route of a filter: its type, and the fields that hold the key.
    func route(_ event: EventRefSyntax, _ subject: Scope.Subject, by: [Path], _ rule: RuleOutline)
        -> Int?
    {
        if !by.isEmpty, by.count != rule.keys.count {
            let span = by[0].span.joined(by[by.count - 1].span)
            let count = rule.keys.count
            report(
                .keyFieldCount,
                count == 0
                    ? "the rule has no key, so a step has none either"
                    : "the rule's key has \(count) part\(count == 1 ? "" : "s"), this names "
                        + "\(by.count)", at: span,
                label: "",
                notes: rule.keys.first.map { [.init("the key is here", at: $0.span)] } ?? [])
            return nil
        }
        switch subject {
        case .unknown, .none: return nil
        case .anyEvent:
            let names = rule.keys.indices.map { by.isEmpty ? rule.keys[$0].path.text : by[$0].text }
            for index in rule.keys.indices { rule.keys[index].holderCount += 1 }
            return rule.route(.init(type: nil, fields: [], fieldNames: names))
        case .event(let type):
            var fields: [FieldRef] = []
            for index in rule.keys.indices {
                let typed = rule.keys[index].typedPaths[event.name.text]
                let explicit = by.isEmpty ? typed : by[index]
                guard let ref = keyField(index, type, explicit, event.name.span, rule) else {
                    return nil
                }
                fields.append(ref)
            }
            return rule.route(.init(type: type, fields: fields, fieldNames: []))
        }
    }

    /// The field of a type that holds a part of the key; nil, reported, where an explicit path is
    /// wrong. A type without the field gets one that is always missing: its events stay outside.
    private func keyField(
        _ index: Int, _ type: EventTypeID, _ explicit: Path?, _ span: SourceSpan,
        _ rule: RuleOutline
    ) -> FieldRef? {
        let path = explicit ?? rule.keys[index].path
        let ref: FieldRef
        let lookup = field(path.text, of: type, at: path.span)
        if explicit != nil { note(lookup, of: type, at: path.span) }
        if case .field(let ref) = lookup, path.text == rule.keys[index].name {
            noteLink(.key(rule: rule.number, index), .field(ref))
        }
        switch lookup {
        case .field(let found): ref = found
        case .builtIn(let builtIn): ref = reference(to: builtIn, of: type, at: path.span)
        case .refused, .computedLater: return nil
        case .unknown:
            if explicit != nil {
                rule.keys[index].holderCount += 1
                let isNew = !diagnostics.contains {
                    $0.code == DiagnosticCode.unknownField.rawValue
                        && $0.span.file === path.span.file && $0.span.range == path.span.range
                }
                if isNew { reportUnknownField(path.text, path.span, of: type) }
                return nil
            }
            rule.keys[index].lacking.append((type, span))
            return missingField(path.text, of: type, at: span)
        }
        rule.keys[index].holderCount += 1
        return takeKeyType(ref, index, explicit?.span ?? span, rule) ? ref : nil
    }

    private func missingField(_ name: String, of id: EventTypeID, at span: SourceSpan) -> FieldRef {
        let known = types[id.index].fields.firstIndex {
            if case .computed(.constant(.missing)) = $0.origin { $0.name == name } else { false }
        }
        if let known { return FieldRef(type: id, field: known) }
        types[id.index].fields.append(
            .init(
                name: name, type: .known(.any), isOptional: true,
                origin: .computed(.constant(.missing)), span: span))
        return FieldRef(type: id, field: types[id.index].fields.count - 1)
    }

    private func takeKeyType(
        _ ref: FieldRef, _ index: Int, _ span: SourceSpan, _ rule: RuleOutline
    ) -> Bool {
        var type = field(ref).type
        if case .known(.list(let element)) = type { type = .known(element) }
        guard let firstSpan = rule.keys[index].typeSpan else {
            rule.keys[index].type = type
            rule.keys[index].typeSpan = span
            return true
        }
        let key = Typed(.key(index), rule.keys[index].type, firstSpan)
        let part = Typed(.field(ref), type, span)
        switch relate(key, part) {
        case .refused: return false
        case .mismatch:
            report(
                .keyTypes,
                "the key `\(rule.keys[index].name)` is \(resolved(key).article) in one type and "
                    + "\(resolved(part).article) in another", at: span,
                label: "here it is \(resolved(part).article)",
                notes: [.init("here it is \(resolved(key).article)", at: firstSpan)])
            return false
        case .fits: break
        }
        if case .known(let known) = rule.keys[index].type {
            rule.keys[index].type = .known(known.joined(with: resolved(part)) ?? known)
        }
        return true
    }

    /// After all filters are known: a key that no type has, and types that lack one.
    func finishKeys(_ rule: RuleOutline) {
        for key in rule.keys where !rule.isBroken {
            if key.holderCount == 0, let first = key.lacking.first {
                let head = key.path.parts[0].text
                let namesType = key.path.parts.count > 1 && head == types[first.type.index].name
                let field = key.path.parts.dropFirst().map(\.text).joined(separator: ".")
                reportUnknown(
                    .keyNowhere, "no event type of this rule has a field `\(key.path.text)`",
                    Name(key.path.text, key.path.span), among: fieldNames(of: first.type),
                    otherwise: namesType
                        ? "write `\(field)`: a type is named only in `by a.x = b.y`" : "",
                    notes: [fieldsNote(of: first.type)])
                continue
            }
            var seen: Set<EventTypeID> = []
            for (type, span) in key.lacking where seen.insert(type).inserted {
                let name = types[type.index].name
                report(
                    .keyFieldLacking,
                    "`\(name)` has no field `\(key.path.text)`, so none of its events is ever "
                        + "in this rule's input", at: span, label: "keyed by a missing field",
                    notes: [
                        fieldsNote(of: type),
                        .init("the key is here", at: key.span),
                    ])
            }
        }
    }
}
