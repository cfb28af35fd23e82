// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import RuleLanguage
import Testing

@testable import Pipeline

/// The rules of two rulesets side by side.
@Suite struct RulesetPairingTests {
    private func pairing(_ old: String, _ new: String) throws -> RulesetPairing {
        func checked(_ text: String) throws -> CheckedRuleset {
            let file = SourceFile(name: "r.martlet", text: text)
            return try #require(RuleChecker.check([RuleSyntax.parse(file)]).ruleset)
        }
        return try RulesetPairing(old: checked(old), new: checked(new))
    }

    private static func rule(_ name: String, _ count: Int) -> String {
        "rule \(name) { by user when within 1m { \(count) login } alert \"{user}\" }\n"
    }

    @Test func rulesOfOneNameAreAPairWhateverTheySay() throws {
        let pairing = try pairing(Self.rule("a", 2), Self.rule("a", 3))
        #expect(pairing.pairs == [.init(old: "a", new: "a")])
        #expect(pairing.numbers == [[0], [0]])
        #expect(!pairing.pairs[0].isRenamed)
    }

    @Test func rulesThatDifferInTheirNamesAloneWereRenamed() throws {
        let pairing = try pairing(
            Self.rule("a", 2) + Self.rule("b", 3), Self.rule("b", 3) + Self.rule("c", 2))
        #expect(pairing.pairs == [.init(old: "b", new: "b"), .init(old: "a", new: "c")])
        #expect(pairing.numbers == [[1, 0], [0, 1]])
        #expect(pairing.pairs[1].isRenamed)
    }

    @Test func otherRulesWereAddedOrRemoved() throws {
        let pairing = try pairing(Self.rule("a", 2), Self.rule("b", 3))
        #expect(pairing.pairs == [.init(old: nil, new: "b"), .init(old: "a", new: nil)])
        #expect(pairing.numbers == [[1], [0]])
    }

    @Test func oneRuleIsRenamedOnce() throws {
        let pairing = try pairing(
            Self.rule("a", 2), Self.rule("b", 2) + Self.rule("c", 2))
        #expect(pairing.pairs == [.init(old: "a", new: "b"), .init(old: nil, new: "c")])
    }
}
