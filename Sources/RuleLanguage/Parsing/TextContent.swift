// SPDX-License-Identifier: Apache-2.0

/// A piece of a text literal.
enum TextSegment {
    case text(String)
    /// The bytes between the braces of a hole.
    case hole(Range<Int>)
}

/// What is wrong inside a text literal.
enum TextTrouble {
    case badEscape
    case unclosedHole
    case loneBrace
}

/// Reads a text literal's escapes, its indentation and, in a template, its holes.
struct TextContent {
    private let bytes: [UInt8]
    private let form: TextForm
    private let isTemplate: Bool
    private var position: Int
    private var end: Int
    private var indentation: ArraySlice<UInt8> = []
    private var plain: [UInt8] = []
    private(set) var segments: [TextSegment] = []
    private(set) var troubles: [(trouble: TextTrouble, range: Range<Int>)] = []

    /// - Parameter range: the literal's bytes with its delimiters.
    init(_ bytes: [UInt8], range: Range<Int>, form: TextForm, isTerminated: Bool, isTemplate: Bool)
    {
        self.bytes = bytes
        self.form = form
        self.isTemplate = isTemplate
        position = range.lowerBound + form.delimiterLength
        end = max(position, range.upperBound - (isTerminated ? form.delimiterLength : 0))
        if form == .tripleQuoted { trimLines() }
        read()
    }

    /// The text with all segments joined.
    var text: String {
        segments.reduce(into: "") { text, segment in
            if case .text(let part) = segment { text += part }
        }
    }

    /// A text whose quotes stand on lines of their own has neither those lines' ends nor the
    /// indentation of the closing quotes.
    private mutating func trimLines() {
        guard position < end, let first = bytes[position..<end].firstIndex(of: ascii("\n")),
            bytes[position..<first].allSatisfy(isBlankOrReturn),
            let last = bytes[position..<end].lastIndex(of: ascii("\n")),
            bytes[(last + 1)..<end].allSatisfy(isBlankOrReturn)
        else { return }
        indentation = bytes[(last + 1)..<end]
        position = first + 1
        end = max(position, last)
        if end > position, bytes[end - 1] == ascii("\r") { end -= 1 }
        skipIndentation()
    }

    private func isBlankOrReturn(_ byte: UInt8) -> Bool {
        byte == ascii(" ") || byte == ascii("\t") || byte == ascii("\r")
    }

    private mutating func skipIndentation() {
        let rest = bytes[position..<end]
        if rest.starts(with: indentation) { position += indentation.count }
    }

    private mutating func read() {
        while position < end {
            let byte = bytes[position]
            switch byte {
            case ascii("\\") where form == .quoted || form == .tripleQuoted:
                escape()
            case ascii("{") where isTemplate:
                openBrace()
            case ascii("}") where isTemplate:
                closeBrace()
            default:
                plain.append(byte)
                position += 1
                if byte == ascii("\n") { skipIndentation() }
            }
        }
        flush()
    }

    private mutating func flush() {
        guard !plain.isEmpty else { return }
        segments.append(.text(String(decoding: plain, as: UTF8.self)))
        plain = []
    }

    private func peek(_ ahead: Int) -> UInt8 {
        position + ahead < end ? bytes[position + ahead] : 0
    }

    // MARK: escapes

    private mutating func escape() {
        switch peek(1) {
        case ascii("n"): plain.append(ascii("\n"))
        case ascii("t"): plain.append(ascii("\t"))
        case ascii("\""): plain.append(ascii("\""))
        case ascii("\\"): plain.append(ascii("\\"))
        case ascii("u"): return unicodeEscape()
        default:
            troubles.append((.badEscape, position..<min(position + 2, end)))
            plain.append(ascii("\\"))
            position += 1
            return
        }
        position += 2
    }

    /// `\u{…}` with up to six hexadecimal digits.
    private mutating func unicodeEscape() {
        let start = position
        position += 2
        var digits: [UInt8] = []
        if peek(0) == ascii("{") {
            position += 1
            while position < end, isHexDigit(bytes[position]), digits.count < 7 {
                digits.append(bytes[position])
                position += 1
            }
            if peek(0) == ascii("}") {
                position += 1
                if let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                    digits.count <= 6, let scalar = Unicode.Scalar(code)
                {
                    plain.append(contentsOf: String(scalar).utf8)
                    return
                }
            }
        }
        troubles.append((.badEscape, start..<position))
    }

    // MARK: holes

    private mutating func openBrace() {
        if peek(1) == ascii("{") {
            plain.append(ascii("{"))
            position += 2
            return
        }
        let start = position
        position += 1
        while position < end, bytes[position] != ascii("}"), bytes[position] != ascii("{") {
            if bytes[position] == ascii("\""), let close = closingQuote() { position = close }
            position += 1
        }
        guard position < end, bytes[position] == ascii("}") else {
            troubles.append((.unclosedHole, start..<start + 1))
            plain.append(contentsOf: bytes[start..<min(position, end)])
            position = min(position, end)
            return
        }
        flush()
        segments.append(.hole(start + 1..<position))
        position += 1
    }

    /// The quote that ends the text beginning here inside a hole.
    private func closingQuote() -> Int? {
        var i = position + 1
        while i < end {
            if bytes[i] == ascii("\"") { return i }
            i += bytes[i] == ascii("\\") ? 2 : 1
        }
        return nil
    }

    private mutating func closeBrace() {
        if peek(1) == ascii("}") {
            position += 1
        } else {
            troubles.append((.loneBrace, position..<position + 1))
        }
        plain.append(ascii("}"))
        position += 1
    }
}
