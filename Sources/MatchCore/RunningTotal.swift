// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel

/// A sum, count, least or greatest value over the events of a step, as far as a chain goes.
struct RunningTotal {
    /// Whether it is that of the chain; else it is still to be made.
    var isKnown = false
    private var hasInts = false
    private var hasFloats = false
    private var hasDurations = false
    private var hasOthers = false
    /// Two values had no order.
    private var isUnordered = false
    /// The events, or those with a value where a value is asked for.
    private(set) var count: Int64 = 0
    private var exact: Int128 = 0
    private var float = 0.0
    private(set) var extreme = Slot.missing

    init() {}

    mutating func addOne() { count += 1 }

    mutating func add(_ value: Slot) {
        count += 1
        switch value.tag {
        case .int:
            hasInts = true
            exact += Int128(value.asInt)
            float += Double(value.asInt)
        case .float:
            hasFloats = true
            float += value.asFloat
        case .duration:
            hasDurations = true
            exact += Int128(value.asInt)
        default: hasOthers = true
        }
    }

    /// - Parameter wanted: `.less` for the least value, `.greater` for the greatest.
    mutating func choose(
        _ value: Slot, _ wanted: Instruction.Comparison, _ memory: borrowing MatchMemory
    ) {
        count += 1
        if count == 1 {
            isUnordered = memory.compare(.lessOrEqual, value, value).isMissing
            extreme = value
            return
        }
        if isUnordered { return }
        let answer = memory.compare(wanted, value, extreme)
        if answer.isMissing { isUnordered = true }
        if answer.isTrue { extreme = value }
    }

    /// The sum of what was added; nil where it cannot be represented.
    var sum: Slot? {
        if count == 0 || hasOthers || (hasDurations && (hasInts || hasFloats)) { return .missing }
        if hasFloats { return float.isFinite ? .float(float) : float.isNaN ? .missing : nil }
        guard let whole = Int64(exactly: exact) else { return nil }
        return hasDurations ? .duration(TimeSpan(nanoseconds: whole)) : .int(whole)
    }

    /// The least or greatest value that was chosen; missing where they have no order.
    var chosen: Slot { count == 0 || isUnordered ? .missing : extreme }
}
