// SPDX-License-Identifier: Apache-2.0

internal import Automata

/// Places in a record and in a sequence's block.
///
/// They stand here and not in the module of programs because they are read at every step: only the
/// constants of a module are constants in its code.
///
/// The words that the block of a plain rule has come first in a block, and the rule's record has
/// none of the others.
enum RecordLayout {
    static let next = 0
    static let previous = 1
    /// The arrival number of the attempt's first event.
    static let firstArrival = 2
    static let firstTime = 3
    /// The earliest deadline of its sequences; `Int64.max`: none.
    static let deadline = 4
    static let headerWords = 5

    /// Offsets in a sequence's block.
    static let lastTime = 0
    static let nextPosition = 1
    static let chain = 2
    /// The current line (from 0 in the program's lines); see `notBegun`, `ended`.
    static let current = 3
    static let flags = 4
    static let count = 5
    static let pendingDeadline = 6
    static let plainBlockWords = 7
    /// The outer chain from which its own went on.
    static let baseChain = 7
    static let rowFirstTime = 8
    /// Of a group: the position of the event with which its row of iterations began.
    static let rowPosition = rowFirstTime
    /// The time of the last event bound before the current line.
    static let anchor = 9
    /// The candidates of rows under way, as a chain; of a line of parts, the chain before it.
    static let row = 10
    static let blockWords = 11

    /// Places counted from the record's end: attempts that are alternatives of one another share
    /// the strand.
    static let strandFromEnd = 2
    /// The moment at which it last moved, for `attempts latest`.
    static let movedAtFromEnd = 1

    static let notBegun: Int64 = -1
    static let ended: Int64 = -2
    static let noTime = Int64.min
    static let noDeadline = Int64.max

    static let isOpen: Int64 = 1
    static let isClosed: Int64 = 2
    static let holdsFirst: Int64 = 4
    static let hasRows: Int64 = 8
    /// It takes nothing more that would count, but its last iteration may collect on.
    static let isFull: Int64 = 16
    /// An event of the pending absence went to an iteration that is not complete: the absence
    /// cannot hold before it is.
    static let isBroken: Int64 = 32
    /// The line's parts can take nothing more, and hold what they have bound.
    static let isStuck: Int64 = 64

    /// Whether the compiler has left the room that is used here.
    static var agreesWithPrograms: Bool {
        headerWords == RecordSize.header && blockWords == RecordSize.block
            && plainBlockWords == RecordSize.plainBlock && strandFromEnd == RecordSize.tail
            && chain == RecordSize.chain && row == RecordSize.row
    }
}
