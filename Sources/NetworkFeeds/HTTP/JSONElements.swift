// SPDX-License-Identifier: Apache-2.0
// Exercised by JSONElementsTests.

/// Cuts JSON texts into one line for each value: the elements of an array, or values one after the
/// other.
///
/// It knows brackets and strings, and leaves everything else about a value to whoever decodes the
/// line: what is wrong inside of one is wrong with that line alone.
struct JSONElements {
    struct Problem: Error, Hashable {
        var message: String
        /// Where, in bytes from the start.
        var offset: Int
    }

    private let body: [UInt8]
    private var position = 0
    private(set) var lines: [UInt8] = []
    private(set) var count = 0

    static func cut(_ body: [UInt8]) throws(Problem) -> (lines: [UInt8], count: Int) {
        var elements = JSONElements(body)
        try elements.run()
        return (elements.lines, elements.count)
    }

    /// Whether the first thing in a body begins an array.
    static func isArray(_ body: [UInt8]) -> Bool {
        body[start(of: body)...].first { !isBlank($0) } == UInt8(ascii: "[")
    }

    /// Behind the byte order mark that some write before their text.
    private static func start(of body: [UInt8]) -> Int {
        body.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    }

    private init(_ body: [UInt8]) {
        self.body = body
        position = JSONElements.start(of: body)
        lines.reserveCapacity(body.count + 1)
    }

    private mutating func run() throws(Problem) {
        guard JSONElements.isArray(body) else {
            while skipBlanks() { try takeValue() }
            return
        }
        _ = skipBlanks()
        position += 1
        guard skipBlanks() else { throw cutOff }
        if body[position] == UInt8(ascii: "]") {
            position += 1
        } else {
            try takeElements()
        }
        if skipBlanks() {
            throw Problem(message: "something stands behind the array", offset: position)
        }
    }

    /// Up to and with the bracket that ends the array.
    private mutating func takeElements() throws(Problem) {
        while true {
            guard skipBlanks() else { throw cutOff }
            try takeValue()
            guard skipBlanks() else { throw cutOff }
            let byte = body[position]
            position += 1
            if byte == UInt8(ascii: "]") { return }
            guard byte == UInt8(ascii: ",") else {
                throw Problem(
                    message: "neither `,` nor `]` stands behind an element", offset: position - 1)
            }
        }
    }

    /// A value, which begins here.
    private mutating func takeValue() throws(Problem) {
        switch body[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try takeNested()
        case UInt8(ascii: "\""): try takeString()
        default:
            let start = position
            while position < body.count, !JSONElements.endsScalar(body[position]) { position += 1 }
            guard position > start else {
                throw Problem(message: "a value is missing", offset: position)
            }
            lines += body[start..<position]
        }
        lines.append(0x0a)
        count += 1
    }

    private mutating func takeNested() throws(Problem) {
        var depth = 0
        repeat {
            guard position < body.count else { throw cutOff }
            let byte = body[position]
            switch byte {
            case UInt8(ascii: "\""):
                // Never at depth 0, where `continue` would look at the end of the loop.
                try takeString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            lines.append(JSONElements.isBlank(byte) ? 0x20 : byte)
            position += 1
        } while depth > 0
    }

    private mutating func takeString() throws(Problem) {
        lines.append(body[position])
        position += 1
        while true {
            guard position < body.count else { throw cutOff }
            let byte = body[position]
            // A newline is wrong inside of a string; what stands in its place is too.
            lines.append(byte == 0x0a ? 0x0d : byte)
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard position < body.count else { throw cutOff }
            lines.append(body[position] == 0x0a ? 0x0d : body[position])
            position += 1
        }
    }

    /// False: there is nothing more.
    private mutating func skipBlanks() -> Bool {
        while position < body.count, JSONElements.isBlank(body[position]) { position += 1 }
        return position < body.count
    }

    private var cutOff: Problem {
        Problem(message: "the body ends inside of a value", offset: body.count)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        isBlank(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
            || byte == UInt8(ascii: "}")
    }
}
