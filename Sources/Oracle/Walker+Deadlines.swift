// SPDX-License-Identifier: Apache-2.0
// What happens to an attempt by the clock: deadlines of absences, and gaps that run out.

import EventModel
import RuleLanguage

/// An instant at which deadlines are worked off.
struct Instant {
    var time: StreamTime
    /// The position of the first event after it.
    var nextPosition: Int
    /// When the rule's limit ends the attempt.
    var limit: StreamTime?
}

extension Walker {
    /// When the rule's limit ends an attempt that began at `first`.
    func limit(_ first: Int) -> StreamTime? { rule.within.map { time(first) + $0 } }

    // MARK: Which

    /// The earliest deadline of the sequence; one beyond the limit never comes.
    func deadline(
        _ state: SequenceState, _ sequence: Pattern.Sequence, limit: StreamTime?
    ) -> StreamTime? {
        var deadlines = [pendingDeadline(state, sequence, limit: limit)]
        if !state.isClosed {
            deadlines += state.nested(in: sequence).map {
                deadline($0.state, $0.sequence, limit: limit)
            }
        }
        let earliest = deadlines.compactMap { $0 }.min()
        if let earliest, let limit, earliest > limit { return nil }
        return earliest
    }

    /// The deadline of the absence that follows the open current line.
    private func pendingDeadline(
        _ state: SequenceState, _ sequence: Pattern.Sequence, limit: StreamTime?
    ) -> StreamTime? {
        guard state.line.isOpen(in: sequence.lines[state.current]), let openTime = state.openTime,
            let (_, absence) = pendingAbsence(state, sequence)
        else { return nil }
        guard let duration = absence.duration else { return limit }
        return openTime + duration
    }

    private func pendingAbsence(
        _ state: SequenceState, _ sequence: Pattern.Sequence
    ) -> (index: Int, absence: Pattern.Absence)? {
        guard let index = followers(sequence, after: state.current).last,
            let absence = sequence.lines[index].absence
        else { return nil }
        return (index, absence)
    }

    // MARK: Working one off

    /// Works off the deadlines at the instant: the sequence's own before those inside its line.
    func work(
        _ state: SequenceState, _ sequence: Pattern.Sequence, _ instant: Instant
    ) -> [Outcome<SequenceState>] {
        guard let now = deadline(state, sequence, limit: instant.limit), now <= instant.time else {
            return [Outcome(state: state, took: false)]
        }
        if pendingDeadline(state, sequence, limit: instant.limit) == now,
            let (index, _) = pendingAbsence(state, sequence)
        {
            let (bound, frame) = state.left(in: sequence)
            let next = SequenceState(
                current: index, entry: Frame(last: frame.last, next: instant.nextPosition),
                bound: bound, line: .absence, openTime: instant.time)
            return work(entered(next, sequence, at: instant.time), sequence, instant)
        }
        let line = sequence.lines[state.current]
        return work(state.line, line, instant).map { outcome in
            guard let done = outcome.state else { return .ended(outcome.ending) }
            var next = state
            next.line = done.line
            if done.isClosed { next.close() }
            next.openTime = openTime(state, next, line, instant)
            return Outcome(
                state: entered(next, sequence, at: instant.time), took: false,
                choices: outcome.choices)
        }
    }

    /// A line that becomes open at a deadline is open from that deadline on.
    private func openTime(
        _ before: SequenceState, _ after: SequenceState, _ line: Pattern.Line, _ instant: Instant
    ) -> StreamTime? {
        guard after.line.isOpen(in: line) else { return nil }
        if !before.line.isOpen(in: line) { return instant.time }
        if case .group(let old) = before.line, case .group(let new) = after.line,
            new.completed > old.completed, old.completed == 0 || before.openTime == nil
        {
            return instant.time
        }
        return before.openTime
    }

    private func work(
        _ state: LineState, _ line: Pattern.Line, _ instant: Instant
    ) -> [Outcome<LineWork>] {
        switch (state, line.element) {
        case (.group(let state), .group(let group)):
            guard let body = state.body else { break }
            return work(body, group.body, instant).flatMap { outcome in
                var next = state
                next.body = outcome.state
                return counted(
                    next, group, line, instant.nextPosition, instant.time, false, outcome.choices)
            }
        case (.allOf(let state), .allOf(let sequences)):
            return combinations(work(state, sequences, instant)).map { row in
                Outcome(
                    state: LineWork(line: .allOf(BranchesState(branches: row.map(\.branch)))),
                    took: false, choices: row.flatMap(\.choices))
            }
        case (.anyOf(let state), .anyOf(let sequences)):
            return combinations(work(state, sequences, instant)).map { chosen($0, sequences) }
        default: break
        }
        return [Outcome(state: LineWork(line: state), took: false)]
    }

    private func work(
        _ state: BranchesState, _ sequences: [Pattern.Sequence], _ instant: Instant
    ) -> [[BranchWay]] {
        zip(state.branches, sequences).map { branch, sequence in
            guard case .underWay(let state) = branch else {
                return [BranchWay(branch: branch, took: false, choices: [])]
            }
            return work(state, sequence, instant).map { outcome in
                BranchWay(
                    branch: outcome.state.map { .underWay($0) } ?? .dropped, took: false,
                    choices: outcome.choices)
            }
        }
    }

    // MARK: Gaps that run out

    /// The state at `now`, after each line whose `within` has passed took its consequence: closed
    /// if it is open, else ended (nil).
    func expired(
        _ state: SequenceState, _ sequence: Pattern.Sequence, _ now: StreamTime
    ) -> SequenceState? {
        var state = state
        let line = sequence.lines[state.current]
        if let within = line.within, let last = state.entry.last, now > time(last) + within {
            guard state.line.isOpen(in: line) else { return nil }
            state.close()
        }
        if state.isClosed { return state }
        switch (state.line, line.element) {
        case (.group(var group), .group(let pattern)):
            guard let body = group.body else { break }
            if let body = expired(body, pattern.body, now) {
                group.body = body
                state.line = .group(group)
            } else {
                let closed = group.withoutBody(in: pattern)
                guard let end = end(of: group, line, closed: closed, nil).state else { return nil }
                state.line = end.line
                state.close()
            }
        case (.allOf(let branches), .allOf(let sequences)):
            let branches = expired(branches, sequences, now)
            if branches.branches.contains(.dropped) { return nil }
            state.line = .allOf(branches)
        case (.anyOf(let branches), .anyOf(let sequences)):
            let branches = expired(branches, sequences, now)
            if branches.branches.allSatisfy({ $0 == .dropped }) { return nil }
            state.line = .anyOf(branches)
        default: break
        }
        return state
    }

    private func expired(
        _ state: BranchesState, _ sequences: [Pattern.Sequence], _ now: StreamTime
    ) -> BranchesState {
        var state = state
        for (i, sequence) in sequences.enumerated() {
            guard case .underWay(let branch) = state.branches[i] else { continue }
            state.branches[i] = expired(branch, sequence, now).map { .underWay($0) } ?? .dropped
        }
        return state
    }

    // MARK: Attempts that have nowhere to go

    /// Whether something can still be taken, or a deadline come, after the event at `position`.
    func canGoOn(
        _ state: SequenceState, _ sequence: Pattern.Sequence, after position: Int,
        _ limit: StreamTime?
    ) -> Bool {
        let line = sequence.lines[state.current]
        if !state.isClosed, canTakeMore(state.line, line, after: position, limit) { return true }
        guard state.line.isOpen(in: line) else { return false }
        let frame = state.left(in: sequence).frame
        return followers(sequence, after: state.current).contains { index in
            let next = sequence.lines[index]
            if let absence = next.absence {
                guard let openTime = state.openTime else { return false }
                guard let limit, let duration = absence.duration else { return true }
                return openTime + duration <= limit
            }
            if next.connector == .next, let wanted = frame.next, wanted <= position {
                return false
            }
            guard let within = next.within, let last = frame.last else { return true }
            return time(position) <= time(last) + within
        }
    }

    func canTakeMore(
        _ state: LineState, _ line: Pattern.Line, after position: Int, _ limit: StreamTime?
    ) -> Bool {
        switch (state, line.element) {
        case (.step(let state), .step(let step)):
            return step.count.isBelowMost(state.rows.first?.count ?? 0)
        case (.group(let state), .group(let group)):
            guard let body = state.body else { return true }
            let mayBegin =
                state.isCounted && !state.isLastIteration
                && group.count.isBelowMost(state.completed)
            return mayBegin || canGoOn(body, group.body, after: position, limit)
        case (.allOf(let state), .allOf(let sequences)):
            let ways = zip(state.branches, sequences).map { branch, sequence in
                guard case .underWay(let state) = branch else {
                    return (branch == .notBegun, false)
                }
                return (
                    canGoOn(state, sequence, after: position, limit), state.isOpen(in: sequence)
                )
            }
            return ways.allSatisfy { $0.0 || $0.1 } && ways.contains { $0.0 }
        case (.anyOf(let state), .anyOf(let sequences)):
            return zip(state.branches, sequences).contains { branch, sequence in
                guard case .underWay(let state) = branch else { return branch == .notBegun }
                return canGoOn(state, sequence, after: position, limit)
            }
        default: return false
        }
    }
}
