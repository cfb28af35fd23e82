// SPDX-License-Identifier: Apache-2.0
// Where an attempt stands: plain values that mirror the pattern, copied freely.

import EventModel
import RuleLanguage

/// An event that a step has bound.
struct Binding: Hashable {
    var step: StepID
    /// In the input of the key, from 1.
    var position: Int
}

/// What the connectors and gaps of the next line look back at.
struct Frame: Hashable {
    /// The position of the last event bound; nil before the first.
    var last: Int?
    /// The position that counts as the very next; nil before the first event.
    var next: Int?

    static let start = Frame(last: nil, next: nil)

    /// The later of both, for lines whose branches have frames of their own.
    func merged(with other: Frame) -> Frame {
        Frame(
            last: [last, other.last].compactMap { $0 }.max(),
            next: [next, other.next].compactMap { $0 }.max())
    }
}

struct SequenceState: Hashable {
    /// Index of the current line.
    var current: Int
    /// The frame before the current line.
    var entry: Frame
    /// What the lines before the current one have bound.
    var bound: [Binding]
    var line: LineState
    /// The current line takes nothing more.
    var isClosed = false
    /// The time from which the deadline of a pending absence counts; nil while the current line is
    /// not open, or where an event has broken the absence that an iteration under way has taken.
    var openTime: StreamTime?
}

indirect enum LineState: Hashable {
    case step(StepState)
    case group(GroupState)
    case allOf(BranchesState)
    case anyOf(BranchesState)
    case absence
}

struct StepState: Hashable {
    /// The positions bound. More than one row only under `in`; no row where one has broken.
    var rows: [[Int]]
    /// Under `each`: not open until it has taken another event.
    var wantsMore = false
}

struct GroupState: Hashable {
    /// Iterations that have become open, the one under way included if it has.
    var completed = 0
    /// What the iterations before the one under way have bound, and the frame after them.
    var settled: [Binding]
    var settledFrame: Frame
    /// The iteration under way; nil once the group is closed and it was not open, and while a row
    /// of `consecutive` that broke waits for its new first event.
    var body: SequenceState?
    /// The position of the event with which it began; nil where it was entered.
    var beganWith: Int?
    /// Whether the iteration under way has been counted.
    var isCounted = false
    /// Under `each`: not open until a further iteration is complete.
    var wantsMore = false
    /// Under `each`: no further iteration begins.
    var isLastIteration = false
}

struct BranchesState: Hashable {
    enum Branch: Hashable {
        case notBegun
        case underWay(SequenceState)
        case dropped
    }
    var branches: [Branch]
    /// `any of`: the branch that was open first.
    var chosen: Int?
}

extension Pattern.Line {
    var isSkippable: Bool {
        switch element {
        case .step(let step): step.count.minimum == 0
        case .group(let group): group.count.minimum == 0
        case .allOf, .anyOf, .absence: false
        }
    }

    var absence: Pattern.Absence? {
        if case .absence(let absence) = element { absence } else { nil }
    }

    /// The first step in it: what tells the lines of a rule apart.
    var firstStep: StepID? {
        switch element {
        case .step(let step): step.id
        case .group(let group): group.body.lines.lazy.compactMap(\.firstStep).first
        case .allOf(let branches), .anyOf(let branches):
            branches.lazy.flatMap(\.lines).compactMap(\.firstStep).first
        case .absence: nil
        }
    }
}

extension Pattern.Count {
    func isBelowMost(_ count: Int) -> Bool { maximum.map { count < $0 } ?? true }
}

// MARK: Open, and what a line leaves behind

extension SequenceState {
    func isOpen(in sequence: Pattern.Sequence) -> Bool {
        line.isOpen(in: sequence.lines[current])
            && sequence.lines[(current + 1)...].allSatisfy(\.isSkippable)
    }

    /// What is bound, and the frame after it, if the sequence is left now; the current line is
    /// open.
    func left(in sequence: Pattern.Sequence) -> (bound: [Binding], frame: Frame) {
        let (more, frame) = line.left(in: sequence.lines[current], entry: entry)
        return (bound + more, frame)
    }

    /// All that is bound, unfinished iterations included.
    func everything(in sequence: Pattern.Sequence) -> [Binding] {
        bound + line.everything(in: sequence.lines[current])
    }

    /// What would be bound if the current line were left now: without what is unfinished where the
    /// line is open.
    func boundNow(in sequence: Pattern.Sequence) -> [Binding] {
        let line = sequence.lines[current]
        return self.line.isOpen(in: line)
            ? left(in: sequence).bound : bound + self.line.everything(in: line)
    }
}

extension LineState {
    func isOpen(in line: Pattern.Line) -> Bool {
        switch (self, line.element) {
        case (.step(let state), .step(let step)):
            guard let row = state.rows.first else { return false }
            return row.count >= step.count.minimum && !state.wantsMore
        case (.group(let state), .group(let group)):
            return state.completed >= group.count.minimum && !state.wantsMore
        case (.allOf(let state), .allOf(let sequences)):
            return zip(state.branches, sequences).allSatisfy { branch, sequence in
                switch branch {
                case .underWay(let state): state.isOpen(in: sequence)
                case .notBegun, .dropped: false
                }
            }
        case (.anyOf(let state), _): return state.chosen != nil
        case (.absence, _): return true
        default: mismatch()
        }
    }

    func left(in line: Pattern.Line, entry: Frame) -> (bound: [Binding], frame: Frame) {
        switch (self, line.element) {
        case (.step(let state), .step(let step)):
            let row = state.rows.first ?? []
            let frame = row.last.map { Frame(last: $0, next: $0 + 1) } ?? entry
            return (row.map { Binding(step: step.id, position: $0) }, frame)
        case (.group(let state), .group(let group)):
            return state.left(in: group)
        case (.allOf(let state), .allOf(let sequences)), (.anyOf(let state), .anyOf(let sequences)):
            var bound: [Binding] = []
            var frame = entry
            for (branch, sequence) in zip(state.branches, sequences) {
                guard case .underWay(let state) = branch else { continue }
                let (more, after) = state.left(in: sequence)
                bound += more
                frame = frame.merged(with: after)
            }
            return (bound, frame)
        case (.absence, _): return ([], entry)
        default: mismatch()
        }
    }

    func everything(in line: Pattern.Line) -> [Binding] {
        switch (self, line.element) {
        case (.step(let state), .step(let step)):
            return (state.rows.first ?? []).map { Binding(step: step.id, position: $0) }
        case (.group(let state), .group(let group)):
            return state.settled + (state.body?.everything(in: group.body) ?? [])
        case (.allOf(let state), .allOf(let sequences)), (.anyOf(let state), .anyOf(let sequences)):
            return state.underWay(in: sequences).flatMap { $0.state.everything(in: $0.sequence) }
        case (.absence, _): return []
        default: mismatch()
        }
    }

    private func mismatch() -> Never { preconditionFailure("state and pattern differ") }
}

extension GroupState {
    /// Without an iteration that is not open.
    func left(in group: Pattern.Group) -> (bound: [Binding], frame: Frame) {
        guard let body, isCounted else { return (settled, settledFrame) }
        let (more, frame) = body.left(in: group.body)
        return (settled + more, frame)
    }

    /// The group with what is unfinished taken away.
    func withoutUnfinished() -> GroupState {
        var state = self
        if !isCounted { state.body = nil }
        return state
    }
}

extension BranchesState {
    func underWay(
        in sequences: [Pattern.Sequence]
    ) -> [(state: SequenceState, sequence: Pattern.Sequence)] {
        zip(branches, sequences).compactMap { branch, sequence in
            if case .underWay(let state) = branch { (state, sequence) } else { nil }
        }
    }
}

// MARK: For alternatives, and for `attempts latest`

extension SequenceState {
    /// Whether no `all of` holds an event and is not open.
    func isSettled(in sequence: Pattern.Sequence) -> Bool {
        let line = sequence.lines[current]
        if case .allOf = self.line, !self.line.isOpen(in: line),
            !self.line.everything(in: line).isEmpty
        {
            return false
        }
        return nested(in: sequence).allSatisfy { $0.state.isSettled(in: $0.sequence) }
    }

    /// The sequences under way inside the current line.
    func nested(
        in sequence: Pattern.Sequence
    ) -> [(state: SequenceState, sequence: Pattern.Sequence)] {
        switch (line, sequence.lines[current].element) {
        case (.group(let state), .group(let group)):
            return state.body.map { [($0, group.body)] } ?? []
        case (.allOf(let state), .allOf(let sequences)), (.anyOf(let state), .anyOf(let sequences)):
            return state.underWay(in: sequences)
        default: return []
        }
    }

    /// The current lines and how many events or iterations each has: equal for attempts that wait
    /// in the same place.
    var place: [Int] {
        var place = [current]
        switch line {
        case .step(let state):
            place += [state.rows.count] + state.rows.map(\.count) + [state.wantsMore ? 1 : 0]
        case .group(let state):
            place += [state.completed, state.wantsMore ? 1 : 0, state.isLastIteration ? 1 : 0]
            place += state.body?.place ?? [-1]
        case .allOf(let state), .anyOf(let state):
            for branch in state.branches {
                switch branch {
                case .notBegun: place.append(-1)
                case .dropped: place.append(-2)
                case .underWay(let state): place += state.place
                }
            }
        case .absence: break
        }
        return place
    }
}
