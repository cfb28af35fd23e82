// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// Builds the pattern of one rule, counting steps off as the outline did.
struct PatternBuilder {
    enum Kind { case whole, group, branch }

    /// What an absence is as the first line of a sequence.
    enum Opening {
        case refused
        /// It counts from when the line before is open, or the iteration before.
        case entered
        /// It is the leading absence of the pattern, and counts from the iteration before later on.
        case leading
    }

    struct Built {
        var sequence: Pattern.Sequence?
        var leadingAbsence: Pattern.Absence?
        /// A line was left out because it was wrong.
        var isRefused = false
    }

    let checker: RulesetChecker
    let rule: RuleOutline
    private var nextStep = 0
    /// What an absence is that the next sequence inside the line at hand begins with.
    private var opening = Opening.refused
    /// Whether the sequence at hand is the body of a group of `consecutive`.
    private var isInConsecutive = false
    /// The leading absence that the group built last begins with.
    private var innerLeadingAbsence: Pattern.Absence?

    init(checker: RulesetChecker, rule: RuleOutline) {
        self.checker = checker
        self.rule = rule
    }

    mutating func sequence(_ syntax: SequenceSyntax, _ position: PatternPosition, _ kind: Kind)
        -> Built
    {
        var built = Built()
        var lines: [Pattern.Line] = []
        /// Whether an absence may follow: an event is surely bound, or an absence has begun.
        var isBound = false
        let opening = self.opening
        /// The line before was refused: what refers to it is not reported.
        var isAfterRefused = false
        let lastStep = syntax.lines.lastIndex { $0.kind.isOwnLine }
        for (index, line) in syntax.lines.enumerated() {
            let here = position.inside(.line(index))
            switch line.kind {
            case .butNo(let filter), .butNotNext(let filter), .until(let filter):
                attach(filter, line, to: &lines, isAfterRefused, here)
            case .absence(let connector, let absence):
                let isFirst = lines.isEmpty && connector.isFirst
                if isFirst, !isBound, kind == .whole {
                    built.leadingAbsence = leadingAbsence(absence, here)
                    continue
                }
                let isOpening = isFirst && opening != .refused
                guard isBound || isAfterRefused || isOpening else {
                    checker.reportAbsencePlace(
                        line, kind, hasLeading: built.leadingAbsence != nil,
                        isConsecutive: isInConsecutive)
                    _ = leadingAbsence(absence, here)
                    built.isRefused = true
                    continue
                }
                let isLast = kind == .whole && index == syntax.lines.count - 1
                if let absence = trailingAbsence(absence, here, isLast: isLast) {
                    lines.append(self.line(.then, .absence(absence), GapSyntax(), line.span))
                    if isOpening, opening == .leading { built.leadingAbsence = absence }
                    isBound = isBound || opening == .entered
                    isAfterRefused = false
                } else {
                    isAfterRefused = true
                    built.isRefused = true
                }
            case .step, .group, .allOf, .anyOf:
                self.opening = innerOpening(
                    of: line, kind, opening, lines, isBound: isBound,
                    hasLeading: built.leadingAbsence != nil)
                guard let next = ownLine(line, here) else {
                    isAfterRefused = true
                    isBound = true
                    built.isRefused = true
                    continue
                }
                lines.append(next)
                if let absence = innerLeadingAbsence {
                    built.leadingAbsence = absence
                    innerLeadingAbsence = nil
                }
                isAfterRefused = false
                isBound = isBound || next.element.needsEvent
                if kind == .whole, index == lastStep, !next.element.needsEvent, isBound {
                    checker.noteUnreachable(line)
                }
            case .unexpected:
                isAfterRefused = true
                built.isRefused = true
            }
        }
        let bindsNothing = kind == .group && !lines.contains { $0.element.bindsForSure }
        if !isBound || bindsNothing, !built.isRefused {
            reportMatchesNothing(syntax, kind)
            built.isRefused = true
        }
        built.sequence = lines.isEmpty ? nil : Pattern.Sequence(lines: lines)
        return built
    }

    private func reportMatchesNothing(_ syntax: SequenceSyntax, _ kind: Kind) {
        let what =
            switch kind {
            case .whole: "this pattern"
            case .group: "the body of this group"
            case .branch: "this branch"
            }
        checker.reportMatchesNothing(syntax.lines.first?.span ?? syntax.span, what)
    }

    /// What an absence is that begins a sequence inside the line.
    private func innerOpening(
        of line: LineSyntax, _ kind: Kind, _ outer: Opening, _ lines: [Pattern.Line],
        isBound: Bool, hasLeading: Bool
    ) -> Opening {
        if let last = lines.last {
            let isBehind = last.element.needsEvent || last.element.isAbsence
            return isBound && isBehind && line.kind.isPlainlyJoined ? .entered : .refused
        }
        if hasLeading || !line.kind.isFirst { return .refused }
        switch (kind == .whole ? .leading : outer, line.kind) {
        case (.entered, _): return .entered
        case (.leading, .group(_, let group)) where group.count.kind.minimum > 0: return .leading
        case (.leading, _), (.refused, _): return .refused
        }
    }

    private func scope(_ position: PatternPosition) -> Scope {
        Scope(place: .condition, rule: rule, position: position)
    }

    private func line(
        _ connector: Pattern.Connector, _ element: Pattern.Element, _ gap: GapSyntax,
        _ span: SourceSpan
    ) -> Pattern.Line {
        Pattern.Line(
            connector: connector, element: element, after: gap.after?.value,
            within: gap.within?.value, butNo: [], butNotNext: [], until: [], span: span)
    }

    // MARK: lines that bind

    private mutating func ownLine(_ line: LineSyntax, _ position: PatternPosition)
        -> Pattern.Line?
    {
        switch line.kind {
        case .step(let connector, let syntax):
            checker.check(syntax.gap)
            guard let step = step(syntax, position) else { return nil }
            return self.line(connector.checked, .step(step), syntax.gap, line.span)
        case .group(let connector, let syntax):
            checker.check(syntax.gap)
            guard let group = group(syntax, position) else { return nil }
            return self.line(connector.checked, .group(group), syntax.gap, line.span)
        case .allOf(let connector, let syntax):
            checker.check(syntax.gap)
            if syntax.branches.isEmpty { checker.reportMatchesNothing(line.span, "`all of`") }
            let branches = branches(syntax, position) { .allBranch($0) }
            return branches.map {
                self.line(connector.checked, .allOf($0), syntax.gap, line.span)
            }
        case .anyOf(let connector, let syntax):
            checker.check(syntax.gap)
            if syntax.branches.isEmpty { checker.reportMatchesNothing(line.span, "`any of`") }
            let branches = branches(syntax, position) { .anyBranch($0) }
            return branches.map {
                self.line(connector.checked, .anyOf($0), syntax.gap, line.span)
            }
        case .absence, .butNo, .butNotNext, .until, .unexpected: return nil
        }
    }

    private mutating func step(_ syntax: StepSyntax, _ position: PatternPosition) -> Pattern.Step? {
        let id = StepID(nextStep)
        nextStep += 1
        let subject = rule.steps[id.index].subject
        let filter = checker.filter(
            FilterSyntax(
                event: syntax.event, by: syntax.by, condition: syntax.condition,
                span: syntax.event.name.span), subject, rule, scope(position),
            condition: syntax.condition)
        let count = syntax.count.map { checker.check($0) } ?? .one
        var distinct: FieldRef?
        var isDistinctWrong = false
        if case .atLeastDistinct(_, let path)? = syntax.count?.kind {
            distinct = checker.distinctField(path, subject)
            isDistinctWrong = distinct == nil
        }
        if let spread = syntax.spread {
            checker.checkDuration(spread, "a spread", allowsZero: true)
        }
        guard let filter, let count, !isDistinctWrong else { return nil }
        return Pattern.Step(
            id: id, filter: filter, count: count,
            isConsecutive: syntax.count?.consecutive != nil, distinct: distinct,
            spread: syntax.spread?.value)
    }

    private mutating func group(_ syntax: GroupSyntax, _ position: PatternPosition)
        -> Pattern.Group?
    {
        let isConsecutive = syntax.count.consecutive != nil
        if isConsecutive { opening = .refused }
        let wasInConsecutive = isInConsecutive
        isInConsecutive = isConsecutive
        let count = checker.check(syntax.count)
        let isRepeated = syntax.count.kind.maximum.map { $0 > 1 } ?? true
        let inner = isRepeated ? position.inside(.repeated) : position
        let body = sequence(syntax.body, inner, .group)
        isInConsecutive = wasInConsecutive
        innerLeadingAbsence = body.leadingAbsence
        if let spread = syntax.spread {
            checker.checkDuration(spread, "a spread", allowsZero: true)
        }
        guard let count, let sequence = body.sequence, !body.isRefused else { return nil }
        return Pattern.Group(
            count: count, isConsecutive: isConsecutive, spread: syntax.spread?.value,
            body: sequence)
    }

    private mutating func branches(
        _ syntax: BranchesSyntax, _ position: PatternPosition,
        _ part: (Int) -> PatternPosition.Part
    ) -> [Pattern.Sequence]? {
        var result: [Pattern.Sequence] = []
        var isRefused = false
        let opening = self.opening
        for (index, branch) in syntax.branches.enumerated() {
            self.opening = opening
            let built = sequence(branch, position.inside(part(index)), .branch)
            if let sequence = built.sequence, !built.isRefused {
                result.append(sequence)
            } else {
                isRefused = true
            }
        }
        return isRefused || result.isEmpty ? nil : result
    }

    // MARK: absences and what hangs on a line

    private func leadingAbsence(_ syntax: AbsenceSyntax, _ position: PatternPosition)
        -> Pattern.Absence?
    {
        if syntax.duration == nil { checker.reportAbsenceDuration(syntax, isLeading: true) }
        return absence(syntax, position)
    }

    private func trailingAbsence(
        _ syntax: AbsenceSyntax, _ position: PatternPosition, isLast: Bool
    ) -> Pattern.Absence? {
        if syntax.duration == nil, !isLast || rule.within == nil {
            checker.reportAbsenceDuration(syntax, isLeading: false)
        }
        return absence(syntax, position)
    }

    private func absence(_ syntax: AbsenceSyntax, _ position: PatternPosition) -> Pattern.Absence? {
        if let duration = syntax.duration {
            checker.checkDuration(duration, "an absence", allowsZero: false)
        }
        let filter = checker.filter(
            syntax.filter, checker.eventSubject(syntax.filter.event), rule, scope(position),
            condition: syntax.filter.condition)
        return filter.map { Pattern.Absence(filter: $0, duration: syntax.duration?.value) }
    }

    private func attach(
        _ syntax: FilterSyntax, _ line: LineSyntax, to lines: inout [Pattern.Line],
        _ isAfterRefused: Bool, _ position: PatternPosition
    ) {
        let filter = checker.filter(
            syntax, checker.eventSubject(syntax.event), rule, scope(position),
            condition: syntax.condition)
        if isAfterRefused { return }
        let word = line.kind.linkWord
        guard let last = lines.indices.last else {
            checker.report(
                .nothingBefore, "`\(word)` has no line before it", at: line.span.firstLine,
                label: "it speaks about the step above it")
            return
        }
        if case .absence = lines[last].element {
            checker.report(
                .nothingBefore, "`\(word)` can't follow an absence", at: line.span.firstLine,
                label: "it speaks about the events of the line before",
                notes: [.init("the absence is here", at: lines[last].span.firstLine)])
            return
        }
        guard let filter else { return }
        switch line.kind {
        case .butNo: lines[last].butNo.append(filter)
        case .butNotNext: lines[last].butNotNext.append(filter)
        default: lines[last].until.append(filter)
        }
    }
}

extension LineSyntax.Kind {
    /// A line that waits for events, rather than one that hangs on the line before.
    var isOwnLine: Bool {
        switch self {
        case .step, .group, .allOf, .anyOf, .absence: true
        case .butNo, .butNotNext, .until, .unexpected: false
        }
    }

    fileprivate var linkWord: String {
        switch self {
        case .butNo: "but no"
        case .butNotNext: "but not next"
        default: "until"
        }
    }
}

extension ConnectorSyntax {
    fileprivate var isFirst: Bool { if case .first = self { true } else { false } }

    var checked: Pattern.Connector {
        switch self {
        case .first, .then: .then
        case .thenNext: .next
        case .thenEach: .each
        }
    }
}

extension CountSyntax.Kind {
    var minimum: Int64 {
        switch self {
        case .exactly(let n), .range(let n, _), .atLeast(let n), .atLeastDistinct(let n, _): n
        case .optional: 0
        }
    }

    /// Nil for `at least`.
    var maximum: Int64? {
        switch self {
        case .exactly(let n), .range(_, let n): n
        case .atLeast, .atLeastDistinct: nil
        case .optional: 1
        }
    }
}

extension Pattern.Element {
    /// Whether the element binds at least one event.
    var needsEvent: Bool {
        switch self {
        case .step(let step): step.count.minimum > 0
        case .group(let group): group.count.minimum > 0
        case .allOf, .anyOf: true  // a branch that can match nothing is refused
        case .absence: false
        }
    }

    /// Whether the element binds an event whatever happens: a branch may be just an absence.
    var bindsForSure: Bool {
        switch self {
        case .step, .group: needsEvent
        case .allOf(let branches): branches.contains { $0.bindsForSure }
        case .anyOf(let branches): branches.allSatisfy { $0.bindsForSure }
        case .absence: false
        }
    }

    var isAbsence: Bool { if case .absence = self { true } else { false } }
}

extension Pattern.Sequence {
    fileprivate var bindsForSure: Bool { lines.contains { $0.element.bindsForSure } }
}

extension LineSyntax.Kind {
    /// The connector of a line with sequences inside.
    private var outerConnector: ConnectorSyntax? {
        switch self {
        case .group(let connector, _), .allOf(let connector, _), .anyOf(let connector, _):
            connector
        case .step, .absence, .butNo, .butNotNext, .until, .unexpected: nil
        }
    }

    /// Whether the line is joined to the one before by `then` alone.
    fileprivate var isPlainlyJoined: Bool {
        if case .then? = outerConnector { true } else { false }
    }

    fileprivate var isFirst: Bool {
        outerConnector?.isFirst ?? false
    }
}
