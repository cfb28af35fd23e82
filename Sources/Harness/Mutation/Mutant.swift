// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// A rule with one thing changed, as a change of its text.
package struct Mutant: Sendable {
    /// What kind of thing is another.
    package enum Kind: String, Sendable {
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
        /// It is no rule, and shows nothing.
        case invalid
    }
    package var mutant: Mutant
    package var fate: Fate

    package var hasSurvived: Bool { if case .survived = fate { true } else { false } }
}
