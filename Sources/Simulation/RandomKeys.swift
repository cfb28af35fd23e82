// SPDX-License-Identifier: Apache-2.0

internal import EventModel
package import Oracle
package import RuleLanguage

/// Keys of random rules over the events of `StreamGenerator`: mostly `k`, now and then with or of
/// what every event has.
///
/// They are drawn apart from the rules, which are the same whatever keys there are.
package struct RandomKeys {
    private var random: SeededRandom
    /// Whether all of them have `time`, `id` or `type` in them.
    var areBuiltIn = false

    init(seed: UInt64) { random = SeededRandom(seed: seed ^ 0x6b65_7973) }

    /// The key of a rule, and that of a step of it which has its own.
    mutating func next() -> (rule: String, step: String) {
        guard areBuiltIn || random.chance(1, in: 6) else { return ("k", "j") }
        return random.pick([
            ("type", "type"), ("type", "s"), ("k, type", "j, type"), ("time", "time"),
            ("time, k", "time, j"), ("id", "id"), ("id, k", "id, j"),
        ])
    }

    /// The texts of all keys that a random rule can find in events of `StreamGenerator`, whose
    /// fields `k` and `j` are 0 or 1, and in alerts: a table of keys has 2 as well.
    package static func texts(
        of rule: CheckedRule, in events: [ReferenceEvent]
    ) -> [[String]] {
        rule.key.reduce([[]]) { keys, part in
            let texts = texts(ofPart: part.name, in: events)
            return keys.flatMap { key in texts.map { key + [$0] } }
        }
    }

    private static func texts(ofPart name: String, in events: [ReferenceEvent]) -> [String] {
        let texts: [String]
        switch name {
        case "id": texts = events.map(\.id)
        case "time": texts = events.map { Value.time($0.time).displayText }
        case "type": texts = events.map(\.type) + StreamGenerator.manyTexts
        default: texts = ["0", "1", "2"]
        }
        return Set(texts).sorted()
    }
}
