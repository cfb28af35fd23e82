// SPDX-License-Identifier: Apache-2.0
// Compares the search for many regexes in one pass with the search for each of them: what a build
// with the trait `Vectorscan` is tested by, for it builds in seconds.
//
//     martlet-patterns SEED ROUNDS

import Glibc
import TextMatching

let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
let seed = numbers.first ?? 1
let rounds = numbers.count > 1 ? Int(clamping: numbers[1]) : 2_000
guard PatternSet.takes(pattern: "[ab]\\d", flags: "") else {
    print("martlet was built without the trait Vectorscan")
    exit(2)
}
let comparison = PatternComparison(seed: seed, rounds: rounds)
print(
    "\(comparison.taken) regexes, \(comparison.matches) matches; of \(comparison.asked) in ASCII "
        + "\(comparison.named) were named")
if let difference = comparison.difference {
    print("not found in one pass: \(difference)")
    exit(1)
}
