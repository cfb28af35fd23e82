// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import RuleLanguage

/// The automaton as people draw it: a state for each line of the pattern.
struct AutomatonView {
    /// All lines, numbered as the program's.
    private(set) var lines: [Pattern.Line] = []
    private(set) var states: [RuleExplanation.State] = []
    private(set) var transitions: [RuleExplanation.Transition] = []
    private(set) var deadlines: [String] = []
    private let rule: CheckedRule
    private let program: RuleProgram
    private let words: RuleWords
    private var parents: [Int?] = []
    private var branches: [Int] = []

    init(_ rule: CheckedRule, _ program: RuleProgram, _ words: RuleWords) {
        self.rule = rule
        self.program = program
        self.words = words
        collect(rule.pattern.body, inside: nil, isRoot: true)
        precondition(lines.count == program.lines.count, "the program is that of the rule")
        for index in lines.indices { states.append(state(index)) }
        for first in firsts(of: 0) {
            let quiet = rule.pattern.leadingAbsence.map { ", after \(words.text($0))" } ?? ""
            add(.start, .state(first + 1), .begin, words.entry(lines[first]) + quiet)
            transitions[transitions.count - 1].words = .init(
                event: words.entry(lines[first]),
                condition: quiet.isEmpty ? nil : String(quiet.dropFirst(2)))
        }
        for index in lines.indices { addTransitions(from: index) }
    }

    /// Numbers lines as `PatternCompiler` does: a sequence's own together, then what is inside.
    private mutating func collect(
        _ sequence: Pattern.Sequence, inside parent: Int?, branch: Int = 0, isRoot: Bool = false
    ) {
        if !isRoot, sequence.isEntered {
            // The program has a line of its own there, from which the absence is armed.
            lines.append(AutomatonView.start(sequence.lines[0]))
            parents.append(parent)
            branches.append(branch)
        }
        let first = lines.count
        lines += sequence.lines
        parents += sequence.lines.map { _ in parent }
        branches += sequence.lines.map { _ in branch }
        for (offset, line) in sequence.lines.enumerated() {
            switch line.element {
            case .step, .absence: break
            case .group(let group): collect(group.body, inside: first + offset)
            case .allOf(let inner), .anyOf(let inner):
                for (number, branch) in inner.enumerated() {
                    collect(branch, inside: first + offset, branch: number)
                }
            }
        }
    }

    /// Stands for the program's start of a branch or body that no event begins.
    private static func start(_ first: Pattern.Line) -> Pattern.Line {
        Pattern.Line(
            connector: .then, element: .anyOf([]), after: nil, within: nil, butNo: [],
            butNotNext: [], until: [], span: first.span)
    }

    private func isStart(_ index: Int) -> Bool {
        if case .start = program.lines[index].kind { true } else { false }
    }

    /// The steps as written; `isFirst`: of its pattern, group or branch.
    var steps: [(step: Pattern.Step, line: Pattern.Line, isFirst: Bool)] {
        lines.enumerated().compactMap { index, line in
            guard case .step(let step) = line.element else { return nil }
            let isFirst = program.sequences.contains { $0.lines.lowerBound == index }
            return (step, line, isFirst)
        }.sorted { $0.step.id < $1.step.id }
    }

    private func state(_ index: Int) -> RuleExplanation.State {
        if isStart(index) {
            return RuleExplanation.State(
                number: index + 1, parent: parents[index].map { $0 + 1 }, kind: .absence,
                name: "waiting", line: waitingText(inside: parents[index]), branch: branches[index])
        }
        let kind: RuleExplanation.State.Kind
        var name: String?
        var count: String?
        switch lines[index].element {
        case .step(let step):
            kind = .step
            name = words.name(step.id)
            let text = words.countText(step)
            if text != "1" { count = text }
        case .group: kind = .group
        case .allOf: kind = .allOf
        case .anyOf: kind = .anyOf
        case .absence: kind = .absence
        }
        return RuleExplanation.State(
            number: index + 1, parent: parents[index].map { $0 + 1 }, kind: kind,
            name: name ?? kind.rawValue, line: words.head(lines[index]), branch: branches[index],
            count: count, isSkippable: program.lines[index].isSkippable)
    }

    private func beginsPattern(_ line: Int) -> Bool {
        program.sequences[0].lines.lowerBound == line
    }

    private func waitingText(inside parent: Int?) -> String {
        let text = "from when the line before is open"
        guard let parent, case .group(let group) = lines[parent].element,
            group.count.maximum != 1
        else { return text }
        return beginsPattern(parent)
            ? "from when the iteration before is complete"
            : "\(text), or the iteration before is complete"
    }

    /// The lines that a sequence can begin with.
    private func firsts(of sequence: Int) -> [Int] {
        let first = program.sequences[sequence].lines.lowerBound
        let line = program.lines[first]
        return line.isSkippable ? [first] + line.followers.reversed() : [first]
    }

    private mutating func add(
        _ from: RuleExplanation.Place, _ to: RuleExplanation.Place,
        _ kind: RuleExplanation.Transition.Kind, _ on: String
    ) {
        transitions.append(.init(from: from, to: to, kind: kind, on: on))
    }

    /// What ends an attempt at a line; inside a group or a branch it may end just that.
    private mutating func addEnd(_ index: Int, _ on: String) {
        var rest = ""
        if let parent = parents[index] {
            switch lines[parent].element {
            case .group: rest = ", unless the group is open"
            case .anyOf: rest = ", if no other branch is left"
            case .step, .allOf, .absence: break
            }
        }
        add(.state(index + 1), .ended, .end, on + rest)
    }

    private mutating func addTransitions(from index: Int) {
        let line = lines[index]
        let here = RuleExplanation.Place.state(index + 1)
        let open = words.openCondition(line)
        addCollecting(index)
        for inner in innerSequences(index) {
            for first in firsts(of: inner) {
                let on = isStart(first) ? "at once" : words.entry(lines[first])
                add(here, .state(first + 1), .inside, on)
                if isStart(first), beginsPattern(index) {
                    // The first iteration begins with the attempt, behind the leading absence.
                    add(here, .state(first + 3), .inside, words.entry(lines[first + 2]))
                }
            }
        }
        for follower in program.lines[index].followers.reversed() {
            let next = lines[follower]
            let how = [words.text(next.connector), words.gapText(next)].compactMap { $0 }
            let on = "\(how.joined(separator: " ")) \(words.entry(next))"
            add(here, .state(follower + 1), .advance, on + open)
            transitions[transitions.count - 1].words = .init(
                connector: words.text(next.connector), gap: words.gapText(next),
                event: words.entry(next),
                condition: open.isEmpty ? nil : String(open.dropFirst(2)))
        }
        if program.lines[index].entersNext >= 0 {
            let next = RuleExplanation.Place.state(program.lines[index].entersNext + 1)
            add(here, next, .advance, "at once" + open)
        }
        addDeadline(index)
        if program.lines[index].endsSequence {
            let outer = parents[index].map { RuleExplanation.Place.state($0 + 1) } ?? .match
            var on = open.isEmpty ? "at once" : String(open.dropFirst(2))
            if case .absence = line.element { on = "when its deadline has passed" }
            add(here, outer, .complete, on)
        }
        addContiguity(index)
        for filter in line.butNo { addEnd(index, "but no \(words.text(filter))") }
        for filter in line.butNotNext {
            addEnd(index, "but not next \(words.text(filter))")
        }
        for filter in line.until {
            addEnd(index, "until \(words.text(filter)), before its least count")
        }
    }

    private mutating func addCollecting(_ index: Int) {
        let here = RuleExplanation.Place.state(index + 1)
        switch lines[index].element {
        case .step(let step) where most(index) != 1:
            let most = most(index).map { ", up to \($0)" } ?? ""
            add(here, here, .collect, "\(words.text(step.filter))\(most)")
        case .group(let group) where group.count.maximum != 1:
            let most = group.count.maximum.map { ", up to \($0)" } ?? ""
            let how = group.isConsecutive ? ", with the very next event" : ""
            add(here, here, .collect, "a further iteration\(how)\(most)")
        case .step, .group, .allOf, .anyOf, .absence: break
        }
    }

    /// What `next` does not let pass.
    private mutating func addContiguity(_ index: Int) {
        guard case .step(let step) = lines[index].element else { return }
        if lines[index].connector == .next, step.count.minimum > 1 {
            let missing = "any other event next, before it has \(step.count.minimum)"
            addEnd(index, missing)
        }
        let follower = program.lines[index].mandatoryFollower
        if follower >= 0, lines[follower].connector == .next, most(index) == 1 {
            addEnd(index, "any other event next")
        }
    }

    /// The most that a step binds: its least count where the whole pattern is complete with it.
    private func most(_ index: Int) -> Int? {
        guard case .step(let step) = lines[index].element else { return nil }
        let isLast = parents[index] == nil && program.lines[index].endsSequence
        return isLast ? max(step.count.minimum, 1) : step.count.maximum
    }

    private func innerSequences(_ index: Int) -> [Int] {
        switch program.lines[index].kind {
        case .step, .absence, .start: []
        case .group(let group): [program.groups[group].body]
        case .allOf(let item), .anyOf(let item): program.branches[item].sequences
        }
    }

    /// The absence that is armed as soon as the line is open.
    private mutating func addDeadline(_ index: Int) {
        let pending = program.lines[index].pendingAbsence
        guard pending >= 0, case .absence(let absence) = lines[pending].element else { return }
        let here = RuleExplanation.Place.state(index + 1)
        let when =
            absence.duration.map { "\($0) after the event that opened it" }
            ?? "at the end of the whole limit"
        add(here, .state(pending + 1), .deadline, "\(when), unless \(words.text(absence.filter))")
        transitions[transitions.count - 1].absence = pending + 1
        addEnd(index, "\(words.text(absence.filter)) before the deadline")
        transitions[transitions.count - 1].absence = pending + 1
        deadlines.append("state \(index + 1) (\(states[index].name)): \(when)")
    }
}
