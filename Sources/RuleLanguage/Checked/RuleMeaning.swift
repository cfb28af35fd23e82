// SPDX-License-Identifier: Apache-2.0
// Exercised by RuleMeaningTests.

internal import EventModel

/// What a rule says, with all that it rests on: what two versions of rules are held against to know
/// whose attempts can go on.
package struct RuleMeaning: Hashable, Sendable {
    package var name: String
    /// A hash of the rule as checked, of what it reads of event types, of the columns of its
    /// tables, and of the rules whose alerts it reads by name. Rows of tables are data, and no part
    /// of it; neither are comments, the layout, tests, or what other rules say.
    package var hash: UInt64
    /// The same without what comes after a match: its severity, title, labels and fields, `except`,
    /// `suppress` and `limit`. Of a window nothing is left out, which keeps what its alerts read.
    package var patternHash: UInt64
    /// Of what is between its matches and its alerts, and remembers some of them.
    package var policyHash: UInt64
    /// The fields that it reads of events that it has bound, `type.field`, in order.
    package var boundFields: [String]
}

extension CheckedRuleset {
    /// What each rule means, disabled ones included, by its name.
    package var meanings: [String: RuleMeaning] {
        var known: [String: RuleMeaning] = [:]
        var makers: [EventTypeID: String] = [:]
        for rule in rules + disabledRules {
            if let type = rule.alertType { makers[type] = rule.name }
        }
        // Rules whose alerts are read have been told before.
        for rule in (rules + disabledRules).sorted(by: { $0.rank < $1.rank }) {
            var survey = MeaningSurvey(self, rule, makers: makers)
            survey.run(known)
            known[rule.name] = survey.meaning
        }
        return known
    }
}

/// Goes over a rule and what it rests on.
private struct MeaningSurvey {
    let ruleset: CheckedRuleset
    let rule: CheckedRule
    let makers: [EventTypeID: String]
    private var types: Set<EventTypeID> = []
    private var fields: Set<FieldRef> = []
    private var boundFields: Set<FieldRef> = []
    private var tables: Set<TableID> = []
    private var waiting: [FieldRef] = []
    private var foundations = ""

    init(_ ruleset: CheckedRuleset, _ rule: CheckedRule, makers: [EventTypeID: String]) {
        self.ruleset = ruleset
        self.rule = rule
        self.makers = makers
    }

    /// - Parameter known: the meanings of rules of lower rank.
    mutating func run(_ known: [String: RuleMeaning]) {
        for route in rule.routes {
            if let type = route.eventType { note(type) }
            for field in route.fields { note(field) }
        }
        for expr in rule.everyExpression { note(expr) }
        for step in rule.steps { if let type = step.eventType { note(type) } }
        if let table = rule.keysFrom { tables.insert(table) }
        noteDistinct(rule.pattern.body)
        while let field = waiting.popLast() { follow(field) }
        let text = CheckedText(ruleset)
        var parts: [String] = []
        for type in types.sorted(by: { ruleset[$0].name < ruleset[$1].name }) {
            if ruleset[type].isOfAllAlerts {
                parts.append("any alert")
                continue
            }
            parts += text.headAndTailLines(ruleset[type])
            parts += fields.filter { $0.type == type }.map { text.line($0) }.sorted()
            if let maker = makers[type], maker != rule.name, let meaning = known[maker] {
                parts.append("made by \(maker) \(meaning.hash)")
            }
        }
        for table in tables.sorted(by: { ruleset[$0].name < ruleset[$1].name }) {
            let contents = ruleset[table].contents
            let columns = contents.columns.map { "\($0.name): \($0.type)" }
            parts.append(
                "table \(ruleset[table].name)(\(columns.joined(separator: ", "))) "
                    + "key \(contents.keyColumn)")
        }
        foundations = parts.joined(separator: "\n")
    }

    var meaning: RuleMeaning {
        var pattern = rule
        if rule.window == nil {
            pattern.title = nil
            pattern.severity = .constant(.string(""))
            pattern.tags = []
            pattern.labels = []
            pattern.alertTitle = .constant(.string(""))
            pattern.alertFields = []
            pattern.policy.exceptions = []
            pattern.policy.suppression = nil
            pattern.policy.limit = nil
        }
        var policy = rule
        policy.policy.exceptions = []
        let policyLines = CheckedText(ruleset, rule: policy).policyAndShownLines()
        return RuleMeaning(
            name: rule.name, hash: hash(of: rule), patternHash: hash(of: pattern),
            policyHash: MeaningSurvey.hash(policyLines.joined(separator: "\n")),
            boundFields: boundFields.map { field in
                let type = ruleset[field.type]
                return "\(type.name).\(type.fields[field.field].name)"
            }.sorted())
    }

    private func hash(of rule: CheckedRule) -> UInt64 {
        let lines = CheckedText(ruleset, rule: rule).ruleLines()
        return MeaningSurvey.hash(lines.joined(separator: "\n") + "\n\n" + foundations)
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    // MARK: What the rule rests on

    private mutating func note(_ type: EventTypeID) {
        guard types.insert(type).inserted else { return }
        // `alert` is whatever alerts there are.
        if ruleset[type].isOfAllAlerts { return }
        for source in ruleset[type].sources { note(source) }
        for pattern in ruleset[type].patterns { note(pattern.subject) }
        if let filter = ruleset[type].filter { note(filter) }
    }

    private mutating func note(_ field: FieldRef) {
        guard fields.insert(field).inserted else { return }
        waiting.append(field)
    }

    private mutating func follow(_ field: FieldRef) {
        note(field.type)
        if ruleset[field.type].isOfAllAlerts { return }
        switch ruleset[field.type].fields[field.field].origin {
        case .computed(let expr): note(expr)
        case .inherited(let sources): for source in sources { note(source) }
        case .captured(let pattern, _): note(ruleset[field.type].patterns[pattern].subject)
        case .incoming, .builtIn: break
        }
    }

    private mutating func note(_ expr: Expr, ofBound isBound: Bool = false) {
        var isBound = isBound
        switch expr {
        case .field(let field):
            note(field)
            if isBound { boundFields.insert(field) }
        case .bound, .aggregate: isBound = true
        case .previous(let fields):
            for (_, field) in fields.sorted(by: { $0.key < $1.key }) {
                note(field)
                boundFields.insert(field)
            }
        case .isInTable(_, let table), .lookUp(_, let table, _): tables.insert(table)
        default: break
        }
        for part in expr.parts { note(part, ofBound: isBound) }
    }

    private mutating func noteDistinct(_ sequence: Pattern.Sequence) {
        for line in sequence.lines {
            switch line.element {
            case .step(let step): if let field = step.distinct { note(field) }
            case .group(let group): noteDistinct(group.body)
            case .allOf(let branches), .anyOf(let branches):
                for branch in branches { noteDistinct(branch) }
            case .absence: break
            }
        }
    }
}

extension EventType {
    /// The type `alert`, which every rule's alerts are of that reads none itself.
    fileprivate var isOfAllAlerts: Bool { name == "alert" && isDeclared && !sources.isEmpty }
}

extension CheckedRule {
    /// The conditions and values of all its clauses.
    fileprivate var everyExpression: [Expr] {
        var list: [Expr] = [severity, alertTitle]
        list += labels.map(\.value) + alertFields.map(\.value)
        if let having { list.append(having) }
        var filters = resets
        if let absence = pattern.leadingAbsence { filters.append(absence.filter) }
        filters += CheckedRule.filters(of: pattern.body)
        if let resolution = policy.resolution { filters.append(resolution.filter) }
        list += filters.compactMap(\.condition)
        list += policy.exceptions.map(\.condition)
        list += policy.suppression?.per ?? []
        return list
    }

    private static func filters(of sequence: Pattern.Sequence) -> [Filter] {
        sequence.lines.flatMap { line in
            var filters = line.butNo + line.butNotNext + line.until
            switch line.element {
            case .step(let step): filters.append(step.filter)
            case .group(let group): filters += self.filters(of: group.body)
            case .allOf(let branches), .anyOf(let branches):
                filters += branches.flatMap { self.filters(of: $0) }
            case .absence(let absence): filters.append(absence.filter)
            }
            return filters
        }
    }
}
