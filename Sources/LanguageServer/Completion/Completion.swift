// SPDX-License-Identifier: Apache-2.0
// What may be written in each kind of block. The names come from the last analysis, which knows all
// lines but the one that is being typed.

internal import Diagnostics
internal import EventModel
internal import RuleLanguage

/// Finds what may be written at a cursor.
struct Completion {
    let place: Place
    private(set) var context: CursorContext
    let index: RulesetIndex
    private(set) var list = CompletionList()

    init?(_ place: Place) {
        guard let index = place.index, let tree = place.analysis.tree(place.file.name) else {
            return nil
        }
        self.place = place
        self.index = index
        context = CursorContext(tree.tree, place.offset)
    }

    /// `textDocument/completion`
    static func json(_ place: Place, takesSnippets: Bool) -> JSON {
        guard var completion = Completion(place) else { return .null }
        completion.fill()
        let range = place.places.range(completion.context.prefix)
        return completion.list.json(replacing: range, takesSnippets: takesSnippets)
    }

    private mutating func fill() {
        if context.isDead { return }
        if context.isInText { return addTextValues() }
        if context.last?.isMark(.dot) == true { return addMembers() }
        if context.isAtNewLine {
            // What goes on with the line above, then what may begin one of its own.
            fillBlock()
            list.keep(context.isInRule ? LanguageWords.continuations : [])
            context.endStatement()
        }
        fillBlock()
    }

    private mutating func fillBlock() {
        switch context.block {
        case .file: fillFile()
        case .event(let name): fillEvent(name)
        case .rule: fillRule()
        case .sequence: fillSequence()
        case .labels, .alertFields: if startsValue { addExpression(.output) }
        case .hole: addExpression(.output)
        case .test: if context.statement.isEmpty { list.add(words: ["case"]) }
        case .testCase: fillTestCase()
        case .eventFields(let event): fillSentFields(event)
        case .expectedFields(let rule): fillExpectedFields(rule)
        case .tableRow(let table): fillRow(table)
        case .other: break
        }
    }

    /// Whether the cursor is behind the colon of an entry.
    private var startsValue: Bool { context.statement.contains { $0.isMark(.colon) } }

    // MARK: declarations

    private static let declarations: [(word: String, snippet: String)] = [
        ("event", "event ${1:name} {\n  $0\n}"),
        ("table", "table ${1:name} from \"${2:file.csv}\" key ${3:column}"),
        ("let", "let ${1:name} = $0"),
        (
            "rule",
            "rule ${1:name} \"${2:title}\" {\n  by ${3:user}\n  when within ${4:10m} {\n    $0"
                + "\n  }\n  alert \"{${3:user}}\"\n}"
        ),
        ("test", "test ${1:rule} {\n  case \"${2:name}\" {\n    $0\n  }\n}"),
    ]

    private mutating func fillFile() {
        let words = context.statement
        guard let first = words.first?.text else {
            for (word, snippet) in Completion.declarations {
                list.add(
                    .init(
                        label: word, kind: .keyword, documentation: KeywordTexts.sentences[word],
                        text: snippet, isSnippet: true, rank: 5))
            }
            return
        }
        switch first {
        case "event":
            if words.contains(where: { $0.isWord("where") }) {
                addExpression(.event(words.count > 1 ? words[1].name ?? "" : ""))
            } else if words.contains(where: { $0.isWord("from") }) {
                let wantsName = words.last.map { $0.isWord("from") || $0.isMark(.comma) } ?? false
                if wantsName { addEvents() } else { list.add(words: ["where"]) }
            } else if words.count == 2 {
                list.add(words: ["from", "where"])
            }
        case "table": if words.count == 2 { list.add(words: ["from"]) }
        case "let": if words.contains(where: { $0.isMark(.assign) }) { addExpression(.constant) }
        case "test": addRules()
        default: break
        }
    }

    private mutating func fillEvent(_ name: String) {
        let words = context.statement
        guard let colon = words.firstIndex(where: { $0.isMark(.colon) }) else {
            if words.isEmpty { list.add(words: ["time", "id"]) }
            if words.count == 1, ["time", "id"].contains(words[0].text) {
                list.add(fields(of: name).filter { $0.origin == .incoming })
            }
            if words.count == 1 { list.add(words: ["matches"]) }
            return
        }
        if words.contains(where: { $0.isMark(.assign) }) { return addExpression(.event(name)) }
        let isOpen = colon == words.count - 1 || words.last?.isMark(.leftBracket) == true
        if isOpen { list.add(words: LanguageWords.types, rank: 1) }
    }

    // MARK: rules

    private mutating func fillRule() {
        guard let clause = context.clause else {
            for word in LanguageWords.clauses {
                let phrase = Completion.clausePhrases[word] ?? word
                list.add(
                    .init(
                        label: phrase, kind: .keyword,
                        documentation: KeywordTexts.sentences[word], rank: 5))
            }
            return
        }
        let last = context.last
        switch clause {
        case "severity":
            list.add(names: LanguageWords.severities, .value, rank: 0)
            if context.statement.count > 1 { addExpression(.output) }
        case "by": fillKey()
        case "keys":
            if last?.isWord("from") == true { addTables() } else { list.add(words: ["from"]) }
        case "when":
            if last?.isWord("when") == true { list.add(words: ["within", "over"]) }
            if last?.isWord("over") == true { list.add(words: LanguageWords.windows) }
        case "having": addExpression(.output)
        case "reset": fillFilter([])
        case "resolve": fillFilter(["for"])
        case "skip": fillSkip()
        case "attempts": list.add(words: ["all", "latest"])
        case "suppress":
            if context.statement.contains(where: { $0.isWord("per") }) {
                addExpression(.output)
            } else {
                list.add(words: ["per"])
            }
        case "limit": list.add(words: ["per"])
        case "except":
            if context.statement.contains(where: { $0.isWord("where") }) {
                addExpression(.output)
            } else {
                list.add(words: ["until", "where"])
            }
        default: break
        }
    }

    /// Clauses of two words.
    private static let clausePhrases = [
        "keys": "keys from", "reset": "reset on", "resolve": "resolve on",
    ]

    /// `by a.x = b.y`: fields that the rule's events have, and the events' names.
    private mutating func fillKey() {
        guard let rule else { return }
        let steps = rule.steps.compactMap(\.eventType)
        let declared = index.ruleset.eventTypes.indices.filter {
            index.ruleset.eventTypes[$0].isDeclared
        }
        // Before there is a pattern, all events may be of it.
        let types = steps.isEmpty ? declared.map(EventTypeID.init) : steps
        for type in types { list.add(index.fields[type.index]) }
        list.add(names: types.map { index.ruleset[$0].name }, .event, rank: 3)
    }

    private mutating func fillSkip() {
        switch context.last?.text {
        case "skip": list.add(words: ["past last", "to next", "to first", "to last", "none"])
        case "past": list.add(words: ["last"])
        case "to": list.add(words: ["next", "first", "last"])
        case "first", "last": addSteps()
        default: break
        }
    }

    /// `reset on EVENT where …`
    ///
    /// - Parameter more: what the clause has behind its event, but for `by` and `where`.
    private mutating func fillFilter(_ more: [String]) {
        let words = context.statement
        guard let on = words.lastIndex(where: { $0.isWord("on") }) else {
            return list.add(words: ["on"])
        }
        let (event, expected) = StatementReader(Array(words[(on + 1)...])).line(isFilter: true)
        if expected == .part { list.add(words: more, rank: 2) }
        offer(expected, event: event, isFilter: true)
    }

    private mutating func fillSequence() {
        let reader = StatementReader(context.statement)
        let (event, expected) = reader.line()
        if reader.isAbsence, expected == .part { list.add(words: ["for"], rank: 2) }
        offer(expected, event: event, isFilter: reader.isAbsence)
        if expected == .part { list.add(words: Completion.links, rank: 3) }
    }

    /// What joins a line to the one before it.
    static let links = ["then", "then next", "then each", "but no", "but not next", "until"]

    private mutating func offer(
        _ expected: StatementReader.Expected, event: String?, isFilter: Bool
    ) {
        switch expected {
        case .line:
            list.add(words: Completion.links)
            fallthrough
        case .element, .elementOrContiguity:
            if expected == .elementOrContiguity { list.add(words: ["next", "each"], rank: 0) }
            list.add(words: ["no", "at least", "all of", "any of", "optional"])
            fallthrough
        case .event:
            addEvents()
            list.add(words: ["any event", "alert"], rank: 4)
        case .free: break
        case .part:
            let parts =
                isFilter ? ["by", "where"] : ["as", "where", "within", "after", "by", "in"]
            list.add(words: parts, rank: 2)
        case .keyField: list.add(event.map(fields) ?? [])
        case .condition: addExpression(.event(event ?? ""))
        case .distinctField:
            for type in rule?.steps.compactMap(\.eventType) ?? [] {
                list.add(index.fields[type.index])
            }
        case .words(let words): list.add(words: words)
        }
    }

    // MARK: tests

    private mutating func fillTestCase() {
        let words = context.statement
        guard let first = words.first?.text else {
            return list.add(words: LanguageWords.testLines)
        }
        switch first {
        case "given": if words.count == 1 { addTables() }
        case "restart": list.add(words: ["at"])
        case "at":
            guard words.count > 1 else { return }
            if StatementReader(words).sentEvent == nil {
                addEvents()
            } else {
                list.add(words: words.last?.isMark(.rightBrace) == true ? ["arriving"] : ["every"])
            }
        case "expect":
            if words.count == 1 { list.add(words: ["none", "at", "alert"]) }
            if words.last?.isWord("at") == false { addRules() }
        default: break
        }
    }

    private mutating func fillSentFields(_ event: String) {
        guard startsValue else { return addEntries(fields(of: event)) }
        let name = context.statement.first?.name
        addValues(of: fields(of: event).first { $0.name == name }?.type ?? .any)
    }

    private mutating func fillExpectedFields(_ name: String?) {
        guard startsValue else {
            let wanted = name.map { [$0] } ?? context.testedRules
            for rule in index.rules where wanted.contains(rule.declaration.name.text) {
                addEntries((rule.keys + rule.alertFields).map(Completion.field))
            }
            return addEntries(
                ["severity", "title", "start", "end", "count"].map {
                    .init(name: $0, type: .any, isOptional: false, origin: .builtIn)
                })
        }
        if context.statement.first?.text == "severity" {
            list.add(names: LanguageWords.severities, .value, rank: 0)
        }
    }

    private mutating func fillRow(_ table: String) {
        guard !startsValue, case .table(let id?)? = index.symbols[table] else { return }
        addEntries(
            index.ruleset[id].contents.columns.map {
                .init(name: $0.name, type: $0.type, isOptional: false, origin: .incoming)
            })
    }

    private mutating func addEntries(_ fields: [RulesetIndex.Field]) {
        for field in fields where !context.statement.contains(where: { $0.name != nil }) {
            let name = CompletionList.quoted(field.name) ?? field.name
            list.add(
                .init(
                    label: field.name, kind: .field,
                    detail: field.type == .any ? nil : "\(field.type)", text: "\(name): ", rank: 1))
        }
    }

    // MARK: names

    /// The rule around the cursor.
    var rule: RulesetIndex.Rule? {
        guard let name = context.ruleName else { return nil }
        let named = index.rules.filter { $0.declaration.name.text == name }
        return named.first {
            $0.declaration.name.span.file === place.file
                && $0.declaration.span.range.lowerBound <= place.offset
        } ?? named.first
    }

    static func field(_ part: CheckedRule.KeyPart) -> RulesetIndex.Field {
        .init(name: part.name, type: part.type, isOptional: false, origin: .incoming)
    }

    /// The fields of an event type, or of a rule's alerts, with those that every event has.
    func fields(of event: String) -> [RulesetIndex.Field] {
        var found: [RulesetIndex.Field] = []
        if let id = index.ruleset.eventTypes.firstIndex(where: { $0.name == event }) {
            found = index.fields[id]
        } else if case .rule(let number)? = index.symbols[event] {
            let rule = index.rules[number]
            found = (rule.keys + rule.alertFields).map(Completion.field)
        }
        let builtIns: [(String, ValueType)] = [("time", .time), ("id", .string), ("type", .string)]
        for (name, type) in builtIns where !found.contains(where: { $0.name == name }) {
            found.append(.init(name: name, type: type, isOptional: false, origin: .builtIn))
        }
        return found
    }

    /// The part of a name before the cursor.
    private var typed: String { place.file.text(context.prefix) }

    mutating func addEvents() {
        for name in index.symbolNames {
            switch index.symbols[name] {
            case .event(let id):
                let isDeclared = index.ruleset[id].isDeclared
                // What is being typed is an event too: `th`, and `next` after `then next`.
                if !isDeclared, LanguageWords.all.contains(name) || name == typed { continue }
                list.add(
                    names: [name], .event, detail: isDeclared ? "event" : "event, not declared",
                    rank: isDeclared ? 1 : 2)
            case .rule: list.add(names: [name], .rule, detail: "alerts of the rule", rank: 3)
            case .table, .constant, nil: break
            }
        }
    }

    mutating func addRules() {
        list.add(names: index.rules.map(\.declaration.name.text), .rule, rank: 1)
    }

    mutating func addTables(rank: Int = 1) {
        for name in index.symbolNames {
            guard case .table? = index.symbols[name] else { continue }
            list.add(names: [name], .table, detail: "table", rank: rank)
        }
    }

    mutating func addSteps(rank: Int = 1) {
        for step in rule?.steps ?? [] {
            guard let name = step.name else { continue }
            let event = step.eventType.map { index.ruleset[$0].name } ?? "any event"
            let detail = step.isRepeated ? "many \(event)" : event
            list.add(names: [name], .variable, detail: detail, rank: rank)
        }
    }

    mutating func add(_ item: CompletionList.Item) { list.add(item) }
    mutating func add(words: [String], rank: Int) { list.add(words: words, rank: rank) }
    mutating func add(_ fields: [RulesetIndex.Field], rank: Int) { list.add(fields, rank: rank) }
}
