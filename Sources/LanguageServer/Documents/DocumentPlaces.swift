// SPDX-License-Identifier: Apache-2.0
// Places of the protocol (lines and columns from 0, columns in units of an encoding) and bytes.
// Exercised by DocumentPlacesTests.

internal import Diagnostics

/// What a column counts.
enum PositionEncoding: String {
    case utf8 = "utf-8"
    case utf16 = "utf-16"
    case utf32 = "utf-32"

    /// The units of the scalar that begins with `byte`; 0 for a byte inside one.
    func units(_ byte: UInt8) -> Int {
        switch self {
        case .utf8: 1
        case .utf16: byte & 0xc0 == 0x80 ? 0 : byte >= 0xf0 ? 2 : 1
        case .utf32: byte & 0xc0 == 0x80 ? 0 : 1
        }
    }
}

/// A line and a column, both from 0.
struct Position: Hashable, Comparable {
    var line: Int
    var character: Int

    static func < (a: Position, b: Position) -> Bool {
        (a.line, a.character) < (b.line, b.character)
    }

    var json: JSON { ["line": .int(line), "character": .int(character)] }

    init(line: Int, character: Int) {
        self.line = line
        self.character = character
    }

    /// Nil where `json` is no position.
    init?(_ json: JSON) {
        guard let line = json["line"].int, let character = json["character"].int, line >= 0,
            character >= 0
        else { return nil }
        self.init(line: line, character: character)
    }
}

/// The lines of a text: their ends are `\n`, `\r\n` and `\r`, as the protocol has it.
struct DocumentPlaces {
    let bytes: [UInt8]
    let encoding: PositionEncoding
    /// The offset at which each line starts; the first is 0.
    private let lineStarts: [Int]

    init(_ bytes: [UInt8], _ encoding: PositionEncoding) {
        self.bytes = bytes
        self.encoding = encoding
        var starts = [0]
        for (i, byte) in bytes.enumerated() {
            let isReturn = byte == UInt8(ascii: "\r")
            let isPair = isReturn && i + 1 < bytes.count && bytes[i + 1] == UInt8(ascii: "\n")
            if byte == UInt8(ascii: "\n") || isReturn && !isPair { starts.append(i + 1) }
        }
        lineStarts = starts
    }

    /// The offset of a position: behind the line's end it is the line's end, behind the text the
    /// text's end, and inside a scalar the scalar's start.
    func offset(_ position: Position) -> Int {
        guard position.line < lineStarts.count else { return bytes.count }
        var offset = lineStarts[position.line]
        let end = endOfLine(position.line)
        var left = position.character
        while offset < end {
            let units = encoding.units(bytes[offset])
            if units > left { break }
            left -= units
            offset += 1
            if encoding != .utf8 {
                while offset < end, bytes[offset] & 0xc0 == 0x80 { offset += 1 }
            }
        }
        while encoding == .utf8, offset > lineStarts[position.line], offset < end,
            bytes[offset] & 0xc0 == 0x80
        {
            offset -= 1
        }
        return offset
    }

    /// The offset behind the last byte of a line that is not of its end.
    private func endOfLine(_ line: Int) -> Int {
        guard line + 1 < lineStarts.count else { return bytes.count }
        var end = lineStarts[line + 1] - 1
        if end > lineStarts[line], bytes[end] == UInt8(ascii: "\n"),
            bytes[end - 1] == UInt8(ascii: "\r")
        {
            end -= 1
        }
        return end
    }

    func position(_ offset: Int) -> Position {
        let offset = min(max(0, offset), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let start = lineStarts[low]
        let units = bytes[start..<max(start, offset)].reduce(0) { $0 + encoding.units($1) }
        return Position(line: low, character: units)
    }

    func range(_ range: Range<Int>) -> JSON {
        [
            "start": position(range.lowerBound).json,
            "end": position(range.upperBound).json,
        ]
    }

    /// The offsets of a range; nil where it is none. One whose end is before its start is empty.
    func offsets(_ json: JSON) -> Range<Int>? {
        guard let start = Position(json["start"]), let end = Position(json["end"]) else {
            return nil
        }
        let from = offset(start)
        return from..<max(from, offset(end))
    }
}
