// SPDX-License-Identifier: Apache-2.0
// Messages out of a stream of bytes: RFC 6587, sections 3.4.1 (octet counting) and 3.4.2 (lines).
// Unlike there, `auto` takes a number for a length only where `<` follows it, as it does before
// every message of syslog: so a line may begin with a number. Exercised by MessageCutterTests.

internal import Connectors
internal import Live

/// Cuts a stream of bytes into messages, each made one line; of one that is too long there are the
/// first bytes, one more than may be.
struct MessageCutter {
    /// What no later byte can mend: where the next message begins is not known.
    struct FramingError: Error, Hashable {}

    /// Digits of a length, at most.
    private static let digitCap = 9

    private enum State {
        /// At the beginning of a message, or in one that `rest` has the beginning of.
        case message
        /// In a line that is too long.
        case droppingLine
        /// In a counted message that is too long.
        case dropping(byteCount: Int)
    }

    private enum Head {
        /// A counted message, which begins at an offset.
        case counted(start: Int, byteCount: Int)
        case line
        /// More bytes are needed to say.
        case unknown
    }

    private let framing: MessageFraming
    private let maxByteCount: Int
    /// What a newline inside of a message becomes.
    private let newlineText: [UInt8]
    private var state = State.message
    private var rest: [UInt8] = []
    /// Bytes of `rest` that have no newline.
    private var searchedByteCount = 0

    init(_ framing: MessageFraming, maxByteCount: Int, newlineText: [UInt8]) {
        self.framing = framing
        self.maxByteCount = maxByteCount
        self.newlineText = newlineText
    }

    /// Bytes of a message that is not whole.
    var heldByteCount: Int { rest.count }

    /// Takes bytes, and appends the messages that are whole now to `lines`.
    mutating func take(
        _ bytes: some Collection<UInt8>, into lines: inout [UInt8]
    ) throws(FramingError) {
        rest.append(contentsOf: bytes)
        var position = 0
        defer {
            rest.removeFirst(position)
            if position > 0, rest.isEmpty { searchedByteCount = 0 }
        }
        while position < rest.count, try step(&position, &lines) {}
    }

    /// Appends what the end of the stream leaves: it counts as a whole message, without the length
    /// that it does not have.
    mutating func finish(into lines: inout [UInt8]) {
        if case .message = state, !rest.isEmpty {
            var start = 0
            if case .counted(let begin, _)? = try? head(at: 0) { start = begin }
            append(rest[start...], to: &lines)
        }
        rest = []
        state = .message
    }

    /// False: more bytes are needed.
    private mutating func step(
        _ position: inout Int, _ lines: inout [UInt8]
    ) throws(FramingError) -> Bool {
        switch state {
        case .droppingLine:
            guard let end = rest[position...].firstIndex(of: 0x0a) else {
                position = rest.count
                return false
            }
            position = end + 1
            state = .message
            return true
        case .dropping(let byteCount):
            let count = min(byteCount, rest.count - position)
            position += count
            state = count == byteCount ? .message : .dropping(byteCount: byteCount - count)
            return count == byteCount
        case .message:
            switch try head(at: position) {
            case .unknown: return false
            case .line: return takeLine(&position, &lines)
            case .counted(let start, let byteCount):
                return takeCounted(from: start, byteCount, &position, &lines)
            }
        }
    }

    /// [ MSG-LEN SP ] MSG, where MSG-LEN = NONZERO-DIGIT *DIGIT.
    private func head(at position: Int) throws(FramingError) -> Head {
        if framing == .lines { return .line }
        let isStrict = framing == .octetCounted
        var byteCount = 0
        var next = position
        while next < rest.count, rest[next] >= 0x30, rest[next] <= 0x39 {
            byteCount = byteCount * 10 + Int(rest[next] - 0x30)
            next += 1
            if next - position > MessageCutter.digitCap { break }
        }
        let isNumber =
            next > position && rest[position] != 0x30
            && next - position <= MessageCutter.digitCap
        // Some end their messages with a newline all the same.
        if isStrict, rest[position] == 0x0a { return .line }
        guard isNumber || next == rest.count && next == position else {
            if isStrict { throw FramingError() }
            return .line
        }
        guard next < rest.count else { return .unknown }
        guard rest[next] == 0x20 else {
            if isStrict { throw FramingError() }
            return .line
        }
        if isStrict { return .counted(start: next + 1, byteCount: byteCount) }
        guard next + 1 < rest.count else { return .unknown }
        return rest[next + 1] == UInt8(ascii: "<")
            ? .counted(start: next + 1, byteCount: byteCount) : .line
    }

    private mutating func takeLine(_ position: inout Int, _ lines: inout [UInt8]) -> Bool {
        let from = position == 0 ? max(searchedByteCount, 0) : position
        if let end = rest[from...].firstIndex(of: 0x0a) {
            append(rest[position..<end].prefix(maxByteCount + 1), to: &lines)
            position = end + 1
            searchedByteCount = 0
            return true
        }
        guard rest.count - position > maxByteCount else {
            searchedByteCount = rest.count - position
            return false
        }
        append(rest[position...position + maxByteCount], to: &lines)
        position = rest.count
        searchedByteCount = 0
        state = .droppingLine
        return false
    }

    private mutating func takeCounted(
        from start: Int, _ byteCount: Int, _ position: inout Int, _ lines: inout [UInt8]
    ) -> Bool {
        let availableCount = rest.count - start
        if byteCount <= maxByteCount {
            guard availableCount >= byteCount else { return false }
            append(rest[start..<start + byteCount], to: &lines)
            position = start + byteCount
            return true
        }
        guard availableCount > maxByteCount else { return false }
        append(rest[start...start + maxByteCount], to: &lines)
        position = start + maxByteCount + 1
        state = .dropping(byteCount: byteCount - maxByteCount - 1)
        return true
    }

    /// Appends a message as one line; one of nothing is none.
    private func append(_ message: ArraySlice<UInt8>, to lines: inout [UInt8]) {
        MessageCutter.append(message, newlineText: newlineText, to: &lines)
    }

    static func append(
        _ message: ArraySlice<UInt8>, newlineText: [UInt8], to lines: inout [UInt8]
    ) {
        var message = message
        // Some end with a newline or a zero as well.
        while let last = message.last, last == 0x0a || last == 0x0d || last == 0 {
            message.removeLast()
        }
        if message.isEmpty { return }
        while let newline = message.firstIndex(of: 0x0a) {
            lines += message[..<newline]
            lines += newlineText
            message = message[(newline + 1)...]
        }
        lines += message
        lines.append(0x0a)
    }
}

extension MessageCutter {
    /// What a newline inside of a message becomes: as rsyslog writes it in a text, and a blank
    /// between the parts of a JSON object.
    static func newlineText(_ format: FeedFormat?) -> [UInt8] {
        format == .lines ? Array("#012".utf8) : [0x20]
    }
}

extension FeedInlet {
    var newlineText: [UInt8] {
        MessageCutter.newlineText(configuration.options.reading.format)
    }
}
