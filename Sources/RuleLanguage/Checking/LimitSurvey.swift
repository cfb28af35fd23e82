// SPDX-License-Identifier: Apache-2.0
// Lints gaps and absences that are longer than what they have to end within: the whole limit, the
// `within` of a line, the `in` of a group. How long parts of the pattern take at least is found
// from the inside out, so each line is looked at once. Exercised by LimitLintTests.

import Diagnostics
import EventModel

extension RulesetChecker {
    func checkLimits(_ when: WhenSyntax) {
        LimitSurvey(checker: self, whole: when.within).check(when.sequence)
    }
}

private struct LimitSurvey {
    let checker: RulesetChecker
    let whole: Spanned<TimeSpan>?

    /// What it is that can never come to its end.
    private enum Subject {
        case rule, branch, part

        var message: String {
            switch self {
            case .rule: "this rule can never finish"
            case .branch: "this branch can never be complete"
            case .part: "this can never be taken"
            }
        }
    }

    /// What is around a line.
    private struct Surroundings {
        var subject = Subject.rule
        /// The closest limit, with what it says.
        var limit: (value: TimeSpan, note: Diagnostic.Note)?
        /// Whether the pattern begins here: then nothing is waited for before the first event.
        var leads = true
        /// Since the first event of the match; nil: none is bound for sure.
        var now: LeastTimes?
        /// What absences have been waited for since the last event bound.
        var wait = TimeSpan.zero
    }

    /// What a line or a sequence takes at least.
    private struct Course {
        var passage = LeastPassage.none
        /// Since its own first event; nil: it may bind none.
        var own: LeastTimes?
        /// It was reported that it can't come to its end.
        var isEndless = false

        static let nothing = Course()

        func or(_ other: Course) -> Course {
            Course(
                passage: passage.least(other.passage),
                own: own.flatMap { own in other.own.map { own.least($0) } },
                isEndless: isEndless && other.isEndless)
        }

        func and(_ other: Course) -> Course {
            Course(
                passage: passage.most(other.passage),
                own: own.map { own in other.own.map { own.most($0) } ?? own } ?? other.own,
                isEndless: isEndless || other.isEndless)
        }
    }

    func check(_ sequence: SequenceSyntax) {
        var around = Surroundings()
        around.limit = whole.map {
            ($0.value, .init("the whole match must end within \($0.value)", at: $0.span))
        }
        _ = course(sequence, around)
    }

    private func course(_ sequence: SequenceSyntax, _ outer: Surroundings) -> Course {
        var course = Course()
        var around = outer
        for line in sequence.lines {
            let before = around.now
            var next = self.course(line, around)
            course.passage = course.passage.followed(by: next.passage)
            course.own = course.own.map { next.passage.applied(to: $0) } ?? next.own
            around.now = outer.now.map { course.passage.applied(to: $0) } ?? course.own
            around.leads = outer.leads && course.own == nil
            if case .absence(_, let absence) = line.kind {
                around.wait = around.wait.adding(absence.duration?.value ?? .zero)
            } else if line.kind.isOwnLine {
                around.wait = .zero
            }
            if let whole, let now = around.now, now.open > whole.value,
                !course.isEndless, !next.isEndless
            {
                let isAlone = before.map { $0.open == .zero } ?? true
                next.isEndless = true
                reportSum(line, takes: now.open, isAlone: isAlone, outer.subject)
            }
            course.isEndless = course.isEndless || next.isEndless
        }
        return course
    }

    private func course(_ line: LineSyntax, _ around: Surroundings) -> Course {
        switch line.kind {
        case .absence(_, let absence): return course(absence, around)
        case .step(_, let step): return course(step, around)
        case .group(_, let group): return course(group, line, around)
        case .allOf(_, let all):
            return course(all.gap, around, .rule) { around in
                all.branches.map { course($0, around) }.reduce { $0.and($1) }
            }
        case .anyOf(_, let any):
            return course(any.gap, around, .branch) { around in
                let all = any.branches.map { course($0, around) }
                let possible = all.filter { !$0.isEndless }
                return (possible.isEmpty ? all : possible).reduce { $0.or($1) }
            }
        case .butNo, .butNotNext, .until, .unexpected: return .nothing
        }
    }

    private func course(_ absence: AbsenceSyntax, _ around: Surroundings) -> Course {
        guard let length = absence.duration else { return .nothing }
        let isLong = !around.leads && reportIfLong(length, around)
        return Course(passage: .absence(length.value), isEndless: isLong)
    }

    private func course(_ step: StepSyntax, _ around: Surroundings) -> Course {
        var around = around
        let isOptional = step.count?.kind.minimum == 0
        if isOptional { around.subject = .part }
        let gap = around.leads ? nil : step.gap.after
        let passage = LeastPassage.event(after: gap?.value ?? .zero)
        var isEndless = gap.map { reportIfLong($0, around) } ?? false
        if !isEndless, !around.leads {
            isEndless = reportIfLate(passage, step.gap, around)
        }
        if !isOptional { return Course(passage: passage, own: .zero, isEndless: isEndless) }
        if !isEndless, let whole, let gap, let now = around.now {
            let end = passage.applied(to: now).open
            if end > whole.value { reportSum(gap.span, takes: end, isAlone: false, .part) }
        }
        return .nothing
    }

    private func course(
        _ group: GroupSyntax, _ line: LineSyntax, _ around: Surroundings
    ) -> Course {
        let minimum = group.count.kind.minimum
        let course = course(group.gap, around, minimum == 0 ? .part : .rule) { around in
            var inner = around
            inner.leads = around.leads && minimum <= 1
            let body = self.course(group.body, inner)
            let further = body.passage.repeated(max(0, minimum - 1))
            var all = Course(
                passage: body.passage.followed(by: further),
                own: body.own.map { further.applied(to: $0) }, isEndless: body.isEndless)
            if let spread = group.spread, let own = all.own, own.bound > spread.value,
                !all.isEndless
            {
                all.isEndless = true
                report(
                    around.subject, line.span.firstLine,
                    "but from its first to its last event it takes \(own.bound)",
                    .init("they must be within \(spread.value)", at: spread.span))
            }
            return all
        }
        return minimum == 0 ? .nothing : course
    }

    /// A line with sequences inside, which has a gap around it.
    private func course(
        _ gap: GapSyntax, _ outer: Surroundings, _ subject: Subject,
        _ content: (Surroundings) -> Course?
    ) -> Course {
        var around = outer
        if subject != .rule { around.subject = subject }
        var start = LeastPassage.none
        var isEndless = false
        if !outer.leads {
            if let after = gap.after {
                start = .gap(after.value)
                around.now = around.now.map { start.applied(to: $0) }
                isEndless = reportIfLong(after, around)
            }
            if let within = gap.within, outer.limit.map({ within.value < $0.value }) ?? true {
                around.limit = (
                    within.value,
                    .init(
                        "this must end within \(within.value) of the line before", at: within.span)
                )
            }
        }
        around.wait = .zero
        guard var course = content(around) else { return .nothing }
        course.isEndless = course.isEndless || isEndless
        course.passage = start.followed(by: course.passage)
        if !course.isEndless, !outer.leads {
            // That no branch comes in time is no branch's own fault.
            if subject == .branch { around.subject = outer.subject }
            around.wait = outer.wait
            course.isEndless = reportIfLate(course.passage, gap, around)
        }
        return course
    }

    // MARK: what is reported

    /// A wait that is longer than the closest limit.
    private func reportIfLong(_ wait: Spanned<TimeSpan>, _ around: Surroundings) -> Bool {
        guard let limit = around.limit, wait.value > limit.value else { return false }
        report(
            around.subject, wait.span, "but this wait alone takes \(wait.value)", limit.note)
        return true
    }

    /// A line that can't end within its own `within`, which counts from the last event bound.
    private func reportIfLate(
        _ passage: LeastPassage, _ gap: GapSyntax, _ around: Surroundings
    ) -> Bool {
        guard let within = gap.within else { return false }
        // That is said of the gap itself.
        if let after = gap.after, after.value > within.value { return false }
        let end = passage.applied(to: LeastTimes(bound: .zero, open: around.wait)).open
        guard end > within.value else { return false }
        report(
            around.subject, within.span, "but this line ends \(end) after that or later",
            .init("`within` counts from the last event of the line before"))
        return true
    }

    private func reportSum(
        _ line: LineSyntax, takes total: TimeSpan, isAlone: Bool, _ subject: Subject
    ) {
        let span: SourceSpan? =
            switch line.kind {
            case .absence(_, let absence): absence.duration?.span
            case .step(_, let step): step.gap.after?.span
            default: nil
            }
        reportSum(span ?? line.span.firstLine, takes: total, isAlone: isAlone, subject)
    }

    private func reportSum(
        _ span: SourceSpan, takes total: TimeSpan, isAlone: Bool, _ subject: Subject
    ) {
        guard let whole else { return }
        report(
            subject, span,
            isAlone
                ? "but this alone takes \(total)"
                : "but with the waits before it this takes \(total)",
            .init("the whole match must end within \(whole.value)", at: whole.span))
    }

    private func report(
        _ subject: Subject, _ span: SourceSpan, _ label: String, _ note: Diagnostic.Note
    ) {
        checker.report(.neverFinishes, subject.message, at: span, label: label, notes: [note])
    }
}

extension Array {
    fileprivate func reduce(_ join: (Element, Element) -> Element) -> Element? {
        guard let first else { return nil }
        return dropFirst().reduce(first, join)
    }
}
