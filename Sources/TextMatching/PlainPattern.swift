// SPDX-License-Identifier: Apache-2.0
// Which regexes mean the same to PCRE2 and to Vectorscan in a text of ASCII: those of literals,
// `.`, classes, groups, alternatives, counts and anchors. Everything else, however harmless, is
// PCRE2's alone. Exercised by PatternSetTests, which hold the two against each other.

/// A look at a regex, byte by byte.
struct PlainPattern {
    private let bytes: [UInt8]
    private var place = 0
    private var openGroups = 0

    /// Whether both mean the same by the pattern in a text of ASCII.
    static func isPlain(_ pattern: String, flags: String) -> Bool {
        var reader = PlainPattern(bytes: Array(pattern.utf8))
        return flags.utf8.allSatisfy { "ims".utf8.contains($0) } && reader.read()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func read() -> Bool {
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else { return false }
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\\"): guard takeEscape(inClass: false) else { return false }
            case UInt8(ascii: "["): guard takeClass() else { return false }
            case UInt8(ascii: "("): guard takeGroupStart() else { return false }
            case UInt8(ascii: ")"):
                openGroups -= 1
                guard openGroups >= 0, takeCount() else { return false }
                continue
            // A count can only stand behind what is counted, where it is taken.
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"),
                UInt8(ascii: "}"), UInt8(ascii: "]"):
                return false
            case UInt8(ascii: "^"), UInt8(ascii: "$"), UInt8(ascii: "|"): continue
            default: break
            }
            guard byte == UInt8(ascii: "(") || takeCount() else { return false }
        }
        return openGroups == 0
    }

    private func peek(_ ahead: Int = 0) -> UInt8 {
        place + ahead < bytes.count ? bytes[place + ahead] : 0
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: wanted) else { return false }
        place += 1
        return true
    }

    /// `*`, `+`, `?`, `{n}`, `{n,}` or `{n,m}` and a `?` behind it, if one stands here; false where
    /// it is none of these.
    private mutating func takeCount() -> Bool {
        switch peek() {
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): place += 1
        case UInt8(ascii: "{"):
            place += 1
            guard let least = takeNumber() else { return false }
            if take(","), peek() != UInt8(ascii: "}") {
                guard let most = takeNumber(), most >= least else { return false }
            }
            guard take("}") else { return false }
        default: return true
        }
        // `+` would hold on to what was taken; two counts are none.
        _ = take("?")
        return !"*+?{".utf8.contains(peek())
    }

    /// At most 200, so that a pattern stays small.
    private mutating func takeNumber() -> Int? {
        var number: Int?
        while peek() >= 0x30, peek() <= 0x39 {
            number = (number ?? 0) * 10 + Int(peek() - 0x30)
            guard number ?? 0 <= 200 else { return nil }
            place += 1
        }
        return number
    }

    private mutating func takeEscape(inClass: Bool) -> Bool {
        let byte = peek()
        place += 1
        switch byte {
        case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "w"), UInt8(ascii: "W"),
            UInt8(ascii: "t"), UInt8(ascii: "n"), UInt8(ascii: "r"):
            return true
        // In a class `\b` is the backspace.
        case UInt8(ascii: "b"): return !inClass && !"*+?{".utf8.contains(peek())
        // All other letters and digits have a meaning, which may differ; `\s` does.
        case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: return true
        default: return false
        }
    }

    /// `(`, `(?:` or a named group; neither looks around nor options.
    private mutating func takeGroupStart() -> Bool {
        openGroups += 1
        if openGroups > 20 || peek() == UInt8(ascii: "*") { return false }
        guard take("?") else { return true }
        if take(":") { return true }
        _ = take("P")
        guard take("<"), isLetter(peek()) else { return false }
        while isNamePart(peek()) { place += 1 }
        return take(">")
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    }

    private func isNamePart(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte >= 0x30 && byte <= 0x39
    }

    /// `[…]` of bytes, ranges of letters or digits, and plain escapes.
    private mutating func takeClass() -> Bool {
        _ = take("^")
        var isEmpty = true
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "]"): return !isEmpty
            case UInt8(ascii: "["): return false
            case UInt8(ascii: "\\"): guard takeEscape(inClass: true) else { return false }
            case UInt8(ascii: "-"):
                // As a sign of its own it stands at the end, or is escaped.
                guard peek() == UInt8(ascii: "]") else { return false }
            default:
                guard peek() == UInt8(ascii: "-"), peek(1) != UInt8(ascii: "]") else { break }
                let end = peek(1)
                guard isNamePart(byte), isNamePart(end), byte <= end else { return false }
                place += 2
            }
            isEmpty = false
        }
        return false
    }
}
