// SPDX-License-Identifier: Apache-2.0
// `// martlet: allow NAME, NAME why`: silences lints at the line where it ends, or, alone on its
// line, at the next line of code.

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
        var found: [Allowance] = []
        for token in tree.tokens {
            var position = token.trivia.lowerBound
            var isBehindCode = position > 0
            while position < token.trivia.upperBound {
                let byte = tree.file.bytes[position]
                if byte == ascii("\n") { isBehindCode = false }
                guard byte == ascii("/") else {
                    position += 1
                    continue
                }
                let end =
                    tree.file.bytes[position..<token.trivia.upperBound]
                    .firstIndex(of: ascii("\n")) ?? token.trivia.upperBound
                let line = tree.file.line(
                    at: isBehindCode ? position : token.range.lowerBound)
                found += allowances(in: position..<end, of: tree.file, line: line)
                position = end
            }
        }
        return found
    }

    /// The names in one comment; others than those that begin with `martlet:` have none.
    private func allowances(
        in comment: Range<Int>, of file: SourceFile, line: Int
    ) -> [Allowance] {
        var words = CommentWords(file, comment)
        guard let head = words.next(), file.text(head) == "martlet:" else { return [] }
        let verb = words.next()
        guard let verb, file.text(verb) == "allow" else {
            let span = SourceSpan(file, verb ?? head)
            report(
                .unknownLint, "`\(file.excerpt(span.range))` is nothing to say to martlet",
                at: span, label: "write `// martlet: allow` and a lint's name")
            return []
        }
        var found: [Allowance] = []
        while let word = words.next() {
            let isLast = file.bytes[word.upperBound - 1] != ascii(",")
            let range = word.lowerBound..<word.upperBound - (isLast ? 0 : 1)
            let name = Name(file.text(range), SourceSpan(file, range))
            if !Lint.all.contains(where: { $0.name == name.text }) {
                reportUnknown(
                    .unknownLint, "there is no lint `\(name.text)`", name,
                    among: Lint.all.map(\.name), otherwise: "see `martlet check --lints`")
            }
            found.append(Allowance(name: name.text, span: name.span, line: line))
            // What follows is why.
            if isLast { break }
        }
        if found.isEmpty {
            report(
                .unknownLint, "`allow` names no lint", at: SourceSpan(file, verb),
                label: "see `martlet check --lints`")
        }
        return found
    }
}

/// The words of a comment, one after the other.
private struct CommentWords {
    private let file: SourceFile
    private var rest: Range<Int>

    init(_ file: SourceFile, _ comment: Range<Int>) {
        self.file = file
        let text = file.bytes[comment]
        rest = (text.firstIndex { $0 != ascii("/") } ?? comment.upperBound)..<comment.upperBound
    }

    mutating func next() -> Range<Int>? {
        let bytes = file.bytes[rest]
        guard let start = bytes.firstIndex(where: { !isBlank($0) }) else { return nil }
        let end = bytes[start...].firstIndex(where: isBlank) ?? rest.upperBound
        rest = end..<rest.upperBound
        return start..<end
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == ascii(" ") || byte == ascii("\t") || byte == ascii("\r")
    }
}
