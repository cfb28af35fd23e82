// SPDX-License-Identifier: Apache-2.0
// Lines that take no event to begin: an `all of` or `any of` with a branch that begins with an
// absence, or a group whose body does, is current as soon as the line before is open, and the
// absence counts from then. A further iteration of such a group begins when the one before is open.

import EventModel
import RuleLanguage

extension Pattern.Sequence {
    /// The sequence with a start before every branch and body that no event begins. A start is an
    /// `any of` without branches, in the state `.absence`: open, taking nothing.
    var withStarts: Pattern.Sequence {
        Pattern.Sequence(
            lines: lines.map { line in
                var line = line
                switch line.element {
                case .step, .absence: break
                case .group(var group):
                    group.body = group.body.asPart
                    line.element = .group(group)
                case .allOf(let branches): line.element = .allOf(branches.map(\.asPart))
                case .anyOf(let branches): line.element = .anyOf(branches.map(\.asPart))
                }
                return line
            })
    }

    private var asPart: Pattern.Sequence {
        var part = withStarts
        if let first = part.lines.first, first.absence != nil || first.isEntered {
            var start = first
            start.element = .anyOf([])
            part.lines.insert(start, at: 0)
        }
        return part
    }

    var beginsWithStart: Bool { lines.first?.isStart ?? false }

    /// Where an event can begin it. What is before that at an attempt's start is the leading
    /// absence, which has held.
    func firstLine(isStart: Bool) -> Int {
        isStart ? lines.firstIndex { !$0.isStart && $0.absence == nil } ?? 0 : 0
    }
}

extension Pattern.Line {
    fileprivate var isStart: Bool {
        if case .anyOf(let branches) = element { branches.isEmpty } else { false }
    }

    /// Whether no event begins it; starts have been put in.
    fileprivate var isEntered: Bool {
        switch element {
        case .step, .absence: false
        case .group(let group): group.body.beginsWithStart
        case .allOf(let branches), .anyOf(let branches): branches.contains(where: \.beginsWithStart)
        }
    }
}

extension Walker {
    /// The state of a sequence that begins with a start, entered at `time`.
    func entering(
        _ sequence: Pattern.Sequence, from frame: Frame, at time: StreamTime
    ) -> SequenceState {
        entered(
            SequenceState(current: 0, entry: frame, bound: [], line: .absence, openTime: time),
            sequence, at: time)
    }

    /// The state, moved on to the next line if that takes no event to begin and the current line
    /// is open.
    func entered(
        _ state: SequenceState, _ sequence: Pattern.Sequence, at time: StreamTime
    ) -> SequenceState {
        guard state.line.isOpen(in: sequence.lines[state.current]),
            state.current + 1 < sequence.lines.count,
            sequence.lines[state.current + 1].isEntered
        else { return state }
        let (bound, frame) = state.left(in: sequence)
        func waiting(_ branches: [Pattern.Sequence]) -> BranchesState {
            BranchesState(
                branches: branches.map { branch in
                    branch.beginsWithStart
                        ? .underWay(entering(branch, from: frame, at: time)) : .notBegun
                })
        }
        let line: LineState
        switch sequence.lines[state.current + 1].element {
        case .allOf(let branches): line = .allOf(waiting(branches))
        case .anyOf(let branches): line = .anyOf(waiting(branches))
        case .group(let group):
            line = .group(
                GroupState(
                    settled: [], settledFrame: frame,
                    body: entering(group.body, from: frame, at: time)))
        case .step, .absence: return state
        }
        let isOpen = line.isOpen(in: sequence.lines[state.current + 1])
        return SequenceState(
            current: state.current + 1, entry: frame, bound: bound, line: line,
            openTime: isOpen ? time : nil)
    }
}
