// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// A field or label with its value.
package struct NamedValue: Hashable, Sendable {
    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}

/// An event as it comes in, before any event type has been asked.
package struct ReferenceEvent: Hashable, Sendable {
    /// The incoming type.
    package var type: String
    package var time: StreamTime
    package var id: String
    /// Nested fields by their dotted names. Of two of one name the last counts.
    package var fields: [NamedValue]

    package init(type: String, time: StreamTime, id: String, fields: [NamedValue]) {
        self.type = type
        self.time = time
        self.id = id
        self.fields = fields
    }
}

/// A match of a rule, with the alert that it makes.
package struct ReferenceMatch: Hashable, Sendable {
    package var rule: String
    package var key: [Value]
    /// The time of the first event bound.
    package var start: StreamTime
    /// The time of the completing event, or the deadline at which the match was complete.
    package var end: StreamTime
    /// For each step, the events bound in order: indices into the events as they were given.
    package var bound: [[Int]]
    /// The last event bound, as an index into the events as they were given, or `opening`.
    package var completing: Int
    /// In the place of an event: what a rule with `keys from` begins with.
    package static let opening = Int.max
    package var isByClock: Bool
    package var severity: Value
    package var title: Value
    package var fields: [NamedValue]
    package var labels: [NamedValue]
    /// When it comes out: its end or, of a notice, the time at which it was resolved.
    package var moment: StreamTime
    /// Whether it is the notice that an alert is resolved, which binds nothing.
    package var isResolved = false
    package var suppressed = 0
    package var limited = 0
    package var excepted = 0

    package init(
        rule: String, key: [Value], start: StreamTime, end: StreamTime, bound: [[Int]],
        completing: Int, isByClock: Bool, severity: Value, title: Value, fields: [NamedValue],
        labels: [NamedValue]
    ) {
        self.rule = rule
        self.key = key
        self.start = start
        self.end = end
        self.bound = bound
        self.completing = completing
        self.isByClock = isByClock
        self.severity = severity
        self.title = title
        self.fields = fields
        self.labels = labels
        moment = end
    }
}
