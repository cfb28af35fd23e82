// SPDX-License-Identifier: Apache-2.0
// The checker's one pass over all files: names first, then event types, constants, rules, tests,
// and what was never used. Its state is one object, because each part reports and looks up names.

import Diagnostics
package import EventModel

/// Checks the trees of one ruleset and collects what it finds.
final class RulesetChecker {
    /// A top-level name: rules, tables, event types and constants share one namespace.
    struct Symbol {
        enum Kind {
            case event(EventDeclaration)
            case table
            case constant(LetDeclaration)
            case rule
        }
        let name: Name
        let kind: Kind
    }

    /// The most constants, or event types, that may be made of one another: checking them is
    /// recursive, so a longer chain could use up the stack.
    static let chainCap = 100

    let files: [ParseResult]
    /// Of all files.
    let declarations: [Declaration]
    var diagnostics: [Diagnostic] = []
    var symbols: [String: Symbol] = [:]
    /// Names in order of declaration.
    var symbolOrder: [String] = []
    var fieldTypes = FieldTypes()
    var types: [EventTypeBuilder] = [] { didSet { changes += 1 } }
    var typeIDs: [String: EventTypeID] = [:] { didSet { changes += 1 } }
    /// While a field is looked for through sources: the types that turned out to lack it.
    var lookedThrough: Set<EventTypeID>?
    /// Names of declared event types whose sources are being resolved, for circles.
    var typesUnderWay: [String] = []
    var constants: [String: Typed] = [:] { didSet { changes += 1 } }
    var constantsUnderWay: [String] = []
    var usedNames: Set<String> = []
    var pendingConditions: [PendingCondition] = []
    var checkedRules: [RuleOutline] = []
    /// The first rule of each name.
    var rulesByName: [String: RuleOutline] = [:]
    var dependencies = RuleDependencies([])
    /// The types of rules' alerts, of rules that others read.
    var alertTypes: [String: EventTypeID] = [:] { didSet { changes += 1 } }
    /// The type of `alert`.
    var allAlerts: EventTypeID? { didSet { changes += 1 } }
    var tests: [CheckedTest] = []
    /// By `TableID`.
    var tables: [CheckedTable] = []
    /// Tables without a mistake.
    var tableIDs: [String: TableID] = [:]
    /// What is noted for editors; nil: nothing.
    var notes: RulesetNotes?
    /// A diagnostic of severity error was reported.
    var hasErrors = false
    /// Rules that are alike, by their family.
    var models: [ObjectIdentifier: RuleModel] = [:]
    /// What is noted of the texts of the rule at hand, for rules that are like it.
    var textUses = TextUses()
    /// Whether rules take over what was found for one that they are like.
    let adoptsModels: Bool
    /// Numbers of pending conditions that rules which took them over have too.
    var sharedConditions: Set<Int> = []
    /// Numbers of those that such rules have with other texts: no lint looks into them as long as
    /// they are plain.
    var plainConditions: Set<Int> = []
    /// A lint speaks about a rule that others took over from: they have to be checked themselves.
    var hasAdoptedWrongly = false
    /// How often what is known of types and constants has changed.
    private var changes = 0
    var version: Int { changes + fieldTypes.changes }
    /// Where the parser found errors, by file: what follows from them is not reported.
    private var syntaxErrors: [ObjectIdentifier: [SourceSpan]] = [:]
    private var syntaxErrorLines: [ObjectIdentifier: Set<Int>] = [:]

    /// What the caller takes for the present; nil: nothing is held against a date.
    let today: StreamTime?
    let tableFiles: TableFiles

    init(
        _ files: [ParseResult], today: StreamTime? = nil, tableFiles: TableFiles = [:],
        adoptsModels: Bool = false
    ) {
        self.files = files
        declarations =
            files.count == 1 ? files[0].tree.declarations : files.flatMap(\.tree.declarations)
        self.adoptsModels = adoptsModels
        self.today = today
        self.tableFiles = tableFiles
        for file in files {
            diagnostics += file.diagnostics
            let errors = file.diagnostics.filter { $0.severity == .error }.map(\.span)
            if errors.isEmpty { continue }
            hasErrors = true
            syntaxErrors[ObjectIdentifier(file.tree.file)] = errors
            syntaxErrorLines[ObjectIdentifier(file.tree.file)] = Set(errors.map(\.line))
        }
    }

    func run() -> CheckResult {
        collectNames()
        checkTables()
        declareEventTypes()
        checkConstants()
        checkRules()
        checkTests()
        reportUnused()
        lintConditions()
        lintPatterns()
        silenceLints()
        var result = CheckResult(
            ruleset: hasErrors ? nil : finishedRuleset(), diagnostics: ordered())
        result.index = finishedIndex()
        return result
    }

    private func finishedRuleset() -> CheckedRuleset {
        var ruleset = CheckedRuleset(
            eventTypes: types.map { $0.finished(fieldTypes) }, rules: finishedRules(),
            tests: tests, tables: tables)
        ruleset.disabledRules = Array(finishedRules(areDisabled: true))
        return ruleset
    }

    private func finishedRules(areDisabled: Bool = false) -> CheckedRules {
        var rules = CheckedRules()
        /// By number of the outline.
        var positions: [Int: Int] = [:]
        for outline in checkedRules where outline.isDisabled == areDisabled {
            if let model = outline.model, let position = positions[model.outline.number] {
                rules.append(
                    AlikeRule(
                        model: position, declaration: outline.declaration,
                        likeness: model.likeness, alertType: alertTypes[outline.name],
                        rank: dependencies.rank(of: outline.name) ?? 0))
            } else if let rule = finishedRule(outline) {
                positions[outline.number] = rules.count
                rules.append(whole: rule)
            }
        }
        return rules
    }

    private func finishedRule(_ outline: RuleOutline) -> CheckedRule? {
        var rule = outline.finished(fieldTypes)
        rule?.alertType = alertTypes[outline.name]
        rule?.rank = dependencies.rank(of: outline.name) ?? 0
        return rule
    }

    private func ordered() -> [Diagnostic] {
        var rank: [ObjectIdentifier: Int] = [:]
        for (index, file) in files.enumerated() {
            rank[ObjectIdentifier(file.tree.file)] = index
        }
        let places = diagnostics.indices.map { index in
            (
                file: rank[ObjectIdentifier(diagnostics[index].span.file)] ?? files.count,
                at: diagnostics[index].span.range.lowerBound, index: index
            )
        }
        // Thousands of rules without a test are told of in their order.
        if zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }) { return diagnostics }
        return places.sorted { $0 < $1 }.map { diagnostics[$0.index] }
    }

    // MARK: names

    private func collectNames() {
        symbols.reserveCapacity(declarations.count)
        for declaration in declarations {
            switch declaration {
            case .event(let event): declare(event.name, .event(event))
            case .table(let table): declare(table.name, .table)
            case .letConstant(let constant): declare(constant.name, .constant(constant))
            case .rule(let rule): declare(rule.name, .rule)
            case .test, .unexpected: break
            }
        }
    }

    private func declare(_ name: Name, _ kind: Symbol.Kind) {
        guard !name.text.isEmpty else { return }
        note(.symbol(name.text), at: name.span, declares: true)
        let count = symbols.count
        let first = symbols.kept(Symbol(name: name, kind: kind), for: name.text)
        guard symbols.count == count else { return symbolOrder.append(name.text) }
        report(
            .duplicateName, "`\(name.text)` is declared twice", at: name.span,
            label: "declared again here",
            notes: [.init("first declared here", at: first.name.span)])
    }

    /// The declared names of one kind, in order of declaration.
    func names(where isWanted: (Symbol.Kind) -> Bool) -> [String] {
        symbolOrder.filter { name in symbols[name].map { isWanted($0.kind) } ?? false }
    }

    // MARK: constants

    private func checkConstants() {
        for name in symbolOrder {
            if case .constant(let declaration)? = symbols[name]?.kind {
                _ = constant(declaration)
            }
        }
    }

    /// The value of a `let`, checked on first use.
    func constant(_ declaration: LetDeclaration) -> Typed {
        let name = declaration.name.text
        if let known = constants[name] { return known }
        if let start = constantsUnderWay.firstIndex(of: name) {
            let circle = (constantsUnderWay[start...] + [name]).map { "`\($0)`" }
            report(
                .constantCircle, "`\(name)` is made of itself", at: declaration.name.span,
                notes: [.init("the circle: " + circle.joined(separator: " → "))])
            for member in constantsUnderWay[start...] {
                constants[member] = .erroneous(declaration.value.span)
            }
            return .erroneous(declaration.value.span)
        }
        guard constantsUnderWay.count < RulesetChecker.chainCap else {
            report(
                .constantCircle, "`\(name)` is too far down a chain of constants",
                at: declaration.name.span,
                label: "at most \(RulesetChecker.chainCap) are made of one another")
            constants[name] = .erroneous(declaration.value.span)
            return .erroneous(declaration.value.span)
        }
        constantsUnderWay.append(name)
        let value = check(declaration.value, Scope(place: .constant))
        constantsUnderWay.removeLast()
        if constants[name] == nil { constants[name] = folded(value) }
        return constants[name] ?? value
    }

    // MARK: reporting

    func report(
        _ code: DiagnosticCode, _ message: String, at span: SourceSpan, label: String = "",
        notes: [Diagnostic.Note] = [], fix: String? = nil
    ) {
        if !code.isWarning { hasErrors = true }
        if syntaxErrorLines[ObjectIdentifier(span.file)]?.contains(span.line) ?? false { return }
        diagnostics.append(
            Diagnostic(
                code: code.rawValue, severity: code.severity, message,
                at: span, label: label, notes: notes, fix: fix))
    }

    /// Whether part of a declaration could not be read, so that names in it may be lost.
    func hasSyntaxError(_ declaration: SourceSpan) -> Bool {
        let range = declaration.range
        return syntaxErrors[ObjectIdentifier(declaration.file)]?.contains {
            range.lowerBound <= $0.range.lowerBound && $0.range.lowerBound <= range.upperBound
        } ?? false
    }

    /// Reports a name that is not known, with the nearest of those that are.
    func reportUnknown(
        _ code: DiagnosticCode, _ message: String, _ name: Name, among known: [String],
        otherwise label: String = "", notes: [Diagnostic.Note] = []
    ) {
        let near = Spelling.closest(to: name.text, among: known)
        report(
            code, message, at: name.span, label: near.map { "did you mean `\($0)`?" } ?? label,
            notes: notes, fix: near)
    }
}

/// The checker's entry point.
package enum RuleChecker {
    /// Checks a ruleset: all its files, in the order in which they were sorted.
    ///
    /// - Parameters:
    ///   - today: what exceptions that have an end are held against; nil: none is called expired.
    ///   - tableFiles: what was found at each of the trees' `tablePlaces`.
    ///   - indexed: whether the result has an index, which costs time and memory.
    package static func check(
        _ files: [ParseResult], today: StreamTime? = nil, tableFiles: TableFiles = [:],
        indexed: Bool = false
    ) -> CheckResult {
        let checker = RulesetChecker(
            files, today: today, tableFiles: tableFiles, adoptsModels: !indexed)
        if indexed { checker.notes = RulesetNotes() }
        let result = checker.run()
        if !checker.hasAdoptedWrongly { return result }
        return RulesetChecker(files, today: today, tableFiles: tableFiles).run()
    }
}

extension Dictionary {
    /// The value of a key, which is the given one if there was none: found by one look.
    mutating func kept(_ value: Value, for key: Key) -> Value {
        func read(_ value: inout Value) -> Value { value }
        return read(&self[key, default: value])
    }
}
