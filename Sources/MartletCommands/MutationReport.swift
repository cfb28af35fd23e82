// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import EventModel
internal import Harness
internal import RuleLanguage

/// What became of the mutants, for people and programs.
struct MutationReport {
    private(set) var results: [MutantResult] = []
    /// Comments that allow mutants of which there are none that survive.
    var idle: [MutantAllowance] = []

    mutating func add(_ result: MutantResult) { results.append(result) }

    private var survivors: [MutantResult] { results.filter(\.hasSurvived) }
    private var tried: [MutantResult] {
        results.filter { if case .invalid = $0.fate { false } else { true } }
    }
    private var allowedCount: Int {
        results.count { if case .allowed = $0.fate { true } else { false } }
    }
    var hasFindings: Bool { !survivors.isEmpty || !idle.isEmpty }

    /// `3 of 57 mutants survived in 4 rules, 2 are allowed`.
    var summary: String {
        let rules = counted(Set(tried.map(\.mutant.rule)).count, "rule")
        let allowed = allowedCount
        let others = allowed > 0 ? ", \(allowed) \(allowed == 1 ? "is" : "are") allowed" : ""
        return
            "\(survivors.count) of \(counted(tried.count, "mutant")) survived in \(rules)\(others)"
    }

    /// The mutants that no case noticed, each with its place.
    var human: String {
        survivors.map { result in
            let mutant = result.mutant
            let place = "\(mutant.span.file.name):\(mutant.span.line):\(mutant.span.column)"
            return "no case of `\(mutant.rule)` notices \(change(mutant))\n  --> \(place)\n"
        }.joined()
            + idle.map { allowance in
                let span = allowance.kind.span
                return "no mutant of kind `\(allowance.kind.text)` that survives is here to allow\n"
                    + "  --> \(span.file.name):\(span.line):\(span.column)\n"
            }.joined()
    }

    private func change(_ mutant: Mutant) -> String {
        let (old, new) = (oneLine(mutant.span.text), oneLine(mutant.replacement))
        if new.isEmpty { return "that `\(old)` is left out" }
        if old.isEmpty { return "`\(new)` put in" }
        return "`\(new)` in the place of `\(old)`"
    }

    /// Blanks and line ends as one blank.
    private func oneLine(_ text: String) -> String {
        text.split { $0 == " " || $0.isNewline || $0 == "\t" }.joined(separator: " ")
    }

    /// One object a mutant that is a rule.
    var json: String {
        tried.map { result in
            let mutant = result.mutant
            var fields = [
                "\"rule\":\(quoted(mutant.rule))", "\"kind\":\(quoted(mutant.kind.rawValue))",
                "\"file\":\(quoted(mutant.span.file.name))", "\"line\":\(mutant.span.line)",
                "\"column\":\(mutant.span.column)", "\"text\":\(quoted(mutant.span.text))",
                "\"replacement\":\(quoted(mutant.replacement))",
                "\"survived\":\(result.hasSurvived)",
            ]
            if case .allowed = result.fate { fields.append("\"allowed\":true") }
            if case .killed(let name) = result.fate { fields.append("\"case\":\(quoted(name))") }
            return "{\(fields.joined(separator: ","))}\n"
        }.joined()
    }

    private func quoted(_ text: String) -> String { Value.string(text).json }
}
