// SPDX-License-Identifier: Apache-2.0
// Windows by brute force: docs/reference/matching.md, "Windows". Every look goes through all events
// that the key has had, and works out anew which of them the window holds.

import EventModel
import RuleLanguage

/// One look at a window that gave a match.
struct WindowLook {
    /// The events that it held, as indices into those of the run.
    var held: [Int]
    var start: StreamTime
    var end: StreamTime
    /// Whether its newest event was the reason.
    var isOfEvent: Bool
    var isByClock: Bool
    var context: EvaluationContext
}

/// A rule's window for one value of its key.
struct WindowRun {
    let rule: CheckedRule
    let window: CheckedRule.Window
    let key: [Value]
    let evaluator: ExprEvaluator
    /// The events that the window's line takes.
    var events: [ReadEvent] = []
    /// The last moment at which the clock was a reason to look; of windows that end, their end.
    private var lastMoment = StreamTime.distantPast
    /// Whether `having` held at the last look.
    private var held = false
    var looks: [WindowLook] = []
    /// All looks at a window that held something, where that is asked for.
    var noted: [(look: WindowLook, holds: Bool, isMatch: Bool)] = []
    var notesLooks = false

    init(rule: CheckedRule, window: CheckedRule.Window, key: [Value], evaluator: ExprEvaluator) {
        self.rule = rule
        self.window = window
        self.key = key
        self.evaluator = evaluator
    }

    // MARK: Events

    /// Works on an event, after every earlier deadline; whether the window's line takes it.
    mutating func work(on event: ReadEvent) -> Bool {
        guard case .step(let step) = rule.pattern.body.lines[0].element,
            accepts(step.filter, event)
        else { return false }
        if case .hopping(let length, let hop) = window,
            starts(around: event.time, length, hop).isEmpty
        {
            return false
        }
        if isEmpty(before: event.time) { held = false }
        events.append(event)
        switch window {
        case .sliding(let length):
            let all = held { $0 >= event.time - length }
            look(all, from: nil, to: event.time, isOfEvent: true)
        case .last(let count):
            look(Array(events.indices.suffix(count)), from: nil, to: event.time, isOfEvent: true)
        case .tumbling, .hopping, .session: break
        }
        return true
    }

    /// Takes an event without looking at the window, at it or at any moment before it.
    mutating func pass(_ event: ReadEvent) {
        guard case .step(let step) = rule.pattern.body.lines[0].element,
            accepts(step.filter, event)
        else { return }
        events.append(event)
        lastMoment = event.time
    }

    func accepts(_ filter: Filter, _ event: ReadEvent) -> Bool {
        guard event.isMember(of: filter.eventType),
            rule.routes[filter.route].keys(of: event).contains(where: { isSameKey($0, key) })
        else { return false }
        guard let condition = filter.condition else { return true }
        return evaluator.isTrue(condition, in: EvaluationContext(event: event, key: key))
    }

    private func held(_ holds: (StreamTime) -> Bool) -> [Int] {
        events.indices.filter { holds(events[$0].time) }
    }

    // MARK: The clock

    /// The next moment by the clock, after the last one.
    var deadline: StreamTime? {
        switch window {
        case .last: return nil
        case .session(let gap):
            return session.isEmpty ? nil : events[events.count - 1].time + gap
        case .sliding(let length):
            let spans = [length] + (rule.having?.recentParts ?? [])
            return events.flatMap { event in spans.map { event.time + $0 } }
                .filter { $0 > lastMoment }.min()
        case .tumbling(let length): return nextEnd(length, length)?.justBefore
        case .hopping(let length, let hop): return nextEnd(length, hop)?.justBefore
        }
    }

    mutating func work(at time: StreamTime) {
        switch window {
        case .last: break
        case .session(let gap):
            let all = session
            let last = events[events.count - 1].time
            look(all, from: nil, to: last + gap, isOfEvent: false)
            lastMoment = time
        case .sliding(let length):
            lastMoment = time
            let all = held { $0 > time - length }
            if all.isEmpty { held = false }
            look(all, from: nil, to: time, isOfEvent: false)
        case .tumbling(let length): close(length, length)
        case .hopping(let length, let hop): close(length, hop)
        }
    }

    /// The events of the session that has not been closed.
    private var session: [Int] { held { $0 > lastMoment } }

    private mutating func close(_ length: TimeSpan, _ hop: TimeSpan) {
        guard let end = nextEnd(length, hop) else { return }
        lastMoment = end
        let all = held { $0 >= end - length && $0 < end }
        look(all, from: end - length, to: end, isOfEvent: false)
    }

    /// The earliest end, not yet looked at, of a window that holds an event.
    private func nextEnd(_ length: TimeSpan, _ hop: TimeSpan) -> StreamTime? {
        events.flatMap { starts(around: $0.time, length, hop) }.map { $0 + length }
            .filter { $0 > lastMoment }.min()
    }

    /// The starts of all windows that hold an instant.
    private func starts(
        around time: StreamTime, _ length: TimeSpan, _ hop: TimeSpan
    ) -> [StreamTime] {
        var starts: [StreamTime] = []
        let t = time.nanoseconds
        let since = t % hop.nanoseconds
        var start = t - (since < 0 ? since + hop.nanoseconds : since)
        while start + length.nanoseconds > t {
            starts.append(StreamTime(nanoseconds: start))
            start -= hop.nanoseconds
        }
        return starts
    }

    // MARK: Looking

    private mutating func look(
        _ held: [Int], from start: StreamTime?, to end: StreamTime, isOfEvent: Bool
    ) {
        guard let first = held.first else { return }
        let isPast = if case .sliding = window { !isOfEvent } else { false }
        var context = EvaluationContext(key: key)
        context.bound[StepID(0)] = held.map { events[$0] }
        let from = start ?? events[first].time
        context.match = .init(start: from, end: end, count: held.count)
        context.window = .init(time: end, isPast: isPast, sinceEmpty: sinceEmpty)
        let holds = rule.having.map { evaluator.isTrue($0, in: context) } ?? true
        let wasHeld = self.held
        self.held = holds && rule.having != nil
        let isClock: Bool
        switch window {
        case .sliding, .session: isClock = !isOfEvent
        case .tumbling, .hopping, .last: isClock = false
        }
        let look = WindowLook(
            held: held, start: from, end: end, isOfEvent: isOfEvent, isByClock: isClock,
            context: context)
        let isMatch = holds && !(window.firesOnRisingEdge && wasHeld)
        if isMatch { looks.append(look) }
        if notesLooks { noted.append((look, holds, isMatch)) }
    }

    /// The events since the window was last empty.
    private var sinceEmpty: [any EventReader] {
        var first = 0
        for index in events.indices.dropFirst()
        where isEmpty(after: events[index - 1].time, before: events[index].time) {
            first = index
        }
        return Array(events[first...])
    }

    private func isEmpty(before time: StreamTime) -> Bool {
        events.last.map { isEmpty(after: $0.time, before: time) } ?? true
    }

    /// Whether the window is empty at some moment between two events that follow each other.
    private func isEmpty(after a: StreamTime, before b: StreamTime) -> Bool {
        switch window {
        case .last: false
        case .sliding(let length), .session(let length): b > a + length
        case .tumbling(let length):
            !starts(around: a, length, length).contains { b < $0 + length }
        case .hopping(let length, let hop):
            !starts(around: a, length, hop).contains { b < $0 + length }
        }
    }
}

extension StreamTime {
    fileprivate var justBefore: StreamTime { self - TimeSpan(nanoseconds: 1) }
}

extension Expr {
    /// The lengths of shorter windows `in D` that an expression asks for.
    fileprivate var recentParts: [TimeSpan] {
        switch self {
        case .part(.recent(let length), _): [length]
        case .constant, .field, .fieldNamed, .builtIn, .key, .previous, .match, .bound, .aggregate,
            .part:
            []
        case .not(let a), .matches(let a, _), .isMissing(let a), .negate(let a), .like(let a, _, _),
            .isInTable(let a, _), .lookUp(let a, _, _):
            a.recentParts
        case .and(let a, let b), .or(let a, let b), .compare(_, let a, let b), .isIn(let a, let b),
            .contains(let a, let b), .arithmetic(_, let a, let b), .element(let a, let b):
            a.recentParts + b.recentParts
        case .conditional(let a, let b, let c): a.recentParts + b.recentParts + c.recentParts
        case .coalesce(let items), .list(let items), .call(_, let items), .template(let items):
            items.flatMap(\.recentParts)
        }
    }
}
