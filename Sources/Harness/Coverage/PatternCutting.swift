// SPDX-License-Identifier: Apache-2.0

internal import RuleLanguage

/// The way to a line of a pattern: the line's number in each sequence, and the branch that is
/// entered from it (0 for the body of a group).
struct LinePath: Hashable {
    struct Turn: Hashable {
        var line: Int
        var branch = 0
    }
    var turns: [Turn]

    func then(line: Int) -> LinePath { LinePath(turns: turns + [Turn(line: line)]) }

    /// The way into the branch of the line that this leads to.
    func into(branch: Int) -> LinePath {
        var path = self
        path.turns[path.turns.count - 1].branch = branch
        return path
    }

    var isOutermost: Bool { turns.count == 1 }
    var lineNumber: Int { turns[turns.count - 1].line }

    /// The line before in the same sequence.
    var before: LinePath? {
        guard lineNumber > 0 else { return nil }
        var path = self
        path.turns[path.turns.count - 1].line -= 1
        return path
    }
}

extension Pattern.Sequence {
    /// The sequence up to and with a line, entering only what it stands in, and that once.
    func cut(behind path: LinePath) -> Pattern.Sequence { cut(path.turns[...]) }

    private func cut(_ turns: ArraySlice<LinePath.Turn>) -> Pattern.Sequence {
        guard let turn = turns.first else { return self }
        var result = Pattern.Sequence(lines: Array(lines[...turn.line]))
        let rest = turns.dropFirst()
        if rest.isEmpty {
            result.lines[turn.line].element.needOne()
        } else {
            result.lines[turn.line].element.descend(to: turn.branch) { $0 = $0.cut(rest) }
        }
        return result
    }

    /// Changes the line that a path leads to, wherever the branches on the way are.
    mutating func change(_ path: LinePath, _ change: (inout Pattern.Line) -> Void) {
        self.change(path.turns[...], change)
    }

    private mutating func change(
        _ turns: ArraySlice<LinePath.Turn>, _ change: (inout Pattern.Line) -> Void
    ) {
        guard let turn = turns.first else { return }
        let rest = turns.dropFirst()
        if rest.isEmpty { return change(&lines[turn.line]) }
        lines[turn.line].element.enter(turn.branch) { $0.change(rest, change) }
    }

    /// Whether some line waits for an event.
    var needsEvent: Bool { lines.contains { $0.element.needsEventForSure } }

    /// The steps in the sequence, inner ones too.
    var steps: [Pattern.Step] { lines.flatMap(\.element.steps) }
}

extension Pattern.Element {
    /// The body of a group, or the branches.
    var sequences: [Pattern.Sequence] {
        switch self {
        case .group(let group): [group.body]
        case .allOf(let branches), .anyOf(let branches): branches
        case .step, .absence: []
        }
    }

    var steps: [Pattern.Step] {
        if case .step(let step) = self { return [step] }
        return sequences.flatMap(\.steps)
    }

    /// Whether a match cannot do without it.
    var isNeeded: Bool {
        if case .absence = self { return true }
        return needsEventForSure
    }

    fileprivate var needsEventForSure: Bool {
        switch self {
        case .step(let step): step.count.minimum > 0
        case .group(let group): group.count.minimum > 0 && group.body.needsEvent
        case .allOf(let branches): branches.contains { $0.needsEvent }
        case .anyOf(let branches): branches.allSatisfy { $0.needsEvent }
        case .absence: false
        }
    }

    /// Makes what may be left out wanted.
    fileprivate mutating func needOne() {
        switch self {
        case .step(var step):
            step.count.minimum = max(1, step.count.minimum)
            self = .step(step)
        case .group(var group):
            group.count.minimum = max(1, group.count.minimum)
            self = .group(group)
        case .allOf, .anyOf, .absence: break
        }
    }

    /// Leaves of groups one round, and of branches one, and changes that.
    fileprivate mutating func descend(
        to branch: Int, _ change: (inout Pattern.Sequence) -> Void
    ) {
        switch self {
        case .group(var group):
            group.count = .one
            change(&group.body)
            self = .group(group)
        case .allOf(let branches):
            var only = branches[branch]
            change(&only)
            self = .allOf([only])
        case .anyOf(let branches):
            var only = branches[branch]
            change(&only)
            self = .anyOf([only])
        case .step, .absence: break
        }
    }

    fileprivate mutating func enter(
        _ branch: Int, _ change: (inout Pattern.Sequence) -> Void
    ) {
        switch self {
        case .group(var group):
            change(&group.body)
            self = .group(group)
        case .allOf(var branches):
            change(&branches[branch])
            self = .allOf(branches)
        case .anyOf(var branches):
            change(&branches[branch])
            self = .anyOf(branches)
        case .step, .absence: break
        }
    }
}

extension Expr {
    /// The condition with one conjunct in another's place.
    func replacing(conjunct index: Int, with other: Expr) -> Expr {
        var parts = conjuncts
        parts[index] = other
        return parts.dropFirst().reduce(parts[0]) { .and($0, $1) }
    }
}
