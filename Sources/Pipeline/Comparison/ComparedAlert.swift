// SPDX-License-Identifier: Apache-2.0

package import EventModel
internal import MatchCore

/// One of the two rulesets that are compared.
package enum ComparisonSide: Int, Sendable, CaseIterable {
    case old, new

    package var other: ComparisonSide { self == .old ? .new : .old }
}

/// An alert as far as two of them can differ.
package struct ComparedAlert: Hashable, Sendable {
    /// The number of its rule among those compared.
    package var rule: Int
    /// JSON objects, as alerts have them.
    package var key: String
    /// The key for people: `user=ann host=web1`.
    package var keyText: String
    package var labels: String
    package var fields: String
    /// A JSON array.
    package var tags: String
    package var isResolution: Bool
    /// When it comes out.
    package var moment: StreamTime
    package var start: StreamTime
    package var end: StreamTime
    package var severity: String
    package var title: String
    package var suppressed: Int
    package var limited: Int
    package var excepted: Int
    /// The events it names, by arrival.
    package var events: [BoundEvent]
    /// All events that it is of; of a window's not all are named.
    package var eventCount: Int
    /// Whether it is a look at a window.
    package var isWindow: Bool
    /// The whole alert, as `replay` writes it.
    package var json: String

    package struct BoundEvent: Hashable, Sendable {
        package var step: String
        /// `FILE:LINE`, whatever id the event brought; of an alert its id.
        package var name: String
    }

    /// Where it stands in time, whichever side it is of.
    struct Place: Comparable {
        var moment: Int64
        var start: Int64
        /// Orders what time does not.
        var identity: UInt128

        static func < (a: Place, b: Place) -> Bool {
            if a.moment != b.moment { return a.moment < b.moment }
            return a.start != b.start ? a.start < b.start : a.identity < b.identity
        }
    }

    var place: Place {
        Place(moment: moment.nanoseconds, start: start.nanoseconds, identity: identity)
    }

    /// What an alert of the other side with the same rule, key and events shares with it.
    var identity: UInt128 {
        var hash = TextHash(prefix)
        for event in events { hash.add(event.name) }
        if isWindow { hash.add("\(start.nanoseconds) \(end.nanoseconds)") }
        return hash.value
    }

    /// What an alert of the other side may share with it: an event, or start and end.
    var hooks: [UInt128] {
        var hooks: [UInt128] = []
        let prefix = TextHash(prefix)
        var hash = prefix
        hash.add("span \(start.nanoseconds) \(end.nanoseconds)")
        hooks.append(hash.value)
        for event in events {
            var hash = prefix
            hash.add("event \(event.name)")
            hooks.append(hash.value)
        }
        return hooks
    }

    private var prefix: String { "\(rule) \(isResolution) \(key)" }

    /// What differs from the alert that `newer` has become, in the order in which alerts are
    /// written; the text is that of the JSON.
    package func changes(to newer: ComparedAlert) -> [Change] {
        var changes: [Change] = []
        func note(_ part: String, _ old: String, _ new: String) {
            if old != new { changes.append(Change(part: part, old: old, new: new)) }
        }
        note("severity", severity, newer.severity)
        note("tags", tags, newer.tags)
        note("labels", labels, newer.labels)
        note("start", start.description, newer.start.description)
        note("end", end.description, newer.end.description)
        if isResolution { note("resolved", moment.description, newer.moment.description) }
        note("suppressed", String(suppressed), String(newer.suppressed))
        note("limited", String(limited), String(newer.limited))
        note("excepted", String(excepted), String(newer.excepted))
        note("title", title, newer.title)
        note("fields", fields, newer.fields)
        let (gone, come) = eventTexts(onlyIn: self, or: newer)
        note("events", gone, come)
        if gone.isEmpty, come.isEmpty {
            note("event_count", String(eventCount), String(newer.eventCount))
        }
        return changes
    }

    /// Whether there are surely no changes: asked first, for most alerts are the same, and the
    /// changes are made of texts.
    func isSurelySame(as newer: ComparedAlert) -> Bool {
        start == newer.start && end == newer.end && (!isResolution || moment == newer.moment)
            && suppressed == newer.suppressed && limited == newer.limited
            && excepted == newer.excepted
            && eventCount == newer.eventCount && severity == newer.severity
            && title == newer.title && tags == newer.tags && labels == newer.labels
            && fields == newer.fields && events == newer.events
    }

    /// The events that one of two alerts binds: `a.jsonl:1 as fails, a.jsonl:5 as entry`.
    private func eventTexts(
        onlyIn old: ComparedAlert, or new: ComparedAlert
    ) -> (old: String, new: String) {
        if old.events == new.events { return ("", "") }
        func texts(_ events: [BoundEvent], without others: [BoundEvent]) -> String {
            let others = Set(others)
            return events.filter { !others.contains($0) }
                .map { "\($0.name) as \($0.step)" }.joined(separator: ", ")
        }
        return (
            texts(old.events, without: new.events), texts(new.events, without: old.events)
        )
    }

    package static let severities = AlertWriter.severities

    /// `a.jsonl:1 as fails, a.jsonl:5 as entry`.
    package var eventNames: String {
        events.map { "\($0.name) as \($0.step)" }.joined(separator: ", ")
    }

    package struct Change: Hashable, Sendable {
        /// The name in the JSON, such as `severity`. Of `events` the texts tell those alone that
        /// the other alert does not bind.
        package var part: String
        package var old: String
        package var new: String
    }
}

/// FNV-1a over texts, each ended so that their border counts.
private struct TextHash {
    private var id = AlertID()

    init(_ text: String) { add(text) }

    var value: UInt128 { id.hash }

    mutating func add(_ text: String) {
        id.add(text.utf8.span)
        id.add("\u{0}".utf8.span)
    }
}
