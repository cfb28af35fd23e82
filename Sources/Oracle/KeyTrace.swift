// SPDX-License-Identifier: Apache-2.0
// What becomes of the attempts of one key, told one by one. It is the reference matcher at work, so
// what is told to have matched has. Exercised by TraceAgreementTests.

package import EventModel
package import RuleLanguage

/// A rule at work on the input of one value of its key.
package struct KeyTrace {
    /// An event that a step has bound.
    package struct BoundEvent: Hashable, Sendable {
        package var step: StepID
        /// In the input of the key, from 1.
        package var position: Int

        package init(step: StepID, position: Int) {
            self.step = step
            self.position = position
        }
    }

    /// What an attempt waits for.
    package struct Awaited: Sendable {
        package var line: Pattern.Line
        /// The steps that can take the next event of it.
        package var steps: [Pattern.Step]
        /// What a counted step has of its count.
        package var count: Int
        /// The event from which the line's `after` and `within` count.
        package var last: Int?

        package init(line: Pattern.Line, steps: [Pattern.Step], count: Int, last: Int?) {
            self.line = line
            self.steps = steps
            self.count = count
            self.last = last
        }
    }

    package struct Attempt: Sendable {
        package var first: Int
        package var bound: [BoundEvent]
        package var awaited: [Awaited]
        package var ending: Ending
        /// The event that ended it; nil: the clock or another attempt did.
        package var position: Int?
        package var time: StreamTime
    }

    /// Attempts that are kept, the furthest of all.
    package static let attemptCap = 64

    private var run: KeyRun
    private var kept: [(attempt: EndedAttempt, progress: [Int])] = []
    /// Attempts that did not match, without those that a match ended.
    package private(set) var attemptCount = 0
    package private(set) var skippedCount = 0
    /// Times at which an attempt was at work on an event.
    package private(set) var workCount = 0
    package private(set) var matches: [Attempt] = []

    /// A time that is of interest; nil: all are.
    private let interest: StreamTime?
    /// Where it is told what the rule matches: the matches that are still to come.
    private var guide: ArraySlice<Candidate>?

    /// - Parameter time: a time that is of interest: attempts that are under way then are kept
    ///   rather than others.
    package init(
        _ rule: CheckedRule, key: [Value], watchedFrom: StreamTime, _ reading: EventReading,
        at time: StreamTime? = nil
    ) {
        interest = time
        var started = rule
        started.pattern.body = rule.pattern.body.withStarts
        let walker = Walker(rule: started, key: key, evaluator: reading.evaluator)
        run = KeyRun(walker: walker, watchedFrom: watchedFrom)
        run.notesEndings = true
    }

    /// The input so far; position p is `input[p - 1]`.
    package var input: [ReadEvent] { run.walker.input }

    /// Begins the attempt of a key of the table in `keys from`, before any event.
    package mutating func open(_ reading: EventReading) { collect { $0.open(reading) } }

    /// Whether some attempt is under way.
    package var hasAttempts: Bool { !run.attempts.isEmpty }

    /// Takes the next event of the key without working on it.
    package mutating func pass(_ event: ReadEvent) { run.walker.input.append(event) }

    /// Follows only the attempts that begin at some positions.
    ///
    /// - Parameter matches: those of the rule and key, in order, also of other attempts: attempts
    ///   have to do with one another only through the matches that end them.
    package mutating func follow(beginnings: Set<Int>, matches: [MatchedEvents]) {
        run.beginnings = beginnings
        guide =
            matches.map { match in
                let bound = match.bound.map { Binding($0) }.sorted { $0.position < $1.position }
                return Candidate(
                    first: bound[0].position, bound: bound, end: match.end,
                    isByClock: match.isByClock)
            }[...]
    }

    /// A match as others have found it.
    package struct MatchedEvents {
        /// - Shape: never empty.
        package var bound: [BoundEvent]
        package var end: StreamTime
        package var isByClock: Bool

        package init(bound: [BoundEvent], end: StreamTime, isByClock: Bool) {
            self.bound = bound
            self.end = end
            self.isByClock = isByClock
        }
    }

    /// Takes the next event of the key, after every earlier deadline.
    package mutating func work(on event: ReadEvent) {
        workDeadlines { $0 < event.time }
        workCount += run.attempts.count + 1
        if guide != nil {
            let position = input.count + 1
            run.reports = takeMatches { !$0.isByClock && $0.bound.last?.position ?? 0 <= position }
        }
        collect { $0.work(on: event) }
    }

    private mutating func takeMatches(while isDue: (Candidate) -> Bool) -> [Candidate] {
        var matches: [Candidate] = []
        while let next = guide?.first, isDue(next) {
            matches.append(next)
            guide?.removeFirst()
        }
        return matches
    }

    /// Lets the clock run, and tells of what then still waits.
    ///
    /// - Parameters:
    ///   - drainUntil: deadlines up to and with this time are worked off; nil: all.
    ///   - end: the time of the last event there is, of whatever key.
    package mutating func finish(drainUntil: StreamTime?, end: StreamTime) {
        workDeadlines { deadline in drainUntil.map { deadline <= $0 } ?? true }
        for attempt in run.attempts {
            guard let state = attempt.alternatives.first else { continue }
            var ending = Ending.waiting
            if let first = run.walker.firstRunOut(state, attempt.first), first.time < end {
                ending = first.ending
            }
            run.noteEndings(of: [attempt], besides: [], ending)
            if case .waiting = ending { run.ended[run.ended.count - 1].time = end }
        }
        keep()
        kept.sort(by: isFurther)
    }

    /// Attempts that did not match, the furthest first.
    package var attempts: [Attempt] { kept.map { attempt($0.attempt) } }

    /// What conditions and fields of a match see.
    package func context(_ bound: [BoundEvent], event: ReadEvent? = nil) -> EvaluationContext {
        run.walker.context(event: event, bound: bound.map { Binding($0) })
    }

    /// The same of a finished match.
    package func matchContext(_ attempt: Attempt) -> EvaluationContext {
        var context = context(attempt.bound)
        context.match = EvaluationContext.Match(
            start: input[attempt.bound[0].position - 1].time, end: attempt.time,
            count: attempt.bound.count)
        return context
    }

    /// Whether a filter takes an event with what is bound by then.
    package func satisfies(_ filter: Filter, _ position: Int, _ bound: [BoundEvent]) -> Bool {
        run.walker.satisfies(filter, position, bound: bound.map { Binding($0) })
    }

    /// When the rule's limit ends an attempt.
    package func limit(of attempt: Attempt) -> StreamTime? { run.walker.limit(attempt.first) }

    /// Whether an attempt was under way at the time of interest.
    package func concerns(_ attempt: Attempt) -> Bool {
        isUnderWay(attempt.first, until: attempt.time)
    }

    private func isUnderWay(_ first: Int, until end: StreamTime) -> Bool {
        interest.map { run.walker.time(first) <= $0 && $0 <= end } ?? true
    }

    // MARK: Keeping

    private mutating func workDeadlines(while isDue: (StreamTime) -> Bool) {
        guard guide != nil else {
            while let next = run.deadline, isDue(next) { collect { $0.work(at: next) } }
            return
        }
        while true {
            let match = guide?.first.flatMap { $0.isByClock ? $0.end : nil }
            let deadline = run.deadline
            guard let next = [match, deadline].compactMap({ $0 }).min(), isDue(next) else { return }
            let matches = takeMatches { $0.isByClock && $0.end == next }
            run.reports = matches
            collect { run in
                if deadline == next { run.work(at: next) } else { run.report(matches, of: []) }
            }
        }
    }

    private mutating func collect(_ work: (inout KeyRun) -> Void) {
        let known = run.reported.count
        work(&run)
        for candidate in run.reported[known...] {
            let match = EndedAttempt(
                first: candidate.first, bound: candidate.bound, ending: .matched(matches.count),
                position: candidate.isByClock ? nil : candidate.bound.last?.position,
                time: candidate.end)
            matches.append(attempt(match))
        }
        if run.ended.count > 4 * KeyTrace.attemptCap { keep() }
    }

    private mutating func keep() {
        let skipped = run.ended.count { if case .skipped = $0.ending { true } else { false } }
        skippedCount += skipped
        attemptCount += run.ended.count - skipped
        kept += run.ended.map { ($0, progress($0)) }
        run.ended = []
        guard kept.count > KeyTrace.attemptCap else { return }
        kept.sort(by: isFurther)
        kept.removeLast(kept.count - KeyTrace.attemptCap)
    }

    /// What was complete before what waited in a later line; then what bound more, and what began
    /// later.
    private func isFurther(
        _ a: (attempt: EndedAttempt, progress: [Int]), _ b: (attempt: EndedAttempt, progress: [Int])
    ) -> Bool {
        if a.progress != b.progress { return b.progress.lexicographicallyPrecedes(a.progress) }
        // An attempt that is over tells more than one that still waits.
        let (x, y) = (a.attempt, b.attempt)
        return (x.bound.count, x.isWaiting ? 0 : 1, x.first)
            > (y.bound.count, y.isWaiting ? 0 : 1, y.first)
    }

    private func progress(_ ended: EndedAttempt) -> [Int] {
        let rank =
            switch ended.ending {
            case .skipped, .replaced, .leadingAbsence: 0
            default: 1
            }
        let concern = isUnderWay(ended.first, until: ended.time) ? 1 : 0
        guard let state = ended.state else { return [concern, rank, rank == 1 ? .max : 0] }
        return [concern, rank] + progress(state, run.body)
    }

    private func progress(_ state: SequenceState, _ sequence: Pattern.Sequence) -> [Int] {
        let isOpen = state.line.isOpen(in: sequence.lines[state.current])
        let nested = state.nested(in: sequence).map { progress($0.state, $0.sequence) }
        let inner = nested.max { $0.lexicographicallyPrecedes($1) } ?? []
        return [state.current, isOpen ? 1 : 0, state.everything(in: sequence).count] + inner
    }

    private func attempt(_ ended: EndedAttempt) -> Attempt {
        Attempt(
            first: ended.first,
            bound: ended.bound.map { BoundEvent(step: $0.step, position: $0.position) },
            awaited: ended.state.map { awaited($0, run.body) } ?? [], ending: ended.ending,
            position: ended.position, time: ended.time)
    }

    // MARK: What is awaited

    private func awaited(_ state: SequenceState, _ sequence: Pattern.Sequence) -> [Awaited] {
        let line = sequence.lines[state.current]
        if state.line.isOpen(in: line) {
            let frame = state.left(in: sequence).frame
            return run.walker.followers(sequence, after: state.current).flatMap { index in
                let next = sequence.lines[index]
                return [Awaited(line: next, steps: next.entries, count: 0, last: frame.last)]
            }
        }
        if case .step(let step) = line.element, case .step(let taken) = state.line {
            let count = taken.rows.map(\.count).max() ?? 0
            return [Awaited(line: line, steps: [step], count: count, last: state.entry.last)]
        }
        var inner = state.nested(in: sequence).filter { !$0.state.isOpen(in: $0.sequence) }
            .flatMap { awaited($0.state, $0.sequence) }
        inner += notBegun(state.line, line).map {
            Awaited(line: $0, steps: $0.entries, count: 0, last: state.entry.last)
        }
        return inner.isEmpty
            ? [Awaited(line: line, steps: line.entries, count: 0, last: state.entry.last)] : inner
    }

    /// The first lines of branches that nothing has begun.
    private func notBegun(_ state: LineState, _ line: Pattern.Line) -> [Pattern.Line] {
        switch (state, line.element) {
        case (.allOf(let state), .allOf(let sequences)), (.anyOf(let state), .anyOf(let sequences)):
            zip(state.branches, sequences).compactMap { branch, sequence in
                branch == .notBegun ? sequence.lines.first : nil
            }
        default: []
        }
    }
}

extension EndedAttempt {
    fileprivate var isWaiting: Bool { if case .waiting = ending { true } else { false } }
}

extension Binding {
    fileprivate init(_ event: KeyTrace.BoundEvent) {
        self.init(step: event.step, position: event.position)
    }
}

extension Pattern.Line {
    /// The steps with which the line can begin.
    package var entries: [Pattern.Step] {
        switch element {
        case .step(let step): [step]
        case .group(let group): group.body.entries
        case .allOf(let branches), .anyOf(let branches): branches.flatMap(\.entries)
        case .absence: []
        }
    }
}

extension Pattern.Sequence {
    /// The steps with which the sequence can begin.
    package var entries: [Pattern.Step] {
        var steps: [Pattern.Step] = []
        for line in lines {
            steps += line.entries
            if line.absence == nil, !line.isSkippable, !line.entries.isEmpty { break }
        }
        return steps
    }
}
