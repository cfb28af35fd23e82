// SPDX-License-Identifier: Apache-2.0
// Exercised by RuleLimitsTests.

internal import MatchCore

/// The caps of rules as a configuration and the registry name them.
enum RuleLimits {
    struct Limit: Sendable {
        let name: String
        let path: any WritableKeyPath<Caps, Int> & Sendable
        /// One sentence, without a full stop.
        let summary: String
    }

    /// Without `bindingsPerRule` and `untoldSuppressionsPerRule`: of what counts towards those a
    /// recovery finds only a part again, so that low ones would have it say something else.
    static let all = [
        Limit(
            name: "keys", path: \.keys,
            summary: "Keys of which all rules together hold something; events that would need more "
                + "begin nothing; without it any number"),
        Limit(
            name: "attempts_per_key", path: \.attemptsPerKey,
            summary: "Attempts that one key of one rule has at once; more are not begun"),
        Limit(
            name: "choices_per_event", path: \.choicesPerEvent,
            summary: "Ways in which one event takes one attempt on; more are not followed"),
        Limit(
            name: "matches_per_event", path: \.matchesPerEvent,
            summary: "Matches that one event completes for one key, of rules on compact sets; "
                + "of more those with the latest events count"),
        Limit(
            name: "window_events_per_key", path: \.windowEventsPerKey,
            summary: "Events whose values a window holds for one key of one rule; of more the "
                + "oldest leaves early"),
        Limit(
            name: "open_alerts_per_rule", path: \.openAlertsPerRule,
            summary: "Alerts that `resolve on` keeps open in one rule; more are sent and not kept "
                + "open"),
        Limit(
            name: "suppressions_per_rule", path: \.suppressionsPerRule,
            summary: "Keys of one rule, or values of its `per`, that `suppress` keeps matches back "
                + "of; alerts of more are sent"),
    ]

    /// One that nothing bounds is nothing that a configuration says.
    private static let none = Int.max

    static var options: [OptionDeclaration] {
        let standard = Caps()
        return all.map { limit in
            let value = standard[keyPath: limit.path]
            return OptionDeclaration(
                limit.name, .integer(1...1_000_000_000),
                default: value == none ? nil : "\(value)", limit.summary)
        }
    }

    static func caps(_ values: SectionValues) -> Caps {
        var caps = Caps()
        for limit in all where values.value(limit.name) != nil {
            caps[keyPath: limit.path] = values.integer(limit.name)
        }
        return caps
    }

    /// All of them, a line each, as the registry keeps them: the standard may become another.
    static func text(_ caps: Caps) -> String {
        all.map { "\($0.name) \(word(caps[keyPath: $0.path]))" }.joined(separator: "\n")
    }

    /// Those of a text; what it does not name is as it is by default. Nil: it names something else.
    static func caps(_ text: String) -> Caps? {
        var caps = Caps()
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let limit = all.first(where: { $0.name == parts[0] }),
                let value = parts[1] == "any" ? none : Int(parts[1]), value > 0
            else { return nil }
            caps[keyPath: limit.path] = value
        }
        return caps
    }

    /// What they were and are, of those that differ.
    static func differences(from old: Caps, to new: Caps) -> [String] {
        all.compactMap { limit in
            let (before, now) = (old[keyPath: limit.path], new[keyPath: limit.path])
            return before == now ? nil : "\(limit.name) \(word(before)) -> \(word(now))"
        }
    }

    private static func word(_ value: Int) -> String { value == none ? "any" : "\(value)" }
}
