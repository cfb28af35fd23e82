// SPDX-License-Identifier: Apache-2.0
// Exercised by BoundEventTextTests.

internal import Connectors
internal import EventModel
internal import MatchCore

extension Match.BoundEvent {
    /// The event as it came in, with the captured and computed fields behind it that it did not
    /// bring itself.
    var completeText: [UInt8] {
        if derivedFields.isEmpty { return text }
        let present = ObjectKeys.names(of: text)
        let added = derivedFields.filter { !present.contains($0.name) }
        guard !added.isEmpty, let end = text.lastIndex(of: UInt8(ascii: "}")) else { return text }
        var json = JSONWriter()
        json.object(added)
        var result = Array(text[..<end])
        // The members of what was just written, without its opening brace.
        if !present.isEmpty { result.append(UInt8(ascii: ",")) }
        result += json.bytes.dropFirst()
        return result
    }
}

/// The keys of a JSON object that is known to be well formed.
enum ObjectKeys {
    /// In the order in which they stand, escapes resolved.
    static func names(of object: [UInt8]) -> [String] {
        var names: [String] = []
        var depth = 0
        var i = 0
        var isKey = false
        while i < object.count {
            switch object[i] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                isKey = depth == 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): isKey = depth == 1
            case UInt8(ascii: "\""):
                let end = closingQuote(of: object, from: i + 1)
                if isKey { names.append(unescaped(object[(i + 1)..<end])) }
                isKey = false
                i = end
            default: break
            }
            i += 1
        }
        return names
    }

    private static func closingQuote(of bytes: [UInt8], from start: Int) -> Int {
        var i = start
        while i < bytes.count, bytes[i] != UInt8(ascii: "\"") {
            i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(i, bytes.count)
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "\\")) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var units: [UInt16] = []
        var rest = String(decoding: bytes, as: UTF8.self).utf16[...]
        while let unit = rest.popFirst() {
            guard unit == 0x5c, let escape = rest.popFirst() else {
                units.append(unit)
                continue
            }
            guard escape == 0x75 else {
                units.append(escapes[escape] ?? escape)
                continue
            }
            let digits = String(decoding: rest.prefix(4), as: UTF16.self)
            units.append(UInt16(digits, radix: 16) ?? 0xfffd)
            rest = rest.dropFirst(4)
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// What `\b`, `\f`, `\n`, `\r` and `\t` stand for, by the letter.
    private static let escapes: [UInt16: UInt16] = [
        0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09,
    ]
}
