// SPDX-License-Identifier: Apache-2.0
// Functions on texts. Positions and lengths count Unicode scalars: cheap, stable over versions of
// Unicode, and what `?` in `like` and `.` in a regex take. Texts compare by bytes, never by
// canonical equivalence, as the engine's symbols do.

import Glibc

enum TextFunctions {
    static func trim(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    static func length(_ arguments: [Value]) -> Value {
        switch arguments.only {
        case .string(let text)?: .int(Int64(text.unicodeScalars.count))
        case .list(let elements)?: .int(Int64(elements.count))
        default: .missing
        }
    }

    /// `substring(text, start, count?)`, held to the text's ends; a negative start counts from
    /// the end.
    static func substring(_ arguments: [Value]) -> Value {
        guard (2...3).contains(arguments.count), let text = arguments.text(0),
            let start = arguments.int(1)
        else { return .missing }
        let scalars = text.unicodeScalars
        let length = Int64(scalars.count)
        let from = start < 0 ? Swift.max(0, length + Swift.max(start, -length)) : start
        guard from < length else { return .string("") }
        var count = length - from
        if arguments.count == 3 {
            guard let wanted = arguments.int(2) else { return .missing }
            count = Swift.max(0, Swift.min(count, wanted))
        }
        let first = scalars.index(scalars.startIndex, offsetBy: Int(from))
        let end = scalars.index(first, offsetBy: Int(count))
        return .string(String(scalars[first..<end]))
    }

    static func isPrefix(
        _ part: some Collection<UInt8>, _ whole: some Collection<UInt8>
    ) -> Bool {
        whole.starts(with: part)
    }

    /// `replace(text, part, by)`: every `part`, from the left, without overlap. An empty part is
    /// in no place.
    static func replace(_ arguments: [Value]) -> Value {
        guard arguments.count == 3, let text = arguments.text(0), let part = arguments.text(1),
            let by = arguments.text(2)
        else { return .missing }
        if part.isEmpty { return .string(text) }
        return .string(pieces(text, part).joined(separator: by))
    }

    /// An empty separator splits between all scalars.
    static func split(_ text: String, _ separator: String) -> Value {
        if separator.isEmpty {
            return .list(text.unicodeScalars.map { .string(String($0)) })
        }
        return .list(pieces(text, separator).map(Value.string))
    }

    private static func pieces(_ text: String, _ separator: String) -> [String] {
        let bytes = Array(text.utf8)
        let separator = Array(separator.utf8)
        var pieces: [String] = []
        var start = 0
        while let at = ValueOperations.find(separator, in: bytes, from: start) {
            pieces.append(String(decoding: bytes[start..<at], as: UTF8.self))
            start = at + separator.count
        }
        pieces.append(String(decoding: bytes[start...], as: UTF8.self))
        return pieces
    }

    /// Shannon's entropy in bits a scalar; summed in the order of the scalars' numbers, so that
    /// its bits are the same everywhere.
    static func entropy(_ text: String) -> Double {
        let scalars = text.unicodeScalars.map(\.value).sorted()
        var sum = 0.0
        var start = 0
        for i in scalars.indices where i + 1 == scalars.count || scalars[i + 1] != scalars[i] {
            let share = Double(i + 1 - start) / Double(scalars.count)
            // Added as a positive term: a sum of -0.0 would show as `-0`.
            sum += share * Glibc.log2(1 / share)
            start = i + 1
        }
        return sum
    }
}

enum Base64 {
    /// Standard and URL alphabets, padding optional, no blanks; missing where the text is not
    /// Base64 or the bytes are not UTF-8.
    static func decode(_ text: String) -> Value {
        var digits = Array(text.utf8)
        let length = digits.count
        while digits.last == UInt8(ascii: "="), length - digits.count < 2 { digits.removeLast() }
        // Padding, where there is any, must fill the last group of four.
        guard length == digits.count || length % 4 == 0, digits.count % 4 != 1 else {
            return .missing
        }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for digit in digits {
            guard let value = value(digit) else { return .missing }
            bits = (bits << 6 | value) & 0xffff
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return String(validating: bytes, as: UTF8.self).map(Value.string) ?? .missing
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit) - 97 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit) - 48 + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
