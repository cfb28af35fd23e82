// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Diagnostics
internal import EventModel
internal import RuleLanguage

extension Place {
    /// `textDocument/hover`: what is named at the place, or the type of the expression there.
    var hover: JSON {
        if let name = functionName, let text = FunctionTexts.text(name.text) {
            return hover(text, name.range)
        }
        let names = self.names
        if let index, let name = names.first {
            let texts = Explainer(index: index, analysis: analysis)
            var parts: [String] = []
            for name in names {
                let part = texts.text(name.subject)
                if !parts.contains(part) { parts.append(part) }
            }
            return hover(parts.joined(separator: "\n\n---\n\n"), name.span.range)
        }
        return keywordHover ?? expressionHover
    }

    /// What begins a declaration or a clause.
    private var keywordHover: JSON? {
        let token = analysis.tree(file.name)?.tree.tokens.first {
            $0.range.lowerBound <= offset && offset < $0.range.upperBound
        }
        guard let token, token.kind == .word, token.startsLine,
            let text = KeywordTexts.sentences[file.text(token.range)]
        else { return nil }
        return hover(text, token.range)
    }

    private func hover(_ text: String, _ range: Range<Int>) -> JSON {
        [
            "contents": ["kind": "markdown", "value": .string(text)],
            "range": places.range(range),
        ]
    }

    /// The word at the place, where a parenthesis follows it: a function's name.
    private var functionName: (text: String, range: Range<Int>)? {
        let bytes = file.bytes
        var start = offset
        var end = offset
        while start > 0, Place.isLetterOfName(bytes[start - 1]) { start -= 1 }
        while end < bytes.count, Place.isLetterOfName(bytes[end]) { end += 1 }
        guard start < end, end < bytes.count, bytes[end] == UInt8(ascii: "(") else { return nil }
        return (file.text(start..<end), start..<end)
    }

    static func isLetterOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 95, 97...122: true
        default: false
        }
    }

    /// The innermost expression around the place, with its type.
    private var expressionHover: JSON {
        guard offset < file.bytes.count, file.bytes[offset] > 0x20 else { return .null }
        let around = index?.expressions[ObjectIdentifier(file)]?.filter {
            $0.span.range.contains(offset)
        }
        guard let inner = around?.min(by: { $0.span.range.count < $1.span.range.count }) else {
            return .null
        }
        // That a text is one can be seen.
        if file.bytes[inner.span.range.lowerBound] == UInt8(ascii: "\"") { return .null }
        return hover("```martlet\n\(inner.type)\n```", inner.span.range)
    }
}

/// Names in words.
struct Explainer {
    let index: RulesetIndex
    let analysis: Analysis

    func text(_ subject: RulesetIndex.Subject) -> String {
        switch subject {
        case .symbol(let name): symbol(name)
        case .step(let rule, let id): step(index.rules[rule], id)
        case .key(let rule, let number):
            key(index.rules[rule], number)
        case .alertField(let rule, let name):
            code("\(name): \(alertFieldType(name, of: index.rules[rule]))")
                + "\nA field of the alerts of `\(index.rules[rule].declaration.name.text)`."
        case .field(let ref): field(ref)
        case .builtIn(let builtIn, let type): self.builtIn(builtIn, of: type)
        case .column(let table, let column): self.column(table, column)
        }
    }

    private func code(_ text: String) -> String { "```martlet\n\(text)\n```" }

    // MARK: symbols

    private func symbol(_ name: String) -> String {
        switch index.symbols[name] {
        case .event(let id): event(id)
        case .table(let id): table(name, id)
        case .constant(let type, let value):
            if let value {
                code("let \(name) = \(CheckedText(index.ruleset).text(value))") + "\n\(type)"
            } else {
                code("let \(name): \(type)")
            }
        case .rule(let number): rule(index.rules[number])
        case nil: code(name)
        }
    }

    private func event(_ id: EventTypeID) -> String {
        let type = index.ruleset[id]
        let sources = type.sources.map { index.ruleset[$0].name }.joined(separator: ", ")
        let heading = "event \(type.name)" + (sources.isEmpty ? "" : " from \(sources)")
        let fields = index.fields[id.index].map { "  \(Explainer.line($0))\n" }.joined()
        let body = fields.isEmpty ? heading : "\(heading) {\n\(fields)}"
        return code(body)
            + (type.isDeclared ? "" : "\nNot declared: the fields are those that rules read.")
    }

    /// `ip: ip?`
    static func line(_ field: RulesetIndex.Field) -> String {
        "\(field.name): \(field.type)\(field.isOptional ? "?" : "")"
    }

    private func table(_ name: String, _ id: TableID?) -> String {
        guard let id else { return code("table \(name)") }
        let contents = index.ruleset[id].contents
        let columns = contents.columns.enumerated().map { number, column in
            "  \(column.name): \(column.type)"
                + (number == contents.keyColumn ? "  // the key" : "")
        }
        return code("table \(name) {\n\(columns.joined(separator: "\n"))\n}")
            + "\n\(contents.rowCount) rows"
    }

    private func column(_ table: TableID, _ number: Int) -> String {
        let column = index.ruleset[table].contents.columns[number]
        return code("\(column.name): \(column.type)")
            + "\nA column of the table `\(index.ruleset[table].name)`."
    }

    /// A rule by its sentence; a rule with a mistake by what it says of itself.
    private func rule(_ rule: RulesetIndex.Rule) -> String {
        let name = rule.declaration.name
        let title = rule.declaration.title.map { " \"\($0.value)\"" } ?? ""
        let heading = code("rule \(name.text)\(title)")
        let isWrong = analysis.check.diagnostics.contains {
            $0.severity == .error && $0.span.file === name.span.file
                && rule.declaration.span.range.contains($0.span.range.lowerBound)
        }
        let checked = index.ruleset.rules.first {
            $0.span.file === name.span.file && $0.span.range == name.span.range
        }
        guard !isWrong, let checked else { return heading }
        return heading + "\n" + checked.sentence(in: index.ruleset)
    }

    private func alertFieldType(_ name: String, of rule: RulesetIndex.Rule) -> ValueType {
        rule.alertFields.first { $0.name == name }?.type ?? .any
    }

    // MARK: parts

    private func key(_ rule: RulesetIndex.Rule, _ number: Int) -> String {
        let key = rule.keys[number]
        return code("\(key.name): \(key.type)")
            + "\nPart of the key of `\(rule.declaration.name.text)`: the rule runs apart for each "
            + "value."
    }

    private func step(_ rule: RulesetIndex.Rule, _ id: StepID) -> String {
        let step = rule.steps[id.index]
        let line = step.span.text
        var text = code(line)
        text +=
            step.isRepeated || rule.hasWindow
            ? "\nA step that binds many events" : "\nA step that binds one event"
        if let type = step.eventType {
            let fields = index.fields[type.index].map { "\n- `\(Explainer.line($0))`" }.joined()
            text += " of `\(index.ruleset[type].name)`" + (fields.isEmpty ? "." : ":\n\(fields)")
        } else {
            text += "."
        }
        return text
    }

    private func field(_ ref: FieldRef) -> String {
        let type = index.ruleset[ref.type]
        let field = type.fields[ref.field]
        let isOptional = type.isDeclared && field.isOptional
        var text = code("\(field.name): \(field.type)\(isOptional ? "?" : "")")
        switch field.origin {
        case .computed(let value):
            let words = CheckedText(index.ruleset).text(value)
            text += "\nA field of `\(type.name)`, computed: `\(words)`"
        case .captured: text += "\nA field of `\(type.name)`, captured by its regex."
        case .inherited(let sources):
            let names = sources.map { "`\(index.ruleset[$0.type].name)`" }
            text += "\nA field of `\(type.name)`, as in \(names.joined(separator: ", "))."
        case .incoming, .builtIn:
            text += "\nA field of `\(type.name)`"
            text += type.isDeclared ? "." : ", which is not declared: the type is that of its uses."
        }
        return text
    }

    private func builtIn(_ builtIn: EventType.BuiltInField, of type: EventTypeID?) -> String {
        switch builtIn {
        case .time: code("time: time") + "\nThe event's own time."
        case .id: code("id: string") + "\nThe event's id: given, or made of its feed and position."
        case .type: code("type: string") + "\nThe name of the event's type."
        }
    }
}
