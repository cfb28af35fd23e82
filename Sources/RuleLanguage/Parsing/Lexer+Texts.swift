// SPDX-License-Identifier: Apache-2.0

import Diagnostics

extension Lexer {
    /// `"…"`: ends at the first quote that no backslash precedes and, in a template, that is in no
    /// hole; at the latest with the line.
    mutating func quotedText() -> TokenKind {
        let start = position
        if mayBeginTemplate, let templateEnd {
            position = templateEnd
            return .text(.quoted, isTerminated: true)
        }
        position += 1
        while position < end, bytes[position] != ascii("\n") {
            if bytes[position] == ascii("\"") {
                position += 1
                return .text(.quoted, isTerminated: true)
            }
            position += bytes[position] == ascii("\\") && peek(1) != ascii("\n") ? 2 : 1
        }
        position = min(position, end)
        giveBackClosers(from: start)
        report(
            .unterminatedText, "this text has no end", at: start..<position,
            label: "expected `\"` before the end of the line")
        return .text(.quoted, isTerminated: false)
    }

    /// The end of the template that begins here; nil where a hole or a text in it does not end on
    /// this line, so that a forgotten brace does not swallow what stands behind the text.
    private var templateEnd: Int? {
        var isInHole = false
        var isInText = false
        var i = position + 1
        while i < end, bytes[i] != ascii("\n") {
            switch bytes[i] {
            case ascii("\\"): i += 1
            case ascii("\"") where isInHole: isInText.toggle()
            case ascii("\""): return i + 1
            case ascii("{") where !isInHole:
                if i + 1 < end, bytes[i + 1] == ascii("{") { i += 1 } else { isInHole = true }
            case ascii("}") where !isInText: isInHole = false
            default: break
            }
            i += 1
        }
        return nil
    }

    /// Leaves brackets at the end of an unterminated text that the text did not open: the author
    /// forgot the quote before them, and without them the block would seem to have no end either.
    private mutating func giveBackClosers(from start: Int) {
        let opened = bytes[start..<position].count { $0 == ascii("{") }
        var surplus = bytes[start..<position].count { $0 == ascii("}") } - opened
        while surplus > 0, position > start + 1 {
            switch bytes[position - 1] {
            case ascii("}"): surplus -= 1
            case ascii(" "), ascii("\t"), ascii("\r"), ascii(")"), ascii("]"): break
            default: return
            }
            position -= 1
        }
        while position > start + 1, bytes[position - 1] == ascii(" ") { position -= 1 }
    }

    /// `"""…"""`, over several lines if need be.
    mutating func tripleQuotedText() -> TokenKind {
        let start = position
        position += 3
        while position < end {
            if looking(at: "\"\"\"") {
                position += 3
                return .text(.tripleQuoted, isTerminated: true)
            }
            position += bytes[position] == ascii("\\") ? 2 : 1
        }
        position = end
        report(
            .unterminatedText, "this text has no end", at: start..<start + 3,
            label: "expected `\"\"\"` before the end of the file")
        return .text(.tripleQuoted, isTerminated: false)
    }

    /// `'…'`, for which others have a use: read as a text where it closes on its line.
    mutating func apostropheText() -> TokenKind {
        let start = position
        position += 1
        skip { $0 != ascii("'") && $0 != ascii("\n") }
        guard peek() == ascii("'"), position < end else {
            position = start + 1
            report(.apostrophes, "`'` has no meaning here", at: start..<position)
            return .invalid
        }
        position += 1
        let content = file.text(start + 1..<position - 1)
        let fix = content.utf8.contains { $0 == ascii("\"") || $0 == ascii("\\") }
        report(
            .apostrophes, "texts stand between `\"`, not `'`", at: start..<position,
            label: fix ? "" : "write `\"\(excerpt(start + 1..<position - 1))\"`",
            fix: fix ? nil : "\"\(content)\"")
        return .text(.apostrophes, isTerminated: true)
    }

    /// `“…”`, as word processors write texts: read as a text where it closes on its line.
    mutating func typographicText() -> TokenKind? {
        guard looking(at: "“") || looking(at: "„") else { return nil }
        var length = 3
        while position + length < end, peek(length) != ascii("\n") {
            if looking(at: "”", length) || looking(at: "“", length) {
                let range = position..<position + length + 3
                let content = file.text(range.lowerBound + 3..<range.upperBound - 3)
                position = range.upperBound
                report(
                    .unknownCharacter, "texts stand between `\"`, not typographic quotes",
                    at: range, fix: content.contains("\"") ? nil : "\"\(content)\"")
                return .text(.typographic, isTerminated: true)
            }
            length += 1
        }
        return nil
    }

    /// A name between backquotes.
    mutating func quotedName() -> TokenKind {
        let start = position
        position += 1
        skip { $0 != ascii("`") && $0 != ascii("\n") }
        guard position < end, bytes[position] == ascii("`") else {
            // Up to the next blank, as the name was probably meant.
            position = start + 1
            skip(while: isWordPart)
            report(
                .badQuotedName, "this name has no end", at: start..<position,
                label: "expected a backquote before the end of the line")
            return .quotedName(file.text(start + 1..<position))
        }
        position += 1
        if position == start + 2 {
            report(.badQuotedName, "a name must not be empty", at: start..<position)
        }
        return .quotedName(file.text(start + 1..<position - 1))
    }

    /// `r"…"` or `r"""…"""`, then flags. Backslashes belong to the pattern; one before a quote
    /// keeps it from ending the literal.
    mutating func regex() -> TokenKind {
        let start = position
        let isTriple = looking(at: "\"\"\"", 1)
        position += isTriple ? 4 : 2
        let from = position
        while position < end, isTriple || bytes[position] != ascii("\n") {
            if bytes[position] == ascii("\""), !isTriple || looking(at: "\"\"\"") {
                let pattern = file.text(from..<position)
                position += isTriple ? 3 : 1
                return .regex(RegexLiteral(pattern: pattern, flags: regexFlags()))
            }
            position += bytes[position] == ascii("\\") && peek(1) != ascii("\n") ? 2 : 1
        }
        position = min(position, end)
        report(
            .badRegex, "this regex has no end", at: isTriple ? start..<start + 4 : start..<position,
            label: "expected `\"` before the end of the \(isTriple ? "file" : "line")")
        return .regex(RegexLiteral(pattern: file.text(from..<max(from, position)), flags: ""))
    }

    /// `i` ignores case, `m` lets `^` and `$` match at lines, `s` lets `.` match a line end, `x`
    /// allows blanks and comments.
    private mutating func regexFlags() -> String {
        let from = position
        skip(while: isWordPart)
        let flags = file.text(from..<position)
        guard let unknown = flags.first(where: { !"imsx".contains($0) }) else { return flags }
        report(
            .badRegex, "`\(unknown)` is no flag of a regex", at: from..<position,
            label: "the flags are `i`, `m`, `s` and `x`")
        return flags.filter { "imsx".contains($0) }
    }
}
