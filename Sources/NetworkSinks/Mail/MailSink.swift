// SPDX-License-Identifier: Apache-2.0
// Exercised by MailSinkTests.

internal import EventModel
package import Live
internal import NIOSSL

/// A mail for each alert.
package final class MailSink: AlertSink {
    /// Mails in one session.
    private static let batchCount = 20

    private let options: MailOptions
    private let timeout: TimeSpan
    private let clock: any WallClock
    private let password: String?
    private let subject: AlertTemplate
    private let text: AlertTemplate
    private let tls: NIOSSLContext?
    private let problem = Guarded<String?>(nil)

    /// - Throws: `sink` where the options cannot be used.
    package init(
        _ name: String, _ options: MailOptions, _ delivery: DeliveryOptions, clock: any WallClock
    ) throws(StateError) {
        self.options = options
        timeout = delivery.timeout
        self.clock = clock
        password = try options.password?.read()
        subject = try AlertTemplate(options.subject ?? MailSink.subject, .text, ofSink: name)
        text = try AlertTemplate(options.template ?? MailSink.text, .text, ofSink: name)
        guard options.encryption != .none else {
            tls = nil
            return
        }
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let path = options.trustPath { configuration.additionalTrustRoots = [.file(path)] }
            tls = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .sink(name, reason: "the certificates cannot be used: \(error)")
        }
    }

    private static let subject =
        "[{{#is_resolved}}resolved{{/is_resolved}}{{^is_resolved}}{{severity}}{{/is_resolved}}] "
        + "{{title}}"

    private static let text = """
        {{title}}

        {{#is_resolved}}
        This alert is resolved.

        {{/is_resolved}}
        rule: {{rule}}
        severity: {{severity}}
        {{#key_list}}
        {{name}}: {{value}}
        {{/key_list}}
        {{#label_list}}
        {{name}}: {{value}}
        {{/label_list}}
        {{#field_list}}
        {{name}}: {{value}}
        {{/field_list}}
        start: {{start}}
        end: {{end}}
        {{#resolved_at}}
        resolved: {{resolved_at}}
        {{/resolved_at}}
        id: {{id}}
        """

    package func send(
        _ alerts: ArraySlice<StoredAlert>, until interruption: Interruption
    ) -> SendOutcome {
        var count = 0
        do throws(MailProblem) {
            let connection = try MailConnection(
                host: options.host, port: options.port,
                tls: options.encryption == .tls ? tls : nil, timeout: timeout,
                until: interruption)
            defer { connection.close() }
            let session = try MailSession(connection, options, tls: tls, password: password)
            for alert in alerts.prefix(MailSink.batchCount) {
                let content = AlertContent(alert, withEvents: true)
                switch try session.send(message(of: content)) {
                case .taken(let refused):
                    count += 1
                    if !refused.isEmpty {
                        let reasons = refused.joined(separator: "; ")
                        problem.with { $0 = "not every recipient is taken: \(reasons)" }
                    }
                case .refused(let reason):
                    return count > 0 ? .sent(count) : .refused(1, reason: reason)
                }
            }
            session.end()
            return .sent(count)
        } catch {
            return count > 0 ? .sent(count) : .failed(reason: error.reason)
        }
    }

    private func message(of alert: AlertContent) -> MailMessage {
        MailMessage(
            sender: options.sender, recipients: options.recipients,
            subject: subject.text(of: alert), text: text.text(of: alert), id: alert.deliveryID,
            parentID: alert.isResolved ? alert.id : nil, date: clock.now)
    }

    package func takeProblem() -> String? {
        problem.with { problem in
            defer { problem = nil }
            return problem
        }
    }
}
