// SPDX-License-Identifier: Apache-2.0
// The base protocol of the Language Server Protocol 3.17: a header with `Content-Length`, an empty
// line, and so many bytes of JSON. Exercised by MessageFramingTests, byte by byte.

/// Takes messages out of a stream of bytes.
package struct MessageReader: Sendable {
    package enum Item: Hashable, Sendable {
        case message([UInt8])
        /// A header without a length: it is passed over, and the next message looked for.
        case badHeader
        /// Where the next message begins can't be known any more.
        case lost
    }

    /// Bytes of one message.
    package static let messageByteCap = 256 << 20
    /// Bytes of one header.
    package static let headerByteCap = 8 << 10

    private var buffer: [UInt8] = []
    private var start = 0

    package init() {}

    package mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += bytes
    }

    /// The next message; nil where it is not there as a whole.
    package mutating func next() -> Item? {
        guard let header = header() else {
            return buffer.count - start > MessageReader.headerByteCap ? .lost : nil
        }
        guard let length = MessageReader.length(buffer[start..<header.end]) else {
            start = header.behind
            return .badHeader
        }
        guard length <= MessageReader.messageByteCap else { return .lost }
        guard buffer.count - header.behind >= length else { return nil }
        let end = header.behind + length
        let message = Array(buffer[header.behind..<end])
        start = end
        return .message(message)
    }

    /// Where the header ends, and where what it speaks of begins.
    private func header() -> (end: Int, behind: Int)? {
        let limit = min(buffer.count, start + MessageReader.headerByteCap)
        var i = start
        while i < limit {
            guard buffer[i] == UInt8(ascii: "\n") else {
                i += 1
                continue
            }
            if i + 1 < limit, buffer[i + 1] == UInt8(ascii: "\n") { return (i, i + 2) }
            if i + 2 < limit, buffer[i + 1] == UInt8(ascii: "\r"),
                buffer[i + 2] == UInt8(ascii: "\n")
            {
                return (i, i + 3)
            }
            i += 1
        }
        return nil
    }

    private static func length(_ header: ArraySlice<UInt8>) -> Int? {
        for line in header.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":"),
                text[..<colon].lowercased() == "content-length"
            else { continue }
            let digits = text[text.index(after: colon)...].filter { !$0.isWhitespace }
            guard let length = Int(digits), length >= 0 else { return nil }
            return length
        }
        return nil
    }
}

extension JSON {
    /// The value as a message with its header.
    package var framed: [UInt8] {
        let content = bytes
        return Array("Content-Length: \(content.count)\r\n\r\n".utf8) + content
    }
}
