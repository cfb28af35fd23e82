// SPDX-License-Identifier: Apache-2.0
// Exercised by RuleSuccessionTests.

extension RuleProgram {
    /// Whether what is kept of this rule's keys is laid out as that of a rule of another program:
    /// numbers of the program as a whole, of fields and of code, are not looked at.
    package func isLaidOut(like other: RuleProgram) -> Bool {
        keyNames.count == other.keyNames.count && routes.count == other.routes.count
            && stepNames.count == other.stepNames.count
            && recordWords == other.recordWords && chainWords == other.chainWords
            && isPlain == other.isPlain && sequences == other.sequences && lines == other.lines
            && groups == other.groups && branches == other.branches
            && absences == other.absences && leadingAbsence == other.leadingAbsence
            && within == other.within && skip == other.skip
            && keepsLatestAttemptOnly == other.keepsLatestAttemptOnly
            && steps.elementsEqual(other.steps) { $0.isLike($1) }
            && filters.elementsEqual(other.filters) { $0.route == $1.route }
            && isWindowLaidOut(like: other.window)
    }

    private func isWindowLaidOut(like other: WindowProgram?) -> Bool {
        guard let window, let other else { return window == nil && other == nil }
        return window.kind == other.kind && window.parts == other.parts
            && window.holdsEvents == other.holdsEvents
            && window.accumulators == other.accumulators
            && window.columns.count == other.columns.count
    }
}

extension RuleProgram.Step {
    fileprivate func isLike(_ other: RuleProgram.Step) -> Bool {
        var mine = self
        // A field of another program, or of none.
        mine.distinct = (distinct < 0) == (other.distinct < 0) ? other.distinct : distinct
        return mine == other
    }
}
