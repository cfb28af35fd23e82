// SPDX-License-Identifier: Apache-2.0

package import Automata
package import Diagnostics
package import MatchCore
package import RuleLanguage

/// Rules as they are run: a version without the rules that are disabled.
package struct LiveRules: Sendable {
    /// The change that put them in force; 0: there was none.
    package var change: Int64
    package var version: Int64
    package let disabled: [String]
    /// What they are run under.
    package var limits: Caps
    package let program: RulesetProgram
    /// With the disabled ones.
    package let ruleset: CheckedRuleset
    /// Without them.
    package let active: CheckedRuleset
    /// What each rule of the program means, by its number; empty: nobody will ask.
    package let meanings: [RuleMeaning]

    /// - Parameter disabled: names; those that are none of the ruleset are left out.
    package init(
        _ ruleset: CheckedRuleset, change: Int64, version: Int64, disabled: [String] = [],
        limits: Caps
    ) {
        self.ruleset = ruleset
        self.limits = limits
        self.change = change
        self.version = version
        let names = Set(disabled)
        self.disabled = ruleset.rules.map(\.name).filter { names.contains($0) }.sorted()
        var active = ruleset
        if !self.disabled.isEmpty { active.rules.removeAll { names.contains($0.name) } }
        self.active = active
        program = RulesetCompiler.compile(active)
        let meanings = ruleset.meanings
        self.meanings = program.rules.compactMap { meanings[$0.name] }
    }

    /// The files that they were read from.
    package var files: [SourceFile] {
        var files: [SourceFile] = []
        for rule in active.rules where files.last !== rule.span.file {
            files.append(rule.span.file)
        }
        return files
    }

    /// Rules that never change.
    package init(_ program: RulesetProgram, limits: Caps = Caps()) {
        self.program = program
        self.limits = limits
        ruleset = CheckedRuleset(eventTypes: [], rules: [], tests: [])
        active = ruleset
        (change, version, disabled, meanings) = (0, 0, [], [])
    }

    /// No rules: what is in force before any are.
    static let none = LiveRules(
        CheckedRuleset(eventTypes: [], rules: [], tests: []), change: 0, version: 0,
        limits: Caps())
}

/// Compiles what the registry has.
struct RulesLibrary {
    private let registry: any RulesRegistry
    private let folder: String
    private var changes: [Int64: RulesChange] = [:]
    /// The ruleset that was compiled last.
    private var known: (version: Int64, ruleset: CheckedRuleset)?
    /// The configured rules, by their hash.
    private let configured: ConfiguredRules?
    /// Rules that are compiled already.
    private let compiledRules: LiveRules?

    /// - Parameter known: rules that are compiled already, and need not be again.
    init(
        _ registry: any RulesRegistry, folder: String, configured: ConfiguredRules?,
        known: LiveRules? = nil
    ) throws(StateError) {
        compiledRules = known
        self.registry = registry
        self.folder = folder
        self.configured = configured
        for change in try registry.changes() { changes[change.number] = change }
    }

    /// The rules that a change put in force.
    mutating func rules(afterChange number: Int64) throws(StateError) -> LiveRules {
        if number == 0 { return .none }
        if let compiledRules, compiledRules.change == number { return compiledRules }
        guard let change = changes[number] else {
            throw .unusable(
                path: SQLiteRulesRegistry.path(in: folder),
                reason: "it lacks the change of rules \(number), which the journal or a checkpoint "
                    + "names: \(StateError.remedy)")
        }
        return LiveRules(
            try ruleset(ofVersion: change.version), change: number, version: change.version,
            disabled: change.disabled, limits: change.limits)
    }

    mutating func ruleset(ofVersion number: Int64) throws(StateError) -> CheckedRuleset {
        if let known, known.version == number { return known.ruleset }
        let ruleset = try compiled(number)
        known = (number, ruleset)
        return ruleset
    }

    private func compiled(_ number: Int64) throws(StateError) -> CheckedRuleset {
        if let configured, try registry.hash(ofVersion: number) == configured.hash {
            return configured.ruleset
        }
        guard let texts = try registry.texts(ofVersion: number) else {
            throw .unusable(path: folder, reason: "it lacks version \(number) of the rules")
        }
        let check = texts.check()
        guard let ruleset = check.ruleset else {
            let first = check.diagnostics.first { $0.severity == .error }
            throw .unusable(
                path: folder,
                reason: "version \(number) of the rules is not right any more: "
                    + (first?.message ?? "it has mistakes"))
        }
        return ruleset
    }
}

/// Rules that were read and are right.
package struct ConfiguredRules: Sendable {
    package let texts: RulesTexts
    package let ruleset: CheckedRuleset
    package let hash: String

    package init(_ texts: RulesTexts, _ ruleset: CheckedRuleset) {
        self.texts = texts
        self.ruleset = ruleset
        hash = texts.hash
    }

    /// The rules as they are registered, disabled ones included.
    var registered: [RegisteredRule] {
        let meanings = ruleset.meanings
        let disabled = Set(ruleset.disabledRules.map(\.name))
        let places = RulePlaces(texts.sources)
        return (ruleset.rules + ruleset.disabledRules).map { rule in
            RegisteredRule(
                name: rule.name, meaning: meanings[rule.name]?.hash ?? 0,
                place: "\(rule.span.file.name):\(rule.span.line)",
                isDisabledInText: disabled.contains(rule.name), text: places.text(of: rule.name))
        }
    }
}

/// Rules as they are written, by their names.
private struct RulePlaces {
    private var texts: [String: String] = [:]

    init(_ files: [SourceFile]) {
        for file in files {
            for case .rule(let rule) in RuleSyntax.parse(file).tree.declarations {
                texts[rule.name.text] = file.text(rule.span.range)
            }
        }
    }

    func text(of rule: String) -> String { texts[rule] ?? "" }
}
