// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// Keys that are `time`, `id` or `type`, alone and among others: engine and reference on random
/// rules, on one thread and on several, with restarts.
@Suite struct BuiltInKeyTests {
    private func expectAgreement(_ run: DifferentialRun) {
        let result = run.run()
        #expect(result.casesWithMatches > 20)
        if let failure = result.failure {
            Issue.record("seed \(failure.seed):\n\(failure.difference)\n\(failure.shrunk.scenario)")
        }
    }

    @Test(arguments: [91, 92] as [UInt64])
    func engineAndReferenceKeepTheSameEventsApart(seed: UInt64) {
        var run = DifferentialRun(seed: seed, cases: 200)
        run.prefersBuiltInKeys = true
        expectAgreement(run)
    }

    @Test func soTheyDoWithWhatStandsBetweenMatchesAndAlerts() {
        var run = DifferentialRun(seed: 93, cases: 120)
        run.prefersBuiltInKeys = true
        run.hasPolicies = true
        expectAgreement(run)
    }
}
