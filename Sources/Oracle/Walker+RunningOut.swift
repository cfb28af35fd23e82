// SPDX-License-Identifier: Apache-2.0
// Which of the limits of an attempt runs out first. Nothing is decided by it: what has run out is
// noticed only with the next event or deadline, which may be behind several ends.

import EventModel
import RuleLanguage

extension Walker {
    /// What of all that an attempt cannot outlast runs out first.
    func firstRunOut(
        _ state: SequenceState, _ first: Int
    ) -> (ending: Ending, time: StreamTime)? {
        var ends: [(ending: Ending, time: StreamTime)] = []
        if let gap = lastMoment(state, rule.pattern.body) { ends.append((.gap(gap.line), gap.end)) }
        if let (line, end) = ownSpreadEnd(state, first) { ends.append((.spread(line), end)) }
        if let limit = limit(first) { ends.append((.limit, limit)) }
        return ends.min { $0.time < $1.time }
    }

    /// When, for the gaps of the lines waited for, nothing can come any more that leads on; nil: it
    /// always can.
    func lastMoment(
        _ state: SequenceState, _ sequence: Pattern.Sequence
    ) -> (line: Pattern.Line, end: StreamTime)? {
        let line = sequence.lines[state.current]
        if state.line.isOpen(in: line) {
            return state.isClosed || !canTakeMore(state.line, line, after: input.count, nil)
                ? lastMomentOfFollowers(state, sequence) : nil
        }
        var ends = lastMoments(of: state, in: line)
        if let within = line.within, let last = state.entry.last {
            ends.append((line, time(last) + within))
        }
        return ends.min { $0.end < $1.end }
    }

    /// Of what is inside a line that is not open.
    private func lastMoments(
        of state: SequenceState, in line: Pattern.Line
    ) -> [(line: Pattern.Line, end: StreamTime)] {
        func inner(
            _ state: SequenceState, _ sequence: Pattern.Sequence
        ) -> (line: Pattern.Line, end: StreamTime)? {
            state.isOpen(in: sequence) ? nil : lastMoment(state, sequence)
        }
        func all(
            _ branches: BranchesState, _ sequences: [Pattern.Sequence]
        ) -> [(line: Pattern.Line, end: StreamTime)?] {
            var ends: [(line: Pattern.Line, end: StreamTime)?] = []
            for (branch, sequence) in zip(branches.branches, sequences) {
                switch branch {
                case .underWay(let branch): ends.append(inner(branch, sequence))
                case .notBegun:
                    ends.append(lastBeginning(sequence.beginnings, after: state.entry.last))
                case .dropped: break
                }
            }
            return ends
        }
        switch (state.line, line.element) {
        case (.group(let group), .group(let syntax)):
            return [group.body.flatMap { inner($0, syntax.body) }].compactMap { $0 }
        case (.allOf(let branches), .allOf(let sequences)):
            return all(branches, sequences).compactMap { $0 }
        case (.anyOf(let branches), .anyOf(let sequences)):
            return [Walker.last(of: all(branches, sequences))].compactMap { $0 }
        default: return []
        }
    }

    private func lastMomentOfFollowers(
        _ state: SequenceState, _ sequence: Pattern.Sequence
    ) -> (line: Pattern.Line, end: StreamTime)? {
        let next = followers(sequence, after: state.current).map { sequence.lines[$0] }
        return lastBeginning(next, after: state.left(in: sequence).frame.last)
    }

    /// After which none of some lines can begin any more.
    private func lastBeginning(
        _ lines: [Pattern.Line], after last: Int?
    ) -> (line: Pattern.Line, end: StreamTime)? {
        guard let last else { return nil }
        return Walker.last(of: lines.map { lastBeginning($0, after: last) })
    }

    private func lastBeginning(
        _ line: Pattern.Line, after last: Int
    ) -> (line: Pattern.Line, end: StreamTime)? {
        func inner(_ sequence: Pattern.Sequence) -> (line: Pattern.Line, end: StreamTime)? {
            lastBeginning(sequence.beginnings, after: last)
        }
        let own = line.within.map { (line: line, end: time(last) + $0) }
        let ends: [(line: Pattern.Line, end: StreamTime)?] =
            switch line.element {
            case .step, .absence: []
            case .group(let group): [inner(group.body)]
            case .allOf(let branches): branches.map(inner)
            case .anyOf(let branches): [Walker.last(of: branches.map(inner))]
            }
        return ([own] + ends).compactMap { $0 }.min { $0.end < $1.end }
    }

    /// The last of some ends, where each of them may be the one; nil: there is one that is none.
    private static func last(
        of ends: [(line: Pattern.Line, end: StreamTime)?]
    ) -> (line: Pattern.Line, end: StreamTime)? {
        let known = ends.compactMap { $0 }
        return known.count < ends.count ? nil : known.max { $0.end < $1.end }
    }
}

extension Pattern.Sequence {
    /// The lines with which it can begin.
    fileprivate var beginnings: [Pattern.Line] {
        let needed = lines.firstIndex { !$0.isSkippable } ?? lines.endIndex
        return Array(lines.prefix(needed + 1))
    }
}
