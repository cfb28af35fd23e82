// SPDX-License-Identifier: Apache-2.0
// Exercised by JSONWriterTests.

extension [UInt8] {
    /// Appends the value of a slot as JSON: times, durations, addresses and networks as texts.
    ///
    /// - Parameter payload: the bytes of the symbol that the slot holds; none where it holds none.
    package mutating func append(json slot: Slot, payload: Span<UInt8>) {
        switch slot.tag {
        case .missing, .excerpt: append(contentsOf: "null".utf8)
        case .bool, .int: slot.appendText(payload, to: &self)
        case .float:
            let text = slot.asFloat.isFinite ? slot.asFloat.description : "null"
            append(contentsOf: text.utf8)
        case .string:
            if (try? UTF8Span(validating: payload)) != nil {
                append(jsonString: payload)
            } else {
                append(jsonString: String(copying: payload).utf8.span)
            }
        case .time, .duration, .ipv4, .ipv6, .network:
            append(UInt8(ascii: "\""))
            slot.appendText(payload, to: &self)
            append(UInt8(ascii: "\""))
        case .list:
            append(UInt8(ascii: "["))
            var elements = ListReader()
            var isFirst = true
            while let (element, range) = elements.next(in: payload) {
                if !isFirst { append(UInt8(ascii: ",")) }
                isFirst = false
                append(json: element, payload: payload.extracting(range))
            }
            append(UInt8(ascii: "]"))
        }
    }
}
