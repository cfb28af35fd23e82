// SPDX-License-Identifier: Apache-2.0

package import Automata
internal import BasicContainers
package import EventModel
package import MatchCore

/// The engine over one range of key groups: a state machine of events and time in, matches out.
///
/// It reads no clock, no file and no randomness: the same rules, events and advances of time give
/// the same matches in the same order. Threads, processes and replays are drivers of this one
/// contract: `apply`, `advance`, `drain`, `snapshot`, `restore`.
package struct RuleEngine: ~Copyable {
    /// All key groups: a single shard.
    package static let allKeyGroups = 0..<MatchShard.keyGroupCount

    package let program: RulesetProgram
    private let caps: Caps
    var shard: MatchShard
    private var timers = TimerQueue()
    /// All that has happened is at or before this time.
    package private(set) var now = StreamTime.distantPast
    package private(set) var counters = EngineCounters()
    var policies: AlertPolicies
    var chain: AlertChain
    private let hasChains: Bool
    private let hasEmits: Bool
    private let turns: TurnOrder
    /// Nothing comes any more at or before this time, in nanoseconds.
    package private(set) var settled = Int64.min
    /// The first of the matches waiting to be drained about which no policy has decided.
    private var decided = 0
    /// Matches of windows that end just behind the instant at hand.
    private var ending: [MatchBatch.Row] = []

    /// - Parameters:
    ///   - symbols: those that batches will refer to; a handle to a table that other engines share,
    ///     on other threads.
    ///   - decidesAlerts: whether policies decide about the matches here; otherwise whoever merges
    ///     them with those of other engines has that done.
    package init(
        _ program: RulesetProgram, caps: Caps = Caps(),
        keyGroups: Range<Int> = RuleEngine.allKeyGroups, output: MatchOutput = .matches,
        symbols: consuming SymbolTable = SymbolTable(), decidesAlerts: Bool = true
    ) {
        self.program = program
        self.caps = caps
        policies = AlertPolicies(program, caps: caps, output: output, decides: decidesAlerts)
        chain = AlertChain(program)
        let hasChains = program.hasChains
        self.hasChains = hasChains
        hasEmits = program.hasEmits && decidesAlerts
        turns = TurnOrder(
            ranksOfRules: program.rules.indices.map { rule in
                hasChains ? Int32(program.rules[rule].chain.rank) : 0
            })
        shard = MatchShard(
            program, caps: caps, keyGroups: keyGroups, output: output, symbols: symbols)
    }

    /// The symbols that the slots of batches for this engine refer to.
    package var symbols: SymbolTable {
        _read { yield shard.memory.symbols }
        _modify { yield &shard.memory.symbols }
    }

    /// The names of the feeds by number: an event without an id is named after its feed and
    /// position.
    package var feedNames: [String] {
        get { shard.memory.feedNames }
        set {
            shard.memory.feedNames = newValue
            policies.setFeedNames(newValue)
        }
    }

    /// Starts watching at `time`: leading absences count from here, and the keys of tables begin
    /// their attempts. The first event starts it otherwise.
    package mutating func watch(from time: StreamTime) {
        if shard.watchedFrom == .distantFuture {
            shard.watch(from: time)
            collect()
        }
        now = max(now, time)
    }

    /// Takes in the events of a batch, in its order.
    ///
    /// An event earlier than the engine's time is taken at the place in time where it comes, and
    /// counted: whoever feeds the engine puts events in order first.
    package mutating func apply(_ batch: borrowing EventBatch) {
        shard.beginBatch(batch)
        defer { shard.endBatch() }
        for index in 0..<batch.count {
            shard.lookAhead(batch, from: index)
            begin(batch.events[index].time)
            take(batch, index)
        }
        settle(before: now)
    }

    /// Takes in those events of a batch that may be this engine's.
    ///
    /// - Parameter groups: the key group of each event, as `KeyRouter` tells it. Events of groups
    ///   that are other engines' only move the time.
    package mutating func apply(_ batch: borrowing EventBatch, groups: borrowing [UInt8]) {
        let own = UInt8(shard.keyGroups.lowerBound)..<UInt8(shard.keyGroups.upperBound)
        shard.beginBatch(batch)
        defer { shard.endBatch() }
        for index in 0..<batch.count {
            shard.lookAhead(batch, from: index, groups: groups)
            begin(batch.events[index].time)
            if own.contains(groups[index]) {
                take(batch, index, isOwn: true)
            } else if groups[index] == KeyRouter.anyGroup {
                take(batch, index)
            } else {
                shard.pass()
            }
        }
        settle(before: now)
    }

    /// Moves the time on to an event's.
    @inline(__always)
    private mutating func begin(_ time: StreamTime) {
        watch(from: time)
        if time < now { counters.outOfOrder += 1 }
        workOff(before: max(time, now))
        now = max(now, time)
        counters.events += 1
    }

    @inline(__always)
    private mutating func take(
        _ batch: borrowing EventBatch, _ index: Int, isOwn: Bool = false
    ) {
        // Alerts that became events in between have left their text behind.
        if hasChains { shard.beginBatch(batch) }
        let first = shard.memory.matches.count
        shard.process(batch, index, isOwn: isOwn)
        shard.memory.matches.setPlace(arrival: shard.arrivals, from: first)
        collect()
        if hasChains { feedAlerts() }
    }

    /// Says whether the memory that there may be is in use.
    ///
    /// While it is, keys of which nothing is held are taken on only in the place of others: where
    /// there are fewer than when it was said first, and so are alerts that `resolve on` and
    /// `suppress` remember. Rules that need one event alone go on. What is refused is counted.
    package mutating func setMemoryIsFull(_ isFull: Bool) {
        if !isFull {
            shard.keyCap = caps.keys
        } else if shard.keyCap == caps.keys {
            shard.keyCap = min(caps.keys, shard.heldKeyCount)
        }
        policies.setMemoryIsFull(isFull)
    }

    /// Moves time on: every event up to and with `time` has been applied, so what is due by then
    /// is worked off.
    package mutating func advance(to time: StreamTime) {
        if time >= now { settled = max(settled, time.nanoseconds) }
        guard time > now || (time == now && !timers.isEmpty) else { return }
        now = max(now, time)
        workOff(through: time)
    }

    private mutating func settle(before time: StreamTime) {
        guard time != .distantPast else { return }
        settled = max(settled, time.nanoseconds - 1)
    }

    /// Counts the attempts under way, by rule; -1 for a rule that keeps none by itself.
    package func countAttempts(into counts: inout [Int]) {
        counts.removeAll(keepingCapacity: true)
        for rule in program.rules.indices { counts.append(shard.attemptCount(ofRule: rule) ?? -1) }
    }

    /// Counts the keys of which each rule holds something.
    ///
    /// - Shape: O(keys).
    package func countKeys(into counts: inout [Int]) { shard.countKeys(into: &counts) }

    /// Gives back the symbols that the engine does not hold.
    ///
    /// - Precondition: nobody else holds any, nor uses the table meanwhile.
    package mutating func sweepSymbols() {
        var live = [Bool](repeating: false, count: symbols.idLimit)
        markSymbols(in: &live)
        symbols.sweep(keeping: live)
    }

    /// Marks the symbols that the engine holds, for `SymbolTable.sweep`.
    ///
    /// - Shape: O(symbols + stored events).
    package func markSymbols(in live: inout [Bool]) { shard.markSymbols(in: &live) }

    /// The instant at which something is due next; nil: nothing is.
    package var nextInstant: StreamTime? {
        timers.isEmpty ? nil : StreamTime(nanoseconds: timers.firstTime)
    }

    /// Moves time on to `nextInstant` and works off what is due there.
    ///
    /// - Precondition: there is one.
    package mutating func workOffNextInstant() {
        let first = timers.firstTime
        now = max(now, StreamTime(nanoseconds: first))
        settled = max(settled, first)
        workOffInstant(first)
    }

    /// Moves time on to the next deadlines until some matches are there to be drained; false: no
    /// deadline is pending any more.
    package mutating func drainNextDeadlines() -> Bool {
        repeat {
            while !timers.isEmpty, timers.firstTime <= drained {
                workOffNextInstant()
                if shard.memory.matches.count >= RuleEngine.matchesAtOnce { return true }
            }
            drained = shard.latestDeadline()
        } while drained > .min
        runOutPolicies()
        return false
    }

    /// Up to where deadlines are worked off at the end: as far as any was pending at the last look,
    /// which goes through all attempts.
    private var drained = Int64.min

    /// Moves time on to the last deadline of an open alert.
    private mutating func runOutPolicies() {
        applyPolicies()
        guard let last = policies.latestDeadline else { return }
        now = max(now, StreamTime(nanoseconds: last))
        settled = max(settled, last)
    }

    /// Lets the policies of the rules decide about the matches that are there.
    private mutating func applyPolicies() {
        policies.process(&shard.memory.matches, from: decided)
        policies.settle(through: settled, into: &shard.memory.matches)
        decided = shard.memory.matches.count
        if hasEmits {
            shard.memory.matches.removeEmitted(of: program)
            decided = shard.memory.matches.count
        }
    }

    /// The alerts that are open, and that nothing resolves once rules have taken over that do not
    /// know of them.
    package func openAlertCount(forgottenIn succession: RuleSuccession) -> Int {
        policies.openCount(forgottenIn: succession)
    }

    /// Sends the notices of these alerts: the rule that would have sent them is not there any more.
    ///
    /// - Precondition: matches have been drained, and others have taken over.
    package mutating func resolveAlerts(forgottenIn succession: RuleSuccession) {
        policies.resolve(
            forgottenIn: succession, at: now.nanoseconds, into: &shard.memory.matches)
        if hasEmits { shard.memory.matches.removeEmitted(of: program) }
        decided = shard.memory.matches.count
    }

    /// Works the alerts among the undecided matches, as events, into the rules that read them; and
    /// the alerts that these complete, and so on.
    private mutating func feedAlerts() {
        var next = decided
        while next < shard.memory.matches.count {
            if next >= decided {
                policies.process(&shard.memory.matches, from: decided)
                decided = shard.memory.matches.count
                if next == decided { return }
            }
            let isRead = chain.load(
                shard.memory.matches.rows[next], of: shard.memory.matches,
                feedNames: policies.feedNames, symbols: &shard.memory.symbols)
            next += 1
            guard isRead else { continue }
            shard.beginBatch(chain.batch)
            shard.process(chain.batch, 0, isAlert: true)
            collect()
        }
    }

    /// Matches that are worked off between two drains at the end.
    package static let matchesAtOnce = 1_000

    /// Moves time on until no deadline is pending. Time limits of attempts that just expire are no
    /// deadlines.
    package mutating func drainDeadlines() {
        while drainNextDeadlines() {}
    }

    /// The time of the last deadline that is pending now.
    package func latestDeadline() -> StreamTime? {
        let latest = shard.latestDeadline()
        return latest == .min ? nil : StreamTime(nanoseconds: latest)
    }

    /// Whether `takeDecisions` has something to give; off, unless it is set.
    package var notesDecisions: Bool {
        get { policies.notesDecisions }
        set { policies.notesDecisions = newValue }
    }

    /// Hands out what was decided, as of the last drain, about the matches of rules that keep some
    /// back; those that an `except` drops are not among them.
    package mutating func takeDecisions() -> [AlertDecision] {
        defer { policies.decisions = [] }
        return policies.decisions
    }

    /// Hands out the matches reported since the last call, in order.
    package mutating func drain() -> [Match] {
        applyPolicies()
        let matches = shard.memory.matches
        defer { shard.memory.matches.removeAll() }
        decided = 0
        return (0..<matches.count).map { matches.match($0, of: program) }
    }

    /// Like `drain`, into a batch whose contents are dropped: two that take turns are enough.
    package mutating func drain(into batch: inout MatchBatch) {
        applyPolicies()
        batch.removeAll()
        swap(&batch, &shard.memory.matches)
        decided = 0
    }

    /// Whether there may be something to drain.
    package var hasMatches: Bool {
        !shard.memory.matches.isEmpty || policies.isDue(through: settled)
    }

    /// Matches that no policy may have decided about yet.
    package var matchCount: Int { shard.memory.matches.count }

    /// The counters of rule `index`, as of the last drain.
    package func counters(ofRule index: Int) -> RuleCounters {
        shard.counters(ofRule: index)
    }

    /// What became of the matches of rule `index`, as of the last drain.
    package func alertCounters(ofRule index: Int) -> AlertCounters {
        policies.counters(ofRule: index, shard.counters(ofRule: index))
    }

    /// Computations in rules whose result could not be represented, and so was missing.
    package var overflowCount: Int { shard.memory.overflows }
    /// Automata at work: rules that differ in constants alone share one.
    package var automatonCount: Int { shard.automatonCount }
    /// Attempts under way over all rules.
    package var attemptCount: Int { shard.attemptCount }
    /// Keys with state over all rules.
    package var keyCount: Int { shard.keyCount }
    package var storedEventCount: Int { shard.memory.events.count }

    /// The attempts of rule `index` that are furthest, the furthest first, and how many there are.
    ///
    /// - Precondition: they are kept one by one: the output asks for `Backend.attempts`.
    package func furthestAttempts(
        ofRule index: Int, atMost wanted: Int
    ) -> (furthest: [AttemptProgress], count: Int) {
        shard.furthestAttempts(ofRule: index, atMost: wanted)
    }

    /// The first thing found wrong in the engine's structures; nil where all is well. For tests.
    package func violation() -> String? { shard.violation() }

    /// Takes over what the rules have asked for.
    private mutating func collect() {
        while let wakeUp = shard.nextWakeUp() { timers.insert(turns.timer(wakeUp)) }
    }

    var pendingWakeUps: [RuleRuntime.WakeUp] { timers.all.map { turns.wakeUp($0) } }

    /// Goes on where a snapshot was taken.
    mutating func resume(
        at time: Int64, _ counters: EngineCounters, _ pending: [RuleRuntime.WakeUp]
    ) {
        now = StreamTime(nanoseconds: time)
        settle(before: now)
        self.counters = counters
        for wakeUp in pending { timers.insert(turns.timer(wakeUp)) }
    }

    /// Begins what rules that have taken over begin with.
    mutating func begin(after old: borrowing RuleEngine, _ succession: RuleSuccession) {
        shard.begin(at: now, after: old.shard, succession)
        collect()
    }

    private mutating func workOff(before time: StreamTime) {
        while timers.firstTime < time.nanoseconds { workOffInstant(timers.firstTime) }
    }

    private mutating func workOff(through time: StreamTime) {
        while !timers.isEmpty, timers.firstTime <= time.nanoseconds {
            workOffInstant(timers.firstTime)
        }
    }

    /// Works off all that is due at one instant. Its matches come in the order of the last event
    /// bound, then of the rule.
    ///
    /// Windows that end just behind it are events of their end: rules that read them have their
    /// own deadlines of this instant behind them by then.
    private mutating func workOffInstant(_ time: Int64) {
        while !timers.isEmpty, timers.firstTime == time {
            let first = shard.memory.matches.count
            let rank = turns.rank(timers.first)
            while !timers.isEmpty, timers.firstTime == time, turns.rank(timers.first) == rank {
                for distance in 1...3 {
                    guard let upcoming = timers.upcoming(distance) else { break }
                    shard.lookAhead(to: turns.wakeUp(upcoming), distance: distance)
                }
                shard.wake(turns.wakeUp(timers.removeFirst()))
                collect()
            }
            shard.memory.matches.sortInstant(from: first)
            shard.memory.matches.setPlace(arrival: shard.arrivals, instant: time, from: first)
            if hasChains {
                shard.memory.matches.takeOut(endingAfter: time, from: first, into: &ending)
                feedAlerts()
            }
        }
        if !ending.isEmpty {
            shard.memory.matches.putBack(&ending)
            feedAlerts()
        }
    }
}

/// What happened in the engine so far.
package struct EngineCounters: Hashable, Sendable {
    package var events = 0
    /// Events that came behind the engine's time.
    package var outOfOrder = 0

    package init() {}
}
