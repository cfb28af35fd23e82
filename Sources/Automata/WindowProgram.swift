// SPDX-License-Identifier: Apache-2.0

/// What a rule over a window keeps of each key, and what is read of it when it is looked at.
package struct WindowProgram: Hashable, Sendable {
    /// - Unit: nanoseconds.
    package enum Kind: Hashable, Sendable {
        case sliding(Int64)
        /// A tumbling window is one whose hop is its length.
        case hopping(Int64, every: Int64)
        case session(Int64)
        case last(Int64)
    }

    /// The newest part of the window that an accumulator is over.
    package enum Part: Hashable, Sendable {
        case whole
        case last(Int64)
        /// - Unit: nanoseconds.
        case recent(Int64)
    }

    /// What is kept up as events come and go.
    package enum Family: Hashable, Sendable {
        /// Counts by kind, and the exact sum.
        case total
        /// Those, and the exact sum of squares.
        case spread
        case least, greatest
        /// How often each value is there.
        case distinct
        /// The values in order.
        case sorted
        /// A moving average of so many values, which nothing leaves.
        case moving(Int32)
        /// The value of the first, or last, event.
        case first, last
    }

    package struct Accumulator: Hashable, Sendable {
        package var family: Family
        /// Index into `columns`.
        package var column: Int
        /// Index into `parts`.
        package var part: Int
    }

    package struct Reading: Hashable, Sendable {
        package enum Source: Hashable, Sendable {
            /// The number of events in a part.
            case events(part: Int)
            case accumulator(Int)
            /// Whether the value that `probe` gives, an index into `probes`, is among the different
            /// ones of an accumulator.
            case membership(accumulator: Int, probe: Int)
        }
        package var source: Source
        /// What of it; nil: its value.
        package var aggregate: AggregateCode?
    }

    package var kind: Kind
    /// The filter of the events that it holds.
    package var filter: Int
    /// What is worked out of each event when it comes.
    package var columns: [CodeRange]
    /// The whole window first.
    package var parts: [Part]
    package var accumulators: [Accumulator]
    /// What is looked for among different values. A probe reads only readings before its own.
    package var probes: [CodeRange] = []
    /// Those that `having` asks for come first.
    package var readings: [Reading]
    package var havingReadingCount: Int
    /// The parts that `having` asks for: an event that leaves one of them is a reason to look.
    package var havingParts: [Int]
    /// The reading of the alerts' ids, where the window is one of alerts; else -1.
    package var lineageReading: Int32 = -1
    /// Whether an event that leaves can make `having` false but never true: then it is enough to
    /// let go of events when the next one comes.
    package var onlyFalls = false

    /// What stands in for the window of a rule that has none.
    package static let none = WindowProgram(
        kind: .last(1), filter: 0, columns: [], parts: [.whole], accumulators: [], readings: [],
        havingReadingCount: 0, havingParts: [])

    /// Whether events leave it one by one.
    package var evicts: Bool {
        switch kind {
        case .sliding, .last: true
        case .hopping(let length, let hop): length != hop
        case .session: false
        }
    }

    /// Whether the events' values are kept, since they have to be taken out again.
    package var holdsEvents: Bool { evicts || parts.count > 1 }

    /// Whether a look asks for the values themselves of an accumulator of different ones.
    package func isListed(_ accumulator: Int) -> Bool {
        readings.contains { $0.source == .accumulator(accumulator) && $0.aggregate == .distinct }
    }

    /// Whether a look asks if a value is among those of an accumulator of different ones.
    package func isProbed(_ accumulator: Int) -> Bool {
        readings.contains {
            guard case .membership(accumulator, _) = $0.source else { return false }
            return true
        }
    }

    /// Whether only a look at which `having` has become true gives a match.
    package var firesOnRisingEdge: Bool {
        switch kind {
        case .sliding, .last: true
        case .hopping, .session: false
        }
    }
}
