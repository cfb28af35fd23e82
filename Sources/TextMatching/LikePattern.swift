// SPDX-License-Identifier: Apache-2.0
// Wildcards. The matcher keeps one place to return to, the last `*`: a later `*` makes earlier
// ones irrelevant, so the time is at most |text| × |pattern|. Exercised by LikePatternTests.

/// The right side of `like`: `*` is any text, `?` is any one Unicode scalar, all else is itself.
///
/// The pattern covers the whole text. Nothing escapes a wildcard; `matches` is there for that.
package struct LikePattern: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case scalar(UInt32)
        case anyScalar
        case anyText
    }

    package let pattern: String
    package let ignoresCase: Bool
    private let tokens: [Token]

    package init(_ pattern: String, ignoringCase: Bool = false) {
        self.pattern = pattern
        ignoresCase = ignoringCase
        var tokens: [Token] = []
        for scalar in pattern.unicodeScalars {
            switch scalar {
            case "*": if tokens.last != .anyText { tokens.append(.anyText) }
            case "?": tokens.append(.anyScalar)
            default:
                tokens.append(.scalar(ignoringCase ? fold(scalar.value) : scalar.value))
            }
        }
        self.tokens = tokens
    }

    package func matches(_ text: String) -> Bool { matches(text.utf8.span) }

    /// The longest text between two wildcards, which every text that matches has in it.
    package var requiredText: String {
        let runs = pattern.unicodeScalars.split { $0 == "*" || $0 == "?" }.map { String($0) }
        return runs.max { $0.utf8.count < $1.utf8.count } ?? ""
    }

    /// Whether the pattern is a text without wildcards.
    package var isPlain: Bool { !pattern.unicodeScalars.contains { $0 == "*" || $0 == "?" } }

    /// A byte that is not part of valid UTF-8 counts as one scalar that equals no other.
    package func matches(_ text: Span<UInt8>) -> Bool {
        var at = 0
        var token = 0
        // Where the last `*` was, and the text it has not taken yet.
        var star: (token: Int, at: Int)?
        while at < text.count {
            let (value, length) = decodeScalar(text, at)
            if token < tokens.count, tokens[token] == .anyText {
                token += 1
                star = (token, at)
            } else if token < tokens.count, accepts(tokens[token], value) {
                token += 1
                at += length
            } else if let place = star {
                let next = place.at + decodeScalar(text, place.at).length
                star = (place.token, next)
                token = place.token
                at = next
            } else {
                return false
            }
        }
        while token < tokens.count, tokens[token] == .anyText { token += 1 }
        return token == tokens.count
    }

    private func accepts(_ token: Token, _ value: UInt32) -> Bool {
        switch token {
        case .anyScalar, .anyText: true
        case .scalar(let wanted): wanted == (ignoresCase ? fold(value) : value)
        }
    }
}

/// The lower-case scalar of `value`, where Unicode maps it to one.
func fold(_ value: UInt32) -> UInt32 {
    if value < 0x80 { return value >= 65 && value <= 90 ? value + 32 : value }
    guard let scalar = Unicode.Scalar(value) else { return value }
    let mapped = scalar.properties.lowercaseMapping.unicodeScalars
    return mapped.count == 1 ? mapped[mapped.startIndex].value : value
}

/// The scalar at `at` and its length in bytes; a number beyond Unicode for a byte that starts none.
func decodeScalar(_ text: borrowing Span<UInt8>, _ at: Int) -> (value: UInt32, length: Int) {
    let first = text[at]
    if first < 0x80 { return (UInt32(first), 1) }
    let invalid = (value: 0x11_0000 + UInt32(first), length: 1)
    let (length, least): (Int, UInt32) =
        switch first {
        case 0xc2...0xdf: (2, 0x80)
        case 0xe0...0xef: (3, 0x800)
        case 0xf0...0xf4: (4, 0x1_0000)
        default: (0, 0)
        }
    guard length > 0, at + length <= text.count else { return invalid }
    var value = UInt32(first) & (0x7f >> UInt32(length))
    for i in 1..<length {
        let byte = text[at + i]
        guard byte & 0xc0 == 0x80 else { return invalid }
        value = value << 6 | UInt32(byte & 0x3f)
    }
    guard value >= least, Unicode.Scalar(value) != nil else { return invalid }
    return (value, length)
}
