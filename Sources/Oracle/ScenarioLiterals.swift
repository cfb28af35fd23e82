// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The fields of events in scenario files: `{ user: "ann", codes: [1, 2], ip: 10.0.0.1 }`.
enum ScenarioLiterals {
    /// Nil where the text is no fields; empty for an empty text.
    static func fields(_ text: String) -> [NamedValue]? {
        let text = text.trimmed
        if text.isEmpty { return [] }
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return nil }
        var fields: [NamedValue] = []
        for part in parts(String(text.dropFirst().dropLast())) {
            guard let colon = part.firstIndex(of: ":"),
                let value = value(String(part[part.index(after: colon)...]).trimmed)
            else { return nil }
            fields.append(NamedValue(part[..<colon].trimmed, value))
        }
        return fields
    }

    /// A literal; `null` for a missing value.
    static func value(_ text: String) -> Value? {
        if text.hasPrefix("\"") {
            guard text.count >= 2, text.hasSuffix("\"") else { return nil }
            return .string(String(text.dropFirst().dropLast()))
        }
        if text.hasPrefix("["), text.hasSuffix("]") {
            let elements = parts(String(text.dropFirst().dropLast())).map(value)
            return elements.contains(nil) ? nil : .list(elements.compactMap { $0 })
        }
        switch text {
        case "null": return .missing
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        if let number = Int64(text) { return .int(number) }
        if let number = Double(text), text.contains(".") { return .float(number) }
        if let address = IPAddress(text) { return .ip(address) }
        return TimeText.span(text).map(Value.duration)
    }

    /// Splits at the commas that are in no quotes and no brackets.
    private static func parts(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        var isQuoted = false
        for sign in text {
            switch sign {
            case "\"": isQuoted.toggle()
            case "[" where !isQuoted: depth += 1
            case "]" where !isQuoted: depth -= 1
            default: break
            }
            if sign == ",", depth == 0, !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(sign)
            }
        }
        return parts.map(\.trimmed).filter { !$0.isEmpty }
    }
}
