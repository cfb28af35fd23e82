// SPDX-License-Identifier: Apache-2.0

/// A conjunct of conditions that reads the event alone. Filters that have equal ones share them
/// over all rules, so that one answer serves all of them.
package struct Predicate: Sendable {
    package enum Test: Hashable, Sendable {
        case atom(RuleProgram.Atom)
        /// The field is identical to one of the constants, numbers by value.
        case oneOf(field: Int32, constants: [Int32])
        case code(CodeRange)
    }

    package var test: Test
    /// An event that satisfies none of these does not satisfy the predicate; nil: nothing of the
    /// kind is known.
    package var accesses: [Access]?

    /// Whether it is asked without running code.
    package var isCheap: Bool { if case .code = test { false } else { true } }

    /// Whether an event that an access finds satisfies it.
    package func follows(from access: Access) -> Bool {
        guard case .equal(let field, let constant) = access else { return false }
        switch test {
        case .atom(let atom):
            return atom.field == field && atom.constant == constant && atom.comparison == .equal
        case .oneOf(let asked, let constants):
            return asked == field && constants.contains(constant)
        case .code: return false
        }
    }

    /// The field that is asked, where that takes no code.
    var field: Int32? {
        switch test {
        case .atom(let atom): atom.field
        case .oneOf(let field, _): field
        case .code: nil
        }
    }
}

/// What can be looked up for an event: rules are filed under it, so that only those are asked whose
/// entry the event finds.
package enum Access: Hashable, Sendable {
    /// The field equals the constant.
    case equal(field: Int32, constant: Int32)
    /// The field's value lies in a range.
    case range(field: Int32, AccessRange)
    /// The field's text has another one in it.
    case text(field: Int32, AccessText)
    /// The field's text may match a regex, which is looked for with many others.
    case pattern(field: Int32, RulesetProgram.RegexSource)

    package var field: Int32 {
        switch self {
        case .equal(let field, _), .range(let field, _), .text(let field, _),
            .pattern(let field, _):
            field
        }
    }
}

/// From `low` to `high`, both included. Bounds and values are rounded to a `Double`, which keeps
/// their order: a value outside may seem to be at a bound, and never the other way round.
package struct AccessRange: Hashable, Sendable {
    /// Values of different kinds have no order.
    package enum Kind: UInt8, Hashable, Sendable { case number, time, duration }

    package var kind: Kind
    package var low: Double
    package var high: Double

    var isOpenEnded: Bool { low == -.infinity || high == .infinity }

    /// Nil for ranges of different kinds.
    func intersection(_ other: AccessRange) -> AccessRange? {
        guard kind == other.kind else { return nil }
        return AccessRange(kind: kind, low: max(low, other.low), high: min(high, other.high))
    }
}

package struct AccessText: Hashable, Sendable {
    package var bytes: [UInt8]
    package var ignoresCase: Bool
}

/// What the rules of an input are filed under: where an event may begin an attempt of them, or may
/// move one that is under way.
package struct Filings: Sendable {
    /// The rules that ask the same of the same event type: one answer serves all of them.
    package struct Group: Sendable {
        /// The event type; -1: any event.
        package var type: Int32
        /// In `RulesetProgram.conditions`; -1: nothing is asked.
        package var condition: Int32
        /// In ascending order.
        package var rules: [Int32]
    }

    package struct Entry: Sendable {
        package var group: Int32
        /// Nil: every event of the type is asked.
        package var access: Access?
    }

    package var groups: [Group] = []
    package var entries: [Entry] = []
}
