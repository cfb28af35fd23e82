// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Pipeline
internal import RuleLanguage

/// A workload's file to filled batches, and no further: what decoding costs by itself.
enum BenchDecoding {
    struct Result {
        var nanosecondsPerEvent: [Double] = []
        var allocationsPerEvent = 0.0
        var events = 0
    }

    /// Reads the file `runs` times in this process; times are those of its CPU.
    static func of(
        _ workload: BenchWorkload, _ data: BenchData, runs: Int, _ allocationCount: () -> Int64
    ) throws(BenchProblem) -> Result {
        let (ruleset, program) = try workload.compiled()
        let files = try workload.files(data)
        var result = Result()
        do {
            let inputs = try files.inputs(for: ruleset, program)
            for _ in 0..<runs {
                let allocations = allocationCount()
                let start = MonotonicClock.processCPU
                result.events = try decode(inputs, program.decodePlan)
                let spent = Double(MonotonicClock.processCPU - start)
                result.nanosecondsPerEvent.append(spent / Double(data.eventCount))
                result.allocationsPerEvent =
                    Double(allocationCount() - allocations) / Double(data.eventCount)
            }
        } catch {
            throw BenchProblem("\(workload.name): \(error)")
        }
        return result
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
