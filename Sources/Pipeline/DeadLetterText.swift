// SPDX-License-Identifier: Apache-2.0
// Exercised by DeadLetterTextTests.

package import Connectors

/// Dead letters as JSON lines: `{"feed":…,"line":…,"reason":…,"text":…}`, with
/// `"truncated":true` behind where only the first bytes of the record were kept.
package enum DeadLetterText {
    package static func append(
        _ letter: DeadLetter, feedName: String, to bytes: inout [UInt8]
    ) {
        var json = JSONWriter()
        json.beginObject()
        json.key("feed")
        json.string(feedName)
        json.key("line")
        json.int(letter.lineNumber)
        json.key("reason")
        json.string(letter.reason)
        json.key("text")
        bytes += json.bytes
        appendLossless(letter.bytes, to: &bytes)
        if letter.isTruncated { bytes += Array(",\"truncated\":true".utf8) }
        bytes += Array("}\n".utf8)
    }

    /// Appends a JSON string from which the bytes can be had back: a byte that is no part of valid
    /// UTF-8 is written as the lone surrogate `\udc80`…`\udcff` (Python: `surrogateescape`).
    static func appendLossless(_ text: [UInt8], to bytes: inout [UInt8]) {
        var quoted: [UInt8] = []
        bytes.append(UInt8(ascii: "\""))
        var rest = text[...]
        while !rest.isEmpty {
            let valid = rest.prefix(validPrefixCount(rest))
            quoted.removeAll(keepingCapacity: true)
            JSONWriter.append(string: valid.span, to: &quoted)
            bytes += quoted.dropFirst().dropLast()
            rest = rest.dropFirst(valid.count)
            if let odd = rest.popFirst() { bytes += Array("\\udc\(String(odd, radix: 16))".utf8) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The bytes before the first that is no part of valid UTF-8.
    private static func validPrefixCount(_ bytes: ArraySlice<UInt8>) -> Int {
        var valid = bytes.prefix { $0 < 0x80 }.count
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.dropFirst(valid).makeIterator()
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) {
            valid += scalar.count
        }
        return valid
    }
}
