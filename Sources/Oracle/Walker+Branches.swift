// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// One way for a branch to go on.
struct BranchWay {
    var branch: BranchesState.Branch
    var took: Bool
    var choices: [Choice]
    /// Of a branch that is dropped, why.
    var ending: Ending?
}

extension [BranchWay] {
    /// Why the first branch ended that has.
    fileprivate var ending: Ending? { lazy.compactMap(\.ending).first }
}

/// All combinations of one way for each branch, the first branch varying slowest.
func combinations(_ ways: [[BranchWay]]) -> [[BranchWay]] {
    ways.reduce([[]]) { rows, choices in rows.flatMap { row in choices.map { row + [$0] } } }
}

extension Walker {
    /// The ways of a branch. To begin is one where it may; not to begin is one where it cannot or
    /// the author left it to choice.
    private func ways(
        _ branch: BranchesState.Branch, _ sequence: Pattern.Sequence, _ frame: Frame,
        _ outer: [Binding], _ moment: Moment
    ) -> [BranchWay] {
        let outcomes: [Outcome<SequenceState>]
        var ways: [BranchWay] = []
        switch branch {
        case .dropped: return [BranchWay(branch: branch, took: false, choices: [])]
        case .underWay(let state):
            outcomes = work(state, sequence, outer: outer, moment)
        case .notBegun:
            let begun = begin(sequence, frame: frame, outer: outer, moment)
            outcomes = begun.outcomes
            if begun.isEmpty || begun.isChoice {
                ways = [BranchWay(branch: .notBegun, took: false, choices: [])]
            }
        }
        return outcomes.map { outcome in
            BranchWay(
                branch: outcome.state.map { .underWay($0) } ?? .dropped, took: outcome.took,
                choices: outcome.choices, ending: outcome.ending)
        } + ways
    }

    // MARK: all of

    func beginAllOf(
        _ branches: [Pattern.Sequence], _ frame: Frame, _ outer: [Binding], _ moment: Moment
    ) -> Beginnings<LineWork> {
        var beginnings = Beginnings<LineWork>(outcomes: [], isChoice: true)
        for (index, sequence) in branches.enumerated() {
            let begun = begin(sequence, frame: frame, outer: outer, moment)
            if begun.isEmpty { continue }
            if !begun.isChoice { beginnings.isChoice = false }
            for outcome in begun.outcomes {
                guard let state = outcome.state else { continue }
                var all = Array(repeating: BranchesState.Branch.notBegun, count: branches.count)
                all[index] = .underWay(state)
                beginnings.outcomes.append(
                    Outcome(
                        state: LineWork(line: .allOf(BranchesState(branches: all))), took: true,
                        choices: outcome.choices))
            }
        }
        return beginnings.isEmpty ? .none : beginnings
    }

    /// Each branch that could take the event gets it in an alternative of its own.
    func workAllOf(
        _ state: BranchesState, _ branches: [Pattern.Sequence], _ entry: Frame,
        _ outer: [Binding], _ moment: Moment
    ) -> [Outcome<LineWork>] {
        let everything = zip(state.branches, branches).map { branch, sequence -> [Binding] in
            if case .underWay(let state) = branch { state.everything(in: sequence) } else { [] }
        }
        /// What the others have bound is seen too.
        func outerOf(_ index: Int) -> [Binding] {
            outer + everything.indices.filter { $0 != index }.flatMap { everything[$0] }
        }
        let taking = branches.indices.map { index in
            ways(state.branches[index], branches[index], entry, outerOf(index), moment)
        }
        let others = branches.indices.map { index in
            ways(state.branches[index], branches[index], entry, outerOf(index), moment.taken)
        }
        var rows: [[BranchWay]] = []
        for index in branches.indices {
            var ways = others
            ways[index] = taking[index].filter(\.took)
            rows += combinations(ways)
        }
        // Nobody takes it, or to take it is left to choice wherever it is possible.
        if taking.allSatisfy({ $0.contains { !$0.took } }) { rows += combinations(others) }
        return rows.map { row in
            let isEnded = row.contains { $0.branch == .dropped }
            let next = BranchesState(branches: row.map(\.branch))
            return Outcome(
                state: isEnded ? nil : LineWork(line: .allOf(next)),
                took: row.contains(where: \.took), choices: row.flatMap(\.choices),
                ending: isEnded ? row.ending : nil)
        }
    }

    // MARK: any of

    func beginAnyOf(
        _ branches: [Pattern.Sequence], _ line: Pattern.Line, _ frame: Frame, _ outer: [Binding],
        _ moment: Moment
    ) -> Beginnings<LineWork> {
        let ways = branches.map {
            self.ways(.notBegun, $0, frame, outer, moment)
        }
        var beginnings = Beginnings<LineWork>()
        beginnings.isChoice = ways.allSatisfy { $0.contains { !$0.took } }
        for var row in combinations(ways) where row.contains(where: \.took) {
            if moment.isStart || line.connector != .then {
                for i in row.indices where row[i].branch == .notBegun { row[i].branch = .dropped }
            }
            beginnings.outcomes.append(chosen(row, branches))
        }
        return beginnings
    }

    func workAnyOf(
        _ state: BranchesState, _ branches: [Pattern.Sequence], _ entry: Frame,
        _ outer: [Binding], _ moment: Moment
    ) -> [Outcome<LineWork>] {
        let ways = branches.indices.map { index in
            self.ways(state.branches[index], branches[index], entry, outer, moment)
        }
        return combinations(ways).map { chosen($0, branches) }
    }

    /// The first branch that is open is taken, and the others dropped.
    func chosen(_ row: [BranchWay], _ branches: [Pattern.Sequence]) -> Outcome<LineWork> {
        var state = BranchesState(branches: row.map(\.branch))
        if state.branches.allSatisfy({ $0 == .dropped }) { return .ended(row.ending) }
        state.chosen = branches.indices.first { index in
            if case .underWay(let state) = state.branches[index] {
                state.isOpen(in: branches[index])
            } else {
                false
            }
        }
        if let chosen = state.chosen {
            for i in state.branches.indices where i != chosen { state.branches[i] = .dropped }
        }
        return Outcome(
            state: LineWork(line: .anyOf(state)), took: row.contains(where: \.took),
            choices: row.flatMap(\.choices))
    }
}
