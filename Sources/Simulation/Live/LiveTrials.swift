// SPDX-License-Identifier: Apache-2.0

/// Many trials of each kind, for the command line.
package struct LiveTrials {
    private let seed: UInt64
    private let count: Int

    /// - Parameter count: of each disturbance.
    package init(seed: UInt64, count: Int) {
        self.seed = seed
        self.count = count
    }

    /// Runs all.
    ///
    /// - Parameter tell: takes a line a disturbance, or what went wrong.
    /// - Returns: false: a trial failed.
    package func run(telling tell: (String) -> Void) -> Bool {
        var random = SeededRandom(seed: seed)
        for disturbance in LiveTrial.Disturbance.allCases {
            var (crashes, changes, alerts, refusals) = (0, 0, 0, 0)
            var (failures, repeats, givenUp, asides) = (0, 0, 0, 0)
            for _ in 0..<count {
                let trial = LiveTrial(seed: random.next(), disturbance: disturbance)
                let result = trial.run()
                if let difference = result.difference {
                    tell("\(disturbance.rawValue), seed \(trial.seed): \(difference)")
                    return false
                }
                crashes += result.crashes
                changes += result.changes
                alerts += result.alerts
                refusals += result.refusal == nil ? 0 : 1
                failures += result.failedSends
                repeats += result.repeats
                givenUp += result.givenUp
                asides += result.asideCheckpoints
            }
            tell(
                "\(disturbance.rawValue): \(count) runs, \(crashes) crashes, \(changes) changes of "
                    + "rules, \(asides) checkpoints made aside, \(alerts) alerts, "
                    + "\(failures) failed attempts to send, "
                    + "\(repeats) alerts sent again, \(givenUp) given up"
                    + (refusals > 0 ? ", \(refusals) damaged states refused" : ""))
        }
        return true
    }
}
