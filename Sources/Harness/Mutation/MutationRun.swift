// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import RuleLanguage

/// Runs the cases of a ruleset against its mutants.
package struct MutationRun {
    private let trees: [ParseResult]
    private let reader: TestRunner.RecordingReader?
    private let isWanted: (CheckedTest) -> Bool
    private let tableFiles: TableFiles
    package let mutants: [Mutant]
    /// What comments say of the rules that have mutants.
    package let allowances: [MutantAllowance]

    /// - Parameters:
    ///   - files: of a ruleset without errors whose cases pass.
    ///   - tableFiles: the files of its tables.
    ///   - isWanted: the cases that count; rules that none of them tests have no mutants.
    package init(
        _ files: [SourceFile], tableFiles: TableFiles = [:],
        reader: TestRunner.RecordingReader? = nil,
        isWanted: @escaping (CheckedTest) -> Bool = { _ in true }
    ) {
        let trees = files.map(RuleSyntax.parse)
        let ruleset = RuleChecker.check(trees, tableFiles: tableFiles).ruleset
        let tested = Set((ruleset?.tests.filter(isWanted) ?? []).flatMap(\.rules))
        var mutants: [Mutant] = []
        var allowances: [MutantAllowance] = []
        for file in trees {
            let instructions = file.tree.instructions.filter { $0.verb?.text == "allow-mutant" }
            for case .rule(let rule) in file.tree.declarations where tested.contains(rule.name.text)
            {
                mutants += MutantFinder(rule, in: file.tree).mutants
                let lines = rule.span.line...file.tree.file.line(at: rule.span.range.upperBound - 1)
                for instruction in instructions where lines.contains(instruction.line) {
                    allowances += instruction.names.map {
                        MutantAllowance(rule: rule.name.text, kind: $0, line: instruction.line)
                    }
                }
            }
        }
        self.mutants = mutants
        self.allowances = allowances
        self.tableFiles = tableFiles
        self.trees = trees
        self.reader = reader
        self.isWanted = isWanted
    }

    /// Runs the cases that test the mutant's rule until one fails.
    package func result(of mutant: Mutant) -> MutantResult {
        guard let ruleset = ruleset(with: mutant)?.withTestedRules else {
            return MutantResult(mutant: mutant, fate: .invalid)
        }
        var runner = TestRunner(ruleset, reader: reader)
        for test in ruleset.tests where test.rules.contains(mutant.rule) && isWanted(test) {
            if runner.fails(test) {
                return MutantResult(mutant: mutant, fate: .killed(by: test.name))
            }
        }
        let isAllowed = allowances.contains { $0.allows(mutant) }
        return MutantResult(mutant: mutant, fate: isAllowed ? .allowed : .survived)
    }

    /// The allowances that none of the mutants needs.
    package func idleAllowances(_ results: [MutantResult]) -> [MutantAllowance] {
        allowances.filter { allowance in
            !results.contains { result in
                if case .allowed = result.fate { allowance.allows(result.mutant) } else { false }
            }
        }
    }

    /// Nil where it has mistakes.
    private func ruleset(with mutant: Mutant) -> CheckedRuleset? {
        let changed = trees.map { file in
            guard file.tree.file === mutant.span.file else { return file }
            var bytes = file.tree.file.bytes
            bytes.replaceSubrange(mutant.span.range, with: Array(mutant.replacement.utf8))
            return RuleSyntax.parse(SourceFile(name: file.tree.file.name, bytes: bytes))
        }
        return RuleChecker.check(changed, tableFiles: tableFiles).ruleset
    }
}
