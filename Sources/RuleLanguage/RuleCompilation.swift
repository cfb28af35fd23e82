// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// The front end's two entry points: one file to its tree, and trees to a checked ruleset.
///
///     let trees = files.map(RuleSyntax.parse)          // always a tree, plus diagnostics
///     let result = RuleChecker.check(trees)            // nil ruleset where there are errors
package struct ParseResult: Sendable {
    package var tree: SyntaxTree
    package var diagnostics: [Diagnostic]

    package init(tree: SyntaxTree, diagnostics: [Diagnostic]) {
        self.tree = tree
        self.diagnostics = diagnostics
    }
}

package struct CheckResult: Sendable {
    /// Nil where a diagnostic (of the parser or the checker) is an error.
    package var ruleset: CheckedRuleset?
    /// All of the parser and the checker, ordered by file as given and by position.
    package var diagnostics: [Diagnostic]
    /// Where asked for: what the names of the files stand for.
    package var index: RulesetIndex?

    package init(ruleset: CheckedRuleset?, diagnostics: [Diagnostic]) {
        self.ruleset = ruleset
        self.diagnostics = diagnostics
    }
}
