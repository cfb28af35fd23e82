// SPDX-License-Identifier: Apache-2.0

import EventModel
import Live
import NIOHTTP1
import Testing

@testable import NetworkSinks

@Suite struct WebhookSinkTests {
    private func sink(
        _ receiver: ScriptedReceiver, timeout: TimeSpan = TimeSpan(seconds: 10),
        _ change: (inout WebhookOptions) -> Void = { _ in }
    ) throws -> WebhookSink {
        var options = WebhookOptions(url: .text(receiver.url + "/hook?token=s3cret"))
        change(&options)
        var delivery = DeliveryOptions()
        delivery.timeout = timeout
        return try WebhookSink("hook", options, delivery, clock: FixedClock())
    }

    @Test func anAlertIsPostedAsItIs() throws {
        let receiver = try ScriptedReceiver()
        let sink = try sink(receiver) {
            $0.headers = [.init("Authorization", "Bearer x"), .init("user-agent", "me")]
            $0.signingSecret = .text("key")
        }
        defer { sink.close() }
        #expect(sink.send([alert(1), alert(2)], until: .never) == .sent(1))
        let request = try #require(receiver.requests.first)
        #expect(request.method == "POST")
        #expect(request.path == "/hook?token=s3cret")
        #expect(request.text == alert(1).json)
        #expect(request.headers["Content-Type"] == ["application/json"])
        #expect(request.headers["Idempotency-Key"] == ["id1"])
        #expect(request.headers["Authorization"] == ["Bearer x"])
        #expect(request.headers["User-Agent"] == ["me"])
        let signature = RequestSignature(secret: "key").header(
            of: request.body, at: FixedClock().now)
        #expect(request.headers["Martlet-Signature"] == [signature])
    }

    @Test(arguments: [
        (ScriptedReceiver.Answer.status(204), SendOutcome.sent(1)),
        (.status(400, text: "no"), .refused(1, reason: "answer 400: no")),
        (.status(401), .failed(reason: "answer 401")),
        (.status(302, headers: [("Location", "/x")]), .failed(reason: "answer 302")),
        (.status(500, text: "oh"), .failed(reason: "answer 500: oh")),
        (
            .status(429, headers: [("Retry-After", "7")]),
            .failed(reason: "answer 429", retryAfter: 7_000_000_000)
        ),
        (
            .status(503, headers: [("Retry-After", "Fri, 15 Jan 2027 08:00:30 GMT")]),
            .failed(reason: "answer 503", retryAfter: 30_000_000_000)
        ),
        (.status(503, headers: [("Retry-After", "soon")]), .failed(reason: "answer 503")),
        (.silence, .failed(reason: "no answer within 200ms")),
        (.hangUp, .failed(reason: "the connection was closed without an answer")),
    ])
    func anAnswerSaysWhatBecomesOfTheAlert(
        answer: ScriptedReceiver.Answer, outcome: SendOutcome
    ) throws {
        let receiver = try ScriptedReceiver([answer])
        // A busy machine takes its time for an answer that comes.
        var timeout = TimeSpan(seconds: 30)
        if case .silence = answer { timeout = TimeSpan(milliseconds: 200) }
        let sink = try sink(receiver, timeout: timeout)
        defer { sink.close() }
        #expect(sink.send([alert(1)], until: .never) == outcome)
    }

    @Test func whatCannotBeReachedIsNamedWithoutItsAddress() throws {
        let options = WebhookOptions(url: .text("http://127.0.0.1:1/s3cret"))
        let sink = try WebhookSink("hook", options, DeliveryOptions(), clock: FixedClock())
        defer { sink.close() }
        guard case .failed(let reason, nil) = sink.send([alert(1)], until: .never) else {
            Issue.record("it is sent")
            return
        }
        #expect(reason == "cannot reach `127.0.0.1`: Connection refused")
    }

    @Test func aHangingReceiverIsLeftWhenEverythingStops() throws {
        let receiver = try ScriptedReceiver([.silence])
        let sink = try sink(receiver, timeout: TimeSpan(seconds: 600))
        defer { sink.close() }
        let stops = Interruption { !receiver.requests.isEmpty }
        #expect(
            sink.send([alert(1)], until: stops)
                == .failed(reason: "there was no answer before the end"))
    }

    /// Of a batch that is refused each goes alone, so that the one to blame is refused alone.
    @Test func aBatchThatIsRefusedIsSentOneByOne() throws {
        let receiver = try ScriptedReceiver([.status(400), .status(200), .status(400)])
        let sink = try sink(receiver) { $0.batchCount = 3 }
        defer { sink.close() }
        let alerts = (1...6).map { alert($0) }
        #expect(sink.send(alerts[...], until: .never) == .sent(0))
        #expect(sink.send(alerts[...], until: .never) == .sent(1))
        #expect(
            sink.send(alerts[1...], until: .never) == .refused(1, reason: "answer 400"))
        #expect(sink.send(alerts[2...], until: .never) == .sent(1))
        #expect(sink.send(alerts[3...], until: .never) == .sent(3))
        let texts = receiver.requests.map(\.text)
        #expect(texts[0] == "[\(alerts[0].json),\(alerts[1].json),\(alerts[2].json)]")
        #expect(texts[1] == "[\(alerts[0].json)]")
        #expect(texts[4] == "[\(alerts[3].json),\(alerts[4].json),\(alerts[5].json)]")
        let keys = receiver.requests.flatMap { $0.headers["Idempotency-Key"] }
        #expect(keys[0].count == 32 && keys[1] == "id1" && keys[0] != keys[4])
    }
}

/// It is always 2027-01-15T08:00:00Z.
struct FixedClock: WallClock {
    var now: StreamTime { StreamTime(nanoseconds: 1_800_000_000_000_000_000) }
    var nanoseconds: Int64 { SystemClock().nanoseconds }
}
