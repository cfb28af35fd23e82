// SPDX-License-Identifier: Apache-2.0
// Exercised by FileTailTests.

/// Cuts a stream of bytes into whole lines; what is beyond the cap of a line is left out.
package struct LineCutter {
    private let maxLineByteCount: Int
    /// The beginning of a line whose end has not come.
    package private(set) var rest: [UInt8] = []
    /// Whether the line at work is too long, and its beginning has been given out.
    private var isDropping = false

    package init(maxLineByteCount: Int) { self.maxLineByteCount = maxLineByteCount }

    /// Takes bytes, and appends the lines that are whole now to `lines`. Of a line that is too long
    /// there are the first bytes, one more than may be, however it is cut.
    package mutating func take(_ bytes: ArraySlice<UInt8>, into lines: inout [UInt8]) {
        var bytes = bytes
        if isDropping {
            guard let end = bytes.firstIndex(of: 0x0a) else { return }
            bytes = bytes[(end + 1)...]
            isDropping = false
        }
        guard let last = bytes.lastIndex(of: 0x0a) else {
            rest += bytes
            dropIfTooLong(into: &lines)
            return
        }
        let whole = bytes[...last]
        if rest.count + whole.count > maxLineByteCount {
            takeOneByOne(whole, into: &lines)
        } else {
            lines += rest
            lines += whole
        }
        rest = Array(bytes[(last + 1)...])
        dropIfTooLong(into: &lines)
    }

    /// Takes whole lines of which one may be too long.
    private mutating func takeOneByOne(_ bytes: ArraySlice<UInt8>, into lines: inout [UInt8]) {
        var bytes = bytes
        while let end = bytes.firstIndex(of: 0x0a) {
            rest += bytes[..<end]
            lines += rest.prefix(maxLineByteCount + 1)
            lines.append(0x0a)
            rest.removeAll(keepingCapacity: true)
            bytes = bytes[(end + 1)...]
        }
    }

    private mutating func dropIfTooLong(into lines: inout [UInt8]) {
        guard rest.count > maxLineByteCount else { return }
        lines += rest[...maxLineByteCount]
        lines.append(0x0a)
        rest = []
        isDropping = true
    }

    /// Appends the last line, which has no newline, if there is one.
    package mutating func finish(into lines: inout [UInt8]) {
        isDropping = false
        if rest.isEmpty { return }
        lines += rest
        lines.append(0x0a)
        rest = []
    }
}
