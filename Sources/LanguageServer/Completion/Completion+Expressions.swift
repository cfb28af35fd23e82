// SPDX-License-Identifier: Apache-2.0
// Operands where one is awaited, operators behind one, and what follows a dot.

internal import Diagnostics
internal import EventModel
internal import RuleLanguage

extension Completion {
    /// What an expression may name.
    enum Scope: Hashable {
        /// The fields of an event, and steps.
        case event(String)
        /// The key, steps and the match.
        case output
        case constant
    }

    mutating func addExpression(_ scope: Scope) {
        let words = context.statement
        let last = words.last
        if last?.isWord("is") == true { return add(words: ["missing", "present"], rank: 1) }
        if last?.endsOperand == true {
            let isLine = context.block == .sequence && !context.isInBrackets
            let more = isLine ? ["within", "after"] + Completion.links : []
            add(
                words: [
                    "and", "or", "in", "not in", "like", "matches", "contains", "between",
                    "is missing", "is present",
                ] + more, rank: 2)
            return
        }
        if last?.isWord("in") == true { addTables(rank: 0) }
        if let type = comparedType(scope) { addValues(of: type) }
        switch scope {
        case .event(let name):
            add(fields(of: name), rank: 1)
            addSteps(rank: 2)
        case .output:
            add((rule?.keys ?? []).map(Completion.field), rank: 1)
            addSteps(rank: 1)
            add(.init(label: "match", kind: .variable, detail: "the finished match", rank: 4))
        case .constant: break
        }
        addConstants()
        addTables(rank: 4)
        addFunctions(scope)
        add(words: ["not"] + LanguageWords.literals, rank: 6)
    }

    private mutating func addConstants() {
        for name in index.symbolNames {
            guard case .constant(let type, let value)? = index.symbols[name] else { continue }
            let text = value.map { CheckedText(index.ruleset).text($0) }
            add(
                .init(
                    label: name, kind: .constant, detail: text ?? "\(type)",
                    text: CompletionList.quoted(name), rank: 3))
        }
    }

    private mutating func addFunctions(_ scope: Scope) {
        for function in LanguageWords.functions where !function.isAggregate || scope != .constant {
            add(
                .init(
                    label: function.name, kind: .function, detail: function.signature,
                    documentation: FunctionTexts.text(function.name), text: "\(function.name)($1)",
                    isSnippet: true, rank: 5))
        }
    }

    // MARK: values

    /// The type of what stands before the comparison that the cursor is behind.
    private func comparedType(_ scope: Scope) -> ValueType? {
        let words = context.statement
        guard let last = words.last,
            last.isMark(.equal) || last.isMark(.notEqual) || last.isMark(.equalIgnoringCase)
        else { return nil }
        return type(of: Array(words.dropLast()), scope)
    }

    /// The type of the path at the end of `words`.
    private func type(of words: [CursorContext.Word], _ scope: Scope) -> ValueType? {
        let path = Completion.path(before: words.count, in: words)
        guard let head = path.first else { return nil }
        if path.count > 1, let fields = stepFields(head) {
            return fields.first { $0.name == path.dropFirst().joined(separator: ".") }?.type
        }
        let name = path.joined(separator: ".")
        switch scope {
        case .event(let event): return fields(of: event).first { $0.name == name }?.type
        case .output: return rule?.keys.first { $0.name == name }?.type
        case .constant: return nil
        }
    }

    mutating func addValues(of type: ValueType) {
        switch type {
        case .enumeration(let cases):
            for text in cases {
                add(.init(label: "\"\(text)\"", kind: .value, detail: "\(type)", rank: 0))
            }
        case .bool: add(words: LanguageWords.literals, rank: 0)
        default: break
        }
    }

    /// Inside quotes, behind a comparison with a field that has certain values only.
    mutating func addTextValues() {
        let scope: Scope
        switch context.block {
        case .sequence: scope = .event(StatementReader(context.statement).line().event ?? "")
        case .event(let name): scope = .event(name)
        case .eventFields(let event):
            let name = context.statement.first?.name
            return addTexts(fields(of: event).first { $0.name == name }?.type)
        case .rule, .labels, .alertFields, .hole: scope = .output
        default: return
        }
        addTexts(comparedType(scope))
    }

    private mutating func addTexts(_ type: ValueType?) {
        guard case .enumeration(let cases)? = type else { return }
        for text in cases {
            add(.init(label: text, kind: .value, detail: type?.description, rank: 0))
        }
    }

    // MARK: members

    /// The parts of the path that ends before `end`: `a`, `b` of `… a.b`.
    static func path(before end: Int, in words: [CursorContext.Word]) -> [String] {
        var parts: [String] = []
        var i = end - 1
        while i >= 0, let name = words[i].name {
            parts.insert(name, at: 0)
            guard i >= 2, words[i - 1].isMark(.dot) else { break }
            i -= 2
        }
        return parts
    }

    /// What may follow the dot before the cursor.
    mutating func addMembers() {
        let words = context.statement
        let dot = words.count - 1
        guard dot > 0 else { return }
        if words[dot - 1].isMark(.rightBracket) || words[dot - 1].isMark(.rightParen) {
            return addMembersOfCall(words, closer: dot - 1)
        }
        let path = Completion.path(before: dot, in: words)
        guard let head = path.first else { return }
        if head == "match", path.count == 1 {
            return add(
                ["start", "end", "count"].map {
                    .init(
                        name: $0, type: $0 == "count" ? .int : .time, isOptional: false,
                        origin: .builtIn)
                }, rank: 1)
        }
        if let fields = stepFields(head) {
            return add(Completion.nested(fields, below: Array(path.dropFirst())), rank: 1)
        }
        var found = Completion.nested(subjectFields, below: path)
        if case .event? = index.symbols[head], path.count == 1 { found += fields(of: head) }
        add(found, rank: 1)
    }

    /// `first(x).` and `table[key].`
    private mutating func addMembersOfCall(_ words: [CursorContext.Word], closer: Int) {
        var depth = 0
        var open = closer
        while open >= 0 {
            if words[open].isMark(.rightBracket) || words[open].isMark(.rightParen) { depth += 1 }
            if words[open].isMark(.leftBracket) || words[open].isMark(.leftParen) { depth -= 1 }
            if depth == 0 { break }
            open -= 1
        }
        guard open > 0, let name = words[open - 1].name else { return }
        if words[open].isMark(.leftBracket), case .table(let id?)? = index.symbols[name] {
            return add(
                index.ruleset[id].contents.columns.map {
                    .init(name: $0.name, type: $0.type, isOptional: true, origin: .incoming)
                }, rank: 1)
        }
        if ["first", "last"].contains(name), closer == open + 2, let step = words[open + 1].name {
            add(stepFields(step) ?? [], rank: 1)
        }
    }

    private func stepFields(_ name: String) -> [RulesetIndex.Field]? {
        guard let step = rule?.steps.first(where: { $0.name == name }) else { return nil }
        return fields(of: step.eventType.map { index.ruleset[$0].name } ?? "")
    }

    /// The fields of the event that the line at hand is about.
    private var subjectFields: [RulesetIndex.Field] {
        switch context.block {
        case .sequence: fields(of: StatementReader(context.statement).line().event ?? "")
        case .event(let name), .eventFields(let name): fields(of: name)
        default: []
        }
    }

    /// Of fields with dots in their names, the rest behind `path`.
    private static func nested(_ fields: [RulesetIndex.Field], below path: [String])
        -> [RulesetIndex.Field]
    {
        if path.isEmpty { return fields }
        let head = path.joined(separator: ".") + "."
        return fields.compactMap { field in
            guard field.name.hasPrefix(head) else { return nil }
            var rest = field
            rest.name = String(field.name.dropFirst(head.count))
            return rest
        }
    }
}
