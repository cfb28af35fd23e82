// SPDX-License-Identifier: Apache-2.0

package import EventModel

extension CheckedRule {
    /// What of a key's events a rule `when over …` aggregates: docs/reference/matching.md,
    /// "Windows".
    package enum Window: Hashable, Sendable {
        /// Those of the last so long, both ends included.
        case sliding(TimeSpan)
        /// Spans that follow one another, aligned to the epoch.
        case tumbling(TimeSpan)
        /// Spans of one length, of which one begins every so often, aligned to the epoch.
        case hopping(TimeSpan, every: TimeSpan)
        /// Until nothing has come for so long.
        case session(TimeSpan)
        /// The last so many.
        case last(Int)

        /// Whether a look at it matters only where `having` was false before.
        package var firesOnRisingEdge: Bool {
            switch self {
            case .sliding, .last: true
            case .tumbling, .hopping, .session: false
            }
        }

        /// The most time that its events span; nil where that has no bound.
        package var length: TimeSpan? {
            switch self {
            case .sliding(let length), .tumbling(let length), .hopping(let length, _): length
            case .session, .last: nil
            }
        }
    }
}

/// The newest part of a window, over which an aggregate may be taken.
package enum WindowPart: Hashable, Sendable {
    /// `last 20`: the last so many events of the window.
    case last(Int)
    /// `in 5m`: the events of the window in the so long before the moment at which it is looked at.
    case recent(TimeSpan)
}

extension CheckedRule.Window: CustomStringConvertible {
    /// As the language writes it.
    package var description: String {
        switch self {
        case .sliding(let length): "sliding \(length)"
        case .tumbling(let length): "tumbling \(length)"
        case .hopping(let length, let step): "hopping \(length) every \(step)"
        case .session(let gap): "session \(gap)"
        case .last(let count): "last \(count)"
        }
    }
}

extension WindowPart: CustomStringConvertible {
    package var description: String {
        switch self {
        case .last(let count): "last \(count)"
        case .recent(let length): "in \(length)"
        }
    }
}
