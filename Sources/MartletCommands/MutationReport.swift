// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import EventModel
internal import Harness

/// What became of the mutants, for people and programs.
struct MutationReport {
    private(set) var results: [MutantResult] = []

    mutating func add(_ result: MutantResult) { results.append(result) }

    private var survivors: [MutantResult] { results.filter(\.hasSurvived) }
    private var tried: [MutantResult] {
        results.filter { if case .invalid = $0.fate { false } else { true } }
    }
    var hasSurvivors: Bool { !survivors.isEmpty }

    /// `3 of 57 mutants survived in 4 rules`.
    var summary: String {
        let rules = counted(Set(tried.map(\.mutant.rule)).count, "rule")
        return "\(survivors.count) of \(counted(tried.count, "mutant")) survived in \(rules)"
    }

    /// The mutants that no case noticed, each with its place.
    var human: String {
        survivors.map { result in
            let mutant = result.mutant
            let place = "\(mutant.span.file.name):\(mutant.span.line):\(mutant.span.column)"
            return "no case of `\(mutant.rule)` notices \(change(mutant))\n  --> \(place)\n"
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
            if case .killed(let name) = result.fate { fields.append("\"case\":\(quoted(name))") }
            return "{\(fields.joined(separator: ","))}\n"
        }.joined()
    }

    private func quoted(_ text: String) -> String { Value.string(text).json }
}
