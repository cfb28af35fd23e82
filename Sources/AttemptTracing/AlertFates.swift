// SPDX-License-Identifier: Apache-2.0
// Why a match is no alert: docs/reference/matching.md, "From matches to alerts". The engine has
// decided, and says what kept the match back.

package import EventModel
import Oracle
package import RuleLanguage

/// What the engine has decided about a match of the rule, of whatever key.
package struct MatchFate: Sendable {
    package enum Obstacle: Sendable {
        /// An alert of its key is open, with this end.
        case openAlert(end: StreamTime)
        /// `suppress` of an alert with this end.
        case suppression(end: StreamTime)
        /// `limit`: so many alerts, of which the first was then.
        case limit(count: Int, since: StreamTime)
    }

    package var key: [Value]
    package var start: StreamTime
    package var end: StreamTime
    /// The events bound or, of a window, held.
    package var eventCount: Int
    /// Nil: it is an alert.
    package var obstacle: Obstacle?

    package init(
        key: [Value], start: StreamTime, end: StreamTime, eventCount: Int, obstacle: Obstacle?
    ) {
        self.key = key
        self.start = start
        self.end = end
        self.eventCount = eventCount
        self.obstacle = obstacle
    }
}

/// The matches of one key, one after the other, beside what the engine has decided.
struct AlertFates {
    private let rule: CheckedRule
    private let words: TraceWords
    private let evaluator: ExprEvaluator
    /// Of those of the key, the next that a match may have.
    private var rest: ArraySlice<MatchFate>

    init(_ trace: RuleTrace, key: [Value]) {
        rule = trace.rule
        words = trace.words
        evaluator = trace.evaluator
        rest = trace.fates.filter { isSameKey($0.key, key) }[...]
    }

    /// Why the next match is no alert; nil: it is one.
    mutating func heldBack(
        start: StreamTime, end: StreamTime, eventCount: Int, _ context: EvaluationContext
    ) -> String? {
        let policy = rule.policy
        for exception in policy.exceptions where exception.until.map({ end < $0 }) ?? true {
            if evaluator.isTrue(exception.condition, in: context) {
                let condition = words.text(exception.condition)
                return "`except \"\(exception.reason)\" where \(condition)` drops it"
            }
        }
        guard policy.isStateful else { return nil }
        let place = rest.firstIndex {
            $0.start == start && $0.end == end && $0.eventCount == eventCount
        }
        guard let place else { return "the engine does not know it" }
        let fate = rest[place]
        rest = rest[(place + 1)...]
        return fate.obstacle.map { text($0, at: end) }
    }

    private func text(_ obstacle: MatchFate.Obstacle, at time: StreamTime) -> String {
        switch obstacle {
        case .openAlert(let end):
            let filter = rule.policy.resolution.map { words.text($0.filter) } ?? ""
            return "the alert at \(end) is still open (`resolve on \(filter)`)"
        case .suppression(let end):
            return "`suppress \(rule.policy.suppression?.duration ?? .zero)` of the alert at"
                + " \(end), which is \(time.since(end)) earlier"
        case .limit(let count, let since):
            let limit = rule.policy.limit.map { "\($0.count) per \($0.duration)" } ?? ""
            return "`limit \(limit)` was reached: the rule has sent \(counted(count, "alert"))"
                + " since \(since)"
        }
    }
}

extension AlertPolicy {
    /// Whether what becomes of a match depends on the alerts before it.
    package var isStateful: Bool { resolution != nil || suppression != nil || limit != nil }
}
