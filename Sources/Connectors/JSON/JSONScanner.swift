// SPDX-License-Identifier: Apache-2.0
// A checker of the grammar of RFC 8259 that finds where values begin and end and makes nothing.
// Strings have to be valid UTF-8 (RFC 3629) and their escapes whole surrogate pairs.
// Exercised by JSONScannerTests and JSONDifferentialTests.

internal import EventModel

/// The grammar of JSON over bytes: each function begins at an offset and gives the one behind.
enum JSONScanner {
    /// Objects and arrays inside one another, the outermost included.
    ///
    /// - Shape: bounds the recursion; the deepest real log records seen have about 20 levels.
    static let depthCap = 512

    struct Scanned {
        var end: Int
        var kind: JSONKind
    }

    @inline(__always)
    static func skipBlanks(_ b: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i < b.count, b[i] <= 0x20, isBlank(b[i]) { i += 1 }
        return i
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    /// value = object / array / number / string / false / null / true
    static func value(
        _ b: Span<UInt8>, _ start: Int, depth: Int
    ) throws(JSONFailure) -> Scanned {
        guard start < b.count else { throw JSONFailure(.notClosed, at: start) }
        switch b[start] {
        case UInt8(ascii: "\""): return try string(b, start + 1)
        case UInt8(ascii: "-"), 48...57: return try number(b, start)
        case UInt8(ascii: "{"):
            return Scanned(end: try object(b, start, depth: depth + 1), kind: .object)
        case UInt8(ascii: "["):
            return Scanned(end: try array(b, start, depth: depth + 1), kind: .array)
        case UInt8(ascii: "t"): return try word("true", b, start, .yes)
        case UInt8(ascii: "f"): return try word("false", b, start, .no)
        case UInt8(ascii: "n"): return try word("null", b, start, .null)
        default: throw JSONFailure(.unexpectedByte, at: start)
        }
    }

    private static func word(
        _ word: String, _ b: Span<UInt8>, _ start: Int, _ kind: JSONKind
    ) throws(JSONFailure) -> Scanned {
        var i = start
        for letter in word.utf8 {
            guard i < b.count else { throw JSONFailure(.notClosed, at: i) }
            guard b[i] == letter else { throw JSONFailure(.unexpectedByte, at: i) }
            i += 1
        }
        return Scanned(end: i, kind: kind)
    }

    /// object = "{" [ string ":" value *( "," string ":" value ) ] "}"
    private static func object(
        _ b: Span<UInt8>, _ start: Int, depth: Int
    ) throws(JSONFailure) -> Int {
        guard depth <= depthCap else { throw JSONFailure(.tooDeep, at: start) }
        var i = skipBlanks(b, start + 1)
        if i < b.count, b[i] == UInt8(ascii: "}") { return i + 1 }
        while true {
            i = try key(b, i).end
            i = try colon(b, i)
            i = skipBlanks(b, try value(b, i, depth: depth).end)
            guard try isFollowed(b, i, closer: UInt8(ascii: "}")) else { return i + 1 }
            i = skipBlanks(b, i + 1)
        }
    }

    /// array = "[" [ value *( "," value ) ] "]"
    private static func array(
        _ b: Span<UInt8>, _ start: Int, depth: Int
    ) throws(JSONFailure) -> Int {
        guard depth <= depthCap else { throw JSONFailure(.tooDeep, at: start) }
        var i = skipBlanks(b, start + 1)
        if i < b.count, b[i] == UInt8(ascii: "]") { return i + 1 }
        while true {
            i = skipBlanks(b, try value(b, i, depth: depth).end)
            guard try isFollowed(b, i, closer: UInt8(ascii: "]")) else { return i + 1 }
            i = skipBlanks(b, i + 1)
        }
    }

    @inline(__always)
    static func key(_ b: Span<UInt8>, _ start: Int) throws(JSONFailure) -> Scanned {
        guard start < b.count else { throw JSONFailure(.notClosed, at: start) }
        guard b[start] == UInt8(ascii: "\"") else { throw JSONFailure(.unexpectedByte, at: start) }
        return try string(b, start + 1)
    }

    /// The colon behind a key, with the blanks around it.
    @inline(__always)
    static func colon(_ b: Span<UInt8>, _ start: Int) throws(JSONFailure) -> Int {
        let i = skipBlanks(b, start)
        guard i < b.count else { throw JSONFailure(.notClosed, at: i) }
        guard b[i] == UInt8(ascii: ":") else { throw JSONFailure(.unexpectedByte, at: i) }
        return skipBlanks(b, i + 1)
    }

    /// Whether a comma stands at `i`; false: the closer does.
    @inline(__always)
    static func isFollowed(
        _ b: Span<UInt8>, _ i: Int, closer: UInt8
    ) throws(JSONFailure) -> Bool {
        guard i < b.count else { throw JSONFailure(.notClosed, at: i) }
        if b[i] == UInt8(ascii: ",") { return true }
        guard b[i] == closer else { throw JSONFailure(.unexpectedByte, at: i) }
        return false
    }

    /// The rest of a string whose opening quote is before `start`.
    @inline(__always)
    static func string(_ b: Span<UInt8>, _ start: Int) throws(JSONFailure) -> Scanned {
        let i = b.plainEnd(from: start)
        guard i < b.count else { throw JSONFailure(.notClosed, at: i) }
        if b[i] == UInt8(ascii: "\"") { return Scanned(end: i + 1, kind: .text) }
        return try oddString(b, i)
    }

    /// The rest of a string from its first byte that is not plain ASCII.
    static func oddString(_ b: Span<UInt8>, _ start: Int) throws(JSONFailure) -> Scanned {
        var i = start
        var kind = JSONKind.text
        while i < b.count {
            let byte = b[i]
            switch byte {
            case UInt8(ascii: "\""): return Scanned(end: i + 1, kind: kind)
            case UInt8(ascii: "\\"):
                kind = .escapedText
                i = try escape(b, i)
            case ..<0x20: throw JSONFailure(.controlCharacter, at: i)
            case ..<0x80: i += 1
            default:
                let length = sequenceLength(b, i)
                guard length > 0 else { throw JSONFailure(.invalidUTF8, at: i) }
                i += length
            }
        }
        throw JSONFailure(.notClosed, at: i)
    }

    /// char = unescaped / "\" ( one of "\/bfnrt and the quote / "u" 4HEXDIG )
    private static func escape(_ b: Span<UInt8>, _ start: Int) throws(JSONFailure) -> Int {
        guard start + 1 < b.count else { throw JSONFailure(.notClosed, at: b.count) }
        switch b[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard let unit = hex4(b, start + 2) else { throw JSONFailure(.badEscape, at: start) }
            if unit & 0xf800 != 0xd800 { return start + 6 }
            guard unit < 0xdc00, start + 7 < b.count, b[start + 6] == UInt8(ascii: "\\"),
                b[start + 7] == UInt8(ascii: "u"), let low = hex4(b, start + 8),
                low & 0xfc00 == 0xdc00
            else { throw JSONFailure(.loneSurrogate, at: start) }
            return start + 12
        default: throw JSONFailure(.badEscape, at: start)
        }
    }

    static func hex4(_ b: Span<UInt8>, _ start: Int) -> UInt32? {
        guard start + 4 <= b.count else { return nil }
        var unit: UInt32 = 0
        for i in start..<start + 4 {
            let digit: UInt8
            switch b[i] {
            case 48...57: digit = b[i] - 48
            case 97...102: digit = b[i] - 87
            case 65...70: digit = b[i] - 55
            default: return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// The length of the UTF-8 sequence at `i`, 0 where there is none (RFC 3629, section 4).
    static func sequenceLength(_ b: Span<UInt8>, _ i: Int) -> Int {
        func follows(_ k: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xbf) -> Bool {
            i + k < b.count && b[i + k] >= low && b[i + k] <= high
        }
        switch b[i] {
        case ..<0x80: return 1
        case 0xc2...0xdf: return follows(1) ? 2 : 0
        case 0xe0: return follows(1, 0xa0) && follows(2) ? 3 : 0
        case 0xed: return follows(1, 0x80, 0x9f) && follows(2) ? 3 : 0
        case 0xe1...0xef: return follows(1) && follows(2) ? 3 : 0
        case 0xf0: return follows(1, 0x90) && follows(2) && follows(3) ? 4 : 0
        case 0xf1...0xf3: return follows(1) && follows(2) && follows(3) ? 4 : 0
        case 0xf4: return follows(1, 0x80, 0x8f) && follows(2) && follows(3) ? 4 : 0
        default: return 0
        }
    }

    /// The offset of the first byte that is no UTF-8; nil where all is.
    static func firstInvalidUTF8(_ b: Span<UInt8>) -> Int? {
        var i = 0
        while true {
            i = b.asciiEnd(from: i)
            if i == b.count { return nil }
            let length = sequenceLength(b, i)
            if length == 0 { return i }
            i += length
        }
    }

    /// number = [ "-" ] ( "0" / digit1-9 *DIGIT ) [ "." 1*DIGIT ] [ ("e" / "E") [ sign ] 1*DIGIT ]
    static func number(_ b: Span<UInt8>, _ start: Int) throws(JSONFailure) -> Scanned {
        var i = start
        if b[i] == UInt8(ascii: "-") { i += 1 }
        guard i < b.count else { throw JSONFailure(.notClosed, at: i) }
        let first = b[i]
        let whole = skipDigits(b, i)
        guard whole > i, first != 48 || whole == i + 1 else {
            throw JSONFailure(.badNumber, at: start)
        }
        i = whole
        guard i < b.count, b[i] == UInt8(ascii: ".") || b[i] | 0x20 == UInt8(ascii: "e") else {
            return Scanned(end: i, kind: .integer)
        }
        if b[i] == UInt8(ascii: ".") {
            let end = skipDigits(b, i + 1)
            guard end > i + 1 else { throw JSONFailure(.badNumber, at: start) }
            i = end
        }
        if i < b.count, b[i] | 0x20 == UInt8(ascii: "e") {
            i += 1
            if i < b.count, b[i] == UInt8(ascii: "+") || b[i] == UInt8(ascii: "-") { i += 1 }
            let end = skipDigits(b, i)
            guard end > i else { throw JSONFailure(.badNumber, at: start) }
            i = end
        }
        return Scanned(end: i, kind: .fraction)
    }

    @inline(__always)
    private static func skipDigits(_ b: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i < b.count, b[i] &- 48 < 10 { i += 1 }
        return i
    }

    /// Replaces `scratch` by the text that the checked string contents `b` stand for.
    static func unescape(_ b: Span<UInt8>, into scratch: inout [UInt8]) {
        scratch.removeAll(keepingCapacity: true)
        var i = 0
        while i < b.count {
            guard b[i] == UInt8(ascii: "\\") else {
                scratch.append(b[i])
                i += 1
                continue
            }
            let letter = b[i + 1]
            i += 2
            switch letter {
            case UInt8(ascii: "b"): scratch.append(0x08)
            case UInt8(ascii: "f"): scratch.append(0x0c)
            case UInt8(ascii: "n"): scratch.append(0x0a)
            case UInt8(ascii: "r"): scratch.append(0x0d)
            case UInt8(ascii: "t"): scratch.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = hex4(b, i) ?? 0xfffd
                i += 4
                if scalar & 0xf800 == 0xd800 {
                    let low = hex4(b, i + 2) ?? 0xdc00
                    scalar = 0x10000 + (scalar & 0x3ff) << 10 + (low & 0x3ff)
                    i += 6
                }
                appendUTF8(scalar, to: &scratch)
            default: scratch.append(letter)
            }
        }
    }

    private static func appendUTF8(_ scalar: UInt32, to bytes: inout [UInt8]) {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | scalar >> shift & 0x3f) }
        switch scalar {
        case ..<0x80: bytes.append(UInt8(scalar))
        case ..<0x800: bytes += [UInt8(0xc0 | scalar >> 6), tail(0)]
        case ..<0x10000: bytes += [UInt8(0xe0 | scalar >> 12), tail(6), tail(0)]
        default: bytes += [UInt8(0xf0 | scalar >> 18 & 7), tail(12), tail(6), tail(0)]
        }
    }
}
