// SPDX-License-Identifier: Apache-2.0

package import Automata
internal import BasicContainers
internal import EventModel

/// One rule at work: its keys, and the attempts of each in order of their start.
///
/// - Shape: attempts are records of `recordWords` words in one array; a key's attempts are a doubly
///   linked list. Nothing here allocates but to grow; a key with no attempt left is given back.
package struct RuleRuntime: ~Copyable {
    private let inPlace = InPlace()
    let rule: RulePlan
    /// Its input, by number.
    package internal(set) var input: Int32 = 0
    package var counters = RuleCounters()
    /// Where the answers of its filters begin in the memory's.
    let firstAnswer: Int
    let caps: Caps
    /// `within` in nanoseconds; `Int64.max` for none.
    let limit: Int64

    /// The records of attempts, `rule.recordWords` words each.
    var words = RowArray<Int64>()
    var freeRecords = RowArray<Int32>()
    /// The events of keys, where attempts are a queue, and the first free place; -1: none is.
    var waiting = RowArray<WaitingEvent>()
    var freeWaiting: Int32 = -1
    var keys = KeyStates()
    /// Live attempts.
    package internal(set) var attemptCount = 0

    // The event or instant at hand.
    var now: Int64 = 0
    /// Its position in the key's input; at an instant, that of the last event.
    var position: Int64 = 0
    /// The routes by which the event is in the input.
    var routes: UInt64 = 0
    /// The state of the key at hand; -1: the rule holds nothing of it.
    var key = 0
    /// Counts events and instants, for `attempts latest`.
    var moment: Int64 = 0
    var isInstant = false

    // Scratch.
    var candidates: [Int] = []
    var choices = Choices()
    var saved: [Int64] = []
    var nextStrand: Int64 = 0
    var boundScratch: [Int64] = []

    let wanted: MatchOutput.Wanted
    /// What keeps what is under way: attempts, or one of the others.
    let backend: Backend
    var counting: CountingRuntime
    /// Whether the rule has a window instead of attempts.
    let isWindow: Bool
    var windows: WindowRuntime
    var determined: DeterminedRuntime

    package init(
        _ rule: RuleProgram, firstAnswer: Int, caps: Caps, output: MatchOutput,
        of program: RulesetProgram
    ) {
        self.rule = RulePlan(rule)
        self.firstAnswer = firstAnswer
        self.caps = caps
        limit = rule.within?.nanoseconds ?? .max
        wanted = rule.chain.feeds ? .matches : output.wanted
        backend = rule.backend(counting: wanted == .count, wanted: output.backend)
        let filters = backend == .counters ? rule.countedFilters : []
        counting = CountingRuntime(
            filters: filters.map { ($0, rule.filters[$0].type) },
            typeCount: program.typeNames.count, isLimited: limit != .max)
        isWindow = rule.window != nil
        windows = WindowRuntime(rule.window ?? .none, program.code)
        determined = DeterminedRuntime(
            backend == .sets ? rule.determined : nil, resets: rule.resets)
    }

    /// Whether matches are built.
    var collectsMatches: Bool { wanted == .matches }
    /// Whether no attempt is kept: what counts them is.
    @inline(__always)
    var isCounted: Bool { backend == .counters }
    /// Whether attempts are kept in sets, on the determinised automaton.
    @inline(__always)
    var isDetermined: Bool { backend == .sets }

    /// A time at which a key wants to be looked at.
    package struct WakeUp: BitwiseCopyable, Sendable {
        package var time: Int64
        package var rule: Int32
        package var key: Int32
        package var generation: Int32

        package init(time: Int64, rule: Int32, key: Int32, generation: Int32) {
            self.time = time
            self.rule = rule
            self.key = key
            self.generation = generation
        }
    }
}
