// SPDX-License-Identifier: Apache-2.0
// When, at the earliest, parts of a pattern can be where they are. What a line does to that is a
// matrix of the max-plus algebra (F. Baccelli et al., Synchronization and Linearity, 1992): lines
// after one another are a product, repetitions a power. Exercised by LimitLintTests.

import EventModel

/// From when on, at the earliest, since a moment that is settled elsewhere.
struct LeastTimes {
    /// The last event bound.
    var bound: TimeSpan
    /// What comes next: later than the last event bound where an absence was waited for.
    var open: TimeSpan

    static let zero = LeastTimes(bound: .zero, open: .zero)

    func most(_ other: LeastTimes) -> LeastTimes {
        LeastTimes(bound: max(bound, other.bound), open: max(open, other.open))
    }

    func least(_ other: LeastTimes) -> LeastTimes {
        LeastTimes(bound: min(bound, other.bound), open: min(open, other.open))
    }
}

/// What a part of a pattern adds at least, by the times before it.
///
/// Each time behind it is that of one of those before with something added, the later of the two.
/// - Shape: no time goes back, and `bound` is never later than `open`.
struct LeastPassage {
    /// What is added to the time of the last event bound, to give the new one; nil: it gives none.
    private var boundToBound: TimeSpan? = .zero
    private var boundToOpen: TimeSpan? = .zero
    private var openToBound: TimeSpan?
    private var openToOpen: TimeSpan? = .zero

    /// Nothing.
    static let none = LeastPassage()

    /// An event, so long after the last one bound.
    static func event(after gap: TimeSpan) -> LeastPassage {
        LeastPassage(
            boundToBound: gap, boundToOpen: gap, openToBound: .zero, openToOpen: .zero)
    }

    /// That nothing comes for so long.
    static func absence(_ length: TimeSpan) -> LeastPassage {
        LeastPassage(boundToOpen: length, openToOpen: length)
    }

    /// That what follows comes so long after the last event bound.
    static func gap(_ gap: TimeSpan) -> LeastPassage { LeastPassage(boundToOpen: gap) }

    func applied(to times: LeastTimes) -> LeastTimes {
        LeastTimes(
            bound: LeastPassage.later(
                boundToBound.map(times.bound.adding), openToBound.map(times.open.adding))
                ?? times.bound,
            open: LeastPassage.later(
                boundToOpen.map(times.bound.adding), openToOpen.map(times.open.adding))
                ?? times.open)
    }

    /// This, and then `next`.
    func followed(by next: LeastPassage) -> LeastPassage {
        func through(_ toBound: TimeSpan?, _ toOpen: TimeSpan?, _ a: TimeSpan?, _ b: TimeSpan?)
            -> TimeSpan?
        {
            LeastPassage.later(
                toBound.flatMap { first in a.map(first.adding) },
                toOpen.flatMap { first in b.map(first.adding) })
        }
        return LeastPassage(
            boundToBound: through(boundToBound, boundToOpen, next.boundToBound, next.openToBound),
            boundToOpen: through(boundToBound, boundToOpen, next.boundToOpen, next.openToOpen),
            openToBound: through(openToBound, openToOpen, next.boundToBound, next.openToBound),
            openToOpen: through(openToBound, openToOpen, next.boundToOpen, next.openToOpen))
    }

    /// So many times.
    func repeated(_ count: Int64) -> LeastPassage {
        var result = LeastPassage.none
        var (power, rest) = (self, count)
        while rest > 0 {
            if rest & 1 == 1 { result = result.followed(by: power) }
            power = power.followed(by: power)
            rest >>= 1
        }
        return result
    }

    /// Both, side by side.
    func most(_ other: LeastPassage) -> LeastPassage { joined(other, LeastPassage.later) }

    /// The one or the other: no more than either.
    func least(_ other: LeastPassage) -> LeastPassage {
        joined(other) { a, b in a.flatMap { a in b.map { min(a, $0) } } }
    }

    private func joined(
        _ other: LeastPassage, _ join: (TimeSpan?, TimeSpan?) -> TimeSpan?
    ) -> LeastPassage {
        LeastPassage(
            boundToBound: join(boundToBound, other.boundToBound),
            boundToOpen: join(boundToOpen, other.boundToOpen),
            openToBound: join(openToBound, other.openToBound),
            openToOpen: join(openToOpen, other.openToOpen))
    }

    private static func later(_ a: TimeSpan?, _ b: TimeSpan?) -> TimeSpan? {
        guard let a, let b else { return a ?? b }
        return max(a, b)
    }
}

extension TimeSpan {
    /// The sum; beyond what can be said, the most that can.
    func adding(_ other: TimeSpan) -> TimeSpan {
        let (sum, isOver) = nanoseconds.addingReportingOverflow(other.nanoseconds)
        return TimeSpan(nanoseconds: isOver ? .max : sum)
    }
}
