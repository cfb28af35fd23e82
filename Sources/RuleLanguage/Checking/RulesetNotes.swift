// SPDX-License-Identifier: Apache-2.0
// What the checker notes for editors when it is asked to. Exercised by RulesetIndexTests.

import Diagnostics
import EventModel

/// Notes of where names stand, in the order in which the checker meets them.
struct RulesetNotes {
    fileprivate var occurrences: [RulesetIndex.Occurrence] = []
    fileprivate var expressions: [(span: SourceSpan, type: FieldType)] = []
    /// Pairs of what has to have one name.
    fileprivate var links: [(RulesetIndex.Subject, RulesetIndex.Subject)] = []
}

extension RulesetChecker {
    /// Notes that a name stands here, if anybody wants to know.
    func note(
        _ subject: @autoclosure () -> RulesetIndex.Subject, at span: SourceSpan,
        declares: Bool = false
    ) {
        guard notes != nil else { return }
        notes?.occurrences.append(.init(subject: subject(), span: span, isDeclaration: declares))
    }

    func note(_ value: Typed, at span: SourceSpan) {
        guard notes != nil, !value.isErroneous else { return }
        notes?.expressions.append((span, value.type))
    }

    /// Notes that two names are the same for the same reason.
    func noteLink(
        _ a: @autoclosure () -> RulesetIndex.Subject, _ b: @autoclosure () -> RulesetIndex.Subject
    ) {
        guard notes != nil else { return }
        notes?.links.append((a(), b()))
    }

    /// Notes what a name stands for as a field of a type.
    func note(_ lookup: FieldLookup, of type: EventTypeID?, at span: SourceSpan) {
        switch lookup {
        case .field(let ref): note(.field(ref), at: span)
        case .builtIn(let builtIn): note(.builtIn(builtIn, type), at: span)
        case .refused, .computedLater, .unknown: break
        }
    }

    /// Notes the groups of a regex that fill fields.
    func noteCaptures(_ regex: SourceSpan, of id: EventTypeID, _ names: [String]) {
        guard notes != nil else { return }
        let bytes = regex.file.bytes[regex.range]
        for name in names {
            guard let index = types[id.index].fieldIndices[name] else { continue }
            for opening in ["(?<", "(?P<", "(?'"] {
                let group = Array((opening + name).utf8)
                guard let start = bytes.firstPlace(of: group) else { continue }
                let from = start + opening.utf8.count
                let span = SourceSpan(regex.file, from..<from + name.utf8.count)
                let isOwn = types[id.index].fields[index].span.range == regex.range
                note(.field(FieldRef(type: id, field: index)), at: span, declares: isOwn)
            }
        }
    }

    // MARK: the whole

    func finishedIndex() -> RulesetIndex? {
        guard let notes else { return nil }
        var index = RulesetIndex(
            occurrences: [:], expressions: [:], representatives: representatives(notes.links),
            symbols: [:], symbolNames: [], fields: allFields(),
            rules: checkedRules.map(indexed),
            ruleset: CheckedRuleset(
                eventTypes: types.map { $0.finished(fieldTypes) },
                rules: CheckedRules(checkedRules.compactMap { $0.finished(fieldTypes) }), tests: [],
                tables: tables))
        for occurrence in notes.occurrences {
            index.occurrences[ObjectIdentifier(occurrence.span.file), default: []]
                .append(occurrence)
        }
        for (file, found) in index.occurrences {
            index.occurrences[file] = RulesetChecker.ordered(found)
        }
        for (span, type) in notes.expressions {
            index.expressions[ObjectIdentifier(span.file), default: []].append(
                .init(span: span, type: fieldTypes.resolve(type)))
        }
        for name in symbolOrder { addSymbol(name, to: &index) }
        for type in types.indices where index.symbols[types[type].name] == nil {
            index.symbols[types[type].name] = .event(EventTypeID(type))
            index.symbolNames.append(types[type].name)
        }
        return index
    }

    private func addSymbol(_ name: String, to index: inout RulesetIndex) {
        switch symbols[name]?.kind {
        case .event?:
            guard let id = typeIDs[name] else { return }
            index.symbols[name] = .event(id)
        case .table?: index.symbols[name] = .table(tableIDs[name])
        case .constant(let declaration)?:
            let value = constant(declaration)
            index.symbols[name] = .constant(resolved(value), value.expr.constantValue)
        case .rule?:
            guard let number = rulesByName[name]?.number else { return }
            index.symbols[name] = .rule(number)
        case nil: return
        }
        index.symbolNames.append(name)
    }

    private func indexed(_ outline: RuleOutline) -> RulesetIndex.Rule {
        RulesetIndex.Rule(
            declaration: outline.declaration,
            steps: outline.steps.map { step in
                var type: EventTypeID?
                if case .event(let id) = step.subject { type = id }
                return .init(
                    name: step.name, eventType: type,
                    isRepeated: step.isCounted || !step.position.repeatedGroups.isEmpty,
                    span: step.span)
            },
            keys: outline.keys.map { .init(name: $0.name, type: fieldTypes.resolve($0.type)) },
            alertFields: outline.alertFields.map { field in
                let type = outline.alertFieldTypes[field.name] ?? .known(.any)
                return .init(name: field.name, type: fieldTypes.resolve(type))
            }, hasWindow: outline.window != nil)
    }

    // MARK: fields

    /// The fields of each type that may be named, its own and those that would be inherited.
    ///
    /// - Shape: a type comes behind its sources, so each is gone through once for each type that is
    ///   derived from it.
    private func allFields() -> [[RulesetIndex.Field]] {
        var all: [[RulesetIndex.Field]] = []
        for type in types {
            var fields = ownFields(type)
            var known = Set(fields.map(\.name))
            let sources = type.sources.map(\.index).filter { $0 < all.count }
            func inherit(_ field: RulesetIndex.Field) {
                guard known.insert(field.name).inserted else { return }
                var inherited = field
                inherited.origin = .inherited
                inherited.isOptional = field.isOptional || type.inheritsAny
                fields.append(inherited)
            }
            if type.inheritsAny { for source in sources { all[source].forEach(inherit) } }
            if type.inheritsAll, let first = sources.first {
                let others = sources.dropFirst().map { Set(all[$0].map(\.name)) }
                for field in all[first] where others.allSatisfy({ $0.contains(field.name) }) {
                    inherit(field)
                }
            }
            all.append(fields)
        }
        return all
    }

    /// Fields without an index stand for keys that the type lacks.
    private func ownFields(_ type: EventTypeBuilder) -> [RulesetIndex.Field] {
        type.fields.filter { type.fieldIndices[$0.name] != nil }.map { field in
            let origin: RulesetIndex.Field.Origin =
                switch field.origin {
                case .incoming: .incoming
                case .captured: .captured
                case .computed: .computed
                case .inherited: .inherited
                case .builtIn: .builtIn
                }
            return .init(
                name: field.name, type: fieldTypes.resolve(field.type),
                isOptional: field.isOptional && type.isDeclared, origin: origin)
        }
    }

    // MARK: names that go together

    private func representatives(_ noted: [(RulesetIndex.Subject, RulesetIndex.Subject)])
        -> [RulesetIndex.Subject: RulesetIndex.Subject]
    {
        var links = noted
        for (type, builder) in types.enumerated() {
            for (index, field) in builder.fields.enumerated() {
                let ref = FieldRef(type: EventTypeID(type), field: index)
                if case .inherited(let sources) = field.origin {
                    for source in sources { links.append((.field(ref), .field(source))) }
                }
            }
        }
        for (name, id) in alertTypes.sorted(by: { $0.key < $1.key }) {
            guard let rule = rulesByName[name] else { continue }
            for (index, field) in types[id.index].fields.enumerated() {
                let ref = RulesetIndex.Subject.field(FieldRef(type: id, field: index))
                if rule.alertFieldTypes[field.name] != nil {
                    links.append((ref, .alertField(rule: rule.number, field.name)))
                } else if let key = rule.keys.firstIndex(where: { $0.name == field.name }) {
                    links.append((ref, .key(rule: rule.number, key)))
                }
            }
        }
        return RulesetChecker.joined(links)
    }

    /// Each subject with the first of those that it is linked with, directly or not.
    private static func joined(_ links: [(RulesetIndex.Subject, RulesetIndex.Subject)])
        -> [RulesetIndex.Subject: RulesetIndex.Subject]
    {
        var numbers: [RulesetIndex.Subject: Int] = [:]
        var subjects: [RulesetIndex.Subject] = []
        var parents: [Int] = []
        func number(_ subject: RulesetIndex.Subject) -> Int {
            if let known = numbers[subject] { return known }
            numbers[subject] = parents.count
            subjects.append(subject)
            parents.append(parents.count)
            return parents.count - 1
        }
        func root(_ start: Int) -> Int {
            var node = start
            while parents[node] != node {
                parents[node] = parents[parents[node]]
                node = parents[node]
            }
            return node
        }
        for (a, b) in links {
            let (x, y) = (root(number(a)), root(number(b)))
            parents[max(x, y)] = min(x, y)
        }
        var result: [RulesetIndex.Subject: RulesetIndex.Subject] = [:]
        for (node, subject) in subjects.enumerated() { result[subject] = subjects[root(node)] }
        return result
    }

    /// In order of position, each once; what declares goes before what does not.
    private static func ordered(_ found: [RulesetIndex.Occurrence]) -> [RulesetIndex.Occurrence] {
        var seen: Set<Place> = []
        let sorted = found.enumerated().sorted { a, b in
            let (x, y) = (a.element, b.element)
            let (i, j) = (x.span.range, y.span.range)
            return (i.lowerBound, i.upperBound, x.isDeclaration ? 0 : 1, a.offset)
                < (j.lowerBound, j.upperBound, y.isDeclaration ? 0 : 1, b.offset)
        }
        return sorted.map(\.element).filter {
            seen.insert(Place(subject: $0.subject, range: $0.span.range)).inserted
        }
    }

    private struct Place: Hashable {
        var subject: RulesetIndex.Subject
        var range: Range<Int>
    }
}

extension ArraySlice<UInt8> {
    /// Where `part` stands first, not followed by a letter of a name.
    fileprivate func firstPlace(of part: [UInt8]) -> Int? {
        guard count > part.count else { return nil }
        for start in startIndex..<endIndex - part.count where self[start...].starts(with: part) {
            switch self[start + part.count] {
            case 48...57, 65...90, 95, 97...122: continue
            default: return start
            }
        }
        return nil
    }
}
