// SPDX-License-Identifier: Apache-2.0
// Exercised by JSONValueTests.

/// A JSON text as a tree, for what is looked at once: events on their way in are scanned instead.
package indirect enum JSONValue: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    case null
    case bool(Bool)
    /// As written.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// In the order written; of members of one name the last one counts.
    case object([Member])

    /// How deep lists and objects may stand in each other.
    package static let depthCap = 512

    /// Nil: the bytes are not one JSON text.
    ///
    /// - Parameter stop: a member of the outermost object, with which reading ends: it and what
    ///   stands behind it are left out, and not checked.
    package init?(_ bytes: [UInt8], upTo stop: String? = nil) {
        var reader = JSONTreeReader(bytes, stop: stop)
        guard let value = reader.document() else { return nil }
        self = value
    }

    /// The member of that name; nil where there is none, or this is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    package var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    package var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The text; nil: this is none.
    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The value as people read it: a text without quotes, a list as its elements, an object as
    /// JSON.
    package var displayText: String {
        switch self {
        case .null: return ""
        case .bool(let value): return value ? "true" : "false"
        case .number(let text), .string(let text): return text
        case .array(let elements): return elements.map(\.displayText).joined(separator: ", ")
        case .object: return json
        }
    }

    /// Without blanks.
    package var json: String {
        var writer = JSONWriter()
        append(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    package func append(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let text): writer.raw(json: Array(text.utf8).span)
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.append(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.name)
                member.value.append(to: &writer)
            }
            writer.endObject()
        }
    }
}

/// Recursive descent over RFC 8259.
private struct JSONTreeReader {
    private let bytes: [UInt8]
    private let stop: String?
    private var place = 0
    private var hasStopped = false

    init(_ bytes: [UInt8], stop: String?) {
        self.bytes = bytes
        self.stop = stop
    }

    mutating func document() -> JSONValue? {
        guard let value = value(depth: 0) else { return nil }
        if hasStopped { return value }
        skipBlanks()
        return place == bytes.count ? value : nil
    }

    private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            place += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        place += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        let text = Array(word.description.utf8)
        guard bytes[place...].starts(with: text) else { return false }
        place += text.count
        return true
    }

    private mutating func value(depth: Int) -> JSONValue? {
        guard depth < JSONValue.depthCap else { return nil }
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return text().map(JSONValue.string)
        case UInt8(ascii: "t"): return take(word: "true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return take(word: "false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> JSONValue? {
        place += 1
        var members: [JSONValue.Member] = []
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "\""), let name = text() else { return nil }
            if depth == 0, name == stop {
                hasStopped = true
                return .object(members)
            }
            skipBlanks()
            guard take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
            members.append(JSONValue.Member(name, value))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func array(depth: Int) -> JSONValue? {
        place += 1
        var elements: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func number() -> JSONValue? {
        let start = place
        _ = take(UInt8(ascii: "-"))
        let first = place
        guard digits() else { return nil }
        if bytes[first] == UInt8(ascii: "0"), place > first + 1 { return nil }
        if take(UInt8(ascii: ".")), !digits() { return nil }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            place += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { place += 1 }
            if !digits() { return nil }
        }
        return .number(String(decoding: bytes[start..<place], as: UTF8.self))
    }

    /// Takes digits; false: there are none.
    private mutating func digits() -> Bool {
        let start = place
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            place += 1
        }
        return place > start
    }

    private mutating func text() -> String? {
        place += 1
        var content: [UInt8] = []
        while let byte = current {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"): guard escape(into: &content) else { return nil }
            case ..<0x20: return nil
            default: content.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(into content: inout [UInt8]) -> Bool {
        guard let byte = current else { return false }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0c)
        case UInt8(ascii: "n"): content.append(0x0a)
        case UInt8(ascii: "r"): content.append(0x0d)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = escapedScalar() else { return false }
            content += Array(String(Character(scalar)).utf8)
        default: return false
        }
        return true
    }

    /// Behind `\u`: half a pair alone becomes the replacement character.
    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let unit = unit() else { return nil }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let before = place
        if unit < 0xdc00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = self.unit(),
            0xdc00..<0xe000 ~= low
        {
            return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
        }
        place = before
        return "\u{fffd}"
    }

    private mutating func unit() -> UInt32? {
        guard place + 4 <= bytes.count else { return nil }
        let digits = bytes[place..<place + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        place += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
