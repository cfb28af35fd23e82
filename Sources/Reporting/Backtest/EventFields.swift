// SPDX-License-Identifier: Apache-2.0
// Exercised by EventFieldsTests.

/// The members of an event as it came in, for people.
enum EventFields {
    /// Members that are shown.
    static let cap = 16
    /// Signs of a value that are shown.
    static let valueCap = 160

    /// The members of a JSON object with their values as text: those of strings without quotes,
    /// others as they stand. What is not a whole object gives those that are whole.
    static func members(of object: String, without left: [String] = []) -> (
        members: [(name: String, value: String)], hiddenCount: Int
    ) {
        var scanner = Scanner(bytes: Array(object.utf8))
        var members: [(name: String, value: String)] = []
        var hidden = 0
        scanner.skip(to: UInt8(ascii: "{"))
        while let name = scanner.string(), scanner.skip(to: UInt8(ascii: ":")) {
            guard let value = scanner.value() else { break }
            if !left.contains(name) {
                if members.count < cap {
                    members.append((name, shortened(value)))
                } else {
                    hidden += 1
                }
            }
            scanner.skipBlanks()
            guard scanner.next == UInt8(ascii: ",") else { break }
            scanner.position += 1
        }
        return (members, hidden)
    }

    static func shortened(_ value: String, to cap: Int = valueCap) -> String {
        guard value.unicodeScalars.count > cap else { return value }
        var text = ""
        text.unicodeScalars.append(contentsOf: value.unicodeScalars.prefix(cap))
        return text + "\u{2026}"
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipBlanks() {
            while let byte = next, byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
        }

        @discardableResult mutating func skip(to sign: UInt8) -> Bool {
            skipBlanks()
            guard next == sign else { return false }
            position += 1
            return true
        }

        mutating func string() -> String? {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { return nil }
            position += 1
            var units: [UInt8] = []
            var surrogate: UInt32?
            while let byte = next {
                position += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\"), let escape = next else {
                    units.append(byte)
                    continue
                }
                position += 1
                append(escape, to: &units, &surrogate)
            }
            return nil
        }

        private mutating func append(
            _ escape: UInt8, to units: inout [UInt8], _ surrogate: inout UInt32?
        ) {
            switch escape {
            case UInt8(ascii: "n"): units.append(0x0a)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "r"): units.append(0x0d)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0c)
            case UInt8(ascii: "u"):
                let digits = bytes[position..<min(position + 4, bytes.count)]
                position += digits.count
                guard let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
                    return
                }
                if (0xd800...0xdbff).contains(code) {
                    surrogate = code
                    return
                }
                var full = code
                if let high = surrogate, (0xdc00...0xdfff).contains(code) {
                    full = 0x10000 + (high - 0xd800) << 10 + (code - 0xdc00)
                }
                surrogate = nil
                let scalar = Unicode.Scalar(full) ?? "\u{fffd}"
                units.append(contentsOf: String(Character(scalar)).utf8)
            default: units.append(escape)
            }
        }

        /// The next value; nil where it is not whole.
        mutating func value() -> String? {
            skipBlanks()
            if next == UInt8(ascii: "\"") { return string() }
            let start = position
            var depth = 0
            while let byte = next {
                switch byte {
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return text(from: start) }
                    depth -= 1
                case UInt8(ascii: ",") where depth == 0: return text(from: start)
                case UInt8(ascii: "\""):
                    if string() == nil { return nil }
                    continue
                default: break
                }
                position += 1
            }
            return nil
        }

        private func text(from start: Int) -> String {
            var end = position
            while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }
    }
}
