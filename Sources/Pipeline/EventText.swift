// SPDX-License-Identifier: Apache-2.0
// Exercised by EventTextTests.

internal import Automata
internal import Connectors
internal import EventModel
internal import MatchCore

/// Writes events as alerts show them.
struct EventText: Sendable {
    /// Where the keys of the event at hand stand in it.
    private var keys: [Range<Int>] = []

    /// Appends the event as it came in, with the captured and computed fields behind it that it did
    /// not bring itself.
    ///
    /// The carriage return of a line that ends with one stays behind: many who read an alert as a
    /// line would see two.
    mutating func append(
        _ index: Int, of batch: borrowing MatchBatch, _ program: borrowing RulesetProgram,
        to bytes: inout [UInt8]
    ) {
        let event = batch.events[index]
        var text = batch.bytes.span.extracting(event.text)
        if text.count > 0, text[text.count - 1] == 0x0d {
            text = text.extracting(droppingLast: 1)
        }
        let type = Int(event.incomingType)
        guard type >= 0, !program.derivedFields[type].isEmpty else {
            return bytes.append(copying: text)
        }
        findKeys(of: text)
        var hasMembers = !keys.isEmpty
        var isWhole = true
        for k in program.derivedFields[type].indices {
            let value = event.firstValue + k
            if batch.isMissing(value: value) { continue }
            let name = program.derivedFields[type][k].name
            if hasKey(name, text) { continue }
            if isWhole {
                guard let end = text.indices.last(where: { text[$0] == UInt8(ascii: "}") })
                else { break }
                isWhole = false
                bytes.append(copying: text.extracting(..<end))
            }
            if hasMembers { bytes.append(UInt8(ascii: ",")) }
            hasMembers = true
            JSONWriter.append(string: name.utf8.span, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            batch.withSlot(value) { JSONWriter.append($0, payload: $1, to: &bytes) }
        }
        if isWhole { bytes.append(copying: text) } else { bytes.append(UInt8(ascii: "}")) }
    }

    private mutating func findKeys(of text: Span<UInt8>) {
        keys.removeAll(keepingCapacity: true)
        var found = ObjectKeys()
        while let key = found.next(in: text) { keys.append(key) }
    }

    private func hasKey(_ name: String, _ text: Span<UInt8>) -> Bool {
        keys.contains { range in
            let key = text.extracting(range)
            if key.isEqual(to: name.utf8.span) { return true }
            let isEscaped = key.indices.contains { key[$0] == UInt8(ascii: "\\") }
            return isEscaped && ObjectKeys.unescaped(key) == name
        }
    }
}

/// The keys of a JSON object that is known to be well formed, in the order in which they stand.
struct ObjectKeys {
    private var place = 0
    private var depth = 0
    private var isKey = false

    /// Where the next key stands, without its quotes; nil where there is no other.
    mutating func next(in object: Span<UInt8>) -> Range<Int>? {
        while place < object.count {
            let byte = object[place]
            place += 1
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                isKey = depth == 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): isKey = depth == 1
            case UInt8(ascii: "\""):
                let text = place..<closingQuote(of: object)
                place = text.upperBound + 1
                let wasKey = isKey
                isKey = false
                if wasKey { return text }
            default: break
            }
        }
        return nil
    }

    private func closingQuote(of bytes: Span<UInt8>) -> Int {
        var i = place
        while i < bytes.count, bytes[i] != UInt8(ascii: "\"") {
            i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(i, bytes.count)
    }

    /// The text of a key as it stands between its quotes.
    static func unescaped(_ key: Span<UInt8>) -> String {
        var units: [UInt16] = []
        var rest = String(copying: key).utf16[...]
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
