// SPDX-License-Identifier: Apache-2.0
// All small patterns on all short streams: what random cases may never draw.

internal import EventModel
internal import Oracle
internal import RuleLanguage

/// The exhaustive comparison of engine and reference matcher.
package struct SmallPatterns: Sendable {
    package struct Result: Sendable {
        package var patterns = 0
        package var cases = 0
        package var matches = 0
        package var failure: (rules: String, difference: String)?
    }

    /// Letters of the longest streams: 3^length streams of the types a, b and x.
    package var streamLength = 6

    package init() {}

    package func run() -> Result {
        var result = Result()
        let streams = self.streams()
        for rules in SmallPatterns.rulesets() {
            guard let ruleset = DifferentialCase.check(rules) else { continue }
            result.patterns += 1
            let subject = EngineSubject(ruleset)
            let subjects = subject.subjects(counting: false)
            let counting = subject.subjects(counting: true).dropFirst(subjects.count > 1 ? 0 : 1)
            let reference = ReferenceMatcher(ruleset)
            for events in streams {
                result.cases += 1
                let expected = reference.allMatches(
                    in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
                result.matches += expected.count
                let isRight =
                    subjects.allSatisfy {
                        $0.matches(
                            in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
                            == expected
                    }
                    && counting.allSatisfy {
                        $0.count(in: events, watchedFrom: MatchingScenario.zero)
                            == expected.count
                    }
                if isRight { continue }
                let difference = DifferentialCase.disagreement(subject, reference, events) ?? ""
                let failed = DifferentialCase(rules: rules, events: events)
                result.failure = (failed.scenario, difference)
                return result
            }
        }
        return result
    }

    // MARK: Streams

    /// All streams of one length: the shorter ones are their beginnings. Every other one has two
    /// events at a time.
    private func streams() -> [[ReferenceEvent]] {
        var streams: [[String]] = [[]]
        for _ in 0..<streamLength {
            streams = streams.flatMap { stream in ["a", "b", "x"].map { stream + [$0] } }
        }
        return streams.enumerated().map { number, letters in
            letters.enumerated().map { index, letter in
                let second = number % 2 == 0 ? index : index / 2
                return ReferenceEvent(
                    type: letter,
                    time: MatchingScenario.zero + TimeSpan(seconds: Int64(second)),
                    id: "e\(index + 1)", fields: [NamedValue("n", .int(Int64(index)))])
            }
        }
    }

    // MARK: Patterns

    private static let steps = ["a", "b"]
    private static let counts = [
        "", "2 ", "at least 1 ", "1 to 2 ", "optional ", "2 consecutive ",
    ]
    private static let connectors = ["then", "then next", "then each"]

    static func rulesets() -> [String] {
        var patterns: [String] = []
        let firsts = steps.flatMap { step in counts.map { $0 + step } }
        let seconds = connectors.flatMap { connector in
            firsts.map { "\(connector) \($0)" }
        }
        let absences = ["then no a for 2s", "then no b for 1s"]
        let guards = ["", "but no b", "but not next x", "until b"]
        for first in firsts {
            patterns.append(first)
            for link in guards {
                for second in seconds + absences {
                    patterns.append(
                        [first, link, second].filter { !$0.isEmpty }.joined(separator: "\n"))
                }
            }
        }
        let plain = ["a", "b", "at least 1 a"]
        let links = connectors.flatMap { connector in plain.map { "\(connector) \($0)" } }
        for first in plain {
            for second in links + absences {
                for third in links + absences { patterns.append("\(first)\n\(second)\n\(third)") }
            }
        }
        patterns += compound(plain)
        return patterns.enumerated().flatMap { number, pattern in
            [0, 1 + number % 3].map { variant in
                let when = variant & 1 == 0 ? "when" : "when within 2s"
                let skip = variant & 2 == 0 ? "" : "skip none\n"
                // The type x is part of the input: it breaks rows and `next`.
                return "rule r {\n\(when) {\n\(pattern)\n}\nreset on x where n == 99\n\(skip)}\n"
            }
        }
    }

    private static let groups = [
        "2 times", "at least 1 times", "optional", "2 consecutive times",
        "1 to 2 consecutive times",
    ]

    private static func compound(_ plain: [String]) -> [String] {
        var patterns: [String] = []
        let bodies = ["a", "a\nthen b", "b\nthen next a", "at least 1 a\nthen b"]
        for body in bodies {
            for group in groups {
                patterns.append("\(group) {\n\(body)\n}\nthen b")
                patterns.append("b\nthen \(group) {\n\(body)\n}\nthen a")
                patterns.append("a\nthen next \(group) {\n\(body)\n}\nthen each b")
            }
            for other in bodies {
                for kind in ["all of", "any of"] {
                    let branches = "\(kind) {\n\(body),\n\(other)\n}"
                    patterns.append(branches)
                    patterns.append("a\nthen \(branches)\nthen b")
                }
            }
        }
        for body in ["no a for 1s\nthen b", "no b for 2s\nthen at least 1 a"] {
            for group in ["2 times", "1 to 2 times", "optional"] {
                patterns.append("b\nthen \(group) {\n\(body)\n}\nthen a")
            }
            patterns.append("2 times {\n\(body)\n}")
            patterns.append("at least 1 times {\n\(body)\n}\nthen a")
        }
        return patterns
    }
}
