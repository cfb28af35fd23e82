// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import RuleLanguage

/// A rule with one thing changed, as a change of its text.
package struct Mutant: Sendable {
    /// What kind of thing is another.
    package enum Kind: String, Sendable, CaseIterable {
        case connector, count, duration, comparison, condition, logic, line, branch, key, clause,
            skip
    }

    package var rule: String
    package var kind: Kind
    /// What is replaced; empty where something is put in.
    package var span: SourceSpan
    /// What stands there instead; empty where something is left out.
    package var replacement: String
}

/// What became of a mutant.
package struct MutantResult: Sendable {
    package enum Fate: Sendable {
        /// A case noticed it.
        case killed(by: String)
        /// No case did.
        case survived
        /// No case did, and a comment says that none can.
        case allowed
        /// It is no rule, and shows nothing.
        case invalid
    }
    package var mutant: Mutant
    package var fate: Fate

    package var hasSurvived: Bool { if case .survived = fate { true } else { false } }
}

/// `// martlet: allow-mutant KIND why`: says of a line that its mutants of that kind mean the same.
package struct MutantAllowance: Sendable {
    package var rule: String
    package var kind: Name
    /// The line of code that it is about.
    package var line: Int

    func allows(_ mutant: Mutant) -> Bool {
        mutant.kind.rawValue == kind.text && mutant.span.line == line
            && mutant.span.file === kind.span.file
    }
}
