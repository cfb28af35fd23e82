// SPDX-License-Identifier: Apache-2.0

import Glibc
import Simulation

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "differential" || arguments.first == "windows" {
    let numbers = arguments.dropFirst().compactMap { UInt64($0) }
    var run = DifferentialRun(
        seed: numbers.first ?? 1, cases: Int(numbers.dropFirst().first ?? 10_000),
        of: arguments.first == "windows" ? .windows : .patterns)
    run.hasPolicies = arguments.contains("--policies")
    run.hasChains = arguments.contains("--chains")
    run.prefersKeysFrom = arguments.contains("--keys-from")
    run.rulesPerCase = Int(numbers.dropFirst(2).first ?? 1)
    if arguments.contains("--trace") { run.trace = { print("rule \($0):\n\($1)") } }
    let result = run.run()
    print(
        "\(result.rules) rules, \(result.cases) cases, \(result.casesWithMatches) with matches,"
            + " \(result.casesOnSets) on compact sets too")
    if let failure = result.failure {
        print("seed \(failure.seed):\n\(failure.difference)\n\(failure.shrunk.scenario)")
        exit(1)
    }
} else if arguments.first == "small" {
    let result = SmallPatterns().run()
    print("\(result.patterns) patterns, \(result.cases) cases, \(result.matches) matches")
    if let failure = result.failure {
        print("\(failure.difference)\n\(failure.rules)")
        exit(1)
    }
} else if arguments.first == "live" {
    let numbers = arguments.dropFirst().compactMap { UInt64($0) }
    let trials = LiveTrials(
        seed: numbers.first ?? 1, count: Int(numbers.dropFirst().first ?? 1000))
    if !trials.run(telling: { print($0) }) {
        exit(1)
    }
} else if arguments.first == "streams", let folder = arguments.dropFirst().first {
    do {
        let seed = arguments.dropFirst(2).first.flatMap { UInt64($0) }
        try WriteStreams.write(to: folder, seed: seed ?? RecordedStream.committedSeed)
    } catch {
        print("\(error)")
        exit(3)
    }
}
