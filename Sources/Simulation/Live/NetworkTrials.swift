// SPDX-License-Identifier: Apache-2.0

/// Many trials of the network, for the command line.
package struct NetworkTrials {
    private let seed: UInt64
    private let count: Int

    package init(seed: UInt64, count: Int) {
        self.seed = seed
        self.count = count
    }

    /// Runs all.
    ///
    /// - Parameter tell: takes a line at the end, or what went wrong.
    /// - Returns: false: a trial failed.
    package func run(telling tell: (String) -> Void) -> Bool {
        var random = SeededRandom(seed: seed)
        var all = NetworkTrial.Result()
        for _ in 0..<count {
            let trial = NetworkTrial(seed: random.next())
            let result = trial.run()
            if let difference = result.difference {
                tell("network, seed \(trial.seed): \(difference)")
                return false
            }
            all.events += result.events
            all.alerts += result.alerts
            all.crashes += result.crashes
            all.lostConnections += result.lostConnections
            all.floods += result.floods
            all.repeats += result.repeats
        }
        tell(
            "network: \(count) runs, \(all.events) events, \(all.lostConnections) connections "
                + "lost, \(all.crashes) crashes, \(all.floods) times no room, \(all.repeats) "
                + "events known by their ids, \(all.alerts) alerts")
        return true
    }
}
