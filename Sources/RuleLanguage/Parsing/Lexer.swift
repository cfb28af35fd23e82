// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Bytes to tokens. Total: any bytes give tokens that, with their trivia, cover them exactly.
///
/// - Shape: one pass, a bounded look ahead at each token.
struct Lexer {
    let file: SourceFile
    let bytes: [UInt8]
    /// The offset behind the last byte to read: less than the file's end for a template's hole.
    let end: Int
    var position: Int
    var tokens: [Token] = []
    private(set) var diagnostics: [Diagnostic] = []
    var triviaStart: Int
    var startsLine = true
    /// How many `{` of fields whose values may be templates are open.
    private(set) var templateDepth = 0
    /// Whether all of the file is read.
    let isWhole: Bool
    /// What may be repeated, and the token with which what comes next began.
    var pieces: [LexedPiece] = []
    var pieceStart: Int?
    /// What was found to be repeated, in order.
    var repetitions: [RepeatedTokens] = []

    init(file: SourceFile, range: Range<Int>? = nil) {
        self.file = file
        bytes = file.bytes
        isWhole = range == nil
        position = range?.lowerBound ?? 0
        end = range?.upperBound ?? file.bytes.count
        triviaStart = position
    }

    /// Reads everything; `tokens` ends with `.endOfFile`.
    mutating func run() {
        // Words and signs are short: growing would copy everything several times.
        tokens.reserveCapacity((end - position) / 4 + 2)
        while true {
            skipTrivia()
            if atRuleInFirstColumn, repeatsPiece() { continue }
            let start = position
            guard position < end else { break }
            let kind = token()
            append(kind, from: start)
        }
        append(.endOfFile, from: position)
    }

    /// Makes everything one token that is already diagnosed.
    mutating func refuseAll() {
        if position < end {
            position = end
            append(.invalid, from: triviaStart)
        }
        append(.endOfFile, from: position)
    }

    private mutating func append(_ kind: TokenKind, from start: Int) {
        tokens.append(
            Token(
                kind: kind, trivia: triviaStart..<start, range: start..<position,
                startsLine: startsLine))
        triviaStart = position
        startsLine = false
        switch kind {
        case .mark(.leftBrace) where templateDepth > 0 || opensTemplateFields: templateDepth += 1
        case .mark(.rightBrace) where templateDepth > 0: templateDepth -= 1
        default: break
        }
    }

    // MARK: where templates stand

    /// Whether a text that begins here may have holes, as far as the tokens before it show.
    var mayBeginTemplate: Bool { templateDepth > 0 || isClause("alert", 1) }

    /// Whether the brace just read opens the fields of `alert "…"`, `labels` or `emit`.
    private var opensTemplateFields: Bool {
        if isClause("labels", 2) || isClause("emit", 2) { return true }
        guard tokens.count > 2, case .text = tokens[tokens.count - 2].kind else { return false }
        return isClause("alert", 3)
    }

    /// Whether the token `back` from the end is this word, and not the name of a rule.
    private func isClause(_ name: String, _ back: Int) -> Bool {
        isWord(name, back) && !isWord("rule", back + 1)
    }

    private func isWord(_ name: String, _ back: Int) -> Bool {
        guard tokens.count >= back else { return false }
        let range = tokens[tokens.count - back].range
        guard range.count == name.utf8.count, case .word = tokens[tokens.count - back].kind
        else { return false }
        return bytes.holds(name, at: range.lowerBound)
    }

    // MARK: reading

    /// The byte `ahead` of the position; 0 behind the end.
    func peek(_ ahead: Int = 0) -> UInt8 {
        position + ahead < end ? bytes[position + ahead] : 0
    }

    func looking(at text: String, _ ahead: Int = 0) -> Bool {
        let start = position + ahead
        let count = text.utf8.count
        guard start + count <= end else { return false }
        return bytes.holds(text, at: start)
    }

    mutating func skip(while accepts: (UInt8) -> Bool) {
        while position < end, accepts(bytes[position]) { position += 1 }
    }

    mutating func report(
        _ code: SyntaxCode, _ message: String, at range: Range<Int>, label: String = "",
        fix: String? = nil
    ) {
        diagnostics.append(
            Diagnostic(
                code: code.rawValue, severity: .error, message, at: SourceSpan(file, range),
                label: label, fix: fix))
    }

    /// The source text of `range`, cut where it is long, for a message.
    func excerpt(_ range: Range<Int>) -> String { file.excerpt(range) }

    // MARK: trivia

    private mutating func skipTrivia() {
        if position == 0, looking(at: "\u{feff}") { position = 3 }
        while position < end {
            let byte = bytes[position]
            switch byte {
            case ascii("\n"):
                startsLine = true
                position += 1
            case ascii(" "), ascii("\t"), ascii("\r"), 0x0b, 0x0c:
                position += 1
            case ascii(";"):
                report(
                    .semicolon, "`;` has no meaning here", at: position..<position + 1,
                    label: "a line's end ends a statement", fix: "")
                startsLine = true
                position += 1
            case ascii("/") where peek(1) == ascii("/"):
                skip { $0 != ascii("\n") }
            case ascii("/") where peek(1) == ascii("*"):
                skipBlockComment()
            case ascii("#"):
                skipForeignComment(markLength: 1)
            case ascii("-") where peek(1) == ascii("-") && isBlank(peek(2)):
                skipForeignComment(markLength: 2)
            case 0x80...:
                guard skipForeignBlank() else { return }
            default:
                return
            }
        }
    }

    private mutating func skipForeignComment(markLength: Int) {
        let mark = position..<position + markLength
        report(
            .foreignComment, "`\(excerpt(mark))` begins no comment", at: mark,
            label: "comments begin with `//`", fix: "//")
        skip { $0 != ascii("\n") }
    }

    private mutating func skipBlockComment() {
        report(
            .foreignComment, "`/*` begins no comment", at: position..<position + 2,
            label: "comments begin with `//` and end with the line")
        position += 2
        while position < end, !looking(at: "*/") {
            if bytes[position] == ascii("\n") { startsLine = true }
            position += 1
        }
        position = min(position + 2, end)
    }

    /// Skips a blank that is not ASCII's: copied from a web page or a word processor.
    private mutating func skipForeignBlank() -> Bool {
        for (blank, length) in foreignBlanks where looking(at: blank) {
            report(
                .unknownCharacter, "a blank that is no plain space",
                at: position..<position + length,
                label: "write a plain space", fix: " ")
            position += length
            return true
        }
        return false
    }

    // MARK: tokens

    private mutating func token() -> TokenKind {
        let byte = bytes[position]
        if isWordStart(byte) {
            if let address = ipv6() { return address }
            if byte == ascii("r"), peek(1) == ascii("\"") { return regex() }
            return word()
        }
        if isDigit(byte) { return number() }
        switch byte {
        case ascii("\""): return looking(at: "\"\"\"") ? tripleQuotedText() : quotedText()
        case ascii("'"): return apostropheText()
        case ascii("`"): return quotedName()
        case ascii(":"):
            if peek(1) == ascii(":"), let address = ipv6() { return address }
        default: break
        }
        return mark() ?? unknown()
    }

    private mutating func word() -> TokenKind {
        let start = position
        skip(while: isWordPart)
        guard peek() >= 0x80, !isForeignBlankOrQuote else { return .word }
        skip { isWordPart($0) || $0 >= 0x80 }
        return oddName(from: start)
    }

    private var isForeignBlankOrQuote: Bool {
        foreignBlanks.contains { looking(at: $0.0) } || quoteMarks.contains { looking(at: $0) }
    }

    private mutating func oddName(from start: Int) -> TokenKind {
        let text = excerpt(start..<position)
        report(
            .unknownCharacter, "`\(text)` is no plain name", at: start..<position,
            label: "odd names stand between backquotes", fix: "`\(text)`")
        return .quotedName(text)
    }

    private mutating func mark() -> TokenKind? {
        if let (plain, length) = plainMark {
            position += length
            return .mark(plain)
        }
        if let foreign = foreignMark() { return foreign }
        for (text, length, mark) in marks where looking(at: text) {
            if mark == .likeIgnoringCase, isWordPart(peek(length)) { continue }
            position += length
            return .mark(mark)
        }
        return nil
    }

    /// The sign here and its length, where it is plain to see that no longer one begins so.
    private var plainMark: (Mark, Int)? {
        switch bytes[position] {
        case ascii("{"): return (.leftBrace, 1)
        case ascii("}"): return (.rightBrace, 1)
        case ascii("["): return (.leftBracket, 1)
        case ascii("]"): return (.rightBracket, 1)
        case ascii("("): return (.leftParen, 1)
        case ascii(")"): return (.rightParen, 1)
        case ascii(","): return (.comma, 1)
        case ascii(":"): return (.colon, 1)
        case ascii("."): return (.dot, 1)
        case ascii("="):
            if peek(1) != ascii("=") { return (.assign, 1) }
            return peek(2) == ascii("=") ? nil : (.equal, 2)
        default: return nil
        }
    }

    /// Operators of other languages, read as ours.
    private mutating func foreignMark() -> TokenKind? {
        for (text, length, meant, mark) in foreignMarks where looking(at: text) {
            if mark == .foreignNot, peek(1) == ascii("=") { continue }
            let range = position..<position + length
            report(
                .foreignOperator, "`\(excerpt(range))` is no operator of the rule language",
                at: range, label: "write `\(meant)`", fix: mark == .foreignNot ? "not " : meant)
            position += length
            return .mark(mark)
        }
        return nil
    }

    /// Signs that begin no token. Where a word follows at once they are taken for one odd name, so
    /// that the parser can go on.
    private mutating func unknown() -> TokenKind {
        if let text = typographicText() { return text }
        let start = position
        repeat {
            position += 1
            skip { $0 & 0xc0 == 0x80 }
        } while position < end && bytes[position] >= 0x80
        let isName = bytes[start] != ascii("\\") && bytes[start] >= 0x20
        if isName, position < end, isWordPart(bytes[position]) {
            skip { isWordPart($0) || $0 >= 0x80 }
            return oddName(from: start)
        }
        let range = start..<position
        let isPrintable = bytes[start] >= 0x20 && bytes[start] != 0x7f
        report(
            .unknownCharacter,
            isPrintable
                ? "`\(excerpt(range))` has no meaning here"
                : "a control character (code \(bytes[start])) has no meaning here", at: range,
            label: quoteMarks.contains(excerpt(range)) ? "texts stand between `\"`" : "")
        return .invalid
    }
}

private let foreignBlanks: [(String, Int)] = [
    ("\u{a0}", 2), ("\u{200b}", 3), ("\u{202f}", 3), ("\u{feff}", 3), ("\u{3000}", 3),
    ("\u{2009}", 3), ("\u{2003}", 3), ("\u{2028}", 3),
]

private let quoteMarks = ["“", "”", "„", "‘", "’", "«", "»"]

/// Longest first among those that begin alike.
private let marks: [(String, Int, Mark)] = [
    ("{", 1, .leftBrace), ("}", 1, .rightBrace), ("[", 1, .leftBracket), ("]", 1, .rightBracket),
    ("(", 1, .leftParen), (")", 1, .rightParen), (",", 1, .comma), (":", 1, .colon),
    (".", 1, .dot), ("??", 2, .coalesce), ("?", 1, .question), ("|", 1, .bar),
    ("==", 2, .equal), ("=", 1, .assign), ("!=", 2, .notEqual), ("<=", 2, .lessOrEqual),
    ("<", 1, .less), (">=", 2, .greaterOrEqual), (">", 1, .greater),
    ("~=", 2, .equalIgnoringCase), ("~like", 5, .likeIgnoringCase), ("+", 1, .plus),
    ("-", 1, .minus), ("*", 1, .star), ("/", 1, .slash), ("%", 1, .percent),
]

private let foreignMarks: [(String, Int, String, Mark)] = [
    ("&&", 2, "and", .foreignAnd), ("||", 2, "or", .foreignOr), ("===", 3, "==", .equal),
    ("!==", 3, "!=", .notEqual), ("<>", 2, "!=", .notEqual), ("!", 1, "not", .foreignNot),
]

extension [UInt8] {
    /// Whether the text stands at `start`; it ends inside.
    func holds(_ text: String, at start: Int) -> Bool {
        var place = start
        for byte in text.utf8 {
            if self[place] != byte { return false }
            place += 1
        }
        return true
    }
}

func ascii(_ scalar: Unicode.Scalar) -> UInt8 { UInt8(ascii: scalar) }

func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= ascii("a") && (byte | 0x20) <= ascii("z")
}

func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20) >= ascii("a") && (byte | 0x20) <= ascii("f")
}

func isWordStart(_ byte: UInt8) -> Bool { isLetter(byte) || byte == ascii("_") }

func isWordPart(_ byte: UInt8) -> Bool { isWordStart(byte) || isDigit(byte) }

/// Also true behind the end, where `peek` gives 0.
private func isBlank(_ byte: UInt8) -> Bool {
    byte == ascii(" ") || byte == ascii("\t") || byte == ascii("\n") || byte == ascii("\r")
        || byte == 0
}

extension SourceFile {
    /// The text of `range` on one line, cut where it is long, for a message.
    func excerpt(_ range: Range<Int>) -> String {
        let shown = text(range.lowerBound..<min(range.upperBound, range.lowerBound + 40))
        let line = shown.prefix { !$0.isNewline && $0 != "\0" }
        return range.count > 40 || line.count < shown.count ? line + "…" : String(line)
    }
}
