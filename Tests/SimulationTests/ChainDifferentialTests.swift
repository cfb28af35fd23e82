// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// Rules on rules: engine and reference on random rulesets.
@Suite struct ChainDifferentialTests {
    @Test(arguments: [81, 82] as [UInt64])
    func engineAndReferenceFeedTheSameAlertsToOtherRules(seed: UInt64) {
        var run = DifferentialRun(seed: seed, cases: 240)
        run.hasChains = true
        let result = run.run()
        #expect(result.casesWithMatches > 50)
        if let failure = result.failure {
            Issue.record("seed \(failure.seed):\n\(failure.difference)\n\(failure.shrunk.scenario)")
        }
    }
}
