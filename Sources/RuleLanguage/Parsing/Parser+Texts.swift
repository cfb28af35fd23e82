// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

extension Parser {
    /// A plain text, where braces are braces.
    mutating func text(_ what: String, mayStartLine: Bool = false) throws(Abandon) -> Spanned<
        String
    > {
        guard isText(current), mayStartLine || !endsLine() else { throw expected(what) }
        let token = advance()
        return Spanned(plainText(token), span(token))
    }

    mutating func plainText(_ token: Token) -> String {
        content(of: token, isTemplate: false)?.text ?? ""
    }

    private mutating func content(of token: Token, isTemplate: Bool) -> TextContent? {
        guard case .text(let form, let isTerminated) = token.kind else { return nil }
        let content = TextContent(
            file.bytes, range: token.range, form: form, isTerminated: isTerminated,
            isTemplate: isTemplate)
        for (trouble, range) in content.troubles { report(trouble, range) }
        return content
    }

    private mutating func report(_ trouble: TextTrouble, _ range: Range<Int>) {
        let found = file.excerpt(range)
        switch trouble {
        case .badEscape:
            let label =
                found == "\\{" || found == "\\}"
                ? "write `\(found.dropFirst())\(found.dropFirst())` for a brace"
                : "the escapes are `\\n`, `\\t`, `\\\"`, `\\\\` and `\\u{…}`"
            report(.badEscape, "`\(found)` is no escape", at: range, label: label)
        case .unclosedHole:
            report(
                .badHole, "this hole has no end", at: range,
                label: "expected `}` behind it, or `{{` for a brace")
        case .loneBrace:
            report(
                .badHole, "this `}` closes no hole", at: range, label: "write `}}` for a brace",
                fix: "}}")
        }
    }

    /// A text with holes, where a template may stand; else a literal.
    mutating func template(_ token: Token) -> ExprSyntax {
        let place = span(token)
        guard let content = content(of: token, isTemplate: readsTemplates) else {
            return ExprSyntax(.invalid, place)
        }
        var parts: [TemplatePartSyntax] = []
        var hasHoles = false
        for segment in content.segments {
            switch segment {
            case .text(let text): parts.append(.text(text))
            case .hole(let range):
                hasHoles = true
                parts.append(.hole(hole(range)))
            }
        }
        return ExprSyntax(hasHoles ? .template(parts) : .literal(.string(content.text)), place)
    }

    private mutating func hole(_ range: Range<Int>) -> ExprSyntax {
        let place = SourceSpan(file, range)
        var lexer = Lexer(file: file, range: range)
        lexer.run()
        diagnostics += lexer.diagnostics
        if lexer.tokens.count == 1 {
            report(
                .badHole, "this hole is empty", at: range.lowerBound - 1..<range.upperBound + 1,
                label: "expected a value, or `{{` for a brace")
            return ExprSyntax(.invalid, place)
        }
        var parser = holeParser(lexer)
        defer { diagnostics += parser.diagnostics }
        do throws(Abandon) {
            let value = try parser.nested { (p: inout Parser) throws(Abandon) in
                try p.expression("a value")
            }
            height = max(height, parser.height)
            if parser.atEnd { return value }
            _ = parser.expected("`}` after the value", code: .badHole)
        } catch {}
        return ExprSyntax(.invalid, place)
    }
}
