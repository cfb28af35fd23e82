// SPDX-License-Identifier: Apache-2.0
// docs/reference/matching.md, "Rules on rules": where alerts stand among events.

import EventModel

/// Where in the order of all events and alerts something stands.
struct OutputPlace: Comparable {
    /// One step behind an event: what comes of it.
    struct Link: Comparable {
        /// Of what the clock or the end of a window completes, the last event bound; else empty:
        /// the event is that of the place behind which this stands.
        var completing: [OutputPlace] = []
        var rule: Int
        /// The key, among those of the event; of a notice by the clock, which alert it is about.
        var key: Int
        /// What resolves comes before what is completed.
        var isMatch: Bool
        /// The place among what is reported at once.
        var number = 0

        static func < (a: Link, b: Link) -> Bool {
            if let x = a.completing.first, let y = b.completing.first, x != y { return x < y }
            return (a.rule, a.key, a.isMatch ? 1 : 0, a.number)
                < (b.rule, b.key, b.isMatch ? 1 : 0, b.number)
        }
    }

    var time: StreamTime
    /// First the windows that end then; 0 for what events bring; 1 and up for what the clock
    /// brings, by the rank of the rule; last the notices by the clock.
    var group: Int
    /// Of what events bring, the event that came in, in order.
    var number: Int
    /// From the event that came in, or the instant, by way of alerts.
    var path: [Link] = []

    static let windowEnds = -1
    static let notices = Int.max

    func behind(_ link: Link) -> OutputPlace {
        var place = self
        place.path.append(link)
        return place
    }

    /// What is fewer alerts away from the event that came in goes first.
    static func < (a: OutputPlace, b: OutputPlace) -> Bool {
        if (a.time, a.group, a.number, a.path.count) != (b.time, b.group, b.number, b.path.count) {
            return (a.time, a.group, a.number, a.path.count)
                < (b.time, b.group, b.number, b.path.count)
        }
        return a.path.lexicographicallyPrecedes(b.path)
    }
}

/// An event of the input of all rules: one that came in, or an alert.
struct PlacedEvent {
    var event: ReferenceEvent
    var place: OutputPlace
    /// Among the events as they were given; below 0: an alert.
    var index: Int

    var isAlert: Bool { index < 0 }
}
