// SPDX-License-Identifier: Apache-2.0
// Which rules read the alerts of which: the order in which they are checked, their ranks, circles.

import Diagnostics
import EventModel

/// What the rules of a ruleset read of one another, before any of them is checked.
struct RuleDependencies {
    private struct Reader {
        let declaration: RuleDeclaration
        /// The rules that it names, each once.
        var named: [String] = []
        var namesAlert = false
        /// Only events for other rules come of it.
        var emits = false
        var isDisabled = false
    }

    private var readers: [String: Reader] = [:]
    /// In order of declaration.
    private var names: [String] = []
    private(set) var ranks: [String: Int] = [:]
    /// The rules in an order in which those that are read come first; of no circle.
    private(set) var order: [String] = []
    /// The names of the rules that feed each other, the first one again at the end.
    private(set) var circles: [[String]] = []
    /// The rules whose alerts `alert` is.
    private(set) var alertSources: [String] = []
    /// Whether a rule reads alerts, or events that come of alerts.
    private(set) var alertReaders: Set<String> = []

    /// - Parameter rules: the first rule of each name, in order of declaration.
    init(_ rules: [RuleDeclaration]) {
        for rule in rules {
            names.append(rule.name.text)
            readers[rule.name.text] = Reader(declaration: rule)
        }
        for rule in rules {
            for event in rule.eventReferences { add(event, to: rule.name.text) }
            for clause in rule.clauses {
                switch clause.kind {
                case .emit: readers[rule.name.text]?.emits = true
                case .disabled: readers[rule.name.text]?.isDisabled = true
                default: break
                }
            }
        }
        findAlertReaders()
        alertSources = names.filter { name in
            guard let reader = readers[name] else { return false }
            return !alertReaders.contains(name) && !reader.emits && !reader.isDisabled
        }
        rank()
        for name in names where ranks[name] == nil { findCircle(from: name) }
    }

    private mutating func add(_ event: EventRefSyntax, to rule: String) {
        switch event.kind {
        case .anyEvent: break
        case .alert: readers[rule]?.namesAlert = true
        case .named:
            let name = event.name.text
            guard readers[name] != nil, !(readers[rule]?.named.contains(name) ?? true) else {
                return
            }
            readers[rule]?.named.append(name)
        }
    }

    /// Those that name `alert` or a rule with alerts, and those that read what these emit.
    private mutating func findAlertReaders() {
        var consumers: [String: [String]] = [:]
        var waiting: [String] = []
        for name in names {
            guard let reader = readers[name] else { continue }
            for source in reader.named { consumers[source, default: []].append(name) }
            let readsAlert = reader.named.contains { !(readers[$0]?.emits ?? false) }
            if reader.namesAlert || readsAlert { waiting.append(name) }
        }
        while let name = waiting.popLast() {
            guard alertReaders.insert(name).inserted else { continue }
            if readers[name]?.emits ?? false { waiting += consumers[name] ?? [] }
        }
    }

    private func sources(of name: String) -> [String] {
        guard let reader = readers[name] else { return [] }
        return reader.named + (reader.namesAlert ? alertSources : [])
    }

    /// Rank after rank; what stays without one is in a circle, or reads one.
    private mutating func rank() {
        var missing: [String: Int] = [:]
        var consumers: [String: [String]] = [:]
        for name in names {
            let sources = sources(of: name)
            missing[name] = sources.count
            for source in sources { consumers[source, default: []].append(name) }
        }
        var ready = names.filter { missing[$0] == 0 }
        for name in ready { ranks[name] = 0 }
        var next = 0
        while next < ready.count {
            let name = ready[next]
            next += 1
            for consumer in consumers[name] ?? [] {
                ranks[consumer] = max(ranks[consumer] ?? 0, (ranks[name] ?? 0) + 1)
                missing[consumer, default: 0] -= 1
                if missing[consumer] == 0 { ready.append(consumer) }
            }
        }
        order = ready
        for name in names where missing[name] ?? 0 > 0 { ranks[name] = nil }
    }

    /// Follows what has no rank until it comes round.
    private mutating func findCircle(from start: String) {
        var path: [String] = []
        var name = start
        while !path.contains(name) {
            path.append(name)
            guard let source = sources(of: name).first(where: { ranks[$0] == nil }) else { return }
            name = source
        }
        guard let first = path.firstIndex(of: name) else { return }
        let circle = Array(path[first...])
        let isKnown = circles.contains { Set($0) == Set(circle) }
        if !isKnown { circles.append(circle + [name]) }
    }

    /// All rules, those without a rank last.
    var checkingOrder: [String] { order + names.filter { ranks[$0] == nil } }

    func declaration(of name: String) -> RuleDeclaration? { readers[name]?.declaration }
}

extension RuleDeclaration {
    /// Every place at which the rule names what it reads.
    var eventReferences: [EventRefSyntax] {
        clauses.flatMap { clause -> [EventRefSyntax] in
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
        guard dependencies.ranks[name] != nil, let rule = rulesByName[name], rule.isChecked else {
            return nil
        }
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
