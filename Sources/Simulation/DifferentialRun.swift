// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Oracle
internal import RuleLanguage

/// Many random cases from one seed.
package struct DifferentialRun: Sendable {
    package struct Result: Sendable {
        /// Rules that the checker accepted.
        package var rules = 0
        /// Pairs of a rule and a stream.
        package var cases = 0
        /// Cases with at least one match: a run without any would prove nothing.
        package var casesWithMatches = 0
        /// Cases that compact sets of attempts could run as well.
        package var casesOnSets = 0
        /// The first disagreement, shrunk, and what differs.
        package var failure: (seed: UInt64, shrunk: DifferentialCase, difference: String)?
    }

    package var seed: UInt64
    package var cases: Int
    /// Streams a rule.
    package var streamsPerRule = 12
    package var streamLength = 14
    /// Whether the rules have `except`, `resolve on`, `suppress` and `limit`.
    package var hasPolicies = false
    /// Whether rulesets are several rules that read one another's alerts.
    package var hasChains = false
    /// Whether most rules take their keys from a table.
    package var prefersKeysFrom = false
    /// Whether the keys of all rules have `time`, `id` or `type` in them.
    package var prefersBuiltInKeys = false
    /// Rules over the same events that are run as one ruleset: together they have to find what each
    /// of them finds alone.
    package var rulesPerCase = 1

    /// What the rules are drawn from.
    package enum Rules: Sendable { case patterns, windows }
    package var rules: Rules

    package init(seed: UInt64, cases: Int, of rules: Rules = .patterns) {
        self.seed = seed
        self.rules = rules
        self.cases = cases
    }

    /// Called with the number and the text of each rule before it is run.
    package var trace: @Sendable (UInt64, String) -> Void = { _, _ in }

    /// Every third pattern is one that more than one backend can run.
    private func ruleset(_ number: UInt64) -> String {
        switch rules {
        case .patterns
        where number % 3 == 0 && !hasPolicies && !hasChains && !prefersKeysFrom
            && !prefersBuiltInKeys:
            var generator = PlainRuleGenerator(seed: number)
            return generator.ruleset()
        case .patterns:
            var generator = RuleGenerator(seed: number)
            generator.hasPolicies = hasPolicies
            generator.prefersKeysFrom = prefersKeysFrom
            generator.prefersBuiltInKeys = prefersBuiltInKeys
            return hasChains ? generator.chain() : generator.ruleset()
        case .windows:
            var generator = WindowGenerator(seed: number)
            generator.hasPolicies = hasPolicies
            return generator.ruleset()
        }
    }

    /// Runs until a disagreement or until `cases` have been compared.
    package func run() -> Result {
        var result = Result()
        var number = seed &* 1_000_003
        while result.cases < cases {
            number &+= 1
            var parts: [String] = []
            var text = ""
            if rulesPerCase > 1 {
                var generator = RuleGenerator(seed: number)
                generator.hasPolicies = hasPolicies
                (text, parts) = generator.ruleset(rules: rulesPerCase) {
                    DifferentialCase.check($0) != nil
                }
            } else {
                text = self.ruleset(number)
            }
            guard let ruleset = DifferentialCase.check(text) else { continue }
            result.rules += ruleset.rules.count
            trace(number, text)
            let subject = EngineSubject(ruleset)
            let reference = ReferenceMatcher(ruleset)
            let runsOnSets = subject.program.rules.allSatisfy { $0.determinedObstacle == nil }
            let alone = parts.compactMap { DifferentialCase.check($0).map { EngineSubject($0) } }
            var streams = StreamGenerator(seed: number ^ 0x5eed)
            if rulesPerCase > 1 { streams.texts = StreamGenerator.manyTexts }
            for _ in 0..<streamsPerRule {
                let events = streams.stream(length: streamLength)
                result.cases += 1
                if runsOnSets { result.casesOnSets += 1 }
                if let difference = DifferentialCase.disagreement(subject, reference, events) {
                    let shrunk = DifferentialCase(rules: text, events: events).shrunk()
                    let reason = shrunk.disagreement() ?? difference
                    result.failure = (number, shrunk, reason)
                    return result
                }
                let matches = subject.matches(
                    in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
                if !matches.isEmpty { result.casesWithMatches += 1 }
                if let rule = DifferentialRun.differing(alone, from: matches, events) {
                    let whole = DifferentialCase(rules: text, events: events)
                    result.failure = (number, whole, "`\(rule)` alone finds other matches")
                    return result
                }
            }
        }
        return result
    }

    /// The first rule that alone finds other matches than it has among `matches`.
    private static func differing(
        _ alone: [EngineSubject], from matches: [ReferenceMatch], _ events: [ReferenceEvent]
    ) -> String? {
        alone.first { subject in
            let own = subject.matches(
                in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
            let name = subject.program.rules[0].name
            return own != matches.filter { $0.rule == name }
        }?.program.rules[0].name
    }
}
