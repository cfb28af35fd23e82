// SPDX-License-Identifier: Apache-2.0
// Of a rule over a window, the looks: those that matched, and the one that came nearest.

import EventModel
import Oracle
import RuleLanguage

/// The looks at the window of one key.
struct WindowTeller {
    private var trace: WindowTrace
    private(set) var matches: [WindowTrace.Look] = []
    /// Looks that gave no match.
    private(set) var lookCount = 0
    private(set) var nearest: WindowTrace.Look?
    private var nearestScore = (Int.max, 0.0)
    private let interest: StreamTime?
    private let having: Expr?
    private let judge: ConditionJudge

    init(_ rule: CheckedRule, _ trace: WindowTrace, at time: StreamTime?, _ judge: ConditionJudge) {
        self.trace = trace
        self.judge = judge
        interest = time
        having = rule.having
    }

    var workCount: Int { trace.workCount }

    mutating func work(on event: ReadEvent) { add(trace.work(on: event)) }

    mutating func pass(_ event: ReadEvent) { trace.pass(event) }

    mutating func finish(drainUntil: StreamTime?) { add(trace.finish(drainUntil: drainUntil)) }

    private mutating func add(_ looks: [WindowTrace.Look]) {
        for look in looks {
            if let interest, !(look.start <= interest && interest <= look.end) { continue }
            if look.isMatch {
                matches.append(look)
                continue
            }
            lookCount += 1
            let score = score(look)
            if score < nearestScore { (nearest, nearestScore) = (look, score) }
        }
    }

    /// The parts of `having` that were not true, and how far from it. A look that would match, had
    /// the one before not, comes last.
    private func score(_ look: WindowTrace.Look) -> (Int, Double) {
        guard !look.holds, let having else { return (Int.max - 1, 0) }
        let failed = having.conjuncts.filter { !judge.evaluator.isTrue($0, in: look.context) }
        return (failed.count, failed.reduce(0) { $0 + judge.distance($1, look.context) })
    }

    func story(
        _ look: WindowTrace.Look, _ words: TraceWords, _ window: CheckedRule.Window
    ) -> AttemptStory {
        var story = AttemptStory(
            start: look.start, bound: look.held.map { words.event($0, words.name(StepID(0))) },
            awaited: [], ending: look.isMatch ? "matched" : "having",
            reason: look.isMatch
                ? "matched"
                : look.holds
                    ? "`having` was true before already, and matches once until it is not"
                    : "`having` was not true of `over \(window)`",
            end: look.end)
        if let having, !look.holds { story.failures = judge.failures(having, look.context) }
        return story
    }
}
