// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Simulation

/// Events that come over a bad network to a node that crashes count once each.
@Suite struct NetworkTrialTests {
    @Test func whatComesOutIsThatOfAGoodNetwork() {
        var random = SeededRandom(seed: 3)
        var (crashes, lost, repeats, alerts) = (0, 0, 0, 0)
        for _ in 0..<12 {
            let result = NetworkTrial(seed: random.next()).run()
            #expect(result.difference == nil)
            crashes += result.crashes
            lost += result.lostConnections
            repeats += result.repeats
            alerts += result.alerts
        }
        #expect(crashes > 5 && lost > 50 && repeats > 50 && alerts > 100)
    }

    /// Otherwise the trials would prove nothing.
    @Test func withoutIDsWhatIsSentAgainIsSeen() {
        let differing = (1...8).count { seed in
            NetworkTrial(seed: UInt64(seed), remembersIDs: false).run().difference != nil
        }
        #expect(differing > 4)
    }
}
