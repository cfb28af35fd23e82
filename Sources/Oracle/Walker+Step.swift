// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

extension Walker {
    // MARK: Beginning

    func begin(
        _ step: Pattern.Step, _ line: Pattern.Line, _ outer: [Binding], _ moment: Moment
    ) -> Beginnings<LineWork> {
        guard takes(step, row: [], outer, moment) else { return .none }
        return Beginnings(outcomes: taken(step, line, row: [moment.position], choices: []))
    }

    /// The states after `row` has got its last event.
    private func taken(
        _ step: Pattern.Step, _ line: Pattern.Line, row: [Int], choices: [Choice]
    ) -> [Outcome<LineWork>] {
        let state = StepState(rows: [row])
        guard line.connector == .each, row.count >= step.count.minimum, let position = row.last
        else {
            return [Outcome(state: LineWork(line: .step(state)), took: true, choices: choices)]
        }
        let isDone = Choice(step: step.id, position: position, kind: .isDone)
        var outcomes = [
            Outcome(
                state: LineWork(line: .step(state), isClosed: true), took: true,
                choices: choices + [isDone])
        ]
        if step.count.isBelowMost(row.count) {
            let wantsMore = Choice(step: step.id, position: position, kind: .wantsMore)
            outcomes.append(
                Outcome(
                    state: LineWork(line: .step(StepState(rows: [row], wantsMore: true))),
                    took: true, choices: choices + [wantsMore]))
        }
        return outcomes
    }

    /// Whether the step, having bound `row`, can take the event: all but connector and gap.
    private func takes(
        _ step: Pattern.Step, row: [Int], _ outer: [Binding], _ moment: Moment
    ) -> Bool {
        guard moment.isTakeable, step.count.isBelowMost(row.count) else { return false }
        if step.isConsecutive, let last = row.last, moment.position != last + 1 { return false }
        if isTooLate(step, row, moment) { return false }
        let bound = outer + row.map { Binding(step: step.id, position: $0) }
        guard satisfies(step.filter, moment.position, bound: bound) else { return false }
        guard let field = step.distinct else { return true }
        let value = input[moment.position - 1].value(of: field)
        let others = row.map { ValueIdentity(input[$0 - 1].value(of: field)) }
        return !value.isMissing && !others.contains(ValueIdentity(value))
    }

    /// Later than `in` allows.
    private func isTooLate(_ step: Pattern.Step, _ row: [Int], _ moment: Moment) -> Bool {
        guard let spread = step.spread, let first = row.first else { return false }
        return moment.time > time(first) + spread
    }

    // MARK: Working

    func work(
        _ state: StepState, _ step: Pattern.Step, _ line: Pattern.Line, _ entry: Frame,
        _ outer: [Binding], _ moment: Moment
    ) -> [Outcome<LineWork>] {
        if LineState.step(state).isOpen(in: line) {
            return [collect(state, step, line, outer, moment)]
        }
        if line.connector == .each { return chooseMore(state, step, line, outer, moment) }
        let holdsFirst = state.rows.first?.first == moment.first
        if step.spread != nil, line.connector == .then, !holdsFirst {
            return [workRows(state, step, line, entry, outer, moment)]
        }
        return [workRow(state.rows.first ?? [], step, line, entry, outer, moment)]
    }

    /// An open step goes on collecting.
    private func collect(
        _ state: StepState, _ step: Pattern.Step, _ line: Pattern.Line, _ outer: [Binding],
        _ moment: Moment
    ) -> Outcome<LineWork> {
        let row = state.rows[0]
        if takes(step, row: row, outer, moment) {
            let more = StepState(rows: [row + [moment.position]])
            return Outcome(state: LineWork(line: .step(more)), took: true)
        }
        let hadToGoOn = line.connector == .next || step.isConsecutive
        return Outcome(
            state: LineWork(
                line: .step(state), isClosed: hadToGoOn || isTooLate(step, row, moment)),
            took: false)
    }

    /// `each`, with a row that is not open: to take and not to take are both followed.
    private func chooseMore(
        _ state: StepState, _ step: Pattern.Step, _ line: Pattern.Line, _ outer: [Binding],
        _ moment: Moment
    ) -> [Outcome<LineWork>] {
        let row = state.rows[0]
        var outcomes: [Outcome<LineWork>] = []
        if takes(step, row: row, outer, moment) {
            let choice = Choice(step: step.id, position: moment.position, kind: .repeats)
            outcomes = taken(step, line, row: row + [moment.position], choices: [choice])
        }
        // A row of `consecutive` that does not take the very next event is broken, and one past
        // its `in` cannot go on.
        let isOver = step.isConsecutive || isTooLate(step, row, moment)
        let same = Outcome(state: LineWork(line: .step(state)), took: false)
        return outcomes + [isOver ? .ended(over(step, line)) : same]
    }

    private func over(_ step: Pattern.Step, _ line: Pattern.Line) -> Ending {
        step.isConsecutive ? .rowBroken(line) : .spread(line)
    }

    /// One row, not open, under `then` or `next`.
    private func workRow(
        _ row: [Int], _ step: Pattern.Step, _ line: Pattern.Line, _ entry: Frame,
        _ outer: [Binding], _ moment: Moment
    ) -> Outcome<LineWork> {
        if isTooLate(step, row, moment) { return .ended(.spread(line)) }
        if takes(step, row: row, outer, moment),
            !row.isEmpty || gapAllows(line, entry, moment.time)
        {
            let more = StepState(rows: [row + [moment.position]])
            return Outcome(state: LineWork(line: .step(more)), took: true)
        }
        if line.connector == .next { return .ended(.notNext(line)) }
        guard step.isConsecutive, let first = row.first else {
            return Outcome(state: LineWork(line: .step(StepState(rows: [row]))), took: false)
        }
        if first == moment.first { return .ended(.rowBroken(line)) }
        if takes(step, row: [], outer, moment), gapAllows(line, entry, moment.time) {
            let fresh = StepState(rows: [[moment.position]])
            return Outcome(state: LineWork(line: .step(fresh)), took: true)
        }
        return Outcome(state: LineWork(line: .step(StepState(rows: []))), took: false)
    }

    /// `then … in D`: rows side by side, until one has the least count.
    private func workRows(
        _ state: StepState, _ step: Pattern.Step, _ line: Pattern.Line, _ entry: Frame,
        _ outer: [Binding], _ moment: Moment
    ) -> Outcome<LineWork> {
        var rows: [[Int]] = []
        var took = false
        for row in state.rows where !isTooLate(step, row, moment) {
            if takes(step, row: row, outer, moment) {
                rows.append(row + [moment.position])
                took = true
            } else if !step.isConsecutive {
                rows.append(row)
            }
        }
        if takes(step, row: [], outer, moment), gapAllows(line, entry, moment.time) {
            rows.append([moment.position])
            took = true
        }
        let full = rows.first { $0.count >= step.count.minimum }
        let next = StepState(rows: full.map { [$0] } ?? rows)
        return Outcome(state: LineWork(line: .step(next)), took: took)
    }
}
