// SPDX-License-Identifier: Apache-2.0

/// What two rulesets made of the same events, rule by rule.
package struct RulesetComparison: Sendable {
    /// What became of the alerts of one pair of rules.
    package struct Rule: Sendable {
        package var pair: RulesetPairing.Pair
        package var same = 0
        package var lost = 0
        package var new = 0
        package var changed = 0
        /// The first few of each kind, lost, then new, then changed, each in the order of time.
        package var examples: [AlertDifference] { lostExamples + newExamples + changedExamples }

        fileprivate var lostExamples: [AlertDifference] = []
        fileprivate var newExamples: [AlertDifference] = []
        fileprivate var changedExamples: [AlertDifference] = []

        package var hasDifferences: Bool { lost + new + changed > 0 }

        fileprivate init(_ pair: RulesetPairing.Pair) { self.pair = pair }
    }

    /// Examples of each kind that are kept for a rule.
    package let exampleCount: Int
    /// In the order of the pairs.
    package private(set) var rules: [Rule]
    /// Alerts decided about before all that could be their partners had come.
    package var earlyCount = 0

    package init(_ pairing: RulesetPairing, exampleCount: Int) {
        self.exampleCount = exampleCount
        rules = pairing.pairs.map { Rule($0) }
    }

    /// Whether any rule or alert differs.
    package var hasDifferences: Bool {
        rules.contains { $0.hasDifferences || $0.pair.old != $0.pair.new }
    }

    package var total: (same: Int, lost: Int, new: Int, changed: Int) {
        rules.reduce(into: (0, 0, 0, 0)) { sum, rule in
            sum.0 += rule.same
            sum.1 += rule.lost
            sum.2 += rule.new
            sum.3 += rule.changed
        }
    }

    mutating func add(_ difference: AlertDifference) {
        let rule = difference.rule
        switch difference {
        case .same: rules[rule].same += 1
        case .lost:
            rules[rule].lost += 1
            keep(difference, in: &rules[rule].lostExamples)
        case .new:
            rules[rule].new += 1
            keep(difference, in: &rules[rule].newExamples)
        case .changed:
            rules[rule].changed += 1
            keep(difference, in: &rules[rule].changedExamples)
        }
    }

    /// Differences come nearly, but not quite, in the order of time: a changed alert as soon as it
    /// has a partner.
    private func keep(_ difference: AlertDifference, in examples: inout [AlertDifference]) {
        var index = examples.count
        while index > 0, difference.place < examples[index - 1].place { index -= 1 }
        guard index < exampleCount else { return }
        examples.insert(difference, at: index)
        if examples.count > exampleCount { examples.removeLast() }
    }
}

extension AlertDifference {
    /// Where the earlier of its alerts stands.
    var place: ComparedAlert.Place {
        switch self {
        case .same: ComparedAlert.Place(moment: .min, start: .min, identity: 0)
        case .lost(let alert), .new(let alert): alert.place
        case .changed(let old, let new): min(old.place, new.place)
        }
    }

    var rule: Int {
        switch self {
        case .same(let rule): rule
        case .lost(let alert), .new(let alert), .changed(let alert, _): alert.rule
        }
    }
}
