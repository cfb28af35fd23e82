// SPDX-License-Identifier: Apache-2.0
// Which rules read the alerts of which: the order in which they are checked, their ranks, circles.

import Diagnostics
import EventModel

/// What the rules of a ruleset read of one another, before any of them is checked.
struct RuleDependencies {
    private struct Reader {
        let declaration: RuleDeclaration
        /// The rules that it names, each once.
        var named: [Int] = []
        var namesAlert = false
        /// Only events for other rules come of it.
        var emits = false
        var isDisabled = false
        var readsAlerts = false
        /// Nil in a circle, and of what reads one.
        var rank: Int?
    }

    /// What the rules of a family say alike.
    private struct Reading {
        var named: [String] = []
        var namesAlert = false
        var emits = false
        var isDisabled = false

        init(_ rule: RuleDeclaration) {
            for event in rule.eventReferences {
                switch event.kind {
                case .anyEvent: break
                case .alert: namesAlert = true
                case .named: if !named.contains(event.name.text) { named.append(event.name.text) }
                }
            }
            for clause in rule.similarClauses {
                switch clause.kind {
                case .emit: emits = true
                case .disabled: isDisabled = true
                default: break
                }
            }
        }
    }

    /// In order of declaration.
    private var readers: [Reader] = []
    /// Where in `readers` a rule is.
    private var numbers: [String: Int] = [:]
    /// The rules in an order in which those that are read come first; of no circle.
    private var order: [Int] = []
    /// The names of the rules that feed each other, the first one again at the end.
    private(set) var circles: [[String]] = []
    /// The rules whose alerts `alert` is.
    private var sourcesOfAlerts: [Int] = []

    /// - Parameter rules: the first rule of each name, in order of declaration.
    init(_ rules: [RuleDeclaration]) {
        numbers.reserveCapacity(rules.count)
        for rule in rules {
            numbers[rule.name.text] = readers.count
            readers.append(Reader(declaration: rule))
        }
        var known: [ObjectIdentifier: Reading] = [:]
        for index in readers.indices {
            let rule = readers[index].declaration
            let family = rule.family.map { ObjectIdentifier($0) }
            var found = family.flatMap { known[$0] }
            if found == nil {
                found = Reading(rule)
                if let family { known[family] = found }
            }
            guard let reading = found else { continue }
            if !reading.named.isEmpty {
                readers[index].named = reading.named.compactMap { numbers[$0] }
            }
            readers[index].namesAlert = reading.namesAlert
            readers[index].emits = reading.emits
            readers[index].isDisabled = reading.isDisabled
        }
        findAlertReaders()
        sourcesOfAlerts = readers.indices.filter {
            !readers[$0].readsAlerts && !readers[$0].emits && !readers[$0].isDisabled
        }
        rank()
        for index in readers.indices where readers[index].rank == nil { findCircle(from: index) }
    }

    private func consumers(_ sources: (Int) -> [Int]) -> [[Int]] {
        var consumers = [[Int]](repeating: [], count: readers.count)
        for index in readers.indices {
            for source in sources(index) { consumers[source].append(index) }
        }
        return consumers
    }

    /// Those that name `alert` or a rule with alerts, and those that read what these emit.
    private mutating func findAlertReaders() {
        let consumers = consumers { readers[$0].named }
        var waiting = readers.indices.filter { index in
            readers[index].namesAlert || readers[index].named.contains { !readers[$0].emits }
        }
        while let index = waiting.popLast() {
            if readers[index].readsAlerts { continue }
            readers[index].readsAlerts = true
            if readers[index].emits { waiting += consumers[index] }
        }
    }

    private func sources(of index: Int) -> [Int] {
        readers[index].namesAlert ? readers[index].named + sourcesOfAlerts : readers[index].named
    }

    /// Rank after rank; what stays without one is in a circle, or reads one.
    private mutating func rank() {
        var missing = readers.indices.map { sources(of: $0).count }
        let consumers = consumers { sources(of: $0) }
        var ready = readers.indices.filter { missing[$0] == 0 }
        var ranks = [Int](repeating: 0, count: readers.count)
        var next = 0
        while next < ready.count {
            let index = ready[next]
            next += 1
            for consumer in consumers[index] {
                ranks[consumer] = max(ranks[consumer], ranks[index] + 1)
                missing[consumer] -= 1
                if missing[consumer] == 0 { ready.append(consumer) }
            }
        }
        order = ready
        for index in ready { readers[index].rank = ranks[index] }
    }

    /// Follows what has no rank until it comes round.
    private mutating func findCircle(from start: Int) {
        var path: [Int] = []
        var index = start
        while !path.contains(index) {
            path.append(index)
            guard let source = sources(of: index).first(where: { readers[$0].rank == nil }) else {
                return
            }
            index = source
        }
        guard let first = path.firstIndex(of: index) else { return }
        let circle = path[first...].map { readers[$0].declaration.name.text }
        let isKnown = circles.contains { Set($0) == Set(circle) }
        if !isKnown { circles.append(circle + [circle[0]]) }
    }

    /// Above the rank of every rule that is read; nil for a rule of a circle, and what reads one.
    func rank(of name: String) -> Int? { numbers[name].flatMap { readers[$0].rank } }

    /// The names of the rules whose alerts `alert` is.
    var alertSources: [String] { sourcesOfAlerts.map { readers[$0].declaration.name.text } }

    /// All rules, by their place among those given, those without a rank last.
    var checkingOrder: [Int] { order + readers.indices.filter { readers[$0].rank == nil } }

    func declaration(of name: String) -> RuleDeclaration? {
        numbers[name].map { readers[$0].declaration }
    }
}

extension RuleDeclaration {
    /// What the rule names that it reads; the places may be those of a rule that is like it.
    var eventReferences: [EventRefSyntax] {
        similarClauses.flatMap { clause -> [EventRefSyntax] in
            switch clause.kind {
            case .when(let when): when.sequence.eventReferences
            case .resetOn(let filter), .resolveOn(let filter, _): [filter.event]
            default: []
            }
        }
    }
}

extension SequenceSyntax {
    var eventReferences: [EventRefSyntax] {
        lines.flatMap { line -> [EventRefSyntax] in
            switch line.kind {
            case .step(_, let step): [step.event]
            case .group(_, let group): group.body.eventReferences
            case .allOf(_, let branches), .anyOf(_, let branches):
                branches.branches.flatMap(\.eventReferences)
            case .absence(_, let absence): [absence.filter.event]
            case .butNo(let filter), .butNotNext(let filter), .until(let filter): [filter.event]
            case .unexpected: []
            }
        }
    }
}

// MARK: - Alerts as events

extension RulesetChecker {
    /// Reports each circle of rules at the first of them.
    func reportCircles() {
        for circle in dependencies.circles {
            guard let first = dependencies.declaration(of: circle[0]) else { continue }
            let text = circle.map { "`\($0)`" }.joined(separator: " ← ")
            report(
                .ruleCircle, "`\(circle[0])` reads its own alerts", at: first.name.span,
                label: circle.count > 2 ? "by way of other rules" : "",
                notes: [.init("the circle, each rule reading the next: " + text)])
        }
    }

    /// The type of a rule's alerts and emitted events; nil for a rule in a circle.
    func alertType(of name: String) -> EventTypeID? {
        if let known = alertTypes[name] { return known }
        guard dependencies.rank(of: name) != nil, let rule = rulesByName[name], rule.isChecked
        else { return nil }
        let id = EventTypeID(types.count)
        var type = EventTypeBuilder(
            name: name, isDeclared: true, isOpen: false, span: rule.declaration.name.span)
        type.isDamaged = rule.isBroken
        var fields = RulesetChecker.alertFields
        for key in rule.keys { fields.append((key.name, key.type)) }
        for field in rule.alertFields {
            fields.append((field.name, rule.alertFieldTypes[field.name] ?? .known(.any)))
        }
        type.addRuleName(at: rule.declaration.name.span)
        for (name, fieldType) in fields
        where EventType.BuiltInField(rawValue: name) == nil && name != "rule" {
            let field = EventTypeBuilder.Field(
                name: name, type: fieldType, isOptional: false, origin: .incoming,
                span: rule.declaration.name.span)
            // The rule's own fields go before what every alert has.
            if let known = type.fieldIndices[name] {
                type.fields[known] = field
            } else {
                _ = type.add(field)
            }
        }
        types.append(type)
        typeIDs[name] = id
        alertTypes[name] = id
        return id
    }

    /// What every alert has as an event, beside its key and its fields.
    static let alertFields: [(name: String, type: FieldType)] = [
        ("severity", .known(.enumeration(severities))),
        ("tags", .known(.list(.string))), ("title", .known(.string)), ("start", .known(.time)),
        ("end", .known(.time)),
    ]

    /// The type that all alerts are of; nil where no rule has any.
    func typeOfAllAlerts(at span: SourceSpan) -> EventTypeID? {
        if let known = allAlerts { return known }
        let sources = dependencies.alertSources.compactMap(alertType)
        guard !sources.isEmpty else {
            report(
                .unknownEvent, "there is no alert to read", at: span,
                label: "every rule here reads alerts or emits events")
            return nil
        }
        let id = EventTypeID(types.count)
        var type = EventTypeBuilder(name: "alert", isDeclared: true, isOpen: false, span: span)
        type.sources = sources
        type.inheritsAny = true
        type.addRuleName(at: span)
        type.isDamaged = sources.contains { types[$0.index].isDamaged }
        types.append(type)
        allAlerts = id
        if typeIDs["alert"] == nil { typeIDs["alert"] = id }
        return id
    }
}

extension EventTypeBuilder {
    /// An alert is named after its rule, so `rule` is what every event has as its type.
    fileprivate mutating func addRuleName(at span: SourceSpan) {
        _ = add(
            .init(
                name: "rule", type: .known(.string), isOptional: false, origin: .builtIn(.type),
                span: span))
    }
}
