// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

@Suite struct ReachedCapsTests {
    private func rule(_ name: String, attempts: Int = 0, keys: Int = 0) -> RuleStatus {
        var status = RuleStatus(name: name)
        status.caps = [attempts, 0, keys]
        return status
    }

    @Test func aCapIsToldAtFirstAndAtEachTenfold() {
        var reached = ReachedCaps()
        #expect(reached.news([rule("a")]) == [])
        #expect(
            reached.news([rule("a", keys: 1), rule("b", attempts: 3)]) == [
                "the limit `keys` has held up the rule `a` once",
                "the limit `attempts_per_key` has held up the rule `b` 3 times",
            ])
        #expect(reached.news([rule("a", keys: 9), rule("b", attempts: 4)]) == [])
        #expect(
            reached.news([rule("a", keys: 12)])
                == ["the limit `keys` has held up the rule `a` 12 times"])
        #expect(reached.news([rule("a", keys: 99)]) == [])
    }

    @Test func whatWasReachedBeforeTheStartIsNotToldAgain() {
        var reached = ReachedCaps(knowing: [rule("a", keys: 5)])
        #expect(reached.news([rule("a", keys: 6)]) == [])
        // A rule of the same name that has begun anew.
        #expect(
            reached.news([rule("a", keys: 2)])
                == ["the limit `keys` has held up the rule `a` 2 times"])
    }
}
