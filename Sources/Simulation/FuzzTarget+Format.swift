// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

extension FuzzTarget {
    /// Layouts of whatever parses.
    static let format = FuzzTarget(
        "format",
        law: "what parses is laid out as the same tree with the same comments, and that once again "
            + "as itself",
        corpus: rulesCorpus, dictionary: ruleWords + ["// why\n", "\n\n\n", "{ ", " }", ",\n"]
    ) { bytes in
        let file = SourceFile(name: "fuzz.martlet", bytes: bytes)
        var verdict = FuzzVerdict()
        switch RuleFormatter.format(file) {
        case .refused(let errors): for error in errors { verdict.reached(error.code) }
        case .changed(let difference): return .failed(difference)
        case .formatted(let text):
            let again = RuleFormatter.format(SourceFile(name: "fuzz.martlet", text: text))
            guard case .formatted(let second) = again else {
                return .failed("the layout is not accepted: \(again)")
            }
            guard second == text else {
                return .failed("laid out once:\n\(text)\nand twice:\n\(second)")
            }
            if text.contains(" \n") || text.contains("\n\n\n") || text.hasPrefix("\n") {
                // A text over several lines may have all of that in it.
                guard text.contains("\"\"\"") else { return .failed("blanks are left:\n\(text)") }
            }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            for (line, next) in zip(lines, lines.dropFirst()) {
                let depths = [line, next].map { $0.prefix { $0 == " " }.count }
                verdict.reached(
                    "\(depths) \(line.last ?? " ") \(next.dropFirst(depths[1]).prefix(5))")
            }
        }
        return verdict
    }
}
