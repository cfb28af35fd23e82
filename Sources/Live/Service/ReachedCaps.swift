// SPDX-License-Identifier: Apache-2.0
// Exercised by ReachedCapsTests.

/// What the log says of caps that rules reach: at the first time, and at each tenfold of it, so
/// that a rule which reaches one with every event does not fill the log.
struct ReachedCaps {
    private struct Place: Hashable {
        let rule: String
        let cap: Int
    }

    /// How often each had been reached when that was told.
    private var told: [Place: Int] = [:]

    /// - Parameter rules: as they are at the start; what was reached before has been told.
    init(knowing rules: [RuleStatus] = []) { _ = news(rules) }

    /// What is to be told now, in the order of the rules.
    mutating func news(_ rules: [RuleStatus]) -> [String] {
        var news: [String] = []
        for rule in rules {
            for (cap, count) in rule.caps.enumerated() where count > 0 {
                let place = Place(rule: rule.name, cap: cap)
                let before = told[place] ?? 0
                // Fewer than before: the rule is another one of that name.
                guard count < before || ReachedCaps.magnitude(count) > ReachedCaps.magnitude(before)
                else { continue }
                told[place] = count
                let times = count == 1 ? "once" : "\(count) times"
                news.append(
                    "the limit `\(RuleStatus.capNames[cap])` has held up the rule `\(rule.name)` "
                        + times)
            }
        }
        return news
    }

    /// The number of its digits; 0 has none.
    private static func magnitude(_ count: Int) -> Int { count == 0 ? 0 : "\(count)".utf8.count }
}
