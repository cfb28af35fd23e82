// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import NetworkSinks

@Suite struct MailMessageTests {
    private func message(_ subject: String, _ text: String) -> String {
        String(
            decoding: MailMessage(
                sender: "a@example.org", recipients: ["b@example.org"], subject: subject,
                text: text, id: "1", date: StreamTime(nanoseconds: 0)
            ).bytes, as: UTF8.self)
    }

    @Test func aHeaderNeverEndsEarly() {
        let mail = message("a\r\nBcc: evil@example.org\n\nbody", "x")
        #expect(mail.contains("\r\nSubject: a  Bcc: evil@example.org  body\r\n"))
    }

    @Test func aLongSubjectIsFolded() {
        let subject = String(repeating: "word ", count: 30) + "end"
        let lines = MailMessage.header(subject).components(separatedBy: "\r\n")
        #expect(lines.count > 1 && lines.allSatisfy { $0.count <= 80 })
        #expect(lines.joined() == subject)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(" ") && !$0.hasPrefix("  ") })
    }

    @Test(arguments: ["ü", "日本語のアラート、とても長い件名、折り返しが必要です", "a =?utf-8?Q?x?= b", "👩‍👩‍👧‍👦 three"])
    func signsBeyondASCIIAreEncodedWords(subject: String) {
        let words = MailMessage.header(subject).components(separatedBy: "\r\n ")
        #expect(words.allSatisfy { $0.count <= 75 && $0.hasPrefix("=?utf-8?B?") })
        let bytes = words.reduce(into: Data()) { all, word in
            all += Data(base64Encoded: String(word.dropFirst(10).dropLast(2))) ?? Data()
        }
        #expect(String(decoding: bytes, as: UTF8.self) == subject)
    }

    @Test func aTextThatIsNotPlainIsEncoded() throws {
        let text = "für\n" + String(repeating: "x", count: 2000)
        let parts = message("s", text).components(separatedBy: "\r\n\r\n")
        #expect(parts[0].hasSuffix("\r\nContent-Transfer-Encoding: base64"))
        let lines = parts[1].components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.count <= 76 })
        let bytes = try #require(Data(base64Encoded: lines.joined()))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == text.replacingOccurrences(of: "\n", with: "\r\n"))
    }

    @Test func linesThatBeginWithAFullStopGetAnother() {
        let data = MailMessage.data(Array(".\r\na.\r\n..b".utf8))
        #expect(String(decoding: data, as: UTF8.self) == "..\r\na.\r\n...b\r\n.\r\n")
    }

    @Test(arguments: 0..<50) func base64IsThatOfOthers(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ 13) }
        #expect(Base64Text.encode(bytes) == Data(bytes).base64EncodedString())
    }

    @Test func daysHaveTheirNames() {
        let day: Int64 = 86_400_000_000_000
        let names = (0..<7).map {
            String(MailMessage.text(of: StreamTime(nanoseconds: 20_468 * day + $0 * day)).prefix(3))
        }
        #expect(names == ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"])
        #expect(
            MailMessage.text(of: StreamTime(nanoseconds: 0)) == "Thu, 1 Jan 1970 00:00:00 +0000")
        #expect(MailMessage.text(of: StreamTime(nanoseconds: -1)).hasPrefix("Wed, 31 Dec 1969"))
    }
}

@Suite struct MailReplyTests {
    private func read(_ text: String) -> [MailReply]? {
        var reader = MailReplyReader()
        var replies: [MailReply] = []
        // However the bytes are cut.
        for byte in text.utf8 {
            guard let more = reader.take([byte]) else { return nil }
            replies += more
        }
        return replies
    }

    @Test func anAnswerMayHaveManyLines() {
        #expect(
            read("220 hi\r\n250-a b\r\n250-STARTTLS\n250 AUTH PLAIN\r\n221\r\n") == [
                MailReply(code: 220, lines: ["hi"]),
                MailReply(code: 250, lines: ["a b", "STARTTLS", "AUTH PLAIN"]),
                MailReply(code: 221, lines: [""]),
            ])
        let hello = MailReply(code: 250, lines: ["STARTTLS", "auth login plain", "SIZE"])
        #expect(!hello.offers("STARTTLS"))
        #expect(hello.offers("AUTH", "PLAIN") && !hello.offers("AUTH", "XOAUTH2"))
    }

    @Test(arguments: [
        "hello\r\n", "99 x\r\n", "2500 x\r\n", "250-a\r\n251 b\r\n", "\r\n", "-25 x\r\n",
        "+22 x\r\n",
    ])
    func whatIsNoAnswerIsRefused(text: String) {
        #expect(read(text) == nil)
    }

    @Test func aLineThatNeverEndsIsRefused() {
        #expect(read("220 " + String(repeating: "x", count: 5000)) == nil)
    }
}
