// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Pipeline
internal import RuleLanguage

/// What an event costs stage by stage: the file to batches, then with the rules, then with their
/// alerts written, each in this process; a stage is what it adds to the one before.
struct BenchStages {
    enum Stage: Int, CaseIterable {
        /// Reading and decoding, and no further.
        case decoding
        /// Finding rules, predicates and automata.
        case matching
        /// Making alerts and writing them.
        case writing
    }

    /// CPU time of an event, up to and with each stage, by run.
    private var nanosecondsUpTo = [[Double]](repeating: [], count: Stage.allCases.count)
    /// Of everything.
    private(set) var allocationsPerEvent = 0.0
    private(set) var events = 0

    /// Nanoseconds an event that the stage adds: the difference of medians, and never below 0.
    func nanoseconds(of stage: Stage) -> Double {
        let before = stage == .decoding ? 0 : median(nanosecondsUpTo[stage.rawValue - 1])
        return max(0, median(nanosecondsUpTo[stage.rawValue]) - before)
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// Goes through the file `runs` times for each stage, in turn.
    static func of(
        _ workload: BenchWorkload, _ data: BenchData, runs: Int, _ allocationCount: () -> Int64
    ) throws(BenchProblem) -> BenchStages {
        let (ruleset, program) = try workload.compiled()
        let files = try workload.files(data)
        var result = BenchStages()
        do {
            let inputs = try files.inputs(for: ruleset, program)
            for _ in 0..<runs {
                for stage in Stage.allCases {
                    let allocations = allocationCount()
                    let start = MonotonicClock.processCPU
                    if stage == .decoding {
                        result.events = try decode(inputs, program.decodePlan)
                    } else {
                        try run(workload, program, inputs, writes: stage == .writing)
                    }
                    let spent = Double(MonotonicClock.processCPU - start)
                    result.nanosecondsUpTo[stage.rawValue].append(spent / Double(data.eventCount))
                    result.allocationsPerEvent =
                        Double(allocationCount() - allocations) / Double(data.eventCount)
                }
            }
        } catch {
            throw BenchProblem("\(workload.name): \(error)")
        }
        return result
    }

    /// The whole replay, on one thread; alerts go nowhere at all, or where what is written goes.
    private static func run(
        _ workload: BenchWorkload, _ program: RulesetProgram, _ inputs: [ReplayInput], writes: Bool
    ) throws {
        let options = workload.replayOptions
        var session =
            writes
            ? try ReplaySession(program, inputs: inputs, options: options)
            : try ReplaySession(
                program, inputs: inputs, options: options, alertHandler: { _, _ in })
        while try session.step() {}
        try session.runOut()
        _ = try session.finish()
    }

    private static func decode(
        _ inputs: [ReplayInput], _ plan: DecodePlan
    ) throws(FeedError) -> Int {
        var merger = FeedMerger(plan: plan)
        for input in inputs { try merger.add(path: input.path, options: input.options) }
        var batch = EventBatch(slotCount: plan.slotCount)
        var symbols = SymbolTable()
        var events = 0
        var hasMore = true
        while hasMore {
            batch.removeAll()
            hasMore = try merger.fill(
                &batch, upTo: ReplayOptions.batchEventCount, symbols: &symbols)
            events += batch.count
            _ = merger.takeDeadLetters()
        }
        return events
    }
}
