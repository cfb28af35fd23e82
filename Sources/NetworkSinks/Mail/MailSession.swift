// SPDX-License-Identifier: Apache-2.0
// Exercised by MailSinkTests. SMTP: RFC 5321; STARTTLS: RFC 3207; AUTH: RFC 4954.

internal import Live
internal import NIOSSL

/// What came of handing a mail over.
enum MailOutcome: Hashable, Sendable {
    /// The server has it; addresses that it did not take, with its reasons.
    case taken(refused: [String])
    case refused(String)
}

/// A conversation with a mail server, from the greeting on.
struct MailSession {
    private let connection: MailConnection
    private var hello: MailReply

    /// Greets, encrypts and signs in.
    init(
        _ connection: MailConnection, _ options: MailOptions, tls: NIOSSLContext?,
        password: String?
    ) throws(MailProblem) {
        self.connection = connection
        _ = try MailSession.positive(try connection.reply(), "the greeting")
        hello = try MailSession.greet(connection)
        if options.encryption == .startTLS, let tls {
            guard hello.offers("STARTTLS") else {
                throw MailProblem(reason: "the server offers no STARTTLS")
            }
            _ = try MailSession.positive(try connection.say("STARTTLS"), "STARTTLS")
            try connection.encrypt(tls, options.host)
            hello = try MailSession.greet(connection)
        }
        if let user = options.user, let password {
            try signIn(user, password)
        }
    }

    private static func greet(_ connection: MailConnection) throws(MailProblem) -> MailReply {
        let reply = try connection.say("EHLO \(connection.name)")
        if reply.isPositive { return reply }
        return try positive(try connection.say("HELO \(connection.name)"), "HELO")
    }

    private static func positive(
        _ reply: MailReply, _ what: String
    ) throws(MailProblem) -> MailReply {
        if reply.isPositive { return reply }
        throw MailProblem(reason: "\(what): \(reply.text)")
    }

    private func signIn(_ user: String, _ password: String) throws(MailProblem) {
        let reply: MailReply
        if hello.offers("AUTH", "PLAIN") {
            let secret = Base64Text.encode(Array("\0\(user)\0\(password)".utf8))
            reply = try connection.say("AUTH PLAIN \(secret)")
        } else if hello.offers("AUTH", "LOGIN") {
            _ = try MailSession.positive(try connection.say("AUTH LOGIN"), "AUTH")
            let name = try connection.say(Base64Text.encode(Array(user.utf8)))
            _ = try MailSession.positive(name, "AUTH")
            reply = try connection.say(Base64Text.encode(Array(password.utf8)))
        } else {
            throw MailProblem(reason: "the server offers no way to sign in that is known here")
        }
        _ = try MailSession.positive(reply, "AUTH")
    }

    /// Hands a mail over.
    ///
    /// - Throws: where it may be taken another time.
    func send(_ message: MailMessage) throws(MailProblem) -> MailOutcome {
        let bytes = message.bytes
        _ = try MailSession.positive(
            try connection.say("MAIL FROM:<\(message.sender)>"), "MAIL FROM")
        var refused: [String] = []
        for recipient in message.recipients {
            let reply = try connection.say("RCPT TO:<\(recipient)>")
            if !reply.isPositive { refused.append("\(recipient): \(reply.text)") }
        }
        if refused.count == message.recipients.count {
            _ = try connection.say("RSET")
            throw MailProblem(reason: "RCPT TO \(refused.joined(separator: "; "))")
        }
        _ = try MailSession.positive(try connection.say("DATA"), "DATA")
        connection.write(MailMessage.data(bytes))
        let reply = try connection.reply()
        if reply.isPositive { return .taken(refused: refused) }
        if reply.isPermanent { return .refused("the mail: \(reply.text)") }
        throw MailProblem(reason: "the mail: \(reply.text)")
    }

    /// Says good-bye, and does not wait for the answer.
    func end() { connection.write(Array("QUIT\r\n".utf8)) }
}
