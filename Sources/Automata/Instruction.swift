// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// An instruction of the expression machine: a stack of slots, evaluated from left to right.
///
/// - Shape: a plain value without references, so an array of them is one block of memory.
package enum Instruction: Equatable, BitwiseCopyable, Sendable {
    /// Pushes constant i.
    case constant(Int32)
    /// Pushes field i of the event looked at (numbered over all event types).
    case field(Int32)
    /// Pushes the field with name i of the event looked at, whatever its type.
    case fieldNamed(Int32)
    case eventTime
    case eventID
    case eventType
    /// Pushes part i of the key.
    case key(Int32)
    /// Runs the `length` instructions behind this one with the first or last event bound by the
    /// step as the event looked at, and goes on behind them; pushes missing where nothing is bound.
    case bound(step: Int16, first: Bool, length: Int32)
    /// Runs the `length` instructions behind this one (none: counts) with each event bound by the
    /// step, and pushes the aggregate. `running`: the number of the running total that keeps it;
    /// -1: the bound events are gone through.
    case aggregate(AggregateCode, step: Int16, running: Int16, length: Int32)
    /// Pushes the field of the event bound last, by table i.
    case previous(Int32)
    /// Pushes reading i of the window that is looked at.
    case windowReading(Int32)
    case matchStart
    case matchEnd
    case matchCount
    case not
    /// Jumps `length` ahead where the top is false, which stays.
    case jumpIfFalse(Int32)
    /// Jumps `length` ahead where the top is true, which stays.
    case jumpIfTrue(Int32)
    /// Pops two truths, pushes their conjunction.
    case and
    /// Pops two truths, pushes their disjunction.
    case or
    case compare(Comparison)
    case isIn
    /// Pops a key, pushes whether table i has a row of it.
    case isInTable(Int32)
    /// Pops a key, pushes a cell of its row in a table.
    case lookUp(table: Int32, column: Int32)
    case contains
    case like(Int32)
    case matches(Int32)
    case isMissing
    /// Jumps `length` ahead where the top is present, which stays; else pops it.
    case jumpIfPresent(Int32)
    case arithmetic(Arithmetic)
    case negate
    /// Pops a truth and jumps `length` ahead unless it is true.
    case jumpUnlessTrue(Int32)
    case jump(Int32)
    case element
    case list(Int32)
    case call(ScalarFunction, Int32)
    case template(Int32)

    package enum Comparison: UInt8, BitwiseCopyable, Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, equalIgnoringCase
    }
    package enum Arithmetic: UInt8, BitwiseCopyable, Sendable {
        case add, subtract, multiply, divide, remainder
    }
}

/// An aggregate in an instruction.
package enum AggregateCode: Hashable, BitwiseCopyable, Sendable {
    case count, sum, average, minimum, maximum, countDistinct, distinct, standardDeviation, median
    case percentile(Double)
    case exponentialMovingAverage(Int32)
}

/// A piece of `RulesetProgram.code`.
package struct CodeRange: Hashable, BitwiseCopyable, Sendable {
    package var start: Int32
    package var end: Int32

    package init(start: Int32, end: Int32) {
        self.start = start
        self.end = end
    }
}
