// SPDX-License-Identifier: Apache-2.0

/// A token with its place and the trivia before it.
///
/// - Shape: `trivia` ∪ `range` of all tokens cover the file's bytes exactly once, in order.
package struct Token: Sendable {
    package var kind: TokenKind
    /// Blanks, line ends and comments before the token.
    package var trivia: Range<Int>
    package var range: Range<Int>
    /// Whether a line end stands in the trivia (or the file starts here).
    package var startsLine: Bool

    package init(kind: TokenKind, trivia: Range<Int>, range: Range<Int>, startsLine: Bool) {
        self.kind = kind
        self.trivia = trivia
        self.range = range
        self.startsLine = startsLine
    }
}
