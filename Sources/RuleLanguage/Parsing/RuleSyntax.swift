// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Text to syntax tree.
package enum RuleSyntax {
    /// Parses one file: always a tree whose tokens print back the file, plus what is wrong with it,
    /// in order of position.
    package static func parse(_ file: SourceFile) -> ParseResult {
        var lexer = Lexer(file: file)
        let (encoding, isText) = Encoding.check(file)
        guard isText else {
            lexer.refuseAll()
            let tree = SyntaxTree(file: file, tokens: lexer.tokens, declarations: [])
            return ParseResult(tree: tree, diagnostics: encoding)
        }
        lexer.run()
        var parser = Parser(lexer)
        let declarations = parser.declarations()
        let tree = SyntaxTree(file: file, tokens: lexer.tokens, declarations: declarations)
        let found = encoding + lexer.diagnostics + parser.diagnostics
        let ordered = found.enumerated().sorted {
            ($0.element.span.range.lowerBound, $0.offset)
                < ($1.element.span.range.lowerBound, $1.offset)
        }
        return ParseResult(tree: tree, diagnostics: ordered.map(\.element))
    }
}
