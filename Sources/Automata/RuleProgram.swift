// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// The automaton of one rule, for the backend of attempts.
///
/// The pattern is a tree of sequences and lines, flattened: a sequence is a run of lines, a line
/// with
/// branches or a body points at further sequences. An attempt is a record of `recordWords` 64-bit
/// words; each
/// sequence has its block of words at a fixed place in it, so an attempt is copied and
/// compared as plain memory.
package struct RuleProgram: Sendable {
    package var name: String
    package var index: Int
    package var keyNames: [String]
    package var routes: [Route]
    package var stepNames: [String]
    /// What a step's line says, for people: `login as fails`.
    package var stepLabels: [String]
    package var filters: [Filter]
    package var sequences: [Sequence]
    package var lines: [Line]
    package var steps: [Step]
    package var groups: [Group]
    package var branches: [Branches]
    package var absences: [Absence]
    package var leadingAbsence: Absence?
    /// Filters of `reset on`.
    package var resets: [Int]
    /// `when within`; nil: no limit.
    package var within: TimeSpan?
    /// The window of a rule that has one instead of attempts.
    package var window: WindowProgram?
    package var having: CodeRange?
    package var skip: Skip
    package var keepsLatestAttemptOnly: Bool
    package var alert: AlertProgram
    /// Words of an attempt's record.
    package var recordWords: Int
    /// The words of a record that hold a chain of bound events.
    package var chainWords: [Int]
    /// Whether one event can take an attempt more than one way (`each`, `all of`).
    package var hasChoices: Bool
    /// Whether two attempts can bind the very same events (an optional group that is dropped may
    /// have held the first event of one of them).
    package var canRepeat: Bool
    package var hasAlternatives: Bool
    package var hasDeadlines: Bool
    /// Whether some line must be over a given time after the one before.
    package var hasGapLimits: Bool
    /// See `shrinkRecordIfPlain`.
    package var isPlain = false
    /// `keys from`: the table whose keys each begin an attempt when the rule begins to watch, by
    /// number; -1: there is none.
    package var keysFrom: Int32 = -1
    package var chain = Chain()
    /// The index of an earlier rule whose program is the same but for its name, for what its
    /// filters ask of the event alone, and for the code of its alerts; -1: none is known.
    package var model: Int32 = -1

    /// How the rule stands to others that read its alerts, or whose alerts it reads.
    package struct Chain: Hashable, Sendable {
        /// Above that of every rule that it reads.
        package var rank = 0
        /// The type of its alerts as events; -1: it has none.
        package var alertType: Int32 = -1
        /// Whether a rule of the program reads them.
        package var feeds = false
        /// Its matches are events for other rules, and no alerts.
        package var onlyEmits = false
    }

    package struct Route: Hashable, Sendable {
        /// -1: any event.
        package var type: Int32
        /// Fields by number; by name number where the type is any.
        package var fields: [Int32]
    }

    package struct Filter: Sendable {
        /// -1: any event.
        package var type: Int32
        package var route: Int32
        /// What is asked of the event alone, in `RulesetProgram.conditions`; -1: nothing.
        package var condition: Int32
        /// The rest of the condition, which depends on the attempt.
        package var code: CodeRange?
        /// Whether the filter reads the event alone, so that one answer serves all attempts.
        package var isStatic: Bool { code == nil }
    }

    /// `field op constant`.
    package struct Atom: Hashable, BitwiseCopyable, Sendable {
        package var field: Int32
        package var comparison: Instruction.Comparison
        package var constant: Int32
    }

    package struct Sequence: Hashable, Sendable {
        package var lines: Range<Int>
        /// Where its block starts in the record.
        package var block: Int
        /// The word that holds its chain: its own, or that of the sequence around an `all of`.
        package var chain: Int
        /// Whether the chain is its own and has to be joined to the outer one when it commits.
        package var ownsChain: Bool
        /// The first word behind the header: the branch taken, then the blocks of its lines' parts.
        package var area: Int
        /// The words of the block, area included.
        package var words: Int
        /// The chain words inside the area.
        package var areaChains: [Int]
    }

    package enum Connector: BitwiseCopyable, Sendable { case then, next, each }

    package enum Skip: Hashable, Sendable {
        case pastLast
        case toNext
        case toFirst(step: Int)
        case toLast(step: Int)
        case none
    }

    package enum Kind: Hashable, BitwiseCopyable, Sendable {
        case step(Int)
        case group(Int)
        case allOf(Int)
        case anyOf(Int)
        case absence(Int)
        /// Before the first line of a branch or body that no event begins: open, taking nothing.
        case start
    }

    package struct Line: Hashable, Sendable {
        package var connector: Connector
        package var kind: Kind
        /// Nanoseconds; -1 where there is none.
        package var after: Int64
        /// Nanoseconds; -1 where there is none.
        package var within: Int64
        package var isSkippable: Bool
        /// Whether every later line of its sequence is skippable.
        package var endsSequence: Bool
        /// The lines that may follow it, in the order in which they are tried.
        package var followers: [Int]
        /// The follower that is not skippable, unless it is an absence; -1: none.
        package var mandatoryFollower: Int
        /// The line after it, if that is current as soon as this one is open; -1: it is not.
        package var entersNext: Int
        /// The absence among the followers, as a line; -1: none.
        package var pendingAbsence: Int
        package var butNo: [Int]
        package var butNotNext: [Int]
        package var until: [Int]
    }

    package struct Step: Hashable, BitwiseCopyable, Sendable {
        package var id: Int
        package var filter: Int
        package var minimum: Int64
        /// `Int64.max` for no most.
        package var maximum: Int64
        package var isConsecutive: Bool
        /// A field by number; -1: not distinct.
        package var distinct: Int32
        /// Nanoseconds; -1 where there is none.
        package var spread: Int64
        /// Whether its condition or `distinct` looks at what the step itself has bound.
        package var readsItself: Bool
    }

    package struct Group: Hashable, Sendable {
        package var body: Int
        package var minimum: Int64
        package var maximum: Int64
        /// Each further iteration begins with the very next event.
        package var isConsecutive: Bool
        package var spread: Int64
        /// The ids of the steps inside it.
        package var steps: Range<Int>
        /// Whether no event begins an iteration: it is entered, and begins with an absence.
        package var isEntered: Bool
    }

    /// Whether every match is one event, which leaves nothing behind to wait for others.
    package var isSingleEvent: Bool {
        guard sequences.count == 1, lines.count == 1, leadingAbsence == nil,
            case .step(let index) = lines[0].kind
        else { return false }
        return steps[index].minimum == 1 && steps[index].maximum == 1
    }

    package struct Branches: Hashable, Sendable {
        package var sequences: [Int]
        /// For each branch the filters of its steps: an event that none of them can accept is not
        /// taken by it.
        package var stepFilters: [[Int]]
    }

    package struct Absence: Hashable, BitwiseCopyable, Sendable {
        package var filter: Int
        /// Nanoseconds; -1: until the rule's limit.
        package var duration: Int64
    }
}

/// What an alert says, as code over the finished match.
package struct AlertProgram: Sendable {
    package var severity: CodeRange
    package var title: CodeRange
    package var tags: [String]
    package var labels: [Field]
    package var fields: [Field]
    package var policy: AlertPolicyProgram

    package struct Field: Sendable {
        package var name: String
        package var code: CodeRange
    }
}

/// What stands between a rule's matches and its alerts. Times are in nanoseconds.
package struct AlertPolicyProgram: Sendable {
    package struct Exception: Sendable {
        /// It holds for matches that end before this; `Int64.max` for all.
        package var until: Int64
        package var condition: CodeRange
    }

    package struct Suppression: Sendable {
        package var duration: Int64
        /// Whether `values`, and not the key, say what is alike.
        package var isPer: Bool
        package var values: [CodeRange]
    }

    package struct Limit: Sendable {
        package var count: Int
        package var duration: Int64
    }

    package struct Resolution: Sendable {
        package var filter: Int
        /// -1: it is resolved by events alone.
        package var quiet: Int64
    }

    package var exceptions: [Exception] = []
    package var resolution: Resolution?
    package var suppression: Suppression?
    package var limit: Limit?

    /// Whether what becomes of a match depends on the matches before it.
    package var hasState: Bool {
        resolution != nil || suppression != nil || limit != nil || !exceptions.isEmpty
    }
}

/// The sizes in a record, whose words the backend of attempts lays out (`RecordLayout` there).
package enum RecordSize {
    /// Words before the first block.
    package static let header = 5
    /// Words of a block before what its lines keep there.
    package static let block = 11
    /// Those of them that the one block of a plain rule has.
    package static let plainBlock = 7
    /// Words behind the blocks, which plain rules do without.
    package static let tail = 2
    /// The word of a block that holds its chain, and the one that holds its rows.
    package static let chain = 2
    package static let row = 10
}
