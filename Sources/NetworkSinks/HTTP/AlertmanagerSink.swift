// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertmanagerSinkTests.

internal import Connectors
internal import EventModel
package import Live

/// Posts alerts to Alertmanager, says again which are open, and which no longer are.
package final class AlertmanagerSink: AlertSink {
    /// Alerts in one request.
    private static let batchCount = 100
    /// Alerts that are open at once; of more, the oldest are no longer said again.
    private static let openCap = 20_000
    /// How often an alert is said again, for each time that Alertmanager may miss it.
    private static let repeatsUntilResolved: Int64 = 4

    /// An alert that Alertmanager holds open, by its labels.
    private struct Open {
        var body: AlertmanagerBody
        /// When it is no longer open; nil: when it is said.
        var end: StreamTime?
        var number: Int64
    }

    private struct State {
        var open: [String: Open] = [:]
        /// Where the present round of saying again goes on; nil: none is under way.
        var round: ArraySlice<AlertmanagerBody>?
        var nextRound: Int64 = 0
        var size = BatchSize(AlertmanagerSink.batchCount)
        var nextNumber: Int64 = 0
        var problem: String?
    }

    private let options: AlertmanagerOptions
    private let url: String
    private let sender: HTTPSender
    private let clock: any WallClock
    private let state = Guarded(State())

    package init(
        _ options: AlertmanagerOptions, _ delivery: DeliveryOptions, clock: any WallClock
    ) throws(StateError) {
        self.options = options
        self.clock = clock
        var base = try options.url.read()
        while base.last == "/" { base.removeLast() }
        url = base + "/api/v2/alerts"
        sender = HTTPSender(
            timeout: delivery.timeout, trustPath: options.trustPath,
            secrets: SecretEchoes(url: base, options.headers))
    }

    package func send(
        _ alerts: ArraySlice<StoredAlert>, until interruption: Interruption
    ) -> SendOutcome {
        let sent = alerts.prefix(state.with { $0.size.count })
        let bodies = sent.map { body(of: AlertContent($0, withEvents: false)) }
        let outcome = post(bodies, until: interruption)
        if case .sent = outcome { for body in bodies { keep(body) } }
        return state.with { $0.size.take(outcome) }
    }

    package func takeProblem() -> String? {
        state.with { state in
            defer { state.problem = nil }
            return state.problem
        }
    }

    package func close() { sender.close() }

    // MARK: What is open

    package var recallsOpenAlerts: Bool { true }

    package func recall(_ open: [StoredAlert]) {
        for alert in open { keep(body(of: AlertContent(alert, withEvents: false))) }
        state.with { $0.nextRound = clock.nanoseconds }
    }

    package var nextDue: Int64? {
        state.with { $0.open.isEmpty && $0.round == nil ? nil : $0.nextRound }
    }

    package func tend(until interruption: Interruption) -> SendOutcome {
        let now = clock.now
        let bodies = state.with { state -> ArraySlice<AlertmanagerBody> in
            if state.round == nil {
                state.open = state.open.filter { $0.value.end.map { $0 > now } ?? true }
                state.round = state.open.values.sorted { $0.number < $1.number }.map(\.body)[...]
            }
            return state.round?.prefix(AlertmanagerSink.batchCount) ?? []
        }
        if !bodies.isEmpty {
            let outcome = post(Array(bodies), until: interruption)
            if case .failed = outcome { return outcome }
        }
        state.with { state in
            state.round = state.round?.dropFirst(bodies.count)
            if state.round?.isEmpty ?? true {
                state.round = nil
                state.nextRound = clock.nanoseconds + options.repeatSpan.nanoseconds
            }
        }
        return .sent(0)
    }

    private func body(of alert: AlertContent) -> AlertmanagerBody {
        AlertmanagerBody(alert, options, at: clock.now)
    }

    private func keep(_ body: AlertmanagerBody) {
        state.with { state in
            if body.resolvedAt != nil {
                state.open[body.labels] = nil
                return
            }
            if state.open.isEmpty {
                state.nextRound = clock.nanoseconds + options.repeatSpan.nanoseconds
            }
            state.nextNumber += 1
            state.open[body.labels] = Open(body: body, end: body.end, number: state.nextNumber)
            guard state.open.count > AlertmanagerSink.openCap else { return }
            if let oldest = state.open.min(by: { $0.value.number < $1.value.number }) {
                state.open[oldest.key] = nil
                state.problem =
                    "more than \(AlertmanagerSink.openCap) alerts are open: the oldest are not "
                    + "said again"
            }
        }
    }

    private func post(
        _ bodies: [AlertmanagerBody], until interruption: Interruption
    ) -> SendOutcome {
        let now = clock.now
        // One that nothing resolves, and that is not said again, is over after a while.
        let span = TimeSpan(
            nanoseconds: options.repeatSpan.nanoseconds * AlertmanagerSink.repeatsUntilResolved)
        var json = JSONWriter()
        json.beginArray()
        for body in bodies { body.append(to: &json, at: now, openUntil: now + span) }
        json.endArray()
        var headers: [(name: String, value: String)] = [
            ("Content-Type", "application/json"), ("User-Agent", "martlet"),
        ]
        for header in options.headers { headers.append((header.name, header.value)) }
        let reply = sender.send(
            HTTPMessage(url: url, headers: headers, body: json.bytes), until: interruption)
        return reply.outcome(bodies.count, at: now)
    }
}
