// SPDX-License-Identifier: Apache-2.0
// Exercised by MailMessageTests.

internal import EventModel
internal import Live

/// A mail (RFC 5322), of text alone.
struct MailMessage {
    /// The longest line that may be sent, without its end.
    private static let lineCap = 998
    /// Signs of a subject.
    private static let subjectCap = 200

    var sender: String
    var recipients: [String]
    var subject: String
    var text: String
    /// What tells it from others; the same for the same alert.
    var id: String
    /// The mail that it goes with.
    var parentID: String?
    var date: StreamTime

    /// With an end behind each line; nothing of it is made safe for SMTP yet.
    var bytes: [UInt8] {
        let domain = sender.split(separator: "@").last.map(String.init) ?? "localhost"
        var head = [
            "From: \(sender)", "To: \(recipients.joined(separator: ",\r\n "))",
            "Subject: \(MailMessage.header(subject))", "Date: \(MailMessage.text(of: date))",
            "Message-ID: <\(id)@\(domain)>",
        ]
        if let parentID {
            head.append("In-Reply-To: <\(parentID)@\(domain)>")
            head.append("References: <\(parentID)@\(domain)>")
        }
        head += [
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
        ]
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let isPlain = lines.allSatisfy { line in
            line.utf8.count <= MailMessage.lineCap
                && line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f || $0 == 0x09 }
        }
        head.append("Content-Transfer-Encoding: \(isPlain ? "7bit" : "base64")")
        var body = lines.map(String.init)
        if !isPlain {
            body = MailMessage.chunks(
                of: Base64Text.encode(Array(lines.joined(separator: "\r\n").utf8)), 76)
        }
        return Array((head + [""] + body).map { $0 + "\r\n" }.joined().utf8)
    }

    /// The bytes as the content of `DATA`: a line that begins with a full stop gets another one,
    /// and one alone ends all.
    static func data(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var beginsLine = true
        for byte in bytes {
            if beginsLine, byte == UInt8(ascii: ".") { result.append(byte) }
            result.append(byte)
            beginsLine = byte == 0x0a
        }
        if !beginsLine { result += [0x0d, 0x0a] }
        return result + Array(".\r\n".utf8)
    }

    /// A text as the value of a header: on one line, or as encoded words (RFC 2047).
    static func header(_ text: String) -> String {
        let line = String(
            text.unicodeScalars.prefix(subjectCap).map { scalar -> Character in
                scalar.value < 0x20 || scalar.value == 0x7f ? " " : Character(scalar)
            })
        // What looks like an encoded word would be read as one.
        if line.utf8.allSatisfy({ $0 < 0x7f }), !line.contains("=?") {
            return folded(line)
        }
        var words: [String] = []
        var part: [UInt8] = []
        for character in line {
            let bytes = Array(character.utf8)
            if part.count + bytes.count > 45, !part.isEmpty {
                words.append(Base64Text.encode(part))
                part = []
            }
            part += bytes
        }
        words.append(Base64Text.encode(part))
        return words.map { "=?utf-8?B?\($0)?=" }.joined(separator: "\r\n ")
    }

    /// Broken at blanks, where a line would be longer than 70 signs.
    private static func folded(_ line: String) -> String {
        var result = ""
        var length = "Subject: ".count
        for (index, word) in line.split(separator: " ", omittingEmptySubsequences: false)
            .enumerated()
        {
            if index > 0 {
                // A line of blanks alone would be none.
                let breaks = length + word.count > 70 && !word.isEmpty && !result.hasSuffix(" ")
                result += breaks ? "\r\n " : " "
                length = breaks ? 1 : length + 1
            }
            result += word
            length += word.count
        }
        return result
    }

    private static func chunks(of text: String, _ count: Int) -> [String] {
        var chunks: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            chunks.append(String(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return chunks
    }

    /// `Fri, 15 Jan 2027 08:01:00 +0000`.
    static func text(of time: StreamTime) -> String {
        let date = CalendarTime(time)
        let days = CalendarTime.daysSinceEpoch(year: date.year, month: date.month, day: date.day)
        // The epoch was a Thursday.
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][(days % 7 + 7) % 7]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let clock = [date.hour, date.minute, date.second].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(weekday), \(date.day) \(months[date.month - 1]) \(date.year) "
            + "\(clock.joined(separator: ":")) +0000"
    }
}

/// Base64 (RFC 4648, 4).
enum Base64Text {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for k in 0..<3 { bits = bits << 8 | UInt32(k < part.count ? part[start + k] : 0) }
            for k in 0..<4 {
                let digit = digits[Int(bits >> (18 - 6 * UInt32(k)) & 63)]
                result.append(k <= part.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
