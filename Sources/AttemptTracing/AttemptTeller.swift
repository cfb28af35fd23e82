// SPDX-License-Identifier: Apache-2.0
// One attempt in words: what each step bound, what was awaited, what ended it, and what came
// nearest.

import EventModel
import Oracle
import RuleLanguage

struct AttemptTeller {
    let owner: RuleTrace
    let trace: KeyTrace
    /// The time of the last event there is.
    let end: StreamTime

    init(_ owner: RuleTrace, _ trace: KeyTrace, end: StreamTime) {
        self.owner = owner
        self.trace = trace
        self.end = end
    }

    private var words: TraceWords { owner.words }
    private var rule: CheckedRule { owner.rule }

    func story(_ attempt: KeyTrace.Attempt) -> AttemptStory {
        let first = trace.input[attempt.first - 1]
        var story = AttemptStory(
            start: first.time,
            bound: attempt.bound.map { event($0.position, words.name($0.step)) },
            awaited: attempt.awaited.map { text($0) }, ending: attempt.ending.word,
            reason: reason(attempt), end: attempt.time,
            endedBy: attempt.ending.isOfEvent ? attempt.position.map { event($0, nil) } : nil)
        switch attempt.ending {
        case .matched:
            // The attempt may have begun with an event of an iteration that was not finished.
            if let bound = story.bound.first { story.start = bound.time }
            story.endedBy = nil
            story.awaited = []
            return story
        case .refused:
            if let having = rule.having {
                story.failures = judge.failures(having, trace.matchContext(attempt))
            }
            return story
        case .leadingAbsence(_, let breaker):
            story.endedBy = breaker.map { event($0, nil) }
            story.bound = [event(attempt.first, nil)]
            return story
        case .limit, .gap, .spread: story.late = late(attempt)
        default: break
        }
        let span = span(of: attempt)
        story.nearest = nearest(attempt.awaited, bound: attempt.bound, span, wanted: 1).first
        if story.nearest == nil, story.late == nil, attempt.ending.isOfTime {
            story.unseen = unseen(attempt, in: span)
        }
        return story
    }

    func event(_ position: Int, _ step: String?) -> StoryEvent {
        event(trace.input[position - 1], step)
    }

    private func event(_ event: ReadEvent, _ step: String?) -> StoryEvent {
        words.event(event, step)
    }

    /// The events of the key while the attempt waited for the lines that it still waited for in
    /// the end.
    private func span(of attempt: KeyTrace.Attempt) -> ArraySlice<RuleTrace.Related> {
        let last = attempt.awaited.compactMap(\.last).min() ?? attempt.first
        // What `keys from` begins with is no event: then all of them came later.
        let start = owner.related.firstIndex { $0.position == last }.map { $0 + 1 } ?? 0
        let rest = owner.related[start...]
        return rest.prefix { related in
            if let position = attempt.position, let own = related.position {
                return own <= position
            }
            return related.event.time <= attempt.time
        }
    }

    /// The types awaited of which no event came that was not bound.
    private func unseen(
        _ attempt: KeyTrace.Attempt, in span: ArraySlice<RuleTrace.Related>
    ) -> [String] {
        var result: [String] = []
        for type in attempt.awaited.flatMap(\.steps).map(\.filter.eventType) {
            guard let type else { return [] }
            let names = owner.ruleset.incomingNames(of: type)
            let isSeen = span.contains { related in
                names.contains(related.event.event.type)
                    && !attempt.bound.contains { $0.position == related.position }
            }
            let name = words.name(type)
            if !isSeen, !result.contains(name) { result.append(name) }
        }
        return result
    }

    // MARK: What was awaited, what ended it

    private func text(_ awaited: KeyTrace.Awaited) -> String {
        let line = words.text(awaited.line)
        guard awaited.count > 0, case .step(let step) = awaited.line.element else { return line }
        return "\(step.count.minimum - awaited.count) more of `\(line)`"
    }

    private func reason(_ attempt: KeyTrace.Attempt) -> String {
        switch attempt.ending {
        case .limit: return "the limit `within \(rule.within ?? .zero)` ran out"
        case .gap(let line):
            return "`within \(line.within ?? .zero)` of `\(words.text(line))` ran out"
        case .spread(let line): return "the time that `\(words.text(line))` may take ran out"
        case .lateAbsence(let absence):
            return "`\(words.text(absence))` would be decided only after the limit"
                + " `within \(rule.within ?? .zero)`"
        case .absence(let absence): return "`\(words.text(absence))` was broken"
        case .leadingAbsence(let absence, let breaker):
            let why =
                breaker == nil
                ? "the events do not reach back that far" : "it was broken before"
            return "`\(words.text(absence))` did not hold: \(why)"
        case .butNo(let filter): return "`but no \(words.text(filter))` was broken"
        case .butNotNext(let filter): return "`but not next \(words.text(filter))` was broken"
        case .until(let filter): return "`until \(words.text(filter))` came"
        case .reset(let filter): return "`reset on \(words.text(filter))` ended it"
        case .notNext(let line):
            return "the very next event did not fit `\(words.text(line))`"
        case .rowBroken(let line): return "the row of `\(words.text(line))` was broken"
        case .refused: return "it was complete, but `having` was not true"
        case .skipped(let match):
            return "the match at \(trace.matches[match].time) ended it (`skip`)"
        case .replaced: return "a later attempt got as far (`attempts latest`)"
        case .matched: return "matched"
        case .waiting: return "the events end here" + left(attempt)
        case .stuck: return "what it waited for could not come any more"
        }
    }

    private func left(_ attempt: KeyTrace.Attempt) -> String {
        guard let limit = trace.limit(of: attempt), limit >= end else { return "" }
        return ", and `within \(rule.within ?? .zero)` leaves it \(limit.since(end))"
    }

    /// The next event that would have fitted, had it come in time.
    private func late(_ attempt: KeyTrace.Attempt) -> (event: StoryEvent, by: TimeSpan)? {
        let behind = attempt.bound.last?.position ?? attempt.first
        for position in behind..<trace.input.count + 1
        where position > behind && trace.input[position - 1].time > attempt.time {
            let fits = attempt.awaited.contains { awaited in
                awaited.steps.contains { step in
                    trace.satisfies(step.filter, position, attempt.bound)
                }
            }
            if fits {
                return (event(position, nil), trace.input[position - 1].time.since(attempt.time))
            }
        }
        return nil
    }

    // MARK: What came nearest

    /// The events that came nearest to one of the steps awaited, the nearest first.
    func nearest(
        _ awaited: [KeyTrace.Awaited], bound: [KeyTrace.BoundEvent],
        _ events: ArraySlice<RuleTrace.Related>, wanted: Int
    ) -> [NearMiss] {
        var found: [(miss: Miss, event: ReadEvent)] = []
        for related in events {
            if let position = related.position, bound.contains(where: { $0.position == position }) {
                continue
            }
            let misses = awaited.flatMap { awaited in
                awaited.steps.compactMap { miss(related.event, $0, awaited, bound) }
            }
            guard let best = misses.min(by: { $0.score < $1.score }) else { continue }
            let place = found.firstIndex { best.score < $0.miss.score } ?? found.count
            if place < wanted {
                found.insert((best, related.event), at: place)
                if found.count > wanted { found.removeLast() }
            }
        }
        return found.map { miss, event in
            NearMiss(event: self.event(event, nil), line: miss.line, failures: miss.failures)
        }
    }

    private struct Miss {
        var line: String
        var failures: [FailedPart]
        var score: (Int, Double)
    }

    /// What of a step an event fails; nil where it is of another type, or fits.
    private func miss(
        _ event: ReadEvent, _ step: Pattern.Step, _ awaited: KeyTrace.Awaited,
        _ bound: [KeyTrace.BoundEvent]
    ) -> Miss? {
        let type = step.filter.eventType
        if type != nil,
            !owner.ruleset.incomingNames(of: type).contains(event.event.type)
        {
            return nil
        }
        var failures: [FailedPart] = []
        var distance = 0.0
        if let type, !event.isMember(of: type) {
            failures += missing(type, event)
            distance += 1
        }
        if failures.isEmpty, let condition = step.filter.condition {
            let known = bound.filter { trace.input[$0.position - 1].time <= event.time }
            let context = trace.context(known, event: event)
            failures += judge.failures(condition, context)
            distance += condition.conjuncts.reduce(0) { sum, part in
                evaluator.isTrue(part, in: context) ? sum : sum + judge.distance(part, context)
            }
        }
        if failures.isEmpty { failures += other(event, step, awaited, bound) }
        if failures.isEmpty { return nil }
        return Miss(
            line: words.text(awaited.line), failures: failures, score: (failures.count, distance))
    }

    /// What else but its condition keeps a step from taking an event.
    private func other(
        _ event: ReadEvent, _ step: Pattern.Step, _ awaited: KeyTrace.Awaited,
        _ bound: [KeyTrace.BoundEvent]
    ) -> [FailedPart] {
        if let field = step.distinct, bound.contains(where: { $0.step == step.id }) {
            let value = event.value(of: field)
            let others = bound.filter { $0.step == step.id }.map {
                ValueIdentity(trace.input[$0.position - 1].value(of: field))
            }
            if others.contains(ValueIdentity(value)) {
                let name = words.text(.field(field))
                return [
                    FailedPart(
                        text: "distinct \(name)", values: [(name, value)], detail: "as before")
                ]
            }
        }
        if let after = awaited.line.after, let last = awaited.last {
            let soonest = trace.input[last - 1].time + after
            if event.time < soonest {
                let early = soonest.since(event.time)
                return [
                    FailedPart(text: "after \(after)", values: [], detail: "\(early) too early")
                ]
            }
        }
        return []
    }

    /// Why an event is not of a type that it could be of.
    private func missing(_ id: EventTypeID, _ event: ReadEvent) -> [FailedPart] {
        let type = owner.ruleset[id]
        let context = EvaluationContext(event: UncheckedEvent(event: event))
        if let filter = type.filter, !evaluator.isTrue(filter, in: context) {
            return judge.failures(filter, context)
        }
        return [FailedPart(text: "it is no `\(type.name)`", values: [])]
    }

    private var evaluator: ExprEvaluator { owner.evaluator }
    private var judge: ConditionJudge { ConditionJudge(evaluator: evaluator, words: words) }
}

/// An event as the conditions of its own types read it.
private struct UncheckedEvent: EventReader {
    let event: ReadEvent

    func value(of field: FieldRef) -> Value { event.uncheckedValue(of: field) }
    func value(named name: String) -> Value { event.value(named: name) }
    func value(of field: EventType.BuiltInField) -> Value { event.value(of: field) }
}

extension StreamTime {
    /// The time from another one to this.
    func since(_ other: StreamTime) -> TimeSpan {
        let (span, isOver) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        return TimeSpan(nanoseconds: isOver ? .max : span)
    }
}

extension Ending {
    /// Whether the event with which an attempt ended is why.
    fileprivate var isOfEvent: Bool {
        switch self {
        case .absence, .butNo, .butNotNext, .until, .reset, .notNext, .rowBroken, .refused: true
        case .limit, .gap, .spread, .lateAbsence, .leadingAbsence, .skipped, .replaced, .matched,
            .waiting, .stuck:
            false
        }
    }

    /// Whether it ended for what did not come.
    fileprivate var isOfTime: Bool {
        switch self {
        case .limit, .gap, .spread, .waiting: true
        default: false
        }
    }

    /// The ending's name for programs.
    var word: String {
        switch self {
        case .limit: "limit"
        case .gap: "gap"
        case .spread: "spread"
        case .lateAbsence: "late_absence"
        case .absence: "absence"
        case .leadingAbsence: "leading_absence"
        case .butNo: "but_no"
        case .butNotNext: "but_not_next"
        case .until: "until"
        case .reset: "reset"
        case .notNext: "not_next"
        case .rowBroken: "row_broken"
        case .refused: "having"
        case .skipped: "skipped"
        case .replaced: "replaced"
        case .matched: "matched"
        case .waiting: "waiting"
        case .stuck: "stuck"
        }
    }
}
