// SPDX-License-Identifier: Apache-2.0

package import Automata
internal import BasicContainers
internal import EventModel

/// An automaton at work: the rules that run on it, which differ in constants alone; their keys, and
/// the attempts of each in order of their start.
///
/// - Shape: attempts are records of `recordWords` words in one array; a key's attempts are a doubly
///   linked list. Nothing here allocates but to grow; a key with no attempt left is given back.
package struct RuleRuntime: ~Copyable {
    private let inPlace = InPlace()
    let rule: RulePlan
    /// Its input, by number.
    package internal(set) var input: Int32 = 0
    /// The rule at hand, among those of the automaton.
    var member = 0
    /// By rule of the automaton: its number among all.
    private(set) var ruleNumbers = RowArray<Int32>()
    /// By rule and filter: what differs in it.
    private var questions = RowArray<Asked>()
    private(set) var havings = RowArray<CodeRange?>()
    private(set) var alerts = UniqueArray<AlertProgram>()
    var allCounters = UniqueArray<RuleCounters>()
    private(set) var moments = RowArray<Int64>()
    let caps: Caps
    /// `within` in nanoseconds; `Int64.max` for none.
    let limit: Int64

    /// The records of attempts, `rule.recordWords` words each.
    var words = RowArray<Int64>()
    /// The record given back last, whose `next` is the one before; -1: none is free.
    var freeRecord: Int64 = -1
    /// The events of keys, where attempts are a queue, and the first free place; -1: none is.
    var waiting = RowArray<WaitingEvent>()
    var freeWaiting: Int32 = -1
    var keys: KeyStates
    /// Live attempts.
    private(set) var attemptCount = 0
    /// The same by rule of the automaton.
    private(set) var attemptCounts = RowArray<Int>()

    // The event or instant at hand.
    var now: Int64 = 0
    /// Its position in the key's input; at an instant, that of the last event.
    var position: Int64 = 0
    /// The routes by which the event is in the input.
    var routes: UInt64 = 0
    /// The state of the key at hand; -1: the rule holds nothing of it.
    var key = 0
    var isInstant = false

    // Scratch.
    var candidates: [Int] = []
    var choices = Choices()
    var saved: [Int64] = []
    var nextStrand: Int64 = 0
    var boundScratch: [Int64] = []

    let wanted: MatchOutput.Wanted
    /// Whether matches are built.
    let collectsMatches: Bool
    /// What keeps what is under way: attempts, or one of the others.
    let backend: Backend
    /// Whether no attempt is kept: what counts them is.
    let isCounted: Bool
    /// Whether attempts are kept in sets, on the determinised automaton.
    let isDetermined: Bool
    var counting: CountingRuntime
    /// Whether the rule has a window instead of attempts.
    let isWindow: Bool
    var windows: WindowRuntime
    var determined: DeterminedRuntime

    package init(
        _ rule: RuleProgram, caps: Caps, output: MatchOutput, of program: RulesetProgram
    ) {
        self.rule = RulePlan(rule)
        keys = KeyStates(keepsAbsents: rule.leadingAbsence != nil)
        self.caps = caps
        limit = rule.within?.nanoseconds ?? .max
        wanted = rule.chain.feeds ? .matches : output.wanted
        backend = rule.backend(counting: wanted == .count, wanted: output.backend)
        isCounted = backend == .counters
        isDetermined = backend == .sets
        collectsMatches = wanted == .matches
        let filters = backend == .counters ? rule.countedFilters : []
        counting = CountingRuntime(
            filters: filters.map { ($0, rule.filters[$0].type) },
            typeCount: program.typeNames.count, isLimited: limit != .max)
        isWindow = rule.window != nil
        windows = WindowRuntime(rule.window ?? .none, program.code)
        determined = DeterminedRuntime(
            backend == .sets ? rule.determined : nil, resets: rule.resets)
    }

    /// What a filter of one rule asks.
    struct Asked {
        /// See `RuleProgram.Filter.condition`.
        var condition: Int32
        var code: CodeRange?
        /// The number of the comparison that the code is; -1: it is none.
        var comparison: Int32
    }

    /// Adds a rule of the automaton's shape; returns its place among those of the automaton.
    ///
    /// Takes the rule by its number, because to hand it over copies all of it.
    mutating func add(
        _ number: Int, of program: RulesetProgram, _ memory: inout MatchMemory
    ) -> Int {
        ruleNumbers.append(Int32(number))
        for filter in program.rules[number].filters {
            questions.append(
                Asked(
                    condition: filter.condition, code: filter.code,
                    comparison: memory.comparison(of: filter.code)))
        }
        havings.append(program.rules[number].having)
        alerts.append(program.rules[number].alert)
        allCounters.append(RuleCounters())
        moments.append(0)
        attemptCounts.append(0)
        return ruleNumbers.count - 1
    }

    /// What a filter of the rule at hand asks.
    @inline(__always)
    func asked(_ filter: Int) -> Asked { questions[member * rule.filters.count + filter] }

    /// The counters of the rule at hand.
    var counters: RuleCounters {
        @inline(__always) _read { yield allCounters[member] }
        @inline(__always) _modify { yield &allCounters[member] }
    }

    /// Counts attempts of the rule at hand that begin, or that end.
    @inline(__always)
    mutating func addAttempts(_ number: Int) {
        attemptCount += number
        attemptCounts[member] += number
    }

    /// Counts events and instants, for `attempts latest`: of the rule at hand alone, whatever other
    /// rules of the automaton do.
    var moment: Int64 {
        @inline(__always) get { moments[member] }
        @inline(__always) set { moments[member] = newValue }
    }

    /// The number of the rule at hand.
    var ruleNumber: Int { Int(ruleNumbers[member]) }

    /// A time at which a key wants to be looked at.
    package struct WakeUp: BitwiseCopyable, Sendable {
        package var time: Int64
        package var rule: Int32
        package var key: Int32

        package init(time: Int64, rule: Int32, key: Int32) {
            self.time = time
            self.rule = rule
            self.key = key
        }
    }
}
