// SPDX-License-Identifier: Apache-2.0
// `// martlet: allow NAME, NAME why`: silences lints at the line that the comment is about.

import Diagnostics

/// A name in a comment that silences a lint.
private struct Allowance {
    var name: String
    var span: SourceSpan
    /// The line of code that it is about.
    var line: Int
    var hasSilenced = false
}

extension RulesetChecker {
    /// Takes out the lints that comments silence, and reports comments that silence nothing.
    func silenceLints() {
        var allowances = files.flatMap { self.allowances(of: $0.tree) }
        guard !allowances.isEmpty else { return }
        var names: [String: String] = [:]
        for lint in Lint.all { names[lint.code] = lint.name }
        diagnostics.removeAll { diagnostic in
            guard diagnostic.severity < .error, let name = names[diagnostic.code] else {
                return false
            }
            var isSilenced = false
            for index in allowances.indices
            where allowances[index].name == name
                && allowances[index].line == diagnostic.span.line
                && allowances[index].span.file === diagnostic.span.file
            {
                allowances[index].hasSilenced = true
                isSilenced = true
            }
            return isSilenced
        }
        // What an error hides may be what the comment is about.
        if !hasErrors { for allowance in allowances { reportIdle(allowance) } }
    }

    private func reportIdle(_ allowance: Allowance) {
        guard !allowance.hasSilenced, Lint.all.contains(where: { $0.name == allowance.name })
        else { return }
        report(
            .idleAllow, "there is no `\(allowance.name)` here to silence", at: allowance.span,
            label: "leave it out")
    }

    private func allowances(of tree: SyntaxTree) -> [Allowance] {
        tree.instructions.flatMap { instruction -> [Allowance] in
            // Those are for `martlet test --mutate`.
            if instruction.verb?.text == "allow-mutant" { return [] }
            guard let verb = instruction.verb, verb.text == "allow" else {
                let span = instruction.verb?.span ?? instruction.span
                report(
                    .unknownLint, "`\(tree.file.excerpt(span.range))` is nothing to say to martlet",
                    at: span, label: "write `// martlet: allow` and a lint's name")
                return []
            }
            if instruction.names.isEmpty {
                report(
                    .unknownLint, "`allow` names no lint", at: verb.span,
                    label: "see `martlet check --lints`")
            }
            for name in instruction.names where !Lint.all.contains(where: { $0.name == name.text })
            {
                reportUnknown(
                    .unknownLint, "there is no lint `\(name.text)`", name,
                    among: Lint.all.map(\.name), otherwise: "see `martlet check --lints`")
            }
            return instruction.names.map {
                Allowance(name: $0.text, span: $0.span, line: instruction.line)
            }
        }
    }
}
