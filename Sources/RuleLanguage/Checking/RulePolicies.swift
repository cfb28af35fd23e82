// SPDX-License-Identifier: Apache-2.0
// The clauses between a rule's matches and its alerts: `except`, `resolve on`, `suppress`, `limit`.

import Diagnostics
import EventModel

extension RulesetChecker {
    func checkLimit(_ count: Spanned<Int64>, _ duration: Spanned<TimeSpan>, _ rule: RuleOutline) {
        checkDuration(duration, "a limit", allowsZero: false)
        guard (1...RulesetChecker.countCap).contains(count.value) else {
            report(
                .badCount, "a limit of \(count.value) alerts makes no sense", at: count.span,
                label: "1 to \(RulesetChecker.countCap)")
            return
        }
        rule.policy.limit = .init(count: Int(count.value), duration: duration.value)
    }

    func checkResolution(
        _ syntax: FilterSyntax, _ quiet: Spanned<TimeSpan>?, _ rule: RuleOutline
    ) {
        if let quiet { checkDuration(quiet, "a wait", allowsZero: false) }
        let scope = Scope(place: .resolve, rule: rule)
        guard
            let filter = filter(
                syntax, eventSubject(syntax.event), rule, scope, condition: syntax.condition)
        else { return }
        rule.policy.resolution = .init(filter: filter, quiet: quiet?.value)
    }

    func checkSuppression(
        _ duration: Spanned<TimeSpan>, _ per: [ExprSyntax], _ rule: RuleOutline, _ scope: Scope
    ) {
        checkDuration(duration, "a suppression", allowsZero: false)
        let values = per.map { check($0, scope).expr }
        rule.policy.suppression = .init(
            duration: duration.value, per: per.isEmpty ? nil : values)
    }

    func checkException(
        _ reason: Spanned<String>, _ end: Spanned<StreamTime>?, _ condition: ExprSyntax,
        _ rule: RuleOutline, _ scope: Scope
    ) {
        let checked = self.condition(condition, scope)
        noteCondition(checked, condition)
        if let end, let today, end.value <= today {
            report(
                .expiredException, "the exception \"\(reason.value)\" has expired", at: end.span,
                label: "it drops nothing any more: take it out, or give it a later date")
        }
        guard let checked else { return }
        rule.policy.exceptions.append(
            .init(reason: reason.value, until: end?.value, condition: checked))
    }
}
