// SPDX-License-Identifier: Apache-2.0

import Connectors
import EventModel
import Live
import Testing

@testable import NetworkSinks

/// A clock that tests set.
private final class SetClock: WallClock {
    let passed = Guarded<Int64>(0)
    var now: StreamTime {
        StreamTime(nanoseconds: 1_800_000_060_000_000_000 + passed.with { $0 })
    }
    var nanoseconds: Int64 { passed.with { $0 } }
    func pass(seconds: Int64) { passed.with { $0 += seconds * 1_000_000_000 } }
}

@Suite struct AlertmanagerSinkTests {
    private let receiver: ScriptedReceiver
    private let clock = SetClock()
    private static let open = ",\"status\":\"open\",\"resolved_at\":null"
    private static let resolved =
        ",\"status\":\"resolved\",\"resolved_at\":\"2027-01-15T08:00:50.000Z\""

    init() throws { receiver = try ScriptedReceiver() }

    private func sink(_ change: (inout AlertmanagerOptions) -> Void = { _ in }) throws
        -> AlertmanagerSink
    {
        var options = AlertmanagerOptions(url: .text(receiver.url + "/prefix/"))
        change(&options)
        return try AlertmanagerSink(options, DeliveryOptions(), clock: clock)
    }

    /// What the last request said, an alert a line: its user, its end and its link.
    private var posted: [String] {
        (receiver.requests.last?.body).flatMap { JSONValue($0) }?.elements.map { alert in
            let user = alert["labels"]?["user"]?.string ?? "?"
            return "\(user) until \(alert["endsAt"]?.string ?? "?")"
        } ?? []
    }

    @Test func anAlertIsPostedWithWhatSaysWhichItIs() throws {
        let sink = try sink { $0.generatorURL = "http://m/{rule}/{id}" }
        defer { sink.close() }
        #expect(sink.send([alert(1)], until: .never) == .sent(1))
        let request = try #require(receiver.requests.first)
        #expect(request.path == "/prefix/api/v2/alerts")
        #expect(
            request.text == """
                [{"labels":{"alertname":"guessed","severity":"high","tags":"T1110","team":"blue",\
                "user":"ann"},"annotations":{"title":"ann: <2> \\"failures\\"",\
                "martlet_id":"id1","n":"2"},"startsAt":"2027-01-15T08:00:20.500Z",\
                "endsAt":"2027-01-15T08:06:00.000Z","generatorURL":"http://m/guessed/id1"}]
                """)
    }

    @Test func whatIsOpenIsSaidAgainUntilItIsResolved() throws {
        let sink = try sink()
        defer { sink.close() }
        #expect(sink.nextDue == nil)
        let alerts = [alert(1, Self.open), alert(2, Self.open, user: "bob"), alert(3, user: "cy")]
        #expect(sink.send(alerts[...], until: .never) == .sent(3))
        #expect(
            posted == [
                "ann until 2027-01-15T08:05:00.000Z", "bob until 2027-01-15T08:05:00.000Z",
                "cy until 2027-01-15T08:06:00.000Z",
            ])
        #expect(sink.nextDue == 60_000_000_000)
        clock.pass(seconds: 60)
        #expect(sink.tend(until: .never) == .sent(0))
        #expect(
            posted == [
                "ann until 2027-01-15T08:06:00.000Z", "bob until 2027-01-15T08:06:00.000Z",
                "cy until 2027-01-15T08:06:00.000Z",
            ])
        #expect(sink.nextDue == 120_000_000_000)
        #expect(sink.send([alert(4, Self.resolved)], until: .never) == .sent(1))
        #expect(posted == ["ann until 2027-01-15T08:00:50.000Z"])
        // That of a rule without `resolve on` is over by itself.
        clock.pass(seconds: 300)
        #expect(sink.tend(until: .never) == .sent(0))
        #expect(posted == ["bob until 2027-01-15T08:11:00.000Z"])
    }

    @Test func aRoundThatFailsIsTriedAgain() throws {
        let receiver = try ScriptedReceiver([.status(200), .status(500)])
        let sink = try AlertmanagerSink(
            AlertmanagerOptions(url: .text(receiver.url)), DeliveryOptions(), clock: clock)
        defer { sink.close() }
        #expect(sink.send([alert(1, Self.open)], until: .never) == .sent(1))
        clock.pass(seconds: 60)
        #expect(sink.tend(until: .never) == .failed(reason: "answer 500"))
        #expect(sink.nextDue == 60_000_000_000)
        #expect(sink.tend(until: .never) == .sent(0))
        #expect(sink.nextDue == 120_000_000_000)
    }

    @Test func whatWasOpenBeforeTheStartIsSaidAgain() throws {
        let sink = try sink()
        defer { sink.close() }
        sink.recall([alert(1, Self.open)])
        #expect(sink.nextDue == 0)
        #expect(sink.tend(until: .never) == .sent(0))
        #expect(posted == ["ann until 2027-01-15T08:05:00.000Z"])
    }

    @Test func oneThatIsRefusedDoesNotTakeOthersWithIt() throws {
        let receiver = try ScriptedReceiver([.status(400), .status(200), .status(400)])
        let sink = try AlertmanagerSink(
            AlertmanagerOptions(url: .text(receiver.url)), DeliveryOptions(), clock: clock)
        defer { sink.close() }
        let alerts = [alert(1, Self.open), alert(2, Self.open, user: "bob")]
        #expect(sink.send(alerts[...], until: .never) == .sent(0))
        #expect(sink.send(alerts[...], until: .never) == .sent(1))
        #expect(sink.send(alerts[1...], until: .never) == .refused(1, reason: "answer 400"))
    }
}
