// SPDX-License-Identifier: Apache-2.0
// Exercised by FuzzTests.

/// One target over many inputs, from one seed.
package struct FuzzRun {
    package enum Limit: Hashable, Sendable {
        case rounds(Int)
        case seconds(Int)
    }

    package struct Result: Sendable {
        package var rounds = 0
        package var cpuNanoseconds: Int64 = 0
        /// Inputs kept as beginnings: those of the corpus, and those that reached something new.
        package var kept = 0
        package var features = 0
        package var failure: (input: [UInt8], reason: String)?
    }

    /// Inputs that are kept, at most: an old one goes for each that comes.
    private static let poolCap = 4_000

    package let target: FuzzTarget
    package let seed: UInt64
    package let limit: Limit
    private var pool: [[UInt8]]

    /// - Parameter corpus: inputs to begin with, besides those that the target makes.
    package init(_ target: FuzzTarget, seed: UInt64, limit: Limit, corpus: [[UInt8]]) {
        self.target = target
        self.seed = seed
        self.limit = limit
        pool = (corpus + target.seeds()).map { Array($0.prefix(target.byteCap)) }
    }

    /// Tries the corpus as it stands and then mutations of it, until the limit or a failure.
    ///
    /// - Parameter scratchPath: a file that holds the input at hand at any moment.
    package mutating func run(scratchPath: String? = nil) -> Result {
        let begin = MonotonicClock.now
        let cpu = MonotonicClock.processCPU
        let scratch = FuzzScratch(path: scratchPath)
        var mutator = FuzzMutator(seed: seed, for: target)
        var seen: Set<UInt64> = []
        var result = Result()
        let given = pool.count
        while isWithinLimit(result.rounds, since: begin) {
            let isGiven = result.rounds < given
            let input = isGiven ? pool[result.rounds] : mutator.next(from: pool)
            scratch.put(input)
            let verdict = target.body(input)
            result.rounds += 1
            if let reason = verdict.failure {
                result.failure = (input, reason)
                break
            }
            let known = seen.count
            seen.formUnion(verdict.features)
            if seen.count > known, !isGiven { keep(input, mutator: &mutator) }
        }
        scratch.stop()
        result.cpuNanoseconds = MonotonicClock.processCPU - cpu
        result.kept = pool.count
        result.features = seen.count
        return result
    }

    private mutating func keep(_ input: [UInt8], mutator: inout FuzzMutator) {
        if pool.count == FuzzRun.poolCap { pool.removeFirst() }
        pool.append(input)
    }

    private func isWithinLimit(_ rounds: Int, since begin: Int64) -> Bool {
        switch limit {
        case .rounds(let count): rounds < count
        case .seconds(let count):
            MonotonicClock.now - begin
                < Int64(clamping: count).multipliedReportingOverflow(
                    by: 1_000_000_000
                ).partialValue
        }
    }
}
