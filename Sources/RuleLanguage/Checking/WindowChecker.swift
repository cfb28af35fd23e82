// SPDX-License-Identifier: Apache-2.0
// Rules over a window: what stands between the braces, which clauses make sense beside it, and
// aggregates over a shorter window of their own.

import Diagnostics
import EventModel

extension RulesetChecker {
    /// Notes the window before anything is checked that depends on it: its step stands for many
    /// events.
    func outline(_ window: WindowSyntax, _ rule: RuleOutline) {
        switch window.kind {
        case .sliding(let length): rule.window = .sliding(length)
        case .tumbling(let length): rule.window = .tumbling(length)
        case .hopping(let length, let step): rule.window = .hopping(length, every: step)
        case .session(let gap): rule.window = .session(gap)
        case .last(let count): rule.window = .last(Int(clamping: count))
        }
        for index in rule.steps.indices { rule.steps[index].isCounted = true }
    }

    func checkWindow(_ window: WindowSyntax, _ when: WhenSyntax, _ rule: RuleOutline) {
        if let within = when.within {
            report(
                .windowClause, "`within` can't stand beside `over`", at: within.span,
                label: "the window says how long an event counts")
        }
        switch window.kind {
        case .sliding(let length), .tumbling(let length), .session(let length):
            checkDuration(Spanned(length, window.span), "a window", allowsZero: false)
        case .hopping(let length, let step):
            checkDuration(Spanned(length, window.span), "a window", allowsZero: false)
            checkDuration(Spanned(step, window.span), "a hop", allowsZero: false)
            checkHops(length, step, window.span)
        case .last(let count): checkEventCount(count, window.span)
        }
        if rule.isBroken { return }
        let isOneStep = isOneStep(when.sequence)
        if !isOneStep, when.sequence.canBindNothing {
            rule.isBroken = true
            return
        }
        // What else is wrong with a body that is refused is said as of a sequence.
        let checked = rule.window
        if !isOneStep { rule.window = nil }
        var builder = PatternBuilder(checker: self, rule: rule)
        let body = builder.sequence(when.sequence, PatternPosition(), .whole).sequence
        rule.window = checked
        if isOneStep, let body { rule.pattern = Pattern(leadingAbsence: nil, body: body) }
    }

    /// Windows that each event is in: so often the clock is a reason to look.
    static let hopCap: Int64 = 10_000

    private func checkHops(_ length: TimeSpan, _ hop: TimeSpan, _ span: SourceSpan) {
        guard hop > .zero, length.nanoseconds / hop.nanoseconds > RulesetChecker.hopCap else {
            return
        }
        report(
            .badDuration, "a hop of \(hop) is too short for a window of \(length)", at: span,
            label: "an event can be in at most \(RulesetChecker.hopCap) windows")
    }

    private func checkEventCount(_ count: Int64, _ span: SourceSpan) {
        if count <= 0 {
            report(.badCount, "a window of \(count) events makes no sense", at: span)
        } else if count > RulesetChecker.countCap {
            report(
                .badCount, "a window can't hold more than \(RulesetChecker.countCap) events",
                at: span, label: "take a window of time")
        }
    }

    /// Whether a window's body is one line that is a step without more; reported where not.
    private func isOneStep(_ sequence: SequenceSyntax) -> Bool {
        guard let first = sequence.lines.first else { return false }
        if sequence.lines.count > 1 {
            reportBody(
                "a window holds the events of one line", sequence.lines[1].span.firstLine,
                "a sequence stands in a rule without `over`")
            return false
        }
        switch first.kind {
        case .step(_, let step): return isPlain(step)
        case .absence:
            reportBody(
                "an absence can't stand in a window", first.span.firstLine,
                "a window without events is not looked at")
        case .anyOf:
            reportBody(
                "`any of` can't stand in a window", first.span.firstLine,
                "declare `event NAME from a, b`, and take that")
        default:
            reportBody(
                "only a line that takes events can stand in a window", first.span.firstLine,
                "write `EVENT as NAME where …`")
        }
        return false
    }

    private func isPlain(_ step: StepSyntax) -> Bool {
        if let count = step.count {
            let name = step.name?.text ?? "name"
            reportBody(
                "a count can't stand in a window", count.span,
                "ask for it: `having count(\(name)) >= \(count.kind.minimum)`")
            return false
        }
        let spans = [step.spread?.span, step.gap.after?.span, step.gap.within?.span]
        if let span = spans.compactMap({ $0 }).first {
            reportBody(
                "a line of a window has no time limit of its own", span,
                "the window says how long an event counts")
            return false
        }
        return true
    }

    private func reportBody(_ message: String, _ span: SourceSpan, _ label: String) {
        report(.windowBody, message, at: span, label: label)
    }

    /// Reports a clause about attempts, of which a window has none.
    func refusesInWindow(_ clause: Clause) -> Bool {
        let word: String
        switch clause.kind {
        case .resetOn: word = "reset on"
        case .skip: word = "skip"
        case .attempts: word = "attempts"
        case .keysFrom: word = "keys from"
        default: return false
        }
        report(
            .windowClause, "`\(word)` can't stand in a rule over a window",
            at: clause.span.firstLine, label: "it speaks about sequences")
        return true
    }

    // MARK: shorter windows

    /// `avg(c.close, last 20)`: an aggregate, or `first` or `last`, over a part of the window.
    func checkPart(
        _ syntax: ExprSyntax, _ name: Name, _ arguments: [ExprSyntax], _ span: SourceSpan,
        _ scope: Scope
    ) -> Typed {
        let isPick = name.text == "first" || name.text == "last"
        guard let rule = scope.rule, isPick || AggregateName(rawValue: name.text) != nil else {
            return refuseWindow(syntax.span)
        }
        if name.text == "ema" {
            return refuse(
                .windowPart, "`ema` has no shorter window", at: syntax.span,
                label: "its second argument says how fast it forgets")
        }
        if rule.isBroken { return .erroneous(span) }
        guard let window = rule.window else {
            return refuse(
                .windowPart, "there is no window of which this could be a part", at: syntax.span,
                label: "only rules `when over …` have one")
        }
        var value = checkCall(name, arguments, span, scope)
        guard !value.isErroneous, let part = part(syntax, of: window) else {
            return .erroneous(span)
        }
        value.expr = .part(part, value.expr)
        return value
    }

    private func part(_ syntax: ExprSyntax, of window: CheckedRule.Window) -> WindowPart? {
        switch syntax.kind {
        case .windowLast(let count):
            if case .last(let whole) = window, count >= Int64(whole) {
                reportLong("last \(count)", window, syntax.span)
                return nil
            }
            guard count > 0, count <= RulesetChecker.countCap else {
                checkEventCount(count, syntax.span)
                return nil
            }
            return .last(Int(count))
        case .windowIn(let length):
            if let whole = window.length, length >= whole {
                reportLong("in \(length)", window, syntax.span)
                return nil
            }
            guard length > .zero else {
                checkDuration(Spanned(length, syntax.span), "a window", allowsZero: false)
                return nil
            }
            return .recent(length)
        default: return nil
        }
    }

    private func reportLong(_ part: String, _ window: CheckedRule.Window, _ span: SourceSpan) {
        report(
            .windowPart, "`\(part)` is not shorter than the rule's window", at: span,
            label: "the window is `\(window)`")
    }
}

extension SequenceSyntax {
    /// Whether it is nothing but lines that need no event.
    fileprivate var canBindNothing: Bool {
        lines.allSatisfy { line in
            switch line.kind {
            case .step(_, let step): step.count?.kind.minimum == 0
            case .group(_, let group): group.count.kind.minimum == 0
            case .allOf, .anyOf: false
            case .absence, .butNo, .butNotNext, .until, .unexpected: true
            }
        }
    }
}

extension ExprSyntax {
    /// `last 20` or `in 5m`.
    var isWindowPart: Bool {
        switch kind {
        case .windowLast, .windowIn: true
        default: false
        }
    }
}
