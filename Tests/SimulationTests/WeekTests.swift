// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Simulation

/// Hours of operation with their crashes; `martlet-sim week` goes through the whole of it.
@Suite struct WeekTests {
    /// From ten in the evening, over the change of rules, into the quiet of the night.
    @Test func anEveningWithCrashesSaysWhatOneWithoutSays() {
        let result = WeekTrial(seed: 1, hours: 22..<26).run()
        #expect(result.difference == nil)
        #expect(result.events > 1000 && result.alerts > 100)
        #expect(result.crashes > 0 && result.changes == 1 && result.rotations > 2)
        #expect(result.checkpoints > 100)
        #expect(result.removedAlerts > 50 && result.removedLetters > 5)
        #expect(result.slowestAbsence > .zero)
    }
}
