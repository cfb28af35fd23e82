// SPDX-License-Identifier: Apache-2.0
// Exercised by ShardedEngineTests.

package import Automata
package import Engine
package import EventModel
package import MatchCore

/// One engine, or several that share the keys between them, on as many threads.
///
/// The same batches give the same matches in the same order, however many there are. The thread
/// that hands batches over is one of them. With one shard they are done when they are handed over.
package struct ShardedEngine: ~Copyable {
    /// Batches on their way at once: enough for nobody to wait long for anybody.
    private static let placeCount = 6

    private let shards: [Shard]
    private let queue: ShardQueue?
    private let threads: [ShardThread]
    private let router: KeyRouter
    /// Decides about the matches of several shards, once they are merged; one shard does so itself.
    private var policies: AlertPolicies
    /// The symbols that the slots of batches refer to.
    package var symbols: SymbolTable
    /// Batches by number modulo their count; those between `taken` and `submitted` are on their
    /// way.
    private let jobs: [BatchInFlight]
    private let program: RulesetProgram
    /// Whether matches come in here that are only events.
    private let takesEmitted: Bool
    private var submitted = 0
    private var taken = 0
    /// Whether attempts under way are counted behind each batch.
    package var countsAttempts = false
    /// The most attempts that were under way behind a batch, by rule, where they are counted; nil
    /// for a rule that keeps none by itself.
    ///
    /// What a key holds depends on its events and the time alone, and all shards have the same
    /// time, so the number of shards changes nothing of it.
    package private(set) var attemptPeaks: [Int?] = []

    /// - Parameter shardCount: at least 1; no more are made than there are key groups, and one
    ///   where rules read the alerts of others. Where the system has too few threads left, those
    ///   that it has do the work.
    package init(
        _ program: RulesetProgram, output: MatchOutput, shardCount: Int, feedNames: [String],
        watchedFrom: StreamTime?
    ) {
        let symbols = SymbolTable()
        // An alert may have another key in the rule that reads it than in its own.
        let wanted = program.hasChains ? 1 : max(shardCount, 1)
        let count = min(wanted, MatchShard.keyGroupCount)
        let shards = (0..<count).map { number in
            let groups = MatchShard.keyGroupCount
            var engine = RuleEngine(
                program, keyGroups: groups * number / count..<groups * (number + 1) / count,
                output: output, symbols: symbols.shared(), decidesAlerts: count == 1)
            engine.feedNames = feedNames
            if let watchedFrom { engine.watch(from: watchedFrom) }
            return Shard(number, engine)
        }
        self.shards = shards
        self.symbols = symbols
        self.program = program
        takesEmitted = count > 1 && program.hasEmits
        router = KeyRouter(program)
        policies = AlertPolicies(program, output: output, decides: count > 1)
        policies.setFeedNames(feedNames)
        let placeCount = count > 1 ? ShardedEngine.placeCount : 1
        jobs = (0..<placeCount).map { _ in
            BatchInFlight(slotCount: program.decodePlan.slotCount, shardCount: count)
        }
        let queue = count > 1 ? ShardQueue(placeCount: placeCount, shardCount: count) : nil
        self.queue = queue
        threads = (1..<count).compactMap { number in
            queue.flatMap { ShardThread($0, shards, preferring: number) }
        }
    }

    deinit {
        queue?.close()
        for thread in threads { thread.join() }
    }

    package var shardCount: Int { shards.count }

    // MARK: Batches

    /// Whether a batch has to be taken back before another can be filled.
    package var isFull: Bool { submitted - taken == jobs.count }

    /// Whether any batch is on its way.
    package var isBusy: Bool { submitted > taken }

    /// The batch to be filled next, empty.
    ///
    /// - Precondition: `!isFull`.
    package func nextBatch() -> BatchInFlight {
        precondition(!isFull, "a batch has been taken back")
        let job = jobs[submitted % jobs.count]
        job.batch.removeAll()
        return job
    }

    /// Hands the batch that was filled to the shards.
    package mutating func submit(_ job: BatchInFlight) {
        submitted += 1
        job.countsAttempts = countsAttempts
        if let queue {
            router.route(job.batch, symbols, &job.groups)
            queue.submit(job)
        } else {
            shards[0].apply(job, isAlone: true)
        }
    }

    /// Takes the oldest batch back and its matches out.
    ///
    /// - Parameter waits: whether to wait for it.
    /// - Returns: false if there is none, or it is not done and was not waited for.
    package mutating func take(into merger: inout MatchMerger, waits: Bool) -> Bool {
        guard isBusy else { return false }
        if waits { help(untilDone: taken) }
        if let queue, !queue.isDone(taken) { return false }
        let job = jobs[taken % jobs.count]
        for (shard, output) in job.outputs.enumerated() {
            swap(&merger.batches[shard], &output.matches)
        }
        merger.rewind()
        policies.setMemoryIsFull(job.isMemoryFull)
        decide(&merger, through: job.outputs[0].settled)
        removeEmitted(&merger)
        if job.countsAttempts { notePeaks(job) }
        taken += 1
        return true
    }

    private mutating func notePeaks(_ job: BatchInFlight) {
        let rules = job.outputs[0].attempts.indices
        if attemptPeaks.isEmpty { attemptPeaks = rules.map { _ in nil } }
        for rule in rules where job.outputs[0].attempts[rule] >= 0 {
            let count = job.outputs.reduce(0) { $0 + $1.attempts[rule] }
            attemptPeaks[rule] = max(attemptPeaks[rule] ?? 0, count)
        }
    }

    /// Lets the policies of the rules decide about the matches of all shards.
    private mutating func decide(_ merger: inout MatchMerger, through settled: Int64) {
        if policies.isIdle { return }
        merger.combine()
        policies.process(&merger.batches[0])
        policies.settle(through: settled, into: &merger.batches[0])
    }

    /// Matches that are only events have been decided about, and counted.
    private func removeEmitted(_ merger: inout MatchMerger) {
        guard takesEmitted else { return }
        for shard in merger.batches.indices { merger.batches[shard].removeEmitted(of: program) }
    }

    // MARK: While no batch is on its way

    private func requireIdle() { precondition(!isBusy, "all batches have been taken back") }

    /// Gives back the symbols that neither an engine nor the caller needs.
    ///
    /// - Parameter marking: marks the symbols that the caller holds.
    package mutating func sweepSymbols(marking: (inout [Bool]) -> Void) {
        requireIdle()
        var live = [Bool](repeating: false, count: symbols.idLimit)
        for shard in shards { shard.engine.markSymbols(in: &live) }
        marking(&live)
        symbols.sweep(keeping: live)
    }

    /// Moves time on; see `RuleEngine.advance`.
    package func advance(to time: StreamTime) {
        requireIdle()
        for shard in shards { shard.engine.advance(to: time) }
    }

    /// Moves time on to the next deadlines until some matches are there to be drained; false: no
    /// deadline is pending any more.
    package mutating func drainNextDeadlines() -> Bool {
        requireIdle()
        guard shards.count > 1 else { return shards[0].engine.drainNextDeadlines() }
        repeat {
            while let instant = nextInstant(), let drained, instant <= drained {
                var count = 0
                for shard in shards {
                    if shard.engine.nextInstant == instant { shard.engine.workOffNextInstant() }
                    count += shard.engine.matchCount
                }
                if count >= RuleEngine.matchesAtOnce { return true }
            }
            drained = latestDeadline()
        } while drained != nil
        isRunOut = true
        return false
    }

    /// Up to where deadlines are worked off at the end; see `RuleEngine`.
    private var drained: StreamTime?

    /// Whether nothing is left but the deadlines of open alerts, which are over then.
    private var isRunOut = false

    private func latestDeadline() -> StreamTime? {
        shards.compactMap { $0.engine.latestDeadline() }.max()
    }

    private func nextInstant() -> StreamTime? {
        shards.compactMap { $0.engine.nextInstant }.min()
    }

    /// Takes the matches out that came up since the last batch.
    package mutating func drain(into merger: inout MatchMerger) {
        requireIdle()
        var settled = Int64.min
        for (number, shard) in shards.enumerated() {
            shard.engine.drain(into: &merger.batches[number])
            settled = max(settled, shard.engine.settled)
        }
        merger.rewind()
        decide(&merger, through: settled)
        if isRunOut, let last = policies.latestDeadline {
            policies.settle(through: last, into: &merger.batches[0])
        }
        removeEmitted(&merger)
    }

    // MARK: Counters

    /// Waits until the shards have done what was handed to them.
    private func settle() { help(untilDone: submitted - 1) }

    private func help(untilDone number: Int) {
        while let queue, let task = queue.claim(untilDone: number) {
            shards[task.shard].apply(task.batch, isAlone: false)
            queue.finish(task)
        }
    }

    /// Events taken in.
    package var eventCount: Int {
        settle()
        return shards[0].engine.counters.events
    }

    package func counters(ofRule index: Int) -> RuleCounters {
        settle()
        var sum = shards[0].engine.counters(ofRule: index)
        for shard in shards.dropFirst() { sum.add(shard.engine.counters(ofRule: index)) }
        return sum
    }

    /// What became of the matches of rule `index`.
    package func alertCounters(ofRule index: Int) -> AlertCounters {
        settle()
        if shards.count == 1 { return shards[0].engine.alertCounters(ofRule: index) }
        return policies.counters(ofRule: index, counters(ofRule: index))
    }

    package var overflowCount: Int {
        settle()
        return shards.reduce(0) { $0 + $1.engine.overflowCount }
    }
}
