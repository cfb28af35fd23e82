// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// What a token is. Words are not told from keywords here: the parser goes by position.
package enum TokenKind: Equatable, Sendable {
    /// A bare word: a keyword or a name.
    case word
    /// A name between backquotes, without them.
    case quotedName(String)
    /// Held at the largest number where the digits say more; the parser reports that.
    case integer(UInt64)
    case float(Double)
    /// A text; its escapes and holes are read when the parser knows what it is for.
    case text(TextForm, isTerminated: Bool)
    indirect case regex(RegexLiteral)
    case duration(TimeSpan)
    case time(StreamTime)
    indirect case address(IPAddress)
    indirect case network(IPNetwork)
    case mark(Mark)
    /// Bytes that are no token; already diagnosed.
    case invalid
    case endOfFile
}

/// How a text is written.
package enum TextForm: Sendable {
    /// `"…"` on one line.
    case quoted
    /// `"""…"""`, over several lines if need be.
    case tripleQuoted
    /// `'…'`: already diagnosed.
    case apostrophes
    /// `“…”`: already diagnosed.
    case typographic

    /// The bytes of the delimiter on either side.
    package var delimiterLength: Int { self == .tripleQuoted || self == .typographic ? 3 : 1 }
}

/// A sign of punctuation or an operator.
package enum Mark: String, Sendable {
    case leftBrace = "{"
    case rightBrace = "}"
    case leftBracket = "["
    case rightBracket = "]"
    case leftParen = "("
    case rightParen = ")"
    case comma = ","
    case colon = ":"
    case dot = "."
    case question = "?"
    case bar = "|"
    case assign = "="
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equalIgnoringCase = "~="
    case likeIgnoringCase = "~like"
    case coalesce = "??"
    case plus = "+"
    case minus = "-"
    case star = "*"
    case slash = "/"
    case percent = "%"
    // Operators of other languages, diagnosed by the lexer and read as what they stand for.
    case foreignAnd = "&&"
    case foreignOr = "||"
    case foreignNot = "!"
}
