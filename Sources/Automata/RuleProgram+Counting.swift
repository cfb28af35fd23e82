// SPDX-License-Identifier: Apache-2.0

extension RuleProgram {
    /// The most steps of a rule that is counted: what an event satisfies is a word of bits, and
    /// what is held of a key grows with their square.
    package static let countedStepsCap = 32

    /// Why the ways to match cannot be counted without following each; nil: they can, because what
    /// an event does to an attempt depends on how far that has come and on nothing else.
    package var countingObstacle: String? {
        if window != nil { return "a window is looked at, and keeps no attempts" }
        if keysFrom >= 0 { return "`keys from` begins attempts without an event" }
        if chain.feeds { return "other rules read its alerts" }
        if sequences.count > 1 { return "groups and branches" }
        if leadingAbsence != nil || !absences.isEmpty { return "absences wait for the clock" }
        if !resets.isEmpty { return "`reset on` ends attempts" }
        for line in lines {
            if let obstacle = countingObstacle(of: line) { return obstacle }
        }
        if having != nil { return "`having` looks at each match" }
        if keepsLatestAttemptOnly { return "`attempts latest` ends attempts" }
        if skip != .none { return "a match ends other attempts (unless with `skip none`)" }
        if lines.count > RuleProgram.countedStepsCap {
            return "more than \(RuleProgram.countedStepsCap) steps"
        }
        return nil
    }

    private func countingObstacle(of line: Line) -> String? {
        guard case .step(let index) = line.kind else { return "groups and branches" }
        let step = steps[index]
        let name = stepLabels[step.id]
        guard step.minimum == 1, step.maximum == 1, !step.isConsecutive, step.distinct < 0,
            step.spread < 0, !line.isSkippable
        else { return "`\(name)` does not take just one event" }
        guard filters[step.filter].isStatic, !step.readsItself else {
            return "`\(name)` looks at events bound before"
        }
        guard line.after < 0, line.within < 0 else { return "gaps between lines" }
        guard line.butNo.isEmpty, line.butNotNext.isEmpty, line.until.isEmpty else {
            return "`but no` and `until` end attempts"
        }
        guard index == 0 || line.connector == .each else {
            return "`\(name)` takes the first event that fits (unless with `then each`)"
        }
        return nil
    }

    /// The filter of each step.
    ///
    /// - Precondition: there is no `countingObstacle`.
    package var countedFilters: [Int] {
        lines.compactMap { line in
            if case .step(let step) = line.kind { steps[step].filter } else { nil }
        }
    }
}
