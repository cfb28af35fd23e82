// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Rules files in their one layout.
package enum RuleFormatter {
    package enum Outcome: Sendable {
        case formatted(String)
        /// The file has mistakes of syntax, and is to be left alone.
        case refused([Diagnostic])
        /// The layout says something else than the file: a fault of ours.
        case changed(String)
    }

    /// Lays out a file: the same tokens but for commas between entries, the same comments, and the
    /// same tree, which is checked.
    package static func format(_ file: SourceFile) -> Outcome {
        let parsed = RuleSyntax.parse(file)
        let errors = parsed.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty else { return .refused(errors) }
        var layout = FormatLayout(parsed.tree)
        let text = layout.run()
        let again = RuleSyntax.parse(SourceFile(name: file.name, text: text))
        if let difference = difference(parsed.tree, again) { return .changed(difference) }
        return .formatted(text)
    }

    private static func difference(_ before: SyntaxTree, _ again: ParseResult) -> String? {
        if let error = again.diagnostics.first(where: { $0.severity == .error }) {
            return "\(error.code): \(error.message)"
        }
        guard words(before) == words(again.tree) else { return "the tokens differ" }
        guard comments(before) == comments(again.tree) else { return "the comments differ" }
        guard before.dump(showsPlaces: false) == again.tree.dump(showsPlaces: false) else {
            return "the trees differ"
        }
        return nil
    }

    /// All tokens but commas, whose meaning the tree shows.
    private static func words(_ tree: SyntaxTree) -> [String] {
        tree.tokens.filter { $0.kind != .mark(.comma) }.map { tree.file.text($0.range) }
    }

    private static func comments(_ tree: SyntaxTree) -> [String] {
        tree.tokens.flatMap { FormatTokens.notes($0, tree.file).comments.map(\.text) }
    }
}
