// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// `except`, `resolve on`, `suppress` and `limit`: engine and reference on random rules.
@Suite struct PolicyDifferentialTests {
    @Test(arguments: [71, 72] as [UInt64])
    func engineAndReferenceLetTheSameAlertsThrough(seed: UInt64) {
        var run = DifferentialRun(seed: seed, cases: 360)
        run.hasPolicies = true
        let result = run.run()
        #expect(result.casesWithMatches > 50)
        if let failure = result.failure {
            Issue.record("seed \(failure.seed):\n\(failure.difference)\n\(failure.shrunk.scenario)")
        }
    }
}
