// SPDX-License-Identifier: Apache-2.0
// Event declarations to event types: sources before what is derived from them, then fields,
// patterns, computed fields and the filter.

import Diagnostics
import EventModel
import TextMatching

extension RulesetChecker {
    func declareEventTypes() {
        for name in symbolOrder {
            if case .event(let declaration)? = symbols[name]?.kind { _ = eventType(declaration) }
        }
    }

    /// The type that a declaration gives, made on first use; nil inside a circle.
    private func eventType(_ declaration: EventDeclaration) -> EventTypeID? {
        let name = declaration.name.text
        if let known = typeIDs[name] { return known }
        if let start = typesUnderWay.firstIndex(of: name) {
            let circle = (typesUnderWay[start...] + [name]).map { "`\($0)`" }
            report(
                .eventCircle, "`\(name)` comes from itself", at: declaration.name.span,
                notes: [.init("the circle: " + circle.joined(separator: " → "))])
            return nil
        }
        guard typesUnderWay.count < RulesetChecker.chainCap else {
            report(
                .eventCircle, "`\(name)` is too far down a chain of event types",
                at: declaration.name.span,
                label: "at most \(RulesetChecker.chainCap) come from one another")
            return nil
        }
        typesUnderWay.append(name)
        let sources = declaration.sources.map(sourceType)
        typesUnderWay.removeLast()
        return declareType(declaration, sources: sources)
    }

    private func declareType(_ declaration: EventDeclaration, sources: [EventTypeID?])
        -> EventTypeID
    {
        let id = EventTypeID(types.count)
        let known = sources.compactMap { $0 }
        let listsFields = declaration.items.contains {
            switch $0 {
            case .field(_, _, _, computed: nil, _), .matches: true
            default: false
            }
        }
        var type = EventTypeBuilder(
            name: declaration.name.text, isDeclared: true, isOpen: false,
            span: declaration.name.span)
        type.sources = known
        type.isDamaged = hasSyntaxError(declaration.span)
        if known.count < declaration.sources.count {
            type.isOpen = true  // a source is not known: do not complain about its fields
            if known.isEmpty { type.sources = [] }
        } else if !known.isEmpty, !listsFields {
            type.isOpen = known.allSatisfy { types[$0.index].isOpen }
        }
        let fromDeclared = known.allSatisfy { !types[$0.index].isOpen }
        type.inheritsAll = !listsFields || (known.count == 1 && fromDeclared)
        types.append(type)
        typeIDs[declaration.name.text] = id
        addItems(declaration, to: id)
        return id
    }

    private func sourceType(_ name: Name) -> EventTypeID? {
        usedNames.insert(name.text)
        note(.symbol(name.text), at: name.span)
        switch symbols[name.text]?.kind {
        case .event(let declaration)?: return eventType(declaration)
        case .table?, .constant?, .rule?:
            reportNotAnEvent(name)
            return nil
        case nil:
            return undeclaredType(name)
        }
    }

    func reportNotAnEvent(_ name: Name) {
        guard let symbol = symbols[name.text] else { return }
        let kind =
            switch symbol.kind {
            case .table: "a table"
            case .constant: "a constant"
            case .rule: "a rule"
            case .event: "an event type"
            }
        report(
            .notAnEvent, "`\(name.text)` is \(kind), not an event type", at: name.span,
            notes: [.init("declared here", at: symbol.name.span)])
    }

    /// The implied type of a name that no declaration gives; nil where it looks like a slip of one
    /// that does.
    func undeclaredType(_ name: Name) -> EventTypeID? {
        if let known = typeIDs[name.text] { return known }
        if name.text.isEmpty { return nil }
        let declared = names { if case .event = $0 { true } else { false } }
        if let near = nearMiss(name.text, among: declared) {
            report(
                .unknownEvent, "there is no event type `\(name.text)`", at: name.span,
                label: "did you mean `\(near)`?",
                notes: symbols[near].map { [.init("`\(near)` is declared here", at: $0.name.span)] }
                    ?? [], fix: near)
            usedNames.insert(near)
            return nil
        }
        let id = EventTypeID(types.count)
        types.append(
            EventTypeBuilder(name: name.text, isDeclared: false, isOpen: true, span: name.span))
        typeIDs[name.text] = id
        return id
    }

    /// A declared name that differs by one letter only: an undeclared type of such a name is more
    /// likely a slip than meant. Names that differ in a digit are taken as meant.
    private func nearMiss(_ name: String, among declared: [String]) -> String? {
        guard name.utf8.count >= 4, let near = Spelling.closest(to: name, among: declared) else {
            return nil
        }
        let (a, b) = (Array(name.unicodeScalars), Array(near.unicodeScalars))
        guard abs(a.count - b.count) <= 1 else { return nil }
        let head = zip(a, b).prefix { $0 == $1 }.count
        let restLength = min(a.count, b.count) - head
        let tail = min(restLength, zip(a.reversed(), b.reversed()).prefix { $0 == $1 }.count)
        let middle = (a[head..<a.count - tail], b[head..<b.count - tail])
        let isSwap = middle.0.count == 2 && Array(middle.0.reversed()) == Array(middle.1)
        guard isSwap || max(middle.0.count, middle.1.count) <= 1 else { return nil }
        let digits = (middle.0 + middle.1).contains { ("0"..."9").contains($0) }
        return digits ? nil : near
    }

    // MARK: items

    private func addItems(_ declaration: EventDeclaration, to id: EventTypeID) {
        let captures = captureNames(declaration.items)
        for item in declaration.items {
            if case .field(let name, let syntax, let optional, let computed, _) = item {
                addField(
                    name, syntax, optional: optional, computed: computed, captures: captures,
                    to: id)
            }
        }
        for item in declaration.items {
            if case .matches(let path, let regex, _) = item { addPattern(path, regex, to: id) }
        }
        checkComputed(declaration.items, of: id)
        addTimeAndID(declaration.items, to: id)
        if let filter = declaration.filter {
            types[id.index].filter = condition(
                filter, Scope(place: .declaration, subject: .event(id)))
            noteCondition(types[id.index].filter, filter)
        }
    }

    /// The names that the regexes of a declaration capture, with the pattern that does.
    private func captureNames(_ items: [EventItem]) -> [String: Int] {
        var names: [String: Int] = [:]
        var pattern = 0
        for case .matches(_, let regex, _) in items {
            guard let compiled = compiledRegex(regex) else { continue }
            for name in compiled.captureNames where names[name] == nil { names[name] = pattern }
            pattern += 1
        }
        return names
    }

    private func compiledRegex(_ literal: Spanned<RegexLiteral>) -> Regex? {
        try? Regex(pattern: literal.value.pattern, flags: literal.value.flags)
    }

    private func addField(
        _ name: Path, _ syntax: TypeSyntax, optional: Bool, computed: ExprSyntax?,
        captures: [String: Int], to id: EventTypeID
    ) {
        let text = name.text
        if let index = types[id.index].fieldIndices[text] {
            report(
                .duplicateField, "`\(types[id.index].name)` has the field `\(text)` twice",
                at: name.span,
                notes: [.init("first declared here", at: types[id.index].fields[index].span)])
            return
        }
        let type = valueType(syntax)
        var field = EventTypeBuilder.Field(
            name: text, type: .known(type), isOptional: optional, origin: .incoming,
            span: name.span)
        if computed != nil {
            field.origin = .computed(.constant(.missing))
        } else if let pattern = captures[text] {
            field.origin = .captured(pattern: pattern, group: text)
            if case .list = type {
                report(
                    .captureType, "a capture can't fill the list `\(text)`", at: name.span,
                    label: "a capture is one text")
            }
        } else if text == "time", type == .time {
            field.origin = .builtIn(.time)
        } else if !types[id.index].sources.isEmpty {
            guard let refs = declaredInheritance(name, type, of: id) else {
                types[id.index].refusedFields.insert(text)
                return
            }
            field.origin = .inherited(refs)
            if refs.count < types[id.index].sources.count { field.isOptional = true }
        }
        let index = types[id.index].add(field)
        note(.field(FieldRef(type: id, field: index)), at: name.span, declares: true)
    }

    /// The fields of the sources that a declared field of a derived type takes; nil, reported,
    /// where no source has one.
    private func declaredInheritance(_ name: Path, _ type: ValueType, of id: EventTypeID)
        -> [FieldRef]?
    {
        let sources = types[id.index].sources
        var refs: [FieldRef] = []
        var isRefused = types[id.index].isOpen
        for source in sources {
            switch field(name.text, of: source, at: name.span) {
            case .field(let ref):
                refs.append(ref)
                if case .variable(let variable) = self.field(ref).type {
                    fieldTypes.suggest(variable, type, at: name.span)
                } else {
                    compare(name, type, with: self.field(ref), of: source)
                }
            case .builtIn(let builtIn):
                refs.append(reference(to: builtIn, of: source, at: name.span))
            case .refused: isRefused = true
            case .computedLater, .unknown: break
            }
        }
        if refs.isEmpty, !isRefused {
            let known = sources.flatMap { fieldNames(of: $0) }
            reportUnknown(
                .unknownField, "no source of `\(types[id.index].name)` has a field `\(name.text)`",
                Name(name.text, name.span), among: known,
                notes: sources.map { fieldsNote(of: $0) })
        }
        return refs.isEmpty ? nil : refs
    }

    /// A field of a derived type holds what its source's does.
    private func compare(
        _ name: Path, _ type: ValueType, with inherited: EventTypeBuilder.Field,
        of source: EventTypeID
    ) {
        let given = fieldTypes.resolve(inherited.type)
        guard given.joined(with: type) == nil else { return }
        report(
            .inheritedType,
            "`\(name.text)` is declared as \(type), but `\(types[source.index].name)` has it as "
                + "\(given)", at: name.span, label: "write `\(name.text): \(given)`",
            notes: [.init("the source", at: inherited.span)])
    }

    private func addPattern(
        _ path: Path, _ regex: Spanned<RegexLiteral>, to id: EventTypeID
    ) {
        guard let compiled = compile(regex) else { return }
        guard let subject = patternSubject(path, of: id) else { return }
        let index = types[id.index].patterns.count
        types[id.index].patterns.append(.init(subject: subject, regex: regex.value))
        for name in compiled.captureNames where types[id.index].fieldIndices[name] == nil {
            _ = types[id.index].add(
                .init(
                    name: name, type: .known(.string), isOptional: true,
                    origin: .captured(pattern: index, group: name), span: regex.span))
        }
        noteCaptures(regex.span, of: id, compiled.captureNames)
    }

    private func patternSubject(_ path: Path, of id: EventTypeID) -> FieldRef? {
        var lookup = field(path.text, of: id, at: path.span)
        note(lookup, of: id, at: path.span)
        if case .unknown = lookup, types[id.index].sources.isEmpty {
            let index = types[id.index].add(
                .init(
                    name: path.text, type: .known(.string), isOptional: true, origin: .incoming,
                    span: path.span))
            note(.field(FieldRef(type: id, field: index)), at: path.span)
            return FieldRef(type: id, field: index)
        }
        if case .builtIn(let builtIn) = lookup {
            lookup = .field(reference(to: builtIn, of: id, at: path.span))
        }
        guard case .field(let ref) = lookup else {
            if case .unknown = lookup { reportUnknownField(path.text, path.span, of: id) }
            return nil
        }
        if case .computed = field(ref).origin {
            report(
                .patternOnComputed, "a pattern can't read the computed field `\(path.text)`",
                at: path.span, label: "patterns are matched before fields are computed",
                notes: [.init("computed here", at: field(ref).span)])
            return nil
        }
        let typed = Typed(.field(ref), field(ref).type, path.span)
        return expect(typed, .string, "`matches` takes a text") ? ref : nil
    }

    private func checkComputed(_ items: [EventItem], of id: EventTypeID) {
        for case .field(let name, _, _, let computed?, _) in items {
            guard let index = types[id.index].fieldIndices[name.text],
                case .known(let declared) = types[id.index].fields[index].type
            else { continue }
            types[id.index].firstUnreadableField = index
            let value = check(computed, Scope(place: .declaration, subject: .event(id)))
            types[id.index].firstUnreadableField = nil
            if !accepts(declared, value) {
                report(
                    .computedType,
                    "`\(name.text)` is declared as \(declared), but computed as \(describe(value))",
                    at: computed.span, label: "this is \(describe(value))",
                    notes: [.init("declared here", at: name.span)])
            }
            types[id.index].fields[index].origin = .computed(value.expr)
            types[id.index].fields[index].isOptional = true
        }
    }

    private func addTimeAndID(_ items: [EventItem], to id: EventTypeID) {
        for item in items {
            switch item {
            case .time(let path, let format, let span):
                if types[id.index].timePath != nil {
                    report(.duplicateItem, "`time` is given twice", at: span)
                }
                if let format, TimeFormat(format.value) == nil {
                    report(
                        .badTimeFormat, "`\(format.value)` is no format of times", at: format.span,
                        label: "write `s`, `ms`, `us`, `ns`, `rfc3339`, or a pattern of `%Y %m %d`…"
                    )
                }
                noteIncoming(path, of: id)
                types[id.index].timePath = path.text
                types[id.index].timeFormat = format?.value
            case .id(let path, let span):
                if types[id.index].idPath != nil {
                    report(.duplicateItem, "`id` is given twice", at: span)
                }
                noteIncoming(path, of: id)
                types[id.index].idPath = path.text
            case .field, .matches: break
            }
        }
    }

    /// A path into what comes in is the field of that name, if there is one.
    private func noteIncoming(_ path: Path, of id: EventTypeID) {
        guard let index = types[id.index].fieldIndices[path.text],
            case .incoming = types[id.index].fields[index].origin
        else { return }
        note(.field(FieldRef(type: id, field: index)), at: path.span)
    }

    /// Whether a value fits a field declared with `type`.
    private func accepts(_ type: ValueType, _ value: Typed) -> Bool {
        let actual = resolved(value)
        if actual.isOpen || type.isOpen || actual == type { return true }
        switch (type, actual) {
        case (.float, .int), (.float, .number), (.int, .number), (.string, .enumeration),
            (.enumeration, .string):
            return true
        case (.list(let a), .list(let b)):
            return b.isOpen || a == b || (a == .string && b.isText)
        case (.enumeration(let wanted), .enumeration(let given)):
            return given.allSatisfy(wanted.contains)
        default: return false
        }
    }

    // MARK: types

    static let typeNames: [(name: String, type: ValueType)] = [
        ("bool", .bool), ("int", .int), ("float", .float), ("string", .string), ("time", .time),
        ("duration", .duration), ("ip", .ip),
    ]

    private func valueType(_ syntax: TypeSyntax) -> ValueType {
        switch syntax {
        case .named(let name):
            let known = RulesetChecker.typeNames
            if let match = known.first(where: { $0.name == name.text }) { return match.type }
            reportUnknown(
                .unknownType, "there is no type `\(name.text)`", name,
                among: known.map(\.name),
                otherwise: "types are " + known.map(\.name).joined(separator: ", "))
            return .erroneous
        case .enumeration(let cases, _): return .enumeration(cases.map(\.value))
        case .list(let element, _): return .list(valueType(element))
        case .invalid: return .erroneous
        }
    }

    // MARK: messages

    /// What fields a type has, and where it is declared.
    func fieldsNote(of id: EventTypeID) -> Diagnostic.Note {
        let names = fieldNames(of: id)
        let list = names.isEmpty ? "no fields" : names.joined(separator: ", ")
        let span = types[id.index].span
        return .init(
            "\(types[id.index].name) has: \(list) "
                + "(declared at \(span.file.name):\(span.line))")
    }

    func reportUnknownField(_ name: String, _ span: SourceSpan, of id: EventTypeID) {
        reportUnknown(
            .unknownField, "`\(types[id.index].name)` has no field `\(name)`", Name(name, span),
            among: fieldNames(of: id) + ["time", "id", "type"], notes: [fieldsNote(of: id)])
    }
}
