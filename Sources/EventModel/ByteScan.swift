// SPDX-License-Identifier: Apache-2.0
// Exercised by JSONWriterTests, JSONScannerTests, LogLinesTests and CSVRowsTests.

private import CByteScan

extension Span where Element == UInt8 {
    /// The first place from `i` on that is not plain inside a JSON string (a quote, a backslash, a
    /// control character, no ASCII), or the end.
    package func plainEnd(from i: Int) -> Int {
        precondition(i >= 0 && i <= count, "a place in the span")
        // SAFETY: the buffer is valid for the closure, and count - i bytes follow `i`.
        return unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return i }
            return unsafe i &+ Int(martlet_plain_count(base + i, Int64(bytes.count &- i)))
        }
    }

    /// The first place from `i` on that is one of two bytes, or the end.
    package func firstPlace(of a: UInt8, or b: UInt8, from i: Int) -> Int {
        precondition(i >= 0 && i <= count, "a place in the span")
        // SAFETY: the buffer is valid for the closure, and count - i bytes follow `i`.
        return unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return i }
            let rest = Int64(bytes.count &- i)
            return unsafe i &+ Int(martlet_count_until(base + i, rest, a, b))
        }
    }

    /// The first place from `i` on that is no ASCII, or the end.
    package func asciiEnd(from i: Int) -> Int {
        precondition(i >= 0 && i <= count, "a place in the span")
        // SAFETY: the buffer is valid for the closure, and count - i bytes follow `i`.
        return unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return i }
            return unsafe i &+ Int(martlet_ascii_count(base + i, Int64(bytes.count &- i)))
        }
    }
}

extension Array where Element == UInt8 {
    /// Appends `text` in quotes, with the escapes that RFC 8259 demands and no others.
    package mutating func append(jsonString text: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        var plain = 0
        var i = text.plainEnd(from: 0)
        if i == text.count {
            append(copying: text)
            append(UInt8(ascii: "\""))
            return
        }
        while i < text.count {
            i = text.plainEnd(from: i)
            if i == text.count { break }
            let byte = text[i]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                i += 1
                continue
            }
            append(copying: text.extracting(plain..<i))
            append(jsonEscape: byte)
            i += 1
            plain = i
        }
        append(copying: text.extracting(plain..<i))
        append(UInt8(ascii: "\""))
    }

    private mutating func append(jsonEscape byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0a: append(UInt8(ascii: "n"))
        case 0x0c: append(UInt8(ascii: "f"))
        case 0x0d: append(UInt8(ascii: "r"))
        default:
            append(contentsOf: "u00".utf8)
            append(hexadecimal: byte)
        }
    }
}
