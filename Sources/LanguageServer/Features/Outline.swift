// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

/// What a file declares, for outlines and searches.
struct Outline {
    /// The kinds of the protocol that come near to those of the language.
    private enum Kind: Int {
        case test = 5
        case testCase = 6
        case field = 8
        case rule = 12
        case step = 13
        case constant = 14
        case table = 18
        case event = 23
    }

    private struct Entry {
        var name: String
        var detail: String?
        var kind: Kind
        var span: SourceSpan
        var nameSpan: SourceSpan
        var children: [Entry] = []
    }

    /// Answers to one search.
    static let symbolCap = 1_000

    private let places: DocumentPlaces
    private let entries: [Entry]

    init(_ tree: SyntaxTree, _ encoding: PositionEncoding) {
        places = DocumentPlaces(tree.file.bytes, encoding)
        entries = tree.declarations.compactMap(Outline.entry)
    }

    /// `textDocument/documentSymbol`
    var json: JSON { .array(entries.map(symbol)) }

    /// `workspace/symbol`: declarations whose name holds the letters of `query` in order.
    func symbols(_ query: String, uri: String) -> [JSON] {
        entries.filter { $0.kind != .test && Outline.fits($0.name, query) }.map { entry in
            [
                "name": .string(entry.name), "kind": .int(entry.kind.rawValue),
                "location": [
                    "uri": .string(uri), "range": places.range(entry.nameSpan.range),
                ],
            ]
        }
    }

    private static func fits(_ name: String, _ query: String) -> Bool {
        var wanted = query.lowercased()[...]
        for letter in name.lowercased() where letter == wanted.first { wanted.removeFirst() }
        return wanted.isEmpty
    }

    private func symbol(_ entry: Entry) -> JSON {
        let inside = entry.span.range
        let name = entry.nameSpan.range.clamped(to: inside)
        let json: JSON = [
            "name": .string(entry.name.isEmpty ? "…" : entry.name),
            "detail": .optional(entry.detail),
            "kind": .int(entry.kind.rawValue),
            "range": places.range(inside),
            "selectionRange": places.range(name),
            "children": entry.children.isEmpty ? .null : .array(entry.children.map(symbol)),
        ]
        return json.withoutNulls
    }

    // MARK: entries

    private static func entry(_ declaration: Declaration) -> Entry? {
        switch declaration {
        case .event(let event): self.event(event)
        case .table(let table):
            Entry(name: table.name.text, kind: .table, span: table.span, nameSpan: table.name.span)
        case .letConstant(let constant):
            Entry(
                name: constant.name.text, kind: .constant, span: constant.span,
                nameSpan: constant.name.span)
        case .rule(let rule): self.rule(rule)
        case .test(let test): self.test(test)
        case .unexpected: nil
        }
    }

    private static func event(_ event: EventDeclaration) -> Entry {
        let fields = event.items.compactMap { item -> Entry? in
            guard case .field(let name, let type, let isOptional, _, let span) = item else {
                return nil
            }
            return Entry(
                name: name.text, detail: text(type).map { $0 + (isOptional ? "?" : "") },
                kind: .field, span: span, nameSpan: name.span)
        }
        let sources = event.sources.map(\.text).joined(separator: ", ")
        return Entry(
            name: event.name.text, detail: sources.isEmpty ? nil : "from \(sources)", kind: .event,
            span: event.span, nameSpan: event.name.span, children: fields)
    }

    private static func text(_ type: TypeSyntax) -> String? {
        switch type {
        case .named(let name): name.text
        case .enumeration(_, let span): span.text
        case .list(let element, _): text(element).map { "[\($0)]" }
        case .invalid: nil
        }
    }

    private static func rule(_ rule: RuleDeclaration) -> Entry {
        let steps = rule.clauses.flatMap { clause -> [Entry] in
            guard case .when(let when) = clause.kind else { return [] }
            return self.steps(when.sequence)
        }
        return Entry(
            name: rule.name.text, detail: rule.title?.value, kind: .rule, span: rule.span,
            nameSpan: rule.name.span, children: steps)
    }

    /// The steps that have names.
    private static func steps(_ sequence: SequenceSyntax) -> [Entry] {
        sequence.lines.flatMap { line -> [Entry] in
            switch line.kind {
            case .step(_, let step):
                guard let name = step.name else { return [] }
                let entry = Entry(
                    name: name.text, detail: step.event.name.text, kind: .step, span: line.span,
                    nameSpan: name.span)
                return [entry]
            case .group(_, let group): return steps(group.body)
            case .allOf(_, let branches), .anyOf(_, let branches):
                return branches.branches.flatMap(steps)
            case .absence, .butNo, .butNotNext, .until, .unexpected: return []
            }
        }
    }

    private static func test(_ test: TestDeclaration) -> Entry? {
        guard let first = test.rules.first else { return nil }
        let cases = test.cases.map {
            Entry(
                name: $0.name.value, kind: .testCase, span: $0.span, nameSpan: $0.name.span)
        }
        return Entry(
            name: "test " + test.rules.map(\.text).joined(separator: ", "), kind: .test,
            span: test.span, nameSpan: first.span, children: cases)
    }
}
