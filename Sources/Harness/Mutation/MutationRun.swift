// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import RuleLanguage

/// Runs the cases of a ruleset against its mutants.
package struct MutationRun {
    private let trees: [ParseResult]
    private let reader: TestRunner.RecordingReader?
    private let isWanted: (CheckedTest) -> Bool
    package let mutants: [Mutant]

    /// - Parameters:
    ///   - files: of a ruleset without errors whose cases pass.
    ///   - isWanted: the cases that count; rules that none of them tests have no mutants.
    package init(
        _ files: [SourceFile], reader: TestRunner.RecordingReader? = nil,
        isWanted: @escaping (CheckedTest) -> Bool = { _ in true }
    ) {
        let trees = files.map(RuleSyntax.parse)
        let tests = RuleChecker.check(trees).ruleset?.tests.filter(isWanted) ?? []
        let tested = Set(tests.flatMap(\.rules))
        mutants = trees.flatMap { file in
            file.tree.declarations.flatMap { declaration -> [Mutant] in
                guard case .rule(let rule) = declaration, tested.contains(rule.name.text) else {
                    return []
                }
                return MutantFinder(rule, in: file.tree).mutants
            }
        }
        self.trees = trees
        self.reader = reader
        self.isWanted = isWanted
    }

    /// Runs the cases that test the mutant's rule until one fails.
    package func result(of mutant: Mutant) -> MutantResult {
        guard let ruleset = ruleset(with: mutant) else {
            return MutantResult(mutant: mutant, fate: .invalid)
        }
        var runner = TestRunner(ruleset, reader: reader)
        for test in ruleset.tests where test.rules.contains(mutant.rule) && isWanted(test) {
            if runner.fails(test) {
                return MutantResult(mutant: mutant, fate: .killed(by: test.name))
            }
        }
        return MutantResult(mutant: mutant, fate: .survived)
    }

    /// Nil where it has mistakes.
    private func ruleset(with mutant: Mutant) -> CheckedRuleset? {
        let changed = trees.map { file in
            guard file.tree.file === mutant.span.file else { return file }
            var bytes = file.tree.file.bytes
            bytes.replaceSubrange(mutant.span.range, with: Array(mutant.replacement.utf8))
            return RuleSyntax.parse(SourceFile(name: file.tree.file.name, bytes: bytes))
        }
        return RuleChecker.check(changed).ruleset
    }
}
