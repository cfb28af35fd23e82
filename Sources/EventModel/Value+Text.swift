// SPDX-License-Identifier: Apache-2.0
// How values are shown: in alert titles, and in JSON. Exercised by ValueTextTests.

extension Value {
    /// The value as a reader of an alert wants it: no quotes, whole floats without a fraction
    /// (`3`), durations as rules write them, times as RFC 3339 in UTC, lists joined by `, `, a
    /// missing value as nothing.
    package var displayText: String {
        switch self {
        case .missing: ""
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .float(let value): Value.displayText(value)
        case .string(let value): value
        case .time(let value): value.description
        case .duration(let value): value.description
        case .ip(let value): value.description
        case .network(let value): value.description
        case .list(let values): values.map(\.displayText).joined(separator: ", ")
        }
    }

    /// The value as one JSON text. Times, durations, addresses and networks are strings; a float
    /// keeps its fraction (`3.0`), so that readers who guess types from the first value see a
    /// float; missing, infinite and NaN are `null`.
    package var json: String {
        var text = ""
        appendJSON(to: &text)
        return text
    }

    package func appendJSON(to text: inout String) {
        switch self {
        case .missing: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .float(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): Value.appendJSONString(value, to: &text)
        case .time, .duration, .ip, .network: Value.appendJSONString(displayText, to: &text)
        case .list(let values):
            text += "["
            for (i, value) in values.enumerated() {
                if i > 0 { text += "," }
                value.appendJSON(to: &text)
            }
            text += "]"
        }
    }

    /// Appends `value` in quotes, with what JSON forbids inside them escaped.
    package static func appendJSONString(_ value: String, to text: inout String) {
        text += "\""
        if value.utf8.allSatisfy(Value.isPlainInJSON) {
            text += value
            text += "\""
            return
        }
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1f}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private static func isPlainInJSON(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func displayText(_ value: Double) -> String {
        wholeNumber(value).map { String($0) } ?? value.description
    }

    /// The number without a fraction as which a float is shown, if it is.
    static func wholeNumber(_ value: Double) -> Int64? {
        // Beyond 2^53 the digits would pretend to an exactness that the float does not have.
        abs(value) < 0x1p53 && value == value.rounded() ? Int64(value) : nil
    }
}
