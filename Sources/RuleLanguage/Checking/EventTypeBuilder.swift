// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// An event type while its fields are still being found.
struct EventTypeBuilder {
    struct Field {
        var name: String
        var type: FieldType
        var isOptional: Bool
        var origin: EventType.Field.Origin
        var span: SourceSpan
    }

    let name: String
    let isDeclared: Bool
    let span: SourceSpan
    var sources: [EventTypeID] = []
    var fields: [Field] = []
    var fieldIndices: [String: Int] = [:]
    /// Any field name is accepted: an undeclared type, or a subset of one without a field list.
    var isOpen: Bool
    /// Whether fields of the sources that the field list does not name may be read.
    var inheritsAll = false
    /// Whether a field of some source may be read, missing in events of the others.
    var inheritsAny = false
    /// Part of the declaration could not be read: a field that is not known may be there.
    var isDamaged = false
    /// Fields whose declaration was refused: uses of them are not reported again.
    var refusedFields: Set<String> = []
    /// While computed fields are checked: the first of them that can't be read yet.
    var firstUnreadableField: Int?
    var patterns: [EventType.Pattern] = []
    var filter: Expr?
    var timePath: String?
    var timeFormat: String?
    var idPath: String?

    /// Fields that every line of text has, whatever feed it came from.
    static let lineFields = ["line", "host", "app", "pid", "message"]

    init(name: String, isDeclared: Bool, isOpen: Bool, span: SourceSpan) {
        self.name = name
        self.isDeclared = isDeclared
        self.isOpen = isOpen
        self.span = span
    }

    mutating func add(_ field: Field) -> Int {
        fields.append(field)
        fieldIndices[field.name] = fields.count - 1
        return fields.count - 1
    }

    func finished(_ fieldTypes: FieldTypes) -> EventType {
        EventType(
            name: name, isDeclared: isDeclared, sources: sources,
            fields: fields.map {
                EventType.Field(
                    name: $0.name, type: fieldTypes.resolve($0.type), isOptional: $0.isOptional,
                    origin: $0.origin)
            },
            patterns: patterns, filter: filter, timePath: timePath, timeFormat: timeFormat,
            idPath: idPath, span: span)
    }
}

/// What a name means as a field of an event type.
enum FieldLookup {
    case field(FieldRef)
    case builtIn(EventType.BuiltInField)
    /// Already diagnosed.
    case refused
    /// Computed, but not yet where it is read.
    case computedLater(SourceSpan)
    case unknown
}

extension RulesetChecker {
    /// The field `name` of a type; an open type gets it, a derived one inherits it.
    func field(_ name: String, of id: EventTypeID, at span: SourceSpan) -> FieldLookup {
        let type = types[id.index]
        if type.refusedFields.contains(name) { return .refused }
        if let index = type.fieldIndices[name] {
            if let first = type.firstUnreadableField, index >= first,
                case .computed = type.fields[index].origin
            {
                return .computedLater(type.fields[index].span)
            }
            return .field(FieldRef(type: id, field: index))
        }
        if let builtIn = EventType.BuiltInField(rawValue: name), !inherits(name, type) {
            return .builtIn(builtIn)
        }
        if !type.sources.isEmpty {
            let lookup = inheritedField(name, of: id, at: span)
            if case .unknown = lookup, type.isDamaged { return .refused }
            return lookup
        }
        guard type.isOpen else { return type.isDamaged ? .refused : .unknown }
        let index = types[id.index].add(
            .init(
                name: name, type: fieldTypes.makeVariable(), isOptional: true, origin: .incoming,
                span: span))
        return .field(FieldRef(type: id, field: index))
    }

    /// Whether the sources of a type declare a field of their own under a built-in name.
    private func inherits(_ name: String, _ type: EventTypeBuilder) -> Bool {
        var known: [Int: Bool] = [:]
        return inherits(name, type, &known)
    }

    /// - Parameter known: by type. A type can be reached in very many ways.
    private func inherits(
        _ name: String, _ type: EventTypeBuilder, _ known: inout [Int: Bool]
    ) -> Bool {
        guard type.inheritsAll, !type.sources.isEmpty else { return false }
        for source in type.sources {
            let type = types[source.index]
            let has: Bool
            if let index = type.fieldIndices[name] {
                if case .builtIn = type.fields[index].origin { has = false } else { has = true }
            } else if let answer = known[source.index] {
                has = answer
            } else {
                has = inherits(name, type, &known)
                known[source.index] = has
            }
            if !has { return false }
        }
        return true
    }

    /// A field that every source of a derived type has.
    private func inheritedField(_ name: String, of id: EventTypeID, at span: SourceSpan)
        -> FieldLookup
    {
        let type = types[id.index]
        let isLineField =
            EventTypeBuilder.lineFields.contains(name)
            && type.sources.allSatisfy { types[$0.index].isOpen }
        guard type.isOpen || type.inheritsAll || type.inheritsAny || isLineField else {
            return .unknown
        }
        // A type can be reached in very many ways: where it lacks the field it is asked once.
        let isOutermost = lookedThrough == nil
        if isOutermost { lookedThrough = [] }
        defer { if isOutermost { lookedThrough = nil } }
        if lookedThrough?.contains(id) ?? false { return .unknown }
        defer { if types[id.index].fieldIndices[name] == nil { lookedThrough?.insert(id) } }
        var found: [FieldRef] = []
        for source in type.sources {
            switch field(name, of: source, at: span) {
            case .field(let ref): found.append(ref)
            case .refused where !type.inheritsAny: return .refused
            case .refused, .builtIn, .computedLater, .unknown:
                if !type.inheritsAny { return .unknown }
            }
        }
        if found.isEmpty { return .unknown }
        return .field(addInherited(name, from: found, to: id, span: span))
    }

    private func addInherited(
        _ name: String, from found: [FieldRef], to id: EventTypeID, span: SourceSpan
    ) -> FieldRef {
        var type = self.field(found[0]).type
        for ref in found.dropFirst() { type = common(type, self.field(ref).type) }
        let index = types[id.index].add(
            .init(
                name: name, type: type,
                isOptional: found.contains { self.field($0).isOptional },
                origin: .inherited(found), span: span))
        return FieldRef(type: id, field: index)
    }

    /// The type of a field that sources give with these types; any where they differ.
    private func common(_ a: FieldType, _ b: FieldType) -> FieldType {
        if case .variable(let x) = a, case .variable(let y) = b {
            return fieldTypes.join(x, y) == nil ? a : .known(.any)
        }
        let types = (fieldTypes.resolve(a), fieldTypes.resolve(b))
        if types.0 != types.1, types.0.isNumeric, types.1.isNumeric { return .known(.number) }
        return .known(types.0.joined(with: types.1) ?? .any)
    }

    func field(_ ref: FieldRef) -> EventTypeBuilder.Field {
        types[ref.type.index].fields[ref.field]
    }

    /// A reference to a field for places that can't take `time`, `id` and `type` otherwise.
    func reference(to builtIn: EventType.BuiltInField, of id: EventTypeID, at span: SourceSpan)
        -> FieldRef
    {
        let name = builtIn.rawValue
        if let index = types[id.index].fieldIndices[name] {
            return FieldRef(type: id, field: index)
        }
        let index = types[id.index].add(
            .init(
                name: name, type: .known(builtIn.valueType), isOptional: false,
                origin: .builtIn(builtIn), span: span))
        return FieldRef(type: id, field: index)
    }

    /// The names that may be written as fields of a type, as far as they are known.
    func fieldNames(of id: EventTypeID) -> [String] {
        var known: [EventTypeID: [String]] = [:]
        return fieldNames(of: id, &known)
    }

    private func fieldNames(
        of id: EventTypeID, _ known: inout [EventTypeID: [String]]
    ) -> [String] {
        if let names = known[id] { return names }
        let names = namesOfFields(of: id, &known)
        known[id] = names
        return names
    }

    private func namesOfFields(
        of id: EventTypeID, _ known: inout [EventTypeID: [String]]
    ) -> [String] {
        let type = types[id.index]
        // Fields without an index stand for keys that the type lacks.
        var names = type.fields.map(\.name).filter { type.fieldIndices[$0] != nil }
        if type.inheritsAny {
            var found = Set(names)
            for name in type.sources.flatMap({ fieldNames(of: $0, &known) }) {
                if found.insert(name).inserted { names.append(name) }
            }
        }
        if type.inheritsAll, let first = type.sources.first {
            let others = type.sources.dropFirst().map { Set(fieldNames(of: $0, &known)) }
            let own = Set(names)
            names += fieldNames(of: first, &known).filter { name in
                !own.contains(name) && others.allSatisfy { $0.contains(name) }
            }
        }
        return names
    }
}

extension EventType.BuiltInField {
    var valueType: ValueType {
        switch self {
        case .time: .time
        case .id, .type: .string
        }
    }
}
