// SPDX-License-Identifier: Apache-2.0
// Exercised by WebhookSinkTests.

internal import EventModel
package import Live

/// A request for each alert, or for some at once.
package final class WebhookSink: AlertSink {
    private let options: WebhookOptions
    private let url: String
    private let body: WebhookBody
    private let signature: RequestSignature?
    private let sender: HTTPSender
    private let clock: any WallClock
    private let size: Guarded<BatchSize>

    /// - Throws: `sink` where the options cannot be used.
    package init(
        _ name: String, _ options: WebhookOptions, _ delivery: DeliveryOptions,
        clock: any WallClock
    ) throws(StateError) {
        self.options = options
        self.clock = clock
        url = try options.url.read()
        body = try WebhookBody(name, options)
        signature = try options.signingSecret.map { secret throws(StateError) in
            RequestSignature(secret: try secret.read())
        }
        let routingKey = try options.routingKey?.read()
        sender = HTTPSender(
            timeout: delivery.timeout, trustPath: options.trustPath,
            secrets: SecretEchoes(
                url: url, options.headers, others: routingKey.map { [$0] } ?? []))
        size = Guarded(BatchSize(options.batchCount))
    }

    package func send(
        _ alerts: ArraySlice<StoredAlert>, until interruption: Interruption
    ) -> SendOutcome {
        let sent = alerts.prefix(size.with { $0.count })
        let contents = sent.map { AlertContent($0, withEvents: body.needsEvents) }
        let bytes = body.bytes(of: sent, contents)
        var headers: [(name: String, value: String)] = [
            ("Content-Type", options.contentType), ("User-Agent", "martlet"),
        ]
        let ids = contents.map(\.deliveryID)
        headers.append(
            ("Idempotency-Key", ids.count == 1 ? ids[0] : RequestSignature.digest(of: ids)))
        if let signature {
            headers.append(
                (RequestSignature.headerName, signature.header(of: bytes, at: clock.now)))
        }
        for header in options.headers {
            headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
            headers.append((header.name, header.value))
        }
        let reply = sender.send(
            HTTPMessage(url: url, method: options.method, headers: headers, body: bytes),
            until: interruption)
        let outcome = reply.outcome(sent.count, at: clock.now)
        return size.with { $0.take(outcome) }
    }

    package func close() { sender.close() }
}
