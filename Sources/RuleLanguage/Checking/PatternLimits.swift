// SPDX-License-Identifier: Apache-2.0
// Counts and gaps that make no sense, and lines that can wait for ever.

import Diagnostics
import EventModel

extension RulesetChecker {
    /// A larger count would make a program of as many states.
    static let countCap: Int64 = 1_000_000

    func check(_ count: CountSyntax) -> Pattern.Count? {
        let minimum = count.kind.minimum
        let maximum = count.kind.maximum
        var problem: (message: String, label: String)?
        if case .range(let low, let high) = count.kind, low > high {
            problem = ("a count can't go from \(low) to \(high)", "write `\(high) to \(low)`")
        } else if let maximum, maximum <= 0 {
            problem = ("a count of \(maximum) makes no sense", "leave the line out, or write `no`")
        } else if case .optional = count.kind {
        } else if case .range = count.kind {
        } else if minimum <= 0 {
            problem = ("a count of \(minimum) makes no sense", "write 1 or more")
        }
        if max(minimum, maximum ?? 0) > RulesetChecker.countCap {
            problem = (
                "a count can't be more than \(RulesetChecker.countCap)", "count over a shorter time"
            )
        }
        if let problem {
            report(.badCount, problem.message, at: count.span, label: problem.label)
            return nil
        }
        return Pattern.Count(minimum: Int(minimum), maximum: maximum.map { Int($0) })
    }

    func check(_ gap: GapSyntax) {
        for duration in [gap.after, gap.within].compactMap({ $0 }) {
            checkDuration(duration, "a gap", allowsZero: true)
        }
        if let after = gap.after, let within = gap.within, after.value > within.value {
            report(
                .afterBeyondWithin,
                "nothing is both after \(after.value) and within \(within.value)", at: after.span,
                label: "later than this", notes: [.init("but no later than this", at: within.span)])
        }
    }

    func distinctField(_ path: Path, _ subject: Scope.Subject) -> FieldRef? {
        switch subject {
        case .unknown, .none: return nil
        case .anyEvent:
            report(
                .unknownField, "`any event` has no field that is sure to be there", at: path.span,
                label: "name an event type")
            return nil
        case .event(let type):
            let lookup = field(path.text, of: type, at: path.span)
            note(lookup, of: type, at: path.span)
            switch lookup {
            case .field(let ref): return ref
            case .builtIn(let builtIn): return reference(to: builtIn, of: type, at: path.span)
            case .refused, .computedLater: return nil
            case .unknown:
                reportUnknownField(path.text, path.span, of: type)
                return nil
            }
        }
    }

    // MARK: absences

    func reportAbsencePlace(
        _ line: LineSyntax, _ kind: PatternBuilder.Kind, hasLeading: Bool, isConsecutive: Bool
    ) {
        let (message, label): (String, String)
        if hasLeading {
            message = "a second absence before the first event is not supported"
            label = "write one `no … for …` line"
        } else if kind == .whole {
            message = "an absence is not supported before an event that is sure to come"
            label = "put it behind a line that is not optional"
        } else if isConsecutive {
            message = "an absence is not supported as the first line of a `consecutive` group"
            label = "leave `consecutive` out: it counts from the end of the iteration before"
        } else {
            let part = kind == .group ? "this group" : "a branch"
            message = "an absence is not supported as the first line of \(part)"
            label = "it can stand there only behind `then`, after a line that is not optional"
        }
        report(.absencePlace, message, at: line.span.firstLine, label: label)
    }

    func reportAbsenceDuration(_ absence: AbsenceSyntax, isLeading: Bool) {
        let name = absence.filter.event.name
        report(
            .absenceDuration, "this absence has no end", at: name.span,
            label: "write `no \(name.text) for 10m`",
            notes: isLeading
                ? []
                : [.init("only the last line of a `when within` may leave `for` out")])
    }

    // MARK: lints

    /// Lines that can wait for ever, so that their state is never given up.
    func noteWaits(_ when: WhenSyntax, _ rule: RuleOutline) {
        guard when.within == nil else { return }
        var isFirst = true
        var isNoted = false
        for line in when.sequence.lines where line.kind.isOwnLine {
            if case .absence = line.kind { continue }
            if let each = line.kind.eachWithoutLimit {
                report(
                    .eachWithoutLimit,
                    "`then each` without a time limit keeps every attempt for ever",
                    at: each.span, label: "write `when within …`, or `within …` on this line")
                isNoted = true
            }
            if !isNoted, line.kind.waitsForEver(isFirst: isFirst) {
                isNoted = true
                report(
                    .noTimeLimit, "this rule waits for ever, and its state can grow without end",
                    at: line.span.firstLine,
                    label: isFirst ? "this may never be complete" : "this may never come",
                    notes: [.init("write `when within …`, or `within …` on this line")])
            }
            isFirst = false
        }
    }

    func noteUnreachable(_ line: LineSyntax) {
        report(
            .unreachableStep, "this line is never waited for", at: line.span.firstLine,
            label: "the match is complete without it")
    }

    /// Lines behind the last step, where that is complete at once: the match is reported before
    /// they can end anything.
    func noteIdleGuards(_ sequence: SequenceSyntax) {
        guard let last = sequence.lines.lastIndex(where: { $0.kind.isOwnLine }),
            case .step(_, let step) = sequence.lines[last].kind, step.isCompleteAtOnce
        else { return }
        for line in sequence.lines[(last + 1)...] {
            switch line.kind {
            case .butNo, .butNotNext, .until:
                report(
                    .idleGuard, "this line can never matter", at: line.span.firstLine,
                    label: "the match is complete with the event of the line before")
            default: break
            }
        }
    }

    /// `null` and the like are names of fields here, and what is missing equals nothing.
    func noteNulls(_ condition: ExprSyntax, _ subject: Scope.Subject) {
        switch subject {
        case .event(let id) where !types[id.index].isOpen: return
        case .event, .anyEvent: break
        case .none, .unknown: return
        }
        for comparison in condition.comparisonsWithNull {
            let test = comparison.isEqual ? "is missing" : "is present"
            report(
                .comparedWithNull, "`\(comparison.null)` is read as a field of the event",
                at: comparison.span, label: "write `\(comparison.other.text) \(test)`",
                notes: [.init("a comparison with what is missing is never true")],
                fix: "\(comparison.other.text) \(test)")
        }
    }
}

/// `x == null`.
struct NullComparison {
    var other: SourceSpan
    var null: String
    var isEqual: Bool
    var span: SourceSpan
}

extension ExprSyntax {
    fileprivate var comparisonsWithNull: [NullComparison] {
        switch kind {
        case .binary(let symbol, let a, let b):
            let isEqual = symbol == .equal
            guard isEqual || symbol == .notEqual else {
                return a.comparisonsWithNull + b.comparisonsWithNull
            }
            for (null, other) in [(b, a), (a, b)] {
                guard case .path(let path) = null.kind, path.isNull else { continue }
                return [
                    NullComparison(
                        other: other.span, null: path.text, isEqual: isEqual, span: span)
                ]
            }
            return []
        case .not(let inner): return inner.comparisonsWithNull
        default: return []
        }
    }
}

extension Path {
    fileprivate var isNull: Bool {
        ["null", "nil", "NULL", "Null", "None", "undefined"].contains(text)
    }
}

extension StepSyntax {
    /// Whether one event is all that it waits for.
    fileprivate var isCompleteAtOnce: Bool {
        switch count?.kind {
        case nil, .exactly(1)?, .optional?: true
        default: false
        }
    }
}

extension LineSyntax.Kind {
    /// The event of a `then each` line without a gap limit.
    fileprivate var eachWithoutLimit: Name? {
        guard case .step(.thenEach, let step) = self, step.gap.within == nil else { return nil }
        return step.event.name
    }

    fileprivate func waitsForEver(isFirst: Bool) -> Bool {
        func ends(_ gap: GapSyntax) -> Bool { !isFirst && gap.within != nil }
        switch self {
        case .step(_, let step):
            if isFirst { return (step.count?.kind.minimum ?? 1) > 1 && step.spread == nil }
            return step.gap.within == nil && step.count?.kind.minimum != 0
        case .group(_, let group):
            if ends(group.gap) || group.spread != nil { return false }
            if !isFirst { return group.count.kind.minimum != 0 }
            return group.count.kind.minimum > 1 || group.body.waitsForEver
        case .allOf(_, let all): return !ends(all.gap) && (!isFirst || all.branches.count > 1)
        case .anyOf(_, let any):
            return !ends(any.gap) && (!isFirst || any.branches.contains { $0.waitsForEver })
        case .absence, .butNo, .butNotNext, .until, .unexpected: return false
        }
    }
}

extension SequenceSyntax {
    fileprivate var waitsForEver: Bool {
        var isFirst = true
        for line in lines where line.kind.isOwnLine {
            if case .absence = line.kind { continue }
            if line.kind.waitsForEver(isFirst: isFirst) { return true }
            isFirst = false
        }
        return false
    }
}
