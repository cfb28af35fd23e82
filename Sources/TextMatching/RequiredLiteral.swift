// SPDX-License-Identifier: Apache-2.0
// A text that every match of a pattern has in it, for a search that is much cheaper than the
// pattern's. Only plain patterns are understood, and at whatever may be more than it seems the
// search for a text is given up: none found is never wrong. Exercised by RequiredLiteralTests.

/// A pattern being read for the texts between its special characters.
struct RequiredLiteral {
    /// A shorter one would hardly ever be missing.
    static let leastByteCount = 3
    static let byteCap = 64

    private let pattern: [UInt8]
    private var place = 0
    private var run: [UInt8] = []
    private var best: [UInt8] = []
    private var ignoresCase = false

    /// The longest text known to be in every match; empty where none is.
    static func find(in pattern: String, flags: String) -> [UInt8] {
        // Other case is other text, and blanks may not count.
        guard !flags.contains("i"), !flags.contains("x") else { return [] }
        var reader = RequiredLiteral(pattern)
        guard reader.readAll(), reader.best.count >= leastByteCount else { return [] }
        return Array(reader.best.prefix(byteCap))
    }

    /// Like `find`, of patterns that ignore case too: then the text is in every match once case is
    /// ignored as `LikePattern` does.
    static func find(
        in pattern: String, flags: String, leastByteCount least: Int
    ) -> (bytes: [UInt8], ignoresCase: Bool)? {
        guard !flags.contains("x") else { return nil }
        var reader = RequiredLiteral(pattern)
        reader.ignoresCase = flags.contains("i")
        guard reader.readAll(), reader.best.count >= least else { return nil }
        return (Array(reader.best.prefix(byteCap)), reader.ignoresCase)
    }

    private init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// Adds a byte that stands for itself. Two letters have other cases outside of ASCII (the signs
    /// of Kelvin, and of the long s): where case is ignored they are left out.
    private mutating func append(_ byte: UInt8) {
        let letter = byte | 0x20
        if ignoresCase, letter == UInt8(ascii: "k") || letter == UInt8(ascii: "s") {
            endRun()
        } else {
            run.append(byte)
        }
    }

    private func byte(_ ahead: Int = 0) -> UInt8? {
        place + ahead < pattern.count ? pattern[place + ahead] : nil
    }

    private mutating func endRun() {
        if run.count > best.count { best = run }
        run = []
    }

    /// False: the pattern is not a plain one.
    private mutating func readAll() -> Bool {
        while let next = byte() {
            switch next {
            case UInt8(ascii: "\\"): guard readEscape() else { return false }
            case UInt8(ascii: "["):
                endRun()
                guard skipClass() else { return false }
            case UInt8(ascii: "("):
                endRun()
                guard skipGroup() else { return false }
            case UInt8(ascii: "|"), UInt8(ascii: ")"): return false
            case UInt8(ascii: "*"), UInt8(ascii: "?"):
                _ = run.popLast()
                endRun()
                place += 1
            case UInt8(ascii: "{"):
                _ = run.popLast()
                endRun()
                guard skipCount() else { return false }
            case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "$"),
                UInt8(ascii: "]"), UInt8(ascii: "}"), 0x80...:
                endRun()
                place += 1
            default:
                append(next)
                place += 1
            }
        }
        endRun()
        return true
    }

    /// A character that stands for itself, or one of the plain classes and tests of a place.
    private mutating func readEscape() -> Bool {
        guard let escaped = byte(1) else { return false }
        guard let isItself = RequiredLiteral.isItself(escaped) else { return false }
        if isItself { append(escaped) } else { endRun() }
        place += 2
        return true
    }

    /// Whether the byte behind a backslash stands for itself; nil: it may begin something longer,
    /// or change how the rest is read.
    private static func isItself(_ escaped: UInt8) -> Bool? {
        switch escaped {
        case 48...57, 65...90, 97...122: plainEscapes.contains(escaped) ? false : nil
        case 0x21..<0x7f: true
        default: nil
        }
    }

    private static let plainEscapes = Array("dDwWsSbBAzZhHvVRtnr".utf8)

    /// Digits and commas in braces; anything else is a text, or new to us.
    private mutating func skipCount() -> Bool {
        place += 1
        while let next = byte() {
            place += 1
            if next == UInt8(ascii: "}") { return true }
            guard next &- 48 < 10 || next == UInt8(ascii: ",") else { return false }
        }
        return false
    }

    private mutating func skipClass() -> Bool {
        place += 1
        if byte() == UInt8(ascii: "^") { place += 1 }
        // A bracket that closes stands for itself where it comes first.
        if byte() == UInt8(ascii: "]") { place += 1 }
        while let next = byte() {
            switch next {
            case UInt8(ascii: "]"):
                place += 1
                return true
            // `[:name:]` and its like.
            case UInt8(ascii: "["): return false
            case UInt8(ascii: "\\"):
                guard let escaped = byte(1), RequiredLiteral.isItself(escaped) != nil else {
                    return false
                }
                place += 2
            default: place += 1
            }
        }
        return false
    }

    /// A group with all that is in it, of the kinds that change nothing outside of them.
    private mutating func skipGroup() -> Bool {
        var depth = 0
        while let next = byte() {
            switch next {
            case UInt8(ascii: "("):
                guard beginsPlainGroup() else { return false }
                depth += 1
                place += 1
            case UInt8(ascii: ")"):
                depth -= 1
                place += 1
                if depth == 0 { return true }
            case UInt8(ascii: "["): guard skipClass() else { return false }
            case UInt8(ascii: "\\"):
                guard let escaped = byte(1), RequiredLiteral.isItself(escaped) != nil else {
                    return false
                }
                place += 2
            default: place += 1
            }
        }
        return false
    }

    /// Whether the parenthesis at hand begins a group that captures, with a name or without, one
    /// that does not, or one that looks ahead or behind.
    private func beginsPlainGroup() -> Bool {
        guard let first = byte(1) else { return false }
        if first == UInt8(ascii: "*") { return false }
        guard first == UInt8(ascii: "?") else { return true }
        switch byte(2) {
        case UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"): return true
        case UInt8(ascii: "P"): return byte(3) == UInt8(ascii: "<")
        default: return false
        }
    }
}
