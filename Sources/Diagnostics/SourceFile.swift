// SPDX-License-Identifier: Apache-2.0

/// A text that diagnostics point into: a rules file, by its name as the user gave it.
///
/// - Shape: positions are byte offsets into `bytes` (UTF-8); lines and columns are computed from
///   them on demand, both counted from 1, columns in Unicode scalars.
package final class SourceFile: Sendable {
    package let name: String
    package let bytes: [UInt8]
    /// The byte offset at which each line starts; the first is 0.
    package let lineStarts: [Int]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        var starts = [0]
        for (i, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(i + 1)
        }
        lineStarts = starts
    }

    package convenience init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// The line (from 1) that holds the byte at `offset`.
    package func line(at offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// The column (from 1, in Unicode scalars) of the byte at `offset` in its line.
    package func column(at offset: Int) -> Int {
        let start = textStart(ofLine: line(at: offset))
        return bytes[start..<max(start, min(offset, bytes.count))].count { $0 & 0xc0 != 0x80 } + 1
    }

    /// The offset of the first byte of line `number` (from 1) that people see: a mark of the byte
    /// order is no sign of the text.
    package func textStart(ofLine number: Int) -> Int {
        number == 1 && bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : lineStarts[number - 1]
    }

    /// The bytes of line `number` (from 1) without its line end.
    package func lineText(_ number: Int) -> String {
        let start = textStart(ofLine: number)
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }

    package func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

/// A range of bytes of one source file.
package struct SourceSpan: Sendable {
    package let file: SourceFile
    package let range: Range<Int>

    package init(_ file: SourceFile, _ range: Range<Int>) {
        self.file = file
        self.range = range
    }

    package var line: Int { file.line(at: range.lowerBound) }
    package var column: Int { file.column(at: range.lowerBound) }
    package var text: String { file.text(range) }
}
