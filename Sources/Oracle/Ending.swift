// SPDX-License-Identifier: Apache-2.0
// Why attempts end. Nothing is decided by it: it is told to whoever asks (`KeyTrace`).

import EventModel
package import RuleLanguage

/// What ended an attempt.
package enum Ending: Sendable {
    /// The rule's `within` ran out.
    case limit
    /// The `within` of a line ran out.
    case gap(Pattern.Line)
    /// The `in` of a repetition ran out.
    case spread(Pattern.Line)
    /// An absence would be decided only after the rule's limit.
    case lateAbsence(Pattern.Absence)
    case absence(Pattern.Absence)
    /// The absence before the first event did not hold: an event broke it, or (nil) the rule had
    /// not watched for long enough.
    case leadingAbsence(Pattern.Absence, brokenBy: Int?)
    case butNo(Filter)
    case butNotNext(Filter)
    case until(Filter)
    case reset(Filter)
    /// The very next event did not fit a line that wanted it.
    case notNext(Pattern.Line)
    /// A row of `consecutive` broke.
    case rowBroken(Pattern.Line)
    /// `having` was not true.
    case refused
    /// A match, by its number, ended it: `skip`.
    case skipped(match: Int)
    /// `attempts latest`: another one got to the same place later.
    case replaced
    /// It was reported, as the match of this number.
    case matched(Int)
    /// It still waits.
    case waiting
    /// What it waited for could not come any more.
    case stuck
}

/// An attempt that came to its end.
struct EndedAttempt {
    /// The position of its first event.
    var first: Int
    /// In order of position.
    var bound: [Binding]
    /// Where it waited; nil: it was complete, or not begun.
    var state: SequenceState?
    var ending: Ending
    /// The event that ended it; nil: the clock or another attempt did.
    var position: Int?
    var time: StreamTime
}

// MARK: Noting

extension KeyRun {
    /// Notes attempts that are under way no more: those of `all` that are not in `rest`.
    ///
    /// - Parameter position: the event that ended them, if one did.
    mutating func noteEndings(
        of all: [Attempt], besides rest: [Attempt], _ ending: Ending?, _ position: Int? = nil
    ) {
        guard notesEndings, all.count > rest.count else { return }
        // What is left stands in the order of all.
        var left = rest[...]
        for attempt in all {
            if attempt == left.first {
                left.removeFirst()
            } else {
                note(attempt, ending ?? .stuck, position)
            }
        }
    }

    private mutating func note(_ attempt: Attempt, _ ending: Ending, _ position: Int?) {
        let states = attempt.alternatives
        guard
            let state = states.max(by: {
                $0.everything(in: body).count < $1.everything(in: body).count
            })
        else { return }
        let now = walker.time(position ?? walker.input.count)
        var (ending, time) = (ending, now)
        if let end = walker.time(of: ending, state, attempt.first) {
            time = end
            // It is noticed only with the next event, which may be behind several ends.
            if let first = walker.firstRunOut(state, attempt.first), first.time < end {
                (ending, time) = first
            }
        }
        ended.append(
            EndedAttempt(
                first: attempt.first,
                bound: state.everything(in: body).sorted { $0.position < $1.position },
                state: state, ending: ending, position: position, time: time))
    }

    /// Notes an attempt that is complete.
    mutating func note(_ candidate: Candidate, _ ending: Ending) {
        guard notesEndings else { return }
        ended.append(
            EndedAttempt(
                first: candidate.first, bound: candidate.bound, state: nil, ending: ending,
                position: candidate.isByClock ? nil : walker.input.count, time: candidate.end))
    }

    /// Notes an attempt that can take nothing more.
    mutating func noteStuck(_ attempt: Attempt, isByClock: Bool) {
        guard let state = attempt.alternatives.first else { return }
        let position = walker.input.count
        let ending = walker.obstacle(
            state, body, after: position, walker.limit(attempt.first))
        note(attempt, ending, isByClock ? nil : position)
    }

    /// Notes what would have begun at `position` but for the absence that leads the pattern.
    mutating func noteLeadingAbsence(_ absence: Pattern.Absence, _ position: Int) {
        guard let duration = absence.duration, !beginnings(position).isEmpty else { return }
        let from = walker.time(position) - duration
        let breaker = (1..<position).last { earlier in
            walker.time(earlier) >= from && walker.satisfies(absence.filter, earlier, bound: [])
        }
        ended.append(
            EndedAttempt(
                first: position, bound: [], state: nil,
                ending: .leadingAbsence(absence, brokenBy: breaker), position: position,
                time: walker.time(position)))
    }
}

extension Walker {
    /// When what the clock ended was over; nil where an event ended it.
    func time(of ending: Ending, _ state: SequenceState, _ first: Int) -> StreamTime? {
        switch ending {
        case .limit: limit(first)
        case .gap: lastMoment(state, rule.pattern.body)?.end ?? gapEnd(state, rule.pattern.body)
        case .spread(let line): spreadEnd(line, state.everything(in: rule.pattern.body))
        default: nil
        }
    }

    /// When the time of a repetition is over that the attempt began with; nil: it did not, or has
    /// all that it needs of it.
    func ownSpreadEnd(
        _ state: SequenceState, _ first: Int
    ) -> (line: Pattern.Line, StreamTime)? {
        let line = rule.pattern.body.lines[state.current]
        let bound = state.line.everything(in: line)
        guard !state.line.isOpen(in: line), bound.contains(where: { $0.position == first }),
            let end = spreadEnd(line, bound)
        else { return nil }
        return (line, end)
    }

    /// When the time of a repetition is over.
    private func spreadEnd(_ line: Pattern.Line, _ bound: [Binding]) -> StreamTime? {
        let steps = line.steps
        let first = bound.filter { steps.contains($0.step) }.map(\.position).min()
        guard let first, let spread = line.spread else { return nil }
        return time(first) + spread
    }

    /// The line whose `within` has run out, after which the attempt cannot go on.
    func overdue(
        _ state: SequenceState, _ sequence: Pattern.Sequence, _ now: StreamTime
    ) -> Ending? {
        let line = sequence.lines[state.current]
        if let within = line.within, let last = state.entry.last, now > time(last) + within {
            return .gap(line)
        }
        return state.nested(in: sequence).lazy
            .compactMap { overdue($0.state, $0.sequence, now) }.first
    }

    /// When the first `within` that the state waits under runs out.
    private func gapEnd(_ state: SequenceState, _ sequence: Pattern.Sequence) -> StreamTime? {
        var ends: [StreamTime?] = []
        func add(_ line: Pattern.Line, _ frame: Frame) {
            if let within = line.within, let last = frame.last { ends.append(time(last) + within) }
        }
        let line = sequence.lines[state.current]
        if state.line.isOpen(in: line) {
            let frame = state.left(in: sequence).frame
            if let next = followers(sequence, after: state.current).last {
                add(sequence.lines[next], frame)
            }
        } else {
            add(line, state.entry)
            ends += state.nested(in: sequence).map { gapEnd($0.state, $0.sequence) }
        }
        return ends.compactMap { $0 }.min()
    }

    /// What keeps an attempt from going on that can take nothing more: the counterpart of
    /// `canGoOn`.
    func obstacle(
        _ state: SequenceState, _ sequence: Pattern.Sequence, after position: Int,
        _ limit: StreamTime?
    ) -> Ending {
        let line = sequence.lines[state.current]
        guard state.line.isOpen(in: line) else {
            let nested = state.nested(in: sequence)
            let stuck = nested.first { !canGoOn($0.state, $0.sequence, after: position, limit) }
            guard let inner = stuck ?? nested.first else { return .stuck }
            return obstacle(inner.state, inner.sequence, after: position, limit)
        }
        guard let index = followers(sequence, after: state.current).last else {
            return .stuck
        }
        let next = sequence.lines[index]
        if let absence = next.absence {
            return state.openTime == nil ? .absence(absence) : .lateAbsence(absence)
        }
        let frame = state.left(in: sequence).frame
        if next.connector == .next, let wanted = frame.next, wanted <= position {
            return .notNext(next)
        }
        return .gap(next)
    }
}

extension Pattern.Line {
    fileprivate var spread: TimeSpan? {
        switch element {
        case .step(let step): step.spread
        case .group(let group): group.spread
        case .allOf, .anyOf, .absence: nil
        }
    }

    /// The steps in it.
    fileprivate var steps: [StepID] {
        switch element {
        case .step(let step): [step.id]
        case .group(let group): group.body.lines.flatMap(\.steps)
        case .allOf(let branches), .anyOf(let branches): branches.flatMap(\.lines).flatMap(\.steps)
        case .absence: []
        }
    }
}
