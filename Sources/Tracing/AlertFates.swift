// SPDX-License-Identifier: Apache-2.0
// Why a match is no alert: docs/reference/matching.md, "From matches to alerts". The engine has
// decided; here the decision is read off the alerts that it sent.

package import EventModel
import Oracle
package import RuleLanguage

/// An alert or a notice of the rule, of whatever key.
package struct SentAlert: Sendable {
    package var key: [Value]
    package var start: StreamTime
    package var end: StreamTime
    /// When it came out.
    package var moment: StreamTime
    package var isResolved: Bool
    package var eventCount: Int
    /// What `suppress … per` takes for alike; nil: not known.
    package var alike: [Value]?

    package init(
        key: [Value], start: StreamTime, end: StreamTime, moment: StreamTime, isResolved: Bool,
        eventCount: Int, alike: [Value]?
    ) {
        self.key = key
        self.start = start
        self.end = end
        self.moment = moment
        self.isResolved = isResolved
        self.eventCount = eventCount
        self.alike = alike
    }
}

/// The matches of one key, one after the other, beside the alerts of the rule.
struct AlertFates {
    let rule: CheckedRule
    let words: TraceWords
    let evaluator: ExprEvaluator
    let key: [Value]
    private let sent: [SentAlert]
    /// Of those of the key, the next that a match may be.
    private var own: ArraySlice<SentAlert>

    init(_ trace: RuleTrace, key: [Value]) {
        rule = trace.rule
        words = trace.words
        evaluator = trace.evaluator
        self.key = key
        sent = trace.sent
        own = trace.sent.filter { !$0.isResolved && isSameKey($0.key, key) }[...]
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
        let place = own.firstIndex {
            $0.start == start && $0.end == end && $0.eventCount == eventCount
        }
        if let place {
            own = own[(place + 1)...]
            return nil
        }
        return open(at: end) ?? suppressed(at: end, context) ?? limited(at: end)
            ?? "an alert before it keeps it back"
    }

    private func open(at time: StreamTime) -> String? {
        guard let resolution = rule.policy.resolution else { return nil }
        let before = sent.filter { $0.moment <= time && isSameKey($0.key, key) }
        guard let last = before.last, !last.isResolved else { return nil }
        return "the alert at \(last.end) is still open"
            + " (`resolve on \(words.text(resolution.filter))`)"
    }

    private func suppressed(at time: StreamTime, _ context: EvaluationContext) -> String? {
        guard let suppression = rule.policy.suppression else { return nil }
        let alike = suppression.per?.map { evaluator.evaluate($0, in: context) } ?? key
        let before = sent.last { alert in
            let other = suppression.per == nil ? alert.key : alert.alike ?? []
            return !alert.isResolved && alert.moment <= time && isSameKey(other, alike)
        }
        guard let before, time <= before.end + suppression.duration else { return nil }
        return "`suppress \(suppression.duration)` of the alert at \(before.end), which is"
            + " \(time.since(before.end)) earlier"
    }

    private func limited(at time: StreamTime) -> String? {
        guard let limit = rule.policy.limit else { return nil }
        let recent = sent.filter {
            !$0.isResolved && $0.moment <= time && $0.end + limit.duration >= time
        }
        guard recent.count >= limit.count, let first = recent.first else { return nil }
        return "`limit \(limit.count) per \(limit.duration)` was reached: the rule has sent"
            + " \(counted(recent.count, "alert")) since \(first.end)"
    }
}

extension AlertPolicy {
    /// Whether what becomes of a match depends on the alerts before it.
    package var isStateful: Bool { resolution != nil || suppression != nil || limit != nil }
}
