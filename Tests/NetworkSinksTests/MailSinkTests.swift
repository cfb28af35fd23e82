// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Live
import SampleCertificates
import Testing

@testable import NetworkSinks

@Suite struct MailSinkTests {
    private let folder: ScratchFolder
    private let trustPath: String

    init() throws {
        folder = try ScratchFolder()
        trustPath = "\(folder.path)/ca.pem"
        try SelfSignedCertificate.certificate.write(
            toFile: trustPath, atomically: true, encoding: .utf8)
    }

    private func sink(
        _ server: ScriptedMailServer, timeout: TimeSpan = TimeSpan(seconds: 10),
        _ change: (inout MailOptions) -> Void = { _ in }
    ) throws -> MailSink {
        var options = MailOptions(
            host: "127.0.0.1", sender: "martlet@example.org",
            recipients: ["soc@example.org", "ann@example.com"])
        options.port = server.port
        options.trustPath = trustPath
        change(&options)
        var delivery = DeliveryOptions()
        delivery.timeout = timeout
        return try MailSink("mail", options, delivery, clock: FixedClock())
    }

    private static let conversation = [
        "MAIL FROM:<martlet@example.org>", "RCPT TO:<soc@example.org>",
        "RCPT TO:<ann@example.com>", "DATA",
    ]

    @Test func aMailGoesOverAConnectionThatWasMadeSafe() throws {
        let server = try ScriptedMailServer()
        let sink = try sink(server) {
            $0.user = "martlet"
            $0.password = .text("s3cret")
        }
        #expect(sink.send([alert(1), alert(2)], until: .never) == .sent(2))
        let secret = Data("\0martlet\0s3cret".utf8).base64EncodedString()
        #expect(
            Array(server.lines.prefix(12)) == [
                "EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]", "AUTH PLAIN \(secret)",
            ] + Self.conversation + Self.conversation)
        #expect(
            server.mails.first == """
                From: martlet@example.org
                To: soc@example.org,
                 ann@example.com
                Subject: [high] ann: <2> "failures"
                Date: Fri, 15 Jan 2027 08:00:00 +0000
                Message-ID: <id1@example.org>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 7bit

                ann: <2> "failures"

                rule: guessed
                severity: high
                user: ann
                team: blue
                n: 2
                none: 
                start: 2027-01-15T08:00:00.000Z
                end: 2027-01-15T08:00:20.500Z
                id: id1

                """)
    }

    @Test func aNoticeGoesWithItsAlert() throws {
        let server = try ScriptedMailServer()
        let resolved = ",\"status\":\"resolved\",\"resolved_at\":\"2027-01-15T09:00:00.000Z\""
        #expect(try sink(server).send([alert(1, resolved)], until: .never) == .sent(1))
        let mail = try #require(server.mails.first)
        #expect(mail.contains("Subject: [resolved] ann"))
        #expect(mail.contains("Message-ID: <id1-resolved@example.org>\n"))
        #expect(mail.contains("References: <id1@example.org>\n"))
        #expect(mail.contains("\nThis alert is resolved.\n"))
        #expect(mail.contains("\nresolved: 2027-01-15T09:00:00.000Z\n"))
    }

    @Test func templatesMakeTheSubjectAndTheText() throws {
        var script = ScriptedMailServer.Script()
        script.offers = ["AUTH LOGIN"]
        script.beginsWithTLS = true
        let server = try ScriptedMailServer(script)
        let sink = try sink(server) {
            $0.encryption = .tls
            $0.user = "u"
            $0.password = .text("p")
            $0.subject = "über {{rule}}"
            $0.template = ".\n..two\n{{title}}"
        }
        #expect(sink.send([alert(1)], until: .never) == .sent(1))
        #expect(
            Array(server.lines.prefix(4)) == ["EHLO [127.0.0.1]", "AUTH LOGIN", "dQ==", "cA=="])
        let mail = try #require(server.mails.first)
        #expect(mail.contains("Subject: =?utf-8?B?w7xiZXIgZ3Vlc3NlZA==?=\n"))
        #expect(mail.hasSuffix("\n\n.\n..two\nann: <2> \"failures\"\n"))
    }

    @Test(arguments: [
        ("greeting", "421 busy", SendOutcome.failed(reason: "the greeting: 421 busy")),
        ("greeting", "hello", .failed(reason: "this is no mail server")),
        ("STARTTLS", "454 no", .failed(reason: "STARTTLS: 454 no")),
        ("EHLO", "", .failed(reason: "no answer within 300ms")),
        ("MAIL", "451-later\r\n451 please", .failed(reason: "MAIL FROM: 451 later please")),
        (
            "RCPT", "550 who",
            .failed(
                reason: "RCPT TO soc@example.org: 550 who; ann@example.com: 550 who")
        ),
        ("DATA", "452 full", .failed(reason: "DATA: 452 full")),
        (".", "554 spam", .refused(1, reason: "the mail: 554 spam")),
        (".", "451 later", .failed(reason: "the mail: 451 later")),
    ])
    func anAnswerSaysWhatBecomesOfTheAlert(
        start: String, answer: String, outcome: SendOutcome
    ) throws {
        var script = ScriptedMailServer.Script()
        script.answers = [(start, answer)]
        let server = try ScriptedMailServer(script)
        // A busy machine takes its time for an answer that comes.
        let sink = try sink(
            server, timeout: answer.isEmpty ? TimeSpan(milliseconds: 300) : TimeSpan(seconds: 30))
        #expect(sink.send([alert(1)], until: .never) == outcome)
    }

    @Test func aRecipientWhoIsRefusedIsNamedAndTheOthersGetTheirMail() throws {
        var script = ScriptedMailServer.Script()
        script.answers = [("RCPT TO:<ann", "550 who")]
        let server = try ScriptedMailServer(script)
        let sink = try sink(server)
        #expect(sink.send([alert(1)], until: .never) == .sent(1))
        #expect(
            sink.takeProblem() == "not every recipient is taken: ann@example.com: 550 who")
        #expect(sink.takeProblem() == nil)
    }

    @Test func nothingIsSaidToAServerThatIsNotTrusted() throws {
        let server = try ScriptedMailServer()
        let sink = try sink(server) {
            $0.trustPath = nil
            $0.user = "martlet"
            $0.password = .text("s3cret")
        }
        guard case .failed(let reason, nil) = sink.send([alert(1)], until: .never) else {
            Issue.record("it is sent")
            return
        }
        #expect(reason.contains("there is no trust in the connection"))
        #expect(server.lines == ["EHLO [127.0.0.1]", "STARTTLS"])
    }

    /// What a stranger put before the encrypted part is not taken for the server's.
    @Test func wordsBetweenStartTLSAndTLSAreRefused() throws {
        var script = ScriptedMailServer.Script()
        script.injection = "\r\n250 injected"
        let server = try ScriptedMailServer(script)
        let sink = try sink(server, timeout: TimeSpan(milliseconds: 500))
        guard case .failed = sink.send([alert(1)], until: .never) else {
            Issue.record("it is sent")
            return
        }
        #expect(server.mails == [])
    }

    @Test func withoutStartTLSNothingIsSent() throws {
        var script = ScriptedMailServer.Script()
        script.offers = ["AUTH PLAIN"]
        let server = try ScriptedMailServer(script)
        #expect(
            try sink(server).send([alert(1)], until: .never)
                == .failed(reason: "the server offers no STARTTLS"))
        let plain = try sink(server) { $0.encryption = .none }
        #expect(plain.send([alert(1)], until: .never) == .sent(1))
    }

    @Test func whereNobodyListensItFails() throws {
        var options = MailOptions(
            host: "127.0.0.1", sender: "a@example.org", recipients: ["b@example.org"])
        options.port = 1
        let sink = try MailSink("mail", options, DeliveryOptions(), clock: FixedClock())
        guard case .failed(let reason, nil) = sink.send([alert(1)], until: .never) else {
            Issue.record("it is sent")
            return
        }
        #expect(reason == "cannot reach `127.0.0.1`: Connection refused")
    }
}
