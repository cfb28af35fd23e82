// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests.

package import Automata
package import Diagnostics
internal import EventModel
internal import Reporting
package import RuleLanguage

/// The rules as people wrote them, for who wants to know what runs.
package struct RuleCatalog: Sendable {
    private let ruleset: CheckedRuleset
    private let program: RulesetProgram
    private let filings: RuleFilings
    private let listing: RuleListing
    private let numbers: [String: Int]

    /// - Precondition: the program was compiled from `ruleset`, and that from `files`.
    package init(_ ruleset: CheckedRuleset, _ program: RulesetProgram, files: [SourceFile]) {
        self.ruleset = ruleset
        self.program = program
        filings = RuleFilings(program)
        listing = RuleListing(files)
        numbers = Dictionary(
            ruleset.rules.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { $1 })
    }

    static var empty: RuleCatalog {
        let none = CheckedRuleset(eventTypes: [], rules: [], tests: [])
        return RuleCatalog(none, RulesetCompiler.compile(none), files: [])
    }

    var count: Int { ruleset.rules.count }

    /// The place of a rule in the program; nil: there is none of that name.
    func number(of name: String) -> Int? { numbers[name] }

    func rule(_ number: Int) -> CheckedRule { ruleset.rules[number] }

    /// The severity that a rule always has; nil: it depends on the match.
    func severity(_ number: Int) -> String? {
        guard case .constant(let value) = ruleset.rules[number].severity,
            case .string(let word) = value
        else { return nil }
        return word
    }

    func explanation(_ number: Int) -> RuleExplanation {
        RuleExplanation(
            ruleset.rules[number], program.rules[number], in: ruleset, filedIn: filings)
    }

    func place(_ number: Int) -> (file: String, line: Int)? {
        listing.place(of: ruleset.rules[number].name)
    }

    /// The automaton as a file of SVG.
    func drawing(_ number: Int) -> String { RuleDrawing.file([explanation(number)]) }

    /// The same as a part of a page that has the style sheet.
    func drawingPart(_ number: Int) -> String { RuleDrawing.part(explanation(number)).text }

    /// The text of a rule with its words marked, as HTML.
    func text(_ number: Int) -> String {
        Markup { listing.write(ruleset.rules[number].name, to: &$0) }.text
    }
}
