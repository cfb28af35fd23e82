// SPDX-License-Identifier: Apache-2.0
// Exercised by RuleListingTests.

package import Diagnostics
internal import RuleLanguage

/// The text of rules as pages show it: words of the language, texts, numbers and comments each in a
/// colour of their own.
package struct RuleListing: Sendable {
    /// Of each declared rule, by name: its file's tree and where it stands.
    private var places: [String: (tree: SyntaxTree, range: Range<Int>)] = [:]

    package init(_ files: [SourceFile]) {
        for file in files {
            let tree = RuleSyntax.parse(file).tree
            for case .rule(let rule) in tree.declarations where places[rule.name.text] == nil {
                places[rule.name.text] = (tree, rule.span.range)
            }
        }
    }

    /// Where a rule stands: its file and line.
    package func place(of name: String) -> (file: String, line: Int)? {
        places[name].map { ($0.tree.file.name, $0.tree.file.line(at: $0.range.lowerBound)) }
    }

    /// Writes a rule; false: there is none of that name.
    @discardableResult
    package func write(_ name: String, to page: inout MarkupWriter) -> Bool {
        guard let place = places[name] else { return false }
        let tokens = place.tree.tokens.filter { place.range.contains($0.range.lowerBound) }
        page.element("pre", ["class": "listing", "tabindex": "0"]) { listing in
            for (index, token) in tokens.enumerated() {
                let file = place.tree.file
                // What stands before the rule is not its own.
                if index > 0 { writeTrivia(file.text(token.trivia), &listing) }
                let text = file.text(token.range)
                let before = index > 0 ? tokens[index - 1].kind : .endOfFile
                let behind = index + 1 < tokens.count ? tokens[index + 1].kind : .endOfFile
                if let style = RuleListing.style(token, text, between: before, behind) {
                    listing.element("span", ["class": style], text: text)
                } else {
                    listing.write(text)
                }
            }
        }
        return true
    }

    private func writeTrivia(_ text: String, _ listing: inout MarkupWriter) {
        guard let start = text.firstComment else { return listing.write(text) }
        listing.write(String(text[..<start]))
        var isFirst = true
        for line in text[start...].split(separator: "\n", omittingEmptySubsequences: false) {
            if !isFirst { listing.write("\n") }
            isFirst = false
            if line.contains("//") {
                listing.element("span", ["class": "comment"], text: String(line))
            } else {
                listing.write(String(line))
            }
        }
    }

    private static func style(
        _ token: Token, _ text: String, between before: TokenKind, _ behind: TokenKind
    ) -> String? {
        switch token.kind {
        case .text, .regex: return "text"
        case .integer, .float, .duration, .time, .address, .network: return "figure"
        case .word:
            // A field, or the name of one.
            if before == .mark(.dot) || behind == .mark(.dot) || behind == .mark(.colon) {
                return nil
            }
            let isWord = words.contains(text) || (token.startsLine && clauses.contains(text))
            return isWord ? "word" : nil
        default: return nil
        }
    }

    /// What a clause begins with, at the beginning of a line.
    private static let clauses: Set<String> = [
        "alert", "attempts", "disabled", "emit", "except", "having", "keys", "labels", "limit",
        "reset", "resolve", "rule", "severity", "skip", "suppress", "tags", "when",
    ]

    /// Words that the language has a meaning for; where one names a field it is coloured too.
    private static let words: Set<String> = [
        "after", "all", "and", "any", "as", "at", "between", "but", "by", "consecutive", "contains",
        "distinct", "each", "every", "false", "for", "from", "hopping", "in", "is", "last", "least",
        "like", "matches", "missing", "next", "no", "not", "of", "on", "optional", "or", "over",
        "past", "per", "present", "session", "sliding", "then", "times", "to", "true", "tumbling",
        "until", "where", "within",
    ]
}

extension String {
    /// Where the first comment begins.
    fileprivate var firstComment: Index? {
        var place = startIndex
        while place < endIndex {
            let next = index(after: place)
            if self[place] == "/", next < endIndex, self[next] == "/" { return place }
            place = next
        }
        return nil
    }
}
