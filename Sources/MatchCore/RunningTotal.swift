// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel

/// A sum, count, least or greatest value over the events of a step, as far as a chain goes.
///
/// - Shape: 32 bytes, two in a line of the cache: every node of a chain has its own.
struct RunningTotal {
    private struct Kinds: OptionSet {
        let rawValue: UInt8
        static let ints = Kinds(rawValue: 1)
        static let floats = Kinds(rawValue: 2)
        static let durations = Kinds(rawValue: 4)
        static let others = Kinds(rawValue: 8)
        /// Two values had no order.
        static let unordered = Kinds(rawValue: 16)
    }

    /// Whether it is that of the chain; else it is still to be made.
    var isKnown = false
    private var kinds: Kinds = []
    /// That of the least or greatest value, whose bits are `low`.
    private var tag = Slot.missing.tag
    private var number: UInt32 = 0
    /// The exact sum of ints or durations.
    private var low: UInt64 = 0
    private var high: Int64 = 0
    private var float = 0.0

    init() {}

    /// That of a chain without events.
    static var none: RunningTotal {
        var total = RunningTotal()
        total.isKnown = true
        return total
    }

    /// The events, or those with a value where a value is asked for.
    var count: Int64 { Int64(number) }

    private var exact: Int128 {
        get { Int128(high) << 64 | Int128(low) }
        set {
            low = UInt64(truncatingIfNeeded: newValue)
            high = Int64(truncatingIfNeeded: newValue >> 64)
        }
    }

    private var extreme: Slot {
        get { Slot(tag: tag, bits: low) }
        set { (tag, low) = (newValue.tag, newValue.bits) }
    }

    mutating func addOne() { number += 1 }

    mutating func add(_ value: Slot) {
        number += 1
        switch value.tag {
        case .int:
            kinds.insert(.ints)
            exact += Int128(value.asInt)
            float += Double(value.asInt)
        case .float:
            kinds.insert(.floats)
            float += value.asFloat
        case .duration:
            kinds.insert(.durations)
            exact += Int128(value.asInt)
        default: kinds.insert(.others)
        }
    }

    /// - Parameter wanted: `.less` for the least value, `.greater` for the greatest.
    mutating func choose(
        _ value: Slot, _ wanted: Instruction.Comparison, _ memory: borrowing MatchMemory
    ) {
        number += 1
        if number == 1 {
            if memory.compare(.lessOrEqual, value, value).isMissing { kinds.insert(.unordered) }
            extreme = value
            return
        }
        if kinds.contains(.unordered) { return }
        let answer = memory.compare(wanted, value, extreme)
        if answer.isMissing { kinds.insert(.unordered) }
        if answer.isTrue { extreme = value }
    }

    /// The sum of what was added; nil where it cannot be represented.
    var sum: Slot? {
        let isMixed =
            kinds.contains(.durations) && !kinds.isDisjoint(with: [.ints, .floats])
        if number == 0 || kinds.contains(.others) || isMixed { return .missing }
        if kinds.contains(.floats) {
            return float.isFinite ? .float(float) : float.isNaN ? .missing : nil
        }
        guard let whole = Int64(exactly: exact) else { return nil }
        let span = TimeSpan(nanoseconds: whole)
        return kinds.contains(.durations) ? .duration(span) : .int(whole)
    }

    /// The least or greatest value that was chosen; missing where they have no order.
    var chosen: Slot { number == 0 || kinds.contains(.unordered) ? .missing : extreme }
}
