// SPDX-License-Identifier: Apache-2.0

/// A token with its place and the trivia before it.
///
/// - Shape: `trivia` ∪ `range` of all tokens cover the file's bytes exactly once, in order.
package struct Token: Sendable {
    package let kind: TokenKind
    /// Whether a line end stands in the trivia (or the file starts here).
    package let startsLine: Bool
    // A large ruleset has hundreds of thousands of tokens: half a line of the cache each.
    private let triviaStart: UInt32
    private let start: UInt32
    private let end: UInt32

    /// - Precondition: the trivia end where the token begins, less than 4 GB into the file.
    package init(kind: TokenKind, trivia: Range<Int>, range: Range<Int>, startsLine: Bool) {
        self.kind = kind
        self.startsLine = startsLine
        triviaStart = UInt32(clamping: trivia.lowerBound)
        start = UInt32(clamping: range.lowerBound)
        end = UInt32(clamping: range.upperBound)
    }

    /// Blanks, line ends and comments before the token.
    package var trivia: Range<Int> { Int(triviaStart)..<Int(start) }
    package var range: Range<Int> { Int(start)..<Int(end) }
}
