// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

extension Walker {
    /// The lines that could follow an open line: up to and with the first that is not skippable.
    func followers(_ sequence: Pattern.Sequence, after index: Int) -> [Int] {
        var result: [Int] = []
        for next in sequence.lines.indices where next > index {
            result.append(next)
            if !sequence.lines[next].isSkippable { break }
        }
        return result
    }

    // MARK: Beginning

    func begin(
        _ sequence: Pattern.Sequence, frame: Frame, outer: [Binding], _ moment: Moment
    ) -> Beginnings<SequenceState> {
        let before = sequence.firstLine(isStart: moment.isStart) - 1
        var begun = beginFarthest(
            sequence, followers(sequence, after: before), frame, [], outer, moment
        ) {
            openTimeOfBeginning($0, inherited: nil, moment)
        }
        // `each` is a choice where a line follows another one: a line that begins its group or
        // branch is begun as the connector of that says.
        begun.isChoice = false
        for i in begun.outcomes.indices {
            begun.outcomes[i].choices.removeAll {
                $0.kind == .begins && $0.position == moment.position
            }
        }
        return begun
    }

    /// Begins the farthest of `candidates` that can begin.
    private func beginFarthest(
        _ sequence: Pattern.Sequence, _ candidates: [Int], _ frame: Frame, _ bound: [Binding],
        _ outer: [Binding], _ moment: Moment,
        openTime: (SequenceState.Begun) -> StreamTime?
    ) -> Beginnings<SequenceState> {
        for index in candidates.reversed() {
            let line = sequence.lines[index]
            let begun = begin(line, frame: frame, outer: outer + bound, moment)
            if begun.isEmpty { continue }
            let outcomes = begun.outcomes.map { outcome in
                Outcome(
                    state: outcome.state.map { work in
                        entered(
                            SequenceState(
                                current: index, entry: frame, bound: bound, line: work.line,
                                isClosed: work.isClosed,
                                openTime: openTime(.init(line: line, state: work.line))),
                            sequence, at: moment.time)
                    }, took: outcome.took, choices: outcome.choices)
            }
            return Beginnings(outcomes: outcomes, isChoice: begun.isChoice)
        }
        return .none
    }

    /// A line that has just begun is open from this event on; but an optional group without a
    /// complete iteration leaves the deadline of what follows where it was.
    private func openTimeOfBeginning(
        _ begun: SequenceState.Begun, inherited: StreamTime?, _ moment: Moment
    ) -> StreamTime? {
        guard begun.state.isOpen(in: begun.line) else { return nil }
        if case .group(let group) = begun.state, group.completed == 0 { return inherited }
        return moment.time
    }

    func begin(
        _ line: Pattern.Line, frame: Frame, outer: [Binding], _ moment: Moment
    ) -> Beginnings<LineWork> {
        guard moment.isTakeable else { return .none }
        if !moment.isStart {
            if line.connector == .next, let next = frame.next, next != moment.position {
                return .none
            }
            guard gapAllows(line, frame, moment.time) else { return .none }
        }
        var begun: Beginnings<LineWork> =
            switch line.element {
            case .step(let step): begin(step, line, outer, moment)
            case .group(let group): begin(group, line, frame, outer, moment)
            case .allOf(let branches): beginAllOf(branches, frame, outer, moment)
            case .anyOf(let branches): beginAnyOf(branches, line, frame, outer, moment)
            case .absence: .none
            }
        if line.connector == .each, !moment.isStart, !begun.isEmpty {
            begun.isChoice = true
            let choice = Choice(step: line.firstStep, position: moment.position, kind: .begins)
            for i in begun.outcomes.indices { begun.outcomes[i].choices.append(choice) }
        }
        return begun
    }

    /// `after` and `within`, from the last event bound before the line.
    func gapAllows(_ line: Pattern.Line, _ entry: Frame, _ now: StreamTime) -> Bool {
        guard let last = entry.last else { return true }
        if let after = line.after, now < time(last) + after { return false }
        if let within = line.within, now > time(last) + within { return false }
        return true
    }

    // MARK: Working

    /// The steps 1 to 6 of matching.md.
    func work(
        _ state: SequenceState, _ sequence: Pattern.Sequence, outer: [Binding], _ moment: Moment
    ) -> [Outcome<SequenceState>] {
        let line = sequence.lines[state.current]
        let isOpen = state.line.isOpen(in: line)
        let position = moment.position
        var outcomes: [Outcome<SequenceState>] = []
        var brokenAbsence: Pattern.Absence?
        var butNotNext: Filter?
        if isOpen {
            let (bound, frame) = state.left(in: sequence)
            let ahead = followers(sequence, after: state.current)
            let target = ahead.last.map { sequence.lines[$0] }
            if let target, !target.isSkippable,
                let until = firstSatisfied(target.until, position, bound: outer + bound)
            {
                return [.ended(.until(until))]
            }
            brokenAbsence = target?.absence.flatMap {
                satisfies($0.filter, position, bound: outer + bound) ? $0 : nil
            }
            if frame.next == position {
                butNotNext = firstSatisfied(line.butNotNext, position, bound: outer + bound)
            }
            if butNotNext == nil {
                let inherited = brokenAbsence == nil ? state.openTime : nil
                let begun = beginFarthest(sequence, ahead, frame, bound, outer, moment) {
                    openTimeOfBeginning($0, inherited: inherited, moment)
                }
                outcomes = begun.outcomes
                if !begun.isEmpty, !begun.isChoice { return outcomes }
            }
        }
        let own = state.line.everything(in: line)
        let known = outer + state.bound + own
        if !own.isEmpty, let filter = firstSatisfied(line.butNo, position, bound: known) {
            return outcomes + [.ended(.butNo(filter))]
        }
        var isClosed = state.isClosed
        if let until = firstSatisfied(line.until, position, bound: known) {
            if !isOpen { return outcomes + [.ended(.until(until))] }
            isClosed = true
        }
        // A line that no event began, or one begun anew, asks for its `after` here.
        let isLateEnough = gapAllows(line, state.entry, moment.time)
        let works: [Outcome<LineWork>] =
            isClosed
            ? [Outcome(state: LineWork(line: state.line, isClosed: true), took: false)]
            : self.work(
                state.line, line, entry: state.entry, outer: outer + state.bound,
                isLateEnough ? moment : moment.taken)
        for work in works {
            let hit = butNotNext.map(Ending.butNotNext) ?? brokenAbsence.map(Ending.absence)
            let isEnded = !work.took && hit != nil
            guard let done = work.state, !isEnded else {
                outcomes.append(.ended(isEnded ? hit : work.ending))
                continue
            }
            var next = state
            next.line = done.line
            if done.isClosed { next.close() }
            next.openTime = openTime(
                state, next, line, moment, movesDeadline: brokenAbsence != nil && work.took)
            outcomes.append(
                Outcome(
                    state: entered(next, sequence, at: moment.time), took: work.took,
                    choices: work.choices))
        }
        return outcomes
    }

    private func work(
        _ state: LineState, _ line: Pattern.Line, entry: Frame, outer: [Binding], _ moment: Moment
    ) -> [Outcome<LineWork>] {
        switch (state, line.element) {
        case (.step(let state), .step(let step)):
            work(state, step, line, entry, outer, moment)
        case (.group(let state), .group(let group)):
            work(state, group, line, entry, outer, moment)
        case (.allOf(let state), .allOf(let branches)):
            workAllOf(state, branches, entry, outer, moment)
        case (.anyOf(let state), .anyOf(let branches)):
            workAnyOf(state, branches, entry, outer, moment)
        default: [Outcome(state: LineWork(line: state), took: false)]
        }
    }

    /// The time from which a pending absence counts, after the current line has worked.
    func openTime(
        _ before: SequenceState, _ after: SequenceState, _ line: Pattern.Line, _ moment: Moment,
        movesDeadline: Bool
    ) -> StreamTime? {
        guard after.line.isOpen(in: line) else { return nil }
        if !before.line.isOpen(in: line) { return moment.time }
        if case .group(let old) = before.line, case .group(let new) = after.line,
            old.completed == 0, new.completed > 0
        {
            return moment.time
        }
        let (bound, _) = after.line.left(in: line, entry: after.entry)
        let isKept = bound.contains { $0.position == moment.position }
        // An event taken by an iteration that stays unfinished is dropped again: then it has broken
        // the absence.
        if movesDeadline { return isKept ? moment.time : nil }
        return before.openTime ?? (isKept ? moment.time : nil)
    }
}

extension SequenceState {
    /// A line just begun.
    struct Begun {
        var line: Pattern.Line
        var state: LineState
    }

    /// The current line takes nothing more; what is unfinished of it is dropped.
    mutating func close() {
        isClosed = true
        if case .group(let group) = line { line = .group(group.withoutUnfinished()) }
    }
}
