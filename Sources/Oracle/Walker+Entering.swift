// SPDX-License-Identifier: Apache-2.0
// Lines that take no event to begin: an `all of` or `any of` with a branch that begins with an
// absence is current as soon as the line before is open, and the absence counts from then.

import EventModel
import RuleLanguage

extension Pattern.Sequence {
    /// The sequence with a start before every branch that begins with an absence. A start is an
    /// `any of` without branches, in the state `.absence`: open, taking nothing.
    var withStarts: Pattern.Sequence {
        Pattern.Sequence(
            lines: lines.map { line in
                var line = line
                switch line.element {
                case .step, .absence: break
                case .group(var group):
                    group.body = group.body.withStarts
                    line.element = .group(group)
                case .allOf(let branches): line.element = .allOf(branches.map(\.asBranch))
                case .anyOf(let branches): line.element = .anyOf(branches.map(\.asBranch))
                }
                return line
            })
    }

    private var asBranch: Pattern.Sequence {
        var branch = withStarts
        if let first = branch.lines.first, first.absence != nil {
            var start = first
            start.element = .anyOf([])
            branch.lines.insert(start, at: 0)
        }
        return branch
    }

    fileprivate var beginsWithStart: Bool {
        if case .anyOf(let branches)? = lines.first?.element { branches.isEmpty } else { false }
    }
}

extension Walker {
    /// The state, moved on to the next line if that takes no event to begin and the current line
    /// is open.
    func entered(
        _ state: SequenceState, _ sequence: Pattern.Sequence, at time: StreamTime
    ) -> SequenceState {
        guard state.line.isOpen(in: sequence.lines[state.current]),
            state.current + 1 < sequence.lines.count
        else { return state }
        let branches: [Pattern.Sequence]
        let isAllOf: Bool
        switch sequence.lines[state.current + 1].element {
        case .allOf(let parts): (branches, isAllOf) = (parts, true)
        case .anyOf(let parts): (branches, isAllOf) = (parts, false)
        case .step, .group, .absence: return state
        }
        guard branches.contains(where: \.beginsWithStart) else { return state }
        let (bound, frame) = state.left(in: sequence)
        let waiting = BranchesState(
            branches: branches.map { branch in
                guard branch.beginsWithStart else { return .notBegun }
                return .underWay(
                    SequenceState(
                        current: 0, entry: frame, bound: [], line: .absence, openTime: time))
            })
        return SequenceState(
            current: state.current + 1, entry: frame, bound: bound,
            line: isAllOf ? .allOf(waiting) : .anyOf(waiting))
    }
}
