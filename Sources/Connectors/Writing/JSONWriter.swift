// SPDX-License-Identifier: Apache-2.0
// Exercised by JSONWriterTests.

package import EventModel

/// Appends JSON to bytes: the caller names what comes, the commas come by themselves.
///
/// - Precondition: keys only inside objects, and one value behind each; calls are not checked.
package struct JSONWriter: Sendable {
    package var bytes: [UInt8] = []
    private var needsComma = false

    package init() {}

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ name: String) {
        separate()
        JSONWriter.append(string: name.utf8.span, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ text: String) {
        separate()
        JSONWriter.append(string: text.utf8.span, to: &bytes)
    }

    /// A text given as UTF-8 bytes.
    package mutating func string(_ text: Span<UInt8>) {
        separate()
        JSONWriter.append(string: text, to: &bytes)
    }

    package mutating func int(_ value: Int64) {
        separate()
        bytes.append(decimal: value)
    }

    /// The shortest digits that read back as the same double; null for what JSON has no number for.
    package mutating func float(_ value: Double) {
        separate()
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    package mutating func null() { raw("null") }

    /// A value as an alert shows it: times, durations, addresses and networks as texts.
    package mutating func value(_ value: Value) {
        switch value {
        case .missing: null()
        case .bool(let value): bool(value)
        case .int(let value): int(value)
        case .float(let value): float(value)
        case .string(let value): string(value)
        case .time(let value): string(value.description)
        case .duration(let value): string(value.description)
        case .ip(let value): string(value.description)
        case .network(let value): string(value.description)
        case .list(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        }
    }

    /// JSON that is there already.
    package mutating func raw(json: Span<UInt8>) {
        separate()
        bytes.append(copying: json)
    }

    private mutating func raw(_ word: String) {
        separate()
        bytes.append(contentsOf: word.utf8)
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Appends the value of a slot, in the form that `value` gives it.
    ///
    /// - Parameter payload: the bytes of the symbol that the slot holds; none where it holds none.
    package static func append(
        _ slot: Slot, payload: Span<UInt8>, to bytes: inout [UInt8]
    ) {
        bytes.append(json: slot, payload: payload)
    }

    /// Appends `text` in quotes, with the escapes that RFC 8259 demands and no others.
    package static func append(string text: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(jsonString: text)
    }
}
