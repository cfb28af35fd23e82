// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Simulation

/// A pipeline that crashes anywhere says what one says that does not.
@Suite struct LiveCrashTests {
    @Test(arguments: LiveTrial.Disturbance.allCases)
    func whatComesOutIsThatOfAnUndisturbedRun(disturbance: LiveTrial.Disturbance) {
        var random = SeededRandom(seed: 9)
        var (troubles, changes, alerts, asides) = (0, 0, 0, 0)
        for _ in 0..<12 {
            let result = LiveTrial(seed: random.next(), disturbance: disturbance).run()
            #expect(result.difference == nil)
            troubles += result.crashes + result.failedSends
            changes += result.changes
            alerts += result.alerts
            asides += result.asideCheckpoints
        }
        #expect(troubles > 10)
        #expect(changes > 20)
        #expect(alerts > 100)
        #expect(asides > 10)
    }
}
