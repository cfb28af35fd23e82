// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Oracle
import RuleLanguage
import Simulation
import Testing

/// Rules of which the checker says that they can never finish.
@Suite struct EndlessRuleTests {
    /// Whether the lint speaks of the whole rule, and not of a branch or an optional part.
    private func isSaidToBeEndless(_ text: String) -> Bool {
        let file = SourceFile(name: "case.martlet", text: text)
        return RuleChecker.check([RuleSyntax.parse(file)]).diagnostics.contains {
            $0.code == "W0113" && $0.message == "this rule can never finish"
        }
    }

    /// They run without harm, and what is said of them is true.
    @Test func noneOfThemEverFinishes() {
        var count = 0
        for number in 0..<1_500 {
            var rules = RuleGenerator(seed: UInt64(number) &* 7_919)
            let text = rules.ruleset()
            guard isSaidToBeEndless(text), let ruleset = DifferentialCase.check(text) else {
                continue
            }
            count += 1
            let subject = EngineSubject(ruleset)
            let reference = ReferenceMatcher(ruleset)
            var streams = StreamGenerator(seed: UInt64(number))
            for _ in 0..<6 {
                let events = streams.stream(length: 14)
                #expect(
                    reference.allMatches(
                        in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil
                    ).isEmpty, "\(text)")
                #expect(
                    subject.matches(
                        in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil
                    ).isEmpty, "\(text)")
            }
        }
        #expect(count > 10, "\(count)")
    }
}
