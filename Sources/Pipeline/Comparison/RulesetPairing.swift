// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesetPairingTests.

package import RuleLanguage

/// The rules of two rulesets, side by side.
package struct RulesetPairing: Sendable {
    package struct Pair: Hashable, Sendable {
        /// Nil: only the new ruleset has it.
        package var old: String?
        /// Nil: only the old ruleset has it.
        package var new: String?

        package var isRenamed: Bool { old != nil && new != nil && old != new }
        /// What it is called now or, of one that is no more, was called.
        package var name: String { new ?? old ?? "" }
    }

    /// Those of the new ruleset in its order, then those that only the old one has.
    package private(set) var pairs: [Pair] = []
    /// By side and the number of the rule in its ruleset, the number of its pair.
    package private(set) var numbers: [[Int]]

    /// Rules of one name are a pair; of the others, those that are the same but for their names.
    package init(old: CheckedRuleset, new: CheckedRuleset) {
        let newNames = Set(new.rules.map(\.name))
        let oldNames = Dictionary(
            old.rules.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        // Of rules that are no more: their texts, the first one last, to be taken from the back.
        var gone: [String: [Int]] = [:]
        for (index, rule) in old.rules.enumerated().reversed() where !newNames.contains(rule.name) {
            gone[old.textWithoutName(of: rule), default: []].append(index)
        }
        numbers = [Array(repeating: -1, count: old.rules.count), []]
        for rule in new.rules {
            let partner =
                oldNames[rule.name] ?? gone[new.textWithoutName(of: rule)]?.popLast()
            numbers[1].append(pairs.count)
            if let partner { numbers[0][partner] = pairs.count }
            pairs.append(Pair(old: partner.map { old.rules[$0].name }, new: rule.name))
        }
        for (index, rule) in old.rules.enumerated() where numbers[0][index] < 0 {
            numbers[0][index] = pairs.count
            pairs.append(Pair(old: rule.name, new: nil))
        }
    }
}
