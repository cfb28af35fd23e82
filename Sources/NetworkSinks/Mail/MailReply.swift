// SPDX-License-Identifier: Apache-2.0
// Exercised by MailSinkTests.

internal import NIOCore

/// An answer of a mail server: a code, and one or more lines.
struct MailReply: Hashable, Sendable {
    var code: Int
    var lines: [String]

    var isPositive: Bool { (200..<400).contains(code) }
    /// Whether the same will never be taken.
    var isPermanent: Bool { (500..<600).contains(code) }
    var text: String { "\(code) \(lines.joined(separator: " "))" }

    /// Whether the server says that it can something, with a word behind it or none.
    func offers(_ name: String, _ word: String? = nil) -> Bool {
        lines.dropFirst().contains { line in
            let words = line.uppercased().split(separator: " ")
            guard let first = words.first, first == name else { return false }
            return word.map { words.dropFirst().contains(Substring($0)) } ?? true
        }
    }
}

/// Bytes to answers.
struct MailReplyReader {
    /// Bytes and lines of an answer.
    private static let lineCap = 4096
    private static let lineCountCap = 1000

    private var line: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []

    /// Whether there is a part of an answer.
    var isInside: Bool { !line.isEmpty || code != nil }

    /// - Returns: the answers that are whole; nil: it is none.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [MailReply]? {
        var replies: [MailReply] = []
        for byte in bytes {
            if byte != 0x0a {
                guard line.count < MailReplyReader.lineCap else { return nil }
                line.append(byte)
                continue
            }
            if line.last == 0x0d { line.removeLast() }
            guard let reply = endLine() else { return nil }
            if let reply { replies.append(reply) }
        }
        return replies
    }

    /// Nil: the line is no part of an answer; nil inside: the answer goes on.
    private mutating func endLine() -> MailReply?? {
        let text = String(decoding: line, as: UTF8.self)
        line = []
        guard let number = Int(text.prefix(3)), (200..<600).contains(number),
            text.prefix(3).utf8.count == 3, code == nil || code == number,
            lines.count < MailReplyReader.lineCountCap
        else { return .none }
        let rest = text.dropFirst(3)
        guard rest.isEmpty || rest.first == " " || rest.first == "-" else { return .none }
        lines.append(String(rest.dropFirst()))
        if rest.first == "-" {
            code = number
            return .some(nil)
        }
        defer {
            code = nil
            lines = []
        }
        return .some(MailReply(code: number, lines: lines))
    }
}
