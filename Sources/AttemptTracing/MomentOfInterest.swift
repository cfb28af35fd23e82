// SPDX-License-Identifier: Apache-2.0
// What was under way at one moment, of a key that has too many events to go over all of its
// attempts. Attempts have to do with one another only through the matches that end them, and the
// engine says which these are; so it is enough to go over some attempts: those that the engine, run
// up to the moment, has kept as the furthest. Exercised by WhyAgreementTests.

package import EventModel
import Oracle
import RuleLanguage

/// A match of the rule for the key, by the numbers under which its events were handed on.
package struct FoundMatch: Sendable {
    /// By step.
    package var steps: [[Int64]]
    package var start: StreamTime
    package var end: StreamTime
    package var isByClock: Bool

    package init(steps: [[Int64]], start: StreamTime, end: StreamTime, isByClock: Bool) {
        self.steps = steps
        self.start = start
        self.end = end
        self.isByClock = isByClock
    }
}

/// The events and matches of a key around a time.
struct MomentOfInterest {
    struct Entry {
        var event: ReadEvent
        var number: Int64
        /// In the input, from 1; nil where no type of the rule has it.
        var position: Int?
    }

    let time: StreamTime
    private let skip: CheckedRule.Skip
    /// How long an attempt can last; nil: for ever.
    private let reach: TimeSpan?
    private(set) var entries: [Entry] = []
    private(set) var matches: [FoundMatch] = []
    /// Events after the moment that are kept, beyond those that attempts can still take.
    private static let eventsAfter = 4_096
    private static let eventsAfterForEver = 100_000
    private var afterCount = 0
    private var positionCount = 0

    /// Nil: attempts of the rule are to be gone over from the first event on.
    init?(_ rule: CheckedRule, at time: StreamTime) {
        guard rule.rank == 0, rule.window == nil, rule.pattern.leadingAbsence == nil,
            !rule.keepsLatestAttemptOnly, rule.keysFrom == nil
        else { return nil }
        self.time = time
        skip = rule.skip
        reach = rule.within ?? rule.pattern.body.longest
    }

    /// Takes the next event; false: it is too late to be of interest.
    mutating func take(_ event: ReadEvent, number: Int64, isInput: Bool) -> Bool {
        if event.time < time {
            if let reach, event.time < time - reach { return true }
        } else if reach.map({ event.time > time + $0 }) ?? true {
            afterCount += 1
            let most =
                reach == nil
                ? MomentOfInterest.eventsAfterForEver : MomentOfInterest.eventsAfter
            guard afterCount <= most else { return false }
        }
        if isInput { positionCount += 1 }
        entries.append(
            Entry(event: event, number: number, position: isInput ? positionCount : nil))
        return true
    }

    mutating func take(_ match: FoundMatch) {
        if let reach, match.end < time - reach || match.start > time + reach { return }
        matches.append(match)
    }

    /// The number of the first event with which an attempt can have begun that is under way at the
    /// moment: all that began before it have been ended by matches.
    var firstBeginning: Int64 {
        matches.filter { $0.end < time }.map { match -> Int64 in
            let all = match.steps.joined()
            switch skip {
            case .pastLast: return (all.max() ?? -1) + 1
            case .toFirst(let step), .toLast(let step):
                let events = match.steps[step.index]
                let target = if case .toFirst = skip { events.min() } else { events.max() }
                return target == all.min() ? 0 : target ?? 0
            case .toNext, .none: return 0
            }
        }.max() ?? 0
    }

    /// The events from which the engine can tell what is under way just before the moment.
    var beforehand: ArraySlice<Entry> {
        let first = firstBeginning
        let start = entries.firstIndex { $0.number >= first } ?? entries.endIndex
        let end = entries.firstIndex { $0.event.time >= time } ?? entries.endIndex
        return entries[start..<max(start, end)]
    }

    /// The events at the moment itself, with which an attempt may begin; not too many of them.
    var simultaneous: [Int64] {
        entries.lazy.filter { $0.event.time == time }.prefix(16).map(\.number)
    }

    /// The positions of events, by their numbers.
    func position(of number: Int64) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? entries[low].position : nil
    }

    /// The matches whose events are all here, as a trace follows them.
    func matchedEvents(completedFrom position: Int) -> [KeyTrace.MatchedEvents] {
        matches.compactMap { match in
            var bound: [KeyTrace.BoundEvent] = []
            for (step, numbers) in match.steps.enumerated() {
                for number in numbers {
                    guard let place = self.position(of: number) else { return nil }
                    bound.append(.init(step: StepID(step), position: place))
                }
            }
            let last = bound.map(\.position).max() ?? 0
            guard match.isByClock || last >= position, !bound.isEmpty else { return nil }
            return .init(bound: bound, end: match.end, isByClock: match.isByClock)
        }
    }
}

extension Pattern.Sequence {
    /// How long it can take from its first event to its end; nil: for ever.
    fileprivate var longest: TimeSpan? {
        var sum: Int64 = 0
        var mayBeFirst = true
        for (index, line) in lines.enumerated() {
            var spans: [TimeSpan?] = mayBeFirst ? [line.longestAsFirst] : []
            if index > 0 { spans.append(line.longest) }
            for span in spans {
                guard let span else { return nil }
                let (longer, isOver) = sum.addingReportingOverflow(span.nanoseconds)
                if isOver { return nil }
                sum = longer
            }
            mayBeFirst = mayBeFirst && line.isOptional
        }
        return TimeSpan(nanoseconds: sum)
    }
}

extension Pattern.Line {
    /// From the end of the line before to its own.
    fileprivate var longest: TimeSpan? {
        if case .absence(let absence) = element { return absence.duration }
        return within
    }

    /// From its first event to its end.
    fileprivate var longestAsFirst: TimeSpan? {
        switch element {
        case .step(let step): step.count.maximum == 1 ? .zero : step.spread
        case .group(let group): group.spread
        case .allOf, .anyOf, .absence: nil
        }
    }

    fileprivate var isOptional: Bool {
        switch element {
        case .step(let step): step.count.minimum == 0
        case .group(let group): group.count.minimum == 0
        case .allOf, .anyOf, .absence: false
        }
    }
}
