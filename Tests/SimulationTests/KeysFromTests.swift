// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// `keys from`: engine and reference on random rules, on one thread and on several, with restarts.
@Suite struct KeysFromTests {
    private func expectAgreement(_ run: DifferentialRun) {
        let result = run.run()
        #expect(result.casesWithMatches > 50)
        if let failure = result.failure {
            Issue.record("seed \(failure.seed):\n\(failure.difference)\n\(failure.shrunk.scenario)")
        }
    }

    @Test(arguments: [81, 82] as [UInt64])
    func engineAndReferenceBeginWithTheSameKeys(seed: UInt64) {
        var run = DifferentialRun(seed: seed, cases: 600)
        run.prefersKeysFrom = true
        expectAgreement(run)
    }

    @Test func soTheyDoWithWhatStandsBetweenMatchesAndAlerts() {
        var run = DifferentialRun(seed: 83, cases: 360)
        run.prefersKeysFrom = true
        run.hasPolicies = true
        expectAgreement(run)
    }

    @Test func soTheyDoWhereRulesReadTheAlertsOfOthers() {
        var run = DifferentialRun(seed: 84, cases: 240)
        run.prefersKeysFrom = true
        run.hasChains = true
        expectAgreement(run)
    }
}
