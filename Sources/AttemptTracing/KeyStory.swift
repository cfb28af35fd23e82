// SPDX-License-Identifier: Apache-2.0
// What a trace has to tell, in words and values: what texts and JSON are made of.

package import EventModel

/// An event as a story shows it.
package struct StoryEvent: Sendable {
    /// The step that bound it; nil: none did.
    package var step: String?
    package var type: String
    package var time: StreamTime
    package var id: String
    /// Where no event came, and `keys from` stands for one: the table; nil: it is an event.
    package var keysFrom: String?
    /// The fields that the rule reads.
    package var fields: [(name: String, value: Value)]
}

/// A part of a condition that was not true, with what it read.
package struct FailedPart: Sendable {
    package var text: String
    package var values: [(name: String, value: Value)]
    /// What else there is to say: how early it came, and the like.
    package var detail: String?
}

/// The event that came nearest to what was awaited.
package struct NearMiss: Sendable {
    package var event: StoryEvent
    /// The line that it failed.
    package var line: String
    package var failures: [FailedPart]
}

/// One attempt, from its first event to its end.
package struct AttemptStory: Sendable {
    package var start: StreamTime
    package var bound: [StoryEvent]
    /// The lines that could have been next.
    package var awaited: [String]
    /// A word for programs.
    package var ending: String
    /// A sentence for people.
    package var reason: String
    package var end: StreamTime
    /// The event that ended it.
    package var endedBy: StoryEvent?
    /// The next event that would have fitted, and how late it was.
    package var late: (event: StoryEvent, by: TimeSpan)?
    package var nearest: NearMiss?
    /// The types that were awaited, where no event of them came.
    package var unseen: [String] = []
    /// Of `having`: what was not true.
    package var failures: [FailedPart] = []
    /// Of a match: why it is no alert; nil: it is one.
    package var heldBack: String?

    package var isMatch: Bool { ending == "matched" }
}

/// How many events of a type there were.
package struct TypeCount: Sendable {
    package var type: String
    /// Whether the events are those that could be of the type: a condition says which are.
    package var isDerived = false
    package var count = 0
    package var ofKey = 0
    package var lackingKey = 0
}

/// What became of a rule for one value of its key.
package struct KeyStory: Sendable {
    package var rule: String
    /// The file and line of the rule.
    package var place: String
    package var key: [(name: String, value: String)]
    /// Of the types that the rule reads, in the order of the rule.
    package var counts: [TypeCount]
    package var matches: [AttemptStory]
    /// Those that did not match, the furthest first; of such as share events only the furthest.
    package var attempts: [AttemptStory]
    /// Of all, without those that a match ended.
    package var attemptCount: Int
    /// Attempts that a match ended.
    package var skippedCount: Int
    /// Of a rule over a window: the looks at it that gave no match; nil of others.
    package var lookCount: Int?
    /// Whether it is known what became of the matches.
    package var tellsFates = true
    /// Why no attempt began.
    package var notBegun: NotBegun?
    /// The time that is of interest, if one is.
    package var moment: Moment?
    package var notes: [String]

    package struct Moment: Sendable {
        package var time: StreamTime
        /// Whether something was under way then; else the story is of the nearest before.
        package var isUnderWay: Bool
    }

    package struct NotBegun: Sendable {
        /// The lines with which an attempt can begin.
        package var lines: [String]
        package var reasons: [String]
        package var nearest: [NearMiss]
    }
}

extension KeyStory {
    /// What was under way last before a time at which nothing was.
    ///
    /// - Precondition: it is a story of the same rule and key.
    package mutating func goBack(from time: StreamTime) {
        moment = Moment(time: time, isUnderWay: false)
        matches.removeAll { $0.start > time }
        attempts = Array(attempts.filter { $0.start <= time }.prefix(1))
    }
}
