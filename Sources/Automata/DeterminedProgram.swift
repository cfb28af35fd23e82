// SPDX-License-Identifier: Apache-2.0

/// A rule as an automaton in which what an event does to an attempt follows from the event and from
/// how many events the attempt has bound.
///
/// State s is where an attempt waits that has bound s events; counted steps are unrolled into one
/// state an event. Which event is bound where tells two ways to match apart, so an attempt is in
/// one state only, and all that are in one state go the same way.
package struct DeterminedProgram: Hashable, Sendable {
    package struct State: Hashable, Sendable {
        /// The step that binds the event which leads out of the state, and its filter.
        package var step: Int
        package var filter: Int
        /// How it waits: `then`, until an event leads on; `next`, for one event; `each`, also when
        /// an event leads on.
        package var connector: RuleProgram.Connector
        /// Filters of events that end it before they could lead on.
        package var endsFirst: [Int]
        /// Filters of events that end what they do not lead on.
        package var ends: [Int]
        /// Filters of events that end it first where they are the very next.
        package var endsNext: [Int]
    }

    /// In the order of the events bound; state 0 is that of no attempt.
    package var states: [State]
    /// Whether a match ends all attempts of its key.
    package var endsAll: Bool
}

extension RuleProgram {
    /// The most events of a match on the determinised automaton: the states that hold attempts are
    /// a word of bits.
    package static let determinedStatesCap = 32

    /// Why the rule cannot be run on the determinised automaton; nil: it can.
    package var determinedObstacle: String? {
        if window != nil { return "a window is looked at, and keeps no attempts" }
        if keysFrom >= 0 { return "`keys from` begins attempts without an event" }
        if sequences.count > 1 { return "groups and branches" }
        if leadingAbsence != nil || !absences.isEmpty { return "absences wait for the clock" }
        for line in lines {
            if let obstacle = determinedObstacle(of: line) { return obstacle }
        }
        if resets.contains(where: { !filters[$0].isStatic }) { return "`reset on` looks back" }
        if having != nil { return "`having` looks at each match" }
        if keepsLatestAttemptOnly { return "`attempts latest` ends single attempts" }
        switch skip {
        case .toFirst, .toLast: return "`skip to` a step ends single attempts"
        case .toNext where hasChoices: return "`skip to next` ends single attempts"
        case .pastLast, .toNext, .none: break
        }
        let count = steps.reduce(0) { $0 + min($1.minimum, Int64(Self.determinedStatesCap) + 1) }
        if count > RuleProgram.determinedStatesCap {
            return "matches of more than \(RuleProgram.determinedStatesCap) events"
        }
        return nil
    }

    private func determinedObstacle(of line: Line) -> String? {
        guard case .step(let index) = line.kind else { return "groups and branches" }
        let step = steps[index]
        let name = stepLabels[step.id]
        if line.after >= 0 || line.within >= 0 { return "gaps between lines" }
        if line.isSkippable { return "`\(name)` is optional" }
        if step.distinct >= 0 { return "`\(name)` takes distinct values" }
        if step.spread >= 0 { return "`\(name)` has a limit of its own" }
        let guards = line.butNo + line.butNotNext + line.until
        guard !step.readsItself, ([step.filter] + guards).allSatisfy({ filters[$0].isStatic })
        else { return "`\(name)` looks at events bound before" }
        // The last line is complete at its least count.
        if step.maximum > step.minimum, !line.endsSequence || line.connector == .each {
            return "`\(name)` takes a number of events that is not fixed"
        }
        if step.isConsecutive, step.minimum > 1, index > 0, line.connector != .next {
            return "`\(name)` is a row that starts over"
        }
        return nil
    }

    /// The rule's determinised automaton.
    ///
    /// - Precondition: there is no `determinedObstacle`.
    package var determined: DeterminedProgram {
        var states: [DeterminedProgram.State] = []
        for (place, line) in lines.enumerated() {
            guard case .step(let index) = line.kind else { continue }
            let before = place > 0 ? lines[place - 1] : nil
            states.append(
                DeterminedProgram.State(
                    step: steps[index].id, filter: steps[index].filter, connector: line.connector,
                    endsFirst: line.until, ends: before?.butNo ?? [],
                    endsNext: before?.butNotNext ?? []))
            // What a line that is not open may take comes behind what may end it.
            for _ in 1..<max(Int(steps[index].minimum), 1) {
                states.append(
                    DeterminedProgram.State(
                        step: steps[index].id, filter: steps[index].filter,
                        connector: steps[index].isConsecutive ? .next : line.connector,
                        endsFirst: line.butNo + line.until, ends: [], endsNext: []))
            }
        }
        return DeterminedProgram(states: states, endsAll: skip == .pastLast)
    }
}
