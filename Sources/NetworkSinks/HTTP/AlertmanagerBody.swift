// SPDX-License-Identifier: Apache-2.0
// Exercised by AlertmanagerSinkTests.

internal import Connectors
internal import EventModel
internal import Live

/// An alert as Alertmanager takes it. What it is to Alertmanager its labels say.
struct AlertmanagerBody: Sendable {
    /// A JSON object.
    let labels: String
    private let annotations: String
    private let start: StreamTime
    /// When it is over by itself; nil: when a notice says so.
    let end: StreamTime?
    /// When it was resolved; nil: it is open.
    let resolvedAt: StreamTime?
    private let link: String?

    init(_ alert: AlertContent, _ options: AlertmanagerOptions, at now: StreamTime) {
        labels = AlertmanagerBody.object(AlertmanagerBody.labels(of: alert))
        annotations = AlertmanagerBody.object(AlertmanagerBody.annotations(of: alert))
        start = alert.end ?? now
        end = alert.status == nil ? now + options.resolveSpan : nil
        resolvedAt = alert.isResolved ? alert.time("resolved_at") ?? now : nil
        link = options.generatorURL.map {
            $0.replacing("{rule}", with: alert.rule).replacing("{id}", with: alert.id)
        }
    }

    /// The rule, the severity, the labels and the key: a notice has the same as its alert.
    private static func labels(of alert: AlertContent) -> [(String, String)] {
        var labels = [("alertname", alert.rule), ("severity", alert.severity)]
        if !alert.tags.isEmpty { labels.append(("tags", alert.tags.joined(separator: ","))) }
        for member in alert.labels + alert.key where member.value != .null {
            let name = labelName(member.name)
            // An empty label is none.
            let text = member.value.displayText
            if !text.isEmpty, !labels.contains(where: { $0.0 == name }) {
                labels.append((name, text))
            }
        }
        return labels
    }

    private static func annotations(of alert: AlertContent) -> [(String, String)] {
        var texts = [("title", alert.title), ("martlet_id", alert.id)]
        for member in alert.fields where member.value != .null {
            let name = labelName(member.name)
            if !texts.contains(where: { $0.0 == name }) {
                texts.append((name, member.value.displayText))
            }
        }
        return texts
    }

    /// A name of letters, digits and `_`: what every version takes.
    private static func labelName(_ name: String) -> String {
        let kept = String(
            name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? $0 : "_" })
        return kept.first?.isNumber ?? true ? "_\(kept)" : kept
    }

    private static func object(_ pairs: [(String, String)]) -> String {
        var json = JSONWriter()
        json.beginObject()
        for (name, text) in pairs { json.pair(name, text) }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// - Parameters:
    ///   - now: nothing begins or ends behind it.
    ///   - limit: until when it counts as open, if it is not said again.
    func append(to json: inout JSONWriter, at now: StreamTime, openUntil limit: StreamTime) {
        let first = min(start, now)
        json.beginObject()
        json.key("labels")
        json.raw(json: Array(labels.utf8).span)
        json.key("annotations")
        json.raw(json: Array(annotations.utf8).span)
        json.pair("startsAt", first.description)
        let last = resolvedAt.map { max(min($0, now), first) } ?? end ?? limit
        json.pair("endsAt", last.description)
        if let link { json.pair("generatorURL", link) }
        json.endObject()
    }
}
