// SPDX-License-Identifier: Apache-2.0
// The order of work for one value of a rule's key: docs/reference/matching.md, "Order of work".

import EventModel
import RuleLanguage

/// A match under way.
struct Attempt: Hashable {
    /// The position of its first event.
    var first: Int
    /// What the author's `each` left to choice and this copy has chosen, in order.
    var choices: [Choice]
    /// The ways to go on that are no choices of the author's: several only inside `all of`.
    var alternatives: [SequenceState]
    /// The number of the event or instant at which it got to the place where it waits.
    var arrival: Int
}

/// A match before its alert.
struct Candidate {
    /// The position of the attempt's first event, which may be one that an unfinished iteration
    /// took and that is not bound in the end.
    var first: Int
    /// In order of position; never empty.
    var bound: [Binding]
    var end: StreamTime
    var isByClock: Bool
}

struct KeyRun {
    var walker: Walker
    let watchedFrom: StreamTime
    var attempts: [Attempt] = []
    /// Counts events and instants.
    var turn = 0
    /// In the order in which they are reported.
    var reported: [Candidate] = []
    /// Attempts that came to an end, where that is asked for.
    var ended: [EndedAttempt] = []
    var notesEndings = false
    /// The positions at which attempts begin; nil: wherever they can.
    var beginnings: Set<Int>?
    /// What is reported at this event or instant, where attempts that are not here have a part in
    /// it; nil: what is complete.
    var reports: [Candidate]?

    var rule: CheckedRule { walker.rule }
    var body: Pattern.Sequence { walker.rule.pattern.body }

    /// Begins the attempt of a key of the table in `keys from`, before any event.
    mutating func open(_ reading: EventReading) {
        walker.input.append(ReadEvent(reading: reading, openingAt: watchedFrom))
        turn += 1
        settle(beginnings(1), end: watchedFrom, isByClock: false)
    }

    // MARK: An event

    /// Works on an event; every earlier deadline has been worked off.
    mutating func work(on event: ReadEvent) {
        walker.input.append(event)
        turn += 1
        let position = walker.input.count
        let inTime = attempts.filter { attempt in
            walker.limit(attempt.first).map { event.time <= $0 } ?? true
        }
        noteEndings(of: attempts, besides: inTime, .limit)
        attempts = inTime
        if let reset = walker.firstSatisfied(rule.resets, position, bound: []) {
            noteEndings(of: attempts, besides: [], .reset(reset), position)
            attempts = []
        }
        var next: [Attempt] = []
        for attempt in attempts {
            let moment = Moment(position: position, time: event.time, first: attempt.first)
            let (copies, ending) = copies(of: attempt) { state in
                guard let now = walker.expired(state, body, event.time) else {
                    return [.ended(walker.overdue(state, body, event.time))]
                }
                return walker.work(now, body, outer: [], moment)
            }
            if copies.isEmpty { noteEndings(of: [attempt], besides: [], ending, position) }
            next += copies
        }
        next += newAttempts(position)
        settle(next, end: event.time, isByClock: false)
    }

    private mutating func newAttempts(_ position: Int) -> [Attempt] {
        if let beginnings, !beginnings.contains(position) { return [] }
        if let absence = rule.pattern.leadingAbsence, !holds(absence, before: position) {
            if notesEndings { noteLeadingAbsence(absence, position) }
            return []
        }
        return beginnings(position)
    }

    /// The attempts that an event begins, whatever the absence before it.
    func beginnings(_ position: Int) -> [Attempt] {
        let moment = Moment(position: position, time: walker.time(position), first: position)
        let begun = walker.begin(body, frame: .start, outer: [], moment)
        return copies(first: position, choices: [], begun.outcomes)
    }

    private func holds(_ absence: Pattern.Absence, before position: Int) -> Bool {
        guard let duration = absence.duration else { return true }
        let from = walker.time(position) - duration
        guard watchedFrom <= from else { return false }
        return !(1..<position).contains { earlier in
            walker.time(earlier) >= from && walker.satisfies(absence.filter, earlier, bound: [])
        }
    }

    // MARK: The clock

    /// The earliest deadline of any attempt.
    var deadline: StreamTime? {
        attempts.flatMap { attempt in
            attempt.alternatives.compactMap {
                walker.deadline($0, body, limit: walker.limit(attempt.first))
            }
        }.min()
    }

    /// Works off all deadlines at `time`, which is the earliest there is.
    mutating func work(at time: StreamTime) {
        turn += 1
        var next: [Attempt] = []
        for attempt in attempts {
            let instant = Instant(
                time: time, nextPosition: walker.input.count + 1,
                limit: walker.limit(attempt.first))
            let (copies, ending) = copies(of: attempt) { state in
                guard let now = walker.expired(state, body, time) else {
                    return [.ended(walker.overdue(state, body, time))]
                }
                return workThrough(now, instant)
            }
            if copies.isEmpty { noteEndings(of: [attempt], besides: [], ending) }
            next += copies
        }
        settle(next, end: time, isByClock: true)
    }

    /// Works off the deadlines of a state at an instant, and those that are due there because of
    /// that.
    private func workThrough(
        _ state: SequenceState, _ instant: Instant
    ) -> [Outcome<SequenceState>] {
        walker.work(state, body, instant).flatMap { outcome -> [Outcome<SequenceState>] in
            guard let next = outcome.state, next != state, !next.isOpen(in: body),
                let due = walker.deadline(next, body, limit: instant.limit), due <= instant.time
            else { return [outcome] }
            return workThrough(next, instant).map { further in
                var further = further
                further.choices = outcome.choices + further.choices
                return further
            }
        }
    }

    // MARK: Copies and alternatives

    /// - Returns: where there are none, also why.
    private func copies(
        of attempt: Attempt, _ work: (SequenceState) -> [Outcome<SequenceState>]
    ) -> (copies: [Attempt], ending: Ending?) {
        let outcomes = attempt.alternatives.flatMap(work)
        var result = copies(first: attempt.first, choices: attempt.choices, outcomes)
        for i in result.indices {
            let isSame = bound(result[i]) == bound(attempt) && place(result[i]) == place(attempt)
            if isSame { result[i].arrival = attempt.arrival }
        }
        return (result, outcomes.lazy.compactMap(\.ending).first)
    }

    /// Sorts outcomes into copies by what was chosen, and prunes the alternatives of each.
    private func copies(
        first: Int, choices: [Choice], _ outcomes: [Outcome<SequenceState>]
    ) -> [Attempt] {
        var result: [Attempt] = []
        for outcome in outcomes {
            guard let state = outcome.state else { continue }
            let all = choices + outcome.choices
            if let i = result.firstIndex(where: { $0.choices == all }) {
                if !result[i].alternatives.contains(state) { result[i].alternatives.append(state) }
            } else {
                result.append(
                    Attempt(first: first, choices: all, alternatives: [state], arrival: turn))
            }
        }
        for i in result.indices {
            let settled = result[i].alternatives.filter { $0.isSettled(in: body) }
            if let best = mostPreferred(settled) { result[i].alternatives = [best] }
        }
        return result
    }

    private func mostPreferred(_ states: [SequenceState]) -> SequenceState? {
        guard var best = states.first else { return nil }
        for state in states.dropFirst()
        where prefers(state.boundNow(in: body), to: best.boundNow(in: body)) {
            best = state
        }
        return best
    }

    private func bound(_ attempt: Attempt) -> [[Binding]] {
        attempt.alternatives.map { $0.everything(in: body) }
    }

    private func place(_ attempt: Attempt) -> [[Int]] { attempt.alternatives.map(\.place) }

    // MARK: Reporting

    /// Reports what is complete, and keeps the other attempts that can go on.
    private mutating func settle(_ all: [Attempt], end: StreamTime, isByClock: Bool) {
        var candidates: [Candidate] = []
        attempts = []
        for attempt in all {
            if let state = attempt.alternatives.first(where: { $0.isOpen(in: body) }) {
                let bound = state.left(in: body).bound.sorted { $0.position < $1.position }
                candidates.append(
                    Candidate(
                        first: attempt.first, bound: bound, end: end, isByClock: isByClock))
            } else if attempt.alternatives.contains(where: { canGoOn($0, attempt) }) {
                attempts.append(attempt)
            } else if notesEndings {
                noteStuck(attempt, isByClock: isByClock)
            }
        }
        report(candidates)
        if rule.keepsLatestAttemptOnly { keepLatest() }
    }

    private func canGoOn(_ state: SequenceState, _ attempt: Attempt) -> Bool {
        walker.canGoOn(
            state, body, after: walker.input.count, walker.limit(attempt.first))
    }

    private mutating func report(_ candidates: [Candidate]) {
        var rest: [Candidate] = []
        for candidate in candidates.sorted(by: isPreferred)
        where !rest.contains(where: { $0.bound == candidate.bound }) {
            rest.append(candidate)
        }
        if let reports { return report(reports, of: rest) }
        while !rest.isEmpty {
            let candidate = rest.removeFirst()
            guard holdsHaving(candidate) else {
                note(candidate, .refused)
                continue
            }
            report(candidate, &rest)
        }
    }

    /// Reports a match, which ends others.
    private mutating func report(_ candidate: Candidate, _ rest: inout [Candidate]) {
        reported.append(candidate)
        let others = rest.filter { !ends(candidate, attemptFrom: $0.first) }
        let going = attempts.filter { !ends(candidate, attemptFrom: $0.first) }
        let skipped = Ending.skipped(match: reported.count - 1)
        for other in rest where ends(candidate, attemptFrom: other.first) {
            note(other, skipped)
        }
        noteEndings(of: attempts, besides: going, skipped)
        rest = others
        attempts = going
    }

    /// Reports what is known to be, whosever it is; the other candidates are none.
    mutating func report(_ matches: [Candidate], of candidates: [Candidate]) {
        var rest = candidates
        for match in matches {
            while let first = rest.first, first.bound != match.bound, isPreferred(first, match) {
                note(rest.removeFirst(), .refused)
            }
            let own = rest.firstIndex { $0.bound == match.bound }
            report(own.map { rest.remove(at: $0) } ?? match, &rest)
        }
        for candidate in rest { note(candidate, .refused) }
    }

    private func holdsHaving(_ candidate: Candidate) -> Bool {
        guard let having = rule.having else { return true }
        return walker.evaluator.isTrue(having, in: context(candidate))
    }

    func context(_ candidate: Candidate) -> EvaluationContext {
        var context = walker.context(event: nil, bound: candidate.bound)
        context.match = EvaluationContext.Match(
            start: walker.time(candidate.bound[0].position), end: candidate.end,
            count: candidate.bound.count)
        return context
    }

    /// Whether the match, once reported, ends the attempts that began at `position`.
    private func ends(_ match: Candidate, attemptFrom position: Int) -> Bool {
        switch rule.skip {
        case .none: return false
        case .pastLast: return position <= (match.bound.last?.position ?? 0)
        case .toNext: return position == match.first
        case .toFirst(let step), .toLast(let step):
            let events = match.bound.filter { $0.step == step }.map(\.position)
            let target = if case .toFirst = rule.skip { events.first } else { events.last }
            guard let target, target != match.bound[0].position else { return false }
            return position < target
        }
    }

    private func isPreferred(_ a: Candidate, _ b: Candidate) -> Bool {
        a.first != b.first ? a.first < b.first : prefers(a.bound, to: b.bound)
    }

    /// At the first step in which they differ: more events, then the earlier one.
    private func prefers(_ a: [Binding], to b: [Binding]) -> Bool {
        for index in rule.steps.indices {
            let a = positions(a, StepID(index))
            let b = positions(b, StepID(index))
            if a.count != b.count { return a.count > b.count }
            for (x, y) in zip(a, b) where x != y { return x < y }
        }
        return false
    }

    private func positions(_ bound: [Binding], _ step: StepID) -> [Int] {
        bound.filter { $0.step == step }.map(\.position).sorted()
    }

    // MARK: attempts latest

    private mutating func keepLatest() {
        let latest = attempts.indices.filter { i in
            !attempts.indices.contains { j in
                i != j && place(attempts[i]) == place(attempts[j]) && isLater(j, than: i)
            }
        }.map { attempts[$0] }
        noteEndings(of: attempts, besides: latest, .replaced)
        attempts = latest
    }

    /// By arrival, then by beginning; of two copies of one attempt the preferred one stays.
    private func isLater(_ j: Int, than i: Int) -> Bool {
        let (a, b) = (attempts[j], attempts[i])
        if a.arrival != b.arrival { return a.arrival > b.arrival }
        if a.first != b.first { return a.first > b.first }
        let mine = a.alternatives.first?.boundNow(in: body) ?? []
        let theirs = b.alternatives.first?.boundNow(in: body) ?? []
        if prefers(mine, to: theirs) { return true }
        return prefers(theirs, to: mine) ? false : j < i
    }
}
