// SPDX-License-Identifier: Apache-2.0

/// The rules of a ruleset, in order. Those that are like an earlier one are made when they are
/// asked for.
///
/// - Shape: once rules are changed or left out, all of them are there as a whole, and none is known
///   any more that another one is like.
package struct CheckedRules: Sendable {
    private enum Entry {
        indirect case whole(CheckedRule)
        case alike(AlikeRule)
    }

    private var entries: [Entry] = []
    private var hasAlike = false

    package init() {}

    package init(_ rules: some Sequence<CheckedRule>) { entries = rules.map { .whole($0) } }

    mutating func append(whole rule: CheckedRule) { entries.append(.whole(rule)) }

    mutating func append(_ rule: AlikeRule) {
        entries.append(.alike(rule))
        hasAlike = true
    }

    /// How the rule differs from an earlier one; nil: none is known that it is like.
    package func alike(_ index: Int) -> AlikeRule? {
        if case .alike(let rule) = entries[index] { rule } else { nil }
    }

    package func alertType(of index: Int) -> EventTypeID? {
        switch entries[index] {
        case .whole(let rule): rule.alertType
        case .alike(let rule): rule.alertType
        }
    }

    package func rank(of index: Int) -> Int {
        switch entries[index] {
        case .whole(let rule): rule.rank
        case .alike(let rule): rule.rank
        }
    }

    package func onlyEmits(_ index: Int) -> Bool {
        switch entries[index] {
        case .whole(let rule): rule.onlyEmits
        case .alike(let rule): onlyEmits(rule.model)
        }
    }

    private mutating func makeAllWhole() {
        guard hasAlike else { return }
        self = CheckedRules(Array(self))
    }
}

extension CheckedRules: RandomAccessCollection, MutableCollection, RangeReplaceableCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { entries.count }

    package subscript(index: Int) -> CheckedRule {
        get {
            switch entries[index] {
            case .whole(let rule): rule
            case .alike(let rule): rule.rule(like: self[rule.model])
            }
        }
        set {
            makeAllWhole()
            entries[index] = .whole(newValue)
        }
    }

    package mutating func replaceSubrange(
        _ range: Range<Int>, with rules: some Collection<CheckedRule>
    ) {
        makeAllWhole()
        entries.replaceSubrange(range, with: rules.map { .whole($0) })
    }
}

extension CheckedRules: ExpressibleByArrayLiteral {
    package init(arrayLiteral rules: CheckedRule...) { self.init(rules) }
}
