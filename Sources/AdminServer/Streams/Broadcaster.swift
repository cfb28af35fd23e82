// SPDX-License-Identifier: Apache-2.0
// Exercised by EventStreamTests.

internal import Connectors
internal import EventModel
internal import Live

/// Looks once a second what is new, and tells those who follow.
struct Broadcaster {
    /// How often it looks while somebody follows decoded events.
    private static let tapSpan = Duration.milliseconds(250)

    let services: AdminServices
    private var told: [RuleStatus] = []
    private var toldAt: StreamTime?
    /// The next alert that nobody has been told of; nil: nobody follows.
    private var nextAlert: Int64?
    private var rounds = 0

    init(_ services: AdminServices) { self.services = services }

    /// Goes on until the task is cancelled.
    mutating func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Broadcaster.tapSpan)
            rounds += 1
            sendTapped()
            if rounds % 4 == 0 {
                services.control.expireRequests()
                sendStatus()
                sendAlerts()
            }
        }
    }

    private mutating func sendStatus() {
        guard services.broadcast.isFollowed(.events) else {
            toldAt = nil
            return
        }
        guard let status = services.control.status else { return }
        var json = JSONWriter()
        json.beginObject()
        StatusJSON.writeMembers(status, services, to: &json)
        json.key("rules")
        json.beginArray()
        let knows = toldAt != nil && told.count == status.rules.count
        for (number, rule) in status.rules.enumerated() where !knows || told[number] != rule {
            json.beginObject()
            json.pair("name", rule.name)
            StatusJSON.writeCounts(rule, to: &json)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        (told, toldAt) = (status.rules, status.takenAt)
        services.broadcast.send(EventBroadcast.piece("status", json.bytes), to: .events)
    }

    private mutating func sendAlerts() {
        guard services.broadcast.isFollowed(.events), let status = services.control.status else {
            nextAlert = nil
            return
        }
        let end = status.work.alerts + 1
        guard var next = nextAlert else {
            nextAlert = end
            return
        }
        guard next < end, let history = services.history else { return }
        let skipped = end - next - Int64(EventBroadcast.alertCap)
        if skipped > 0 {
            next += skipped
            sendSkipped(Int(skipped), to: .events)
        }
        let alerts = (try? history.alerts(from: next, limit: EventBroadcast.alertCap)) ?? []
        for alert in alerts where !alert.isDamaged {
            services.broadcast.send(
                EventBroadcast.piece("alert", id: alert.number, AlertsJSON.bytes(alert)),
                to: .events, rule: AlertContent(alert, withEvents: false).rule)
        }
        nextAlert = alerts.last.map { $0.number + 1 } ?? next
    }

    private func sendTapped() {
        guard services.broadcast.isFollowed(.tap) else { return }
        let taken = services.control.tap.take()
        if taken.skippedCount > 0 { sendSkipped(taken.skippedCount, to: .tap) }
        if !taken.events.isEmpty {
            services.broadcast.send(
                taken.events.flatMap { EventBroadcast.piece("event", $0) }, to: .tap)
        } else if rounds % 20 == 0 {
            // A connection that is gone is noticed by this.
            services.broadcast.send(Array(": quiet\n\n".utf8), to: .tap)
        }
    }

    private func sendSkipped(_ count: Int, to topic: EventBroadcast.Topic) {
        var json = JSONWriter()
        json.beginObject()
        json.pair("count", count)
        json.endObject()
        services.broadcast.send(EventBroadcast.piece("skipped", json.bytes), to: topic)
    }
}
