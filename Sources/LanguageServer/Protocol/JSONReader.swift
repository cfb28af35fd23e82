// SPDX-License-Identifier: Apache-2.0
// JSON (RFC 8259) by recursive descent. Exercised by JSONTests, also with every prefix of messages.

/// Why bytes are not JSON.
package struct JSONError: Error, Hashable, Sendable {
    package var reason: String
    package var offset: Int
}

extension JSON {
    /// Reads one value and nothing behind it.
    ///
    /// Bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD: an editor's text may
    /// hold them.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.offset == bytes.count else { throw reader.failure("text behind the value") }
    }

    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    var offset = 0

    /// Objects and arrays inside one another: bounds the recursion.
    static let depthCap = 256

    init(bytes: [UInt8]) { self.bytes = bytes }

    func failure(_ reason: String) -> JSONError { JSONError(reason: reason, offset: offset) }

    var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func skipBlanks() {
        while let byte = current, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { offset += 1 }
    }

    mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: sign) else { return false }
        offset += 1
        return true
    }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth < JSONReader.depthCap else { throw failure("nested too deeply") }
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), .some(48...57): return try number()
        case nil: throw failure("the text ends too early")
        default: throw failure("no value")
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
        guard bytes[offset...].starts(with: word.utf8) else { throw failure("no value") }
        offset += word.utf8.count
        return value
    }

    private mutating func members(depth: Int) throws(JSONError) -> [JSON.Member] {
        offset += 1
        var members: [JSON.Member] = []
        skipBlanks()
        if take("}") { return members }
        repeat {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw failure("no name of a member") }
            let name = try text()
            skipBlanks()
            guard take(":") else { throw failure("no `:`") }
            members.append(.init(name, try value(depth: depth + 1)))
            skipBlanks()
        } while take(",")
        guard take("}") else { throw failure("no `}`") }
        return members
    }

    private mutating func elements(depth: Int) throws(JSONError) -> [JSON] {
        offset += 1
        var values: [JSON] = []
        skipBlanks()
        if take("]") { return values }
        repeat {
            values.append(try value(depth: depth + 1))
            skipBlanks()
        } while take(",")
        guard take("]") else { throw failure("no `]`") }
        return values
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = offset
        _ = take("-")
        let first = offset
        digits()
        guard offset > first, offset == first + 1 || bytes[first] != UInt8(ascii: "0") else {
            throw failure("no number")
        }
        var isWhole = true
        if take(".") {
            isWhole = false
            let from = offset
            digits()
            guard offset > from else { throw failure("no digit behind the point") }
        }
        if take("e") || take("E") {
            isWhole = false
            _ = take("+") || take("-")
            let from = offset
            digits()
            guard offset > from else { throw failure("no digit in the exponent") }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let value = Int(text) { return .int(value) }
        return .float(Double(text) ?? 0)
    }

    private mutating func digits() {
        while let byte = current, (48...57).contains(byte) { offset += 1 }
    }

    private mutating func text() throws(JSONError) -> String {
        offset += 1
        var out: [UInt8] = []
        while let byte = current {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &out)
            case 0..<0x20: throw failure("a control character in a text")
            default: out.append(byte)
            }
        }
        throw failure("a text that does not end")
    }

    private mutating func escape(into out: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw failure("a text that does not end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): out.append(0x0a)
        case UInt8(ascii: "r"): out.append(0x0d)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0c)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "u"): out += UTF8.encode(try scalar()).map { Array($0) } ?? []
        default: throw failure("an unknown escape")
        }
    }

    /// `\uHHHH`, or two of them that are a surrogate pair.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let unit = try hexUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let replacement: Unicode.Scalar = "\u{fffd}"
        guard (0xd800..<0xdc00).contains(unit), bytes[offset...].starts(with: "\\u".utf8) else {
            return replacement
        }
        let here = offset
        offset += 2
        let low = try hexUnit()
        guard (0xdc00..<0xe000).contains(low) else {
            offset = here
            return replacement
        }
        let value = 0x10000 + (UInt32(unit - 0xd800) << 10) + UInt32(low - 0xdc00)
        return Unicode.Scalar(value) ?? replacement
    }

    private mutating func hexUnit() throws(JSONError) -> UInt16 {
        guard offset + 4 <= bytes.count,
            bytes[offset..<offset + 4].allSatisfy({ JSONReader.isHexDigit($0) }),
            let unit = UInt16(
                String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw failure("no four digits behind `\\u`") }
        offset += 4
        return unit
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...70, 97...102: true
        default: false
        }
    }
}
