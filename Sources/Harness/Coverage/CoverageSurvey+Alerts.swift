// SPDX-License-Identifier: Apache-2.0
// What stands between the matches of a rule and its alerts, and what the alerts say.

internal import EventModel
internal import RuleLanguage

extension CoverageSurvey {
    mutating func surveyPolicy() {
        for exception in rule.policy.exceptions {
            func seen(_ condition: Expr) -> Bool {
                var changed = rule
                changed.having = rule.having.map { .and($0, condition) } ?? condition
                return !probe.sightings(of: changed).isEmpty
            }
            add(
                .exception, "except where \(writer.text(exception.condition))", rule.span,
                [
                    ("dropped a match", seen(exception.condition)),
                    ("let one through", seen(.not(exception.condition))),
                ])
        }
        let alerts = probe.sightings(of: rule, keepsSkip: true)
        /// Whether there is another alert without a part of the policy.
        func holdsBack(_ leave: (inout AlertPolicy) -> Void) -> Bool {
            var changed = rule
            leave(&changed.policy)
            return !probe.sightings(of: changed, keepsSkip: true).isSubset(of: alerts)
        }
        if let suppression = rule.policy.suppression {
            add(
                .suppression, "suppress \(suppression.duration)", rule.span,
                [("held one back", holdsBack { $0.suppression = nil })])
        }
        if let limit = rule.policy.limit {
            add(
                .suppression, "limit \(limit.count) per \(limit.duration)", rule.span,
                [("held one back", holdsBack { $0.limit = nil })])
        }
        if let resolution = rule.policy.resolution {
            var outcomes = [("held one back", holdsBack { $0.resolution = nil })]
            // Without the time only the event resolves.
            let notices = probe.notices(of: rule)
            var timeless = rule
            timeless.policy.resolution?.quiet = nil
            let ofEvents = resolution.quiet == nil ? notices : probe.notices(of: timeless)
            outcomes.append(("resolved", !notices.isDisjoint(with: ofEvents)))
            if resolution.quiet != nil {
                outcomes.append(("resolved by time", !notices.isSubset(of: ofEvents)))
            }
            let time = resolution.quiet.map { " for \($0)" } ?? ""
            add(
                .resolution, "resolve on \(text(resolution.filter))\(time)",
                resolution.filter.span, outcomes)
        }
    }

    /// Conditions of `if(…)` in what an alert says, of each match that is one.
    mutating func surveyChoices() {
        let output =
            [rule.severity, rule.alertTitle] + (rule.labels + rule.alertFields).map(\.value)
        var seen: Set<Expr> = []
        for condition in output.flatMap(\.choices) where seen.insert(condition).inserted {
            func holds(_ condition: Expr) -> Bool {
                var changed = rule
                changed.having = rule.having.map { .and($0, condition) } ?? condition
                return !probe.sightings(of: changed).isEmpty
            }
            add(
                .choice, "if(\(writer.text(condition)), …)", rule.span,
                truths(holds(condition), holds(.not(condition)), holds(.isMissing(condition))))
        }
    }
}

extension Expr {
    /// The conditions of `if(…)` in it that are asked of the whole match.
    fileprivate var choices: [Expr] {
        switch self {
        case .conditional(let condition, let a, let b):
            [condition] + condition.choices + a.choices + b.choices
        case .and(let a, let b), .or(let a, let b), .compare(_, let a, let b), .isIn(let a, let b),
            .contains(let a, let b), .arithmetic(_, let a, let b), .element(let a, let b):
            a.choices + b.choices
        case .not(let a), .negate(let a), .isMissing(let a), .matches(let a, _),
            .isInTable(let a, _), .lookUp(let a, _, column: _), .like(let a, _, _):
            a.choices
        case .coalesce(let parts), .list(let parts), .call(_, let parts), .template(let parts):
            parts.flatMap(\.choices)
        // What stands in these is asked of each event.
        case .bound, .aggregate, .part: []
        case .constant, .field, .fieldNamed, .builtIn, .key, .previous, .match: []
        }
    }
}
