// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

extension Walker {
    // MARK: Beginning

    func begin(
        _ group: Pattern.Group, _ line: Pattern.Line, _ frame: Frame, _ outer: [Binding],
        _ moment: Moment
    ) -> Beginnings<LineWork> {
        beginIteration(
            GroupState(settled: [], settledFrame: frame, beganWith: moment.position), group, line,
            outer, moment)
    }

    /// The first iteration, or a further one: `before` has none under way.
    private func beginIteration(
        _ before: GroupState, _ group: Pattern.Group, _ line: Pattern.Line, _ outer: [Binding],
        _ moment: Moment
    ) -> Beginnings<LineWork> {
        let begun = begin(
            group.body, frame: before.settledFrame, outer: outer + before.settled, moment)
        let outcomes = begun.outcomes.flatMap { outcome in
            var state = before
            state.body = outcome.state
            state.isCounted = false
            return counted(
                state, group, line, moment.position, moment.time, outcome.took, outcome.choices)
        }
        return Beginnings(outcomes: outcomes, isChoice: begun.isChoice)
    }

    /// Counts the iteration under way if it has just become open.
    func counted(
        _ state: GroupState, _ group: Pattern.Group, _ line: Pattern.Line, _ position: Int,
        _ time: StreamTime, _ took: Bool, _ choices: [Choice]
    ) -> [Outcome<LineWork>] {
        var state = state
        guard !state.isCounted, let body = state.body, body.isOpen(in: group.body) else {
            return [Outcome(state: LineWork(line: .group(state)), took: took, choices: choices)]
        }
        state.isCounted = true
        state.completed += 1
        if group.body.beginsWithStart, group.count.isBelowMost(state.completed) {
            (state.settled, state.settledFrame) = state.left(in: group)
            state.body = entering(group.body, from: state.settledFrame, at: time)
            state.isCounted = false
        }
        guard line.connector == .each, state.completed >= group.count.minimum else {
            return [Outcome(state: LineWork(line: .group(state)), took: took, choices: choices)]
        }
        var last = state
        last.isLastIteration = true
        last.wantsMore = false
        let isDone = Choice(step: line.firstStep, position: position, kind: .isDone)
        var outcomes = [
            Outcome(
                state: LineWork(line: .group(last)), took: took, choices: choices + [isDone])
        ]
        if group.count.isBelowMost(state.completed) {
            state.wantsMore = true
            let wantsMore = Choice(step: line.firstStep, position: position, kind: .wantsMore)
            outcomes.append(
                Outcome(
                    state: LineWork(line: .group(state)), took: took,
                    choices: choices + [wantsMore]))
        }
        return outcomes
    }

    // MARK: Working

    func work(
        _ state: GroupState, _ group: Pattern.Group, _ line: Pattern.Line, _ entry: Frame,
        _ outer: [Binding], _ moment: Moment
    ) -> [Outcome<LineWork>] {
        if let spread = group.spread,
            let first = LineState.group(state).everything(in: line).map(\.position).min(),
            moment.time > time(first) + spread
        {
            return [
                end(of: state, line, closed: state.withoutUnfinished(), .spread(line))
            ]
        }
        guard let body = state.body else {
            return startOver(group, line, entry, outer, moment, [])
        }
        var outcomes: [Outcome<LineWork>] = []
        let (settled, frame) = state.left(in: group)
        let mayBegin =
            state.isCounted && !state.isLastIteration
            && group.count.isBelowMost(state.completed)
        let isVeryNext = frame.next == moment.position
        let isStrict = line.connector == .next || group.isConsecutive
        if mayBegin, !isStrict || isVeryNext {
            var before = state
            before.settled = settled
            before.settledFrame = frame
            let begun = beginIteration(before, group, line, outer, moment)
            outcomes = begun.outcomes
            if line.connector == .each {
                let choice = Choice(
                    step: line.firstStep, position: moment.position, kind: .repeats)
                for i in outcomes.indices { outcomes[i].choices.append(choice) }
            } else if !begun.isEmpty, !begun.isChoice {
                return outcomes
            }
        }
        let hadToGoOn = mayBegin && isStrict && isVeryNext
        let mayStartOver =
            group.isConsecutive && line.connector == .then && state.beganWith != moment.first
            && !LineState.group(state).isOpen(in: line)
        for outcome in work(body, group.body, outer: outer + state.settled, moment) {
            guard let body = outcome.state else {
                outcomes.append(
                    end(of: state, line, closed: state.withoutBody(in: group), outcome.ending))
                continue
            }
            if hadToGoOn, !outcome.took, mayStartOver {
                outcomes += startOver(group, line, entry, outer, moment, outcome.choices)
                continue
            }
            if hadToGoOn, !outcome.took {
                outcomes.append(
                    end(of: state, line, closed: state.withoutUnfinished(), .notNext(line)))
                continue
            }
            var next = state
            next.body = body
            outcomes += counted(
                next, group, line, moment.position, moment.time, outcome.took, outcome.choices)
        }
        return outcomes
    }

    /// A row of `consecutive` begins anew, with the event if that can be its first.
    private func startOver(
        _ group: Pattern.Group, _ line: Pattern.Line, _ entry: Frame, _ outer: [Binding],
        _ moment: Moment, _ choices: [Choice]
    ) -> [Outcome<LineWork>] {
        let begun = begin(group, line, entry, outer, moment)
        if begun.isEmpty {
            let empty = LineState.group(GroupState(settled: [], settledFrame: entry))
            return [Outcome(state: LineWork(line: empty), took: false, choices: choices)]
        }
        return begun.outcomes.map { outcome in
            var outcome = outcome
            outcome.choices = choices + outcome.choices
            return outcome
        }
    }

    /// A group that can take nothing more: closed if it is open, else the attempt ends.
    func end(
        of state: GroupState, _ line: Pattern.Line, closed: GroupState, _ ending: Ending?
    ) -> Outcome<LineWork> {
        guard LineState.group(state).isOpen(in: line) else { return .ended(ending) }
        return Outcome(state: LineWork(line: .group(closed), isClosed: true), took: false)
    }
}

extension GroupState {
    /// The group after its iteration under way has ended: what it had complete stays.
    func withoutBody(in group: Pattern.Group) -> GroupState {
        var state = self
        (state.settled, state.settledFrame) = left(in: group)
        state.body = nil
        return state
    }
}
