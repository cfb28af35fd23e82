// SPDX-License-Identifier: Apache-2.0

import EventModel
import Oracle
import RuleLanguage
import Testing

/// Patterns whose matches can be said in a line of Swift, over every short stream.
@Suite struct EnumerationTests {
    /// All streams of up to `length` events of the types a, b and c, a second apart.
    private static func streams(_ length: Int) -> [String] {
        var all = [""]
        var last = [""]
        for _ in 0..<length {
            last = last.flatMap { stream in ["a", "b", "c"].map { stream + $0 } }
            all += last
        }
        return all
    }

    private func expectMatches(
        _ rule: String, length: Int = 6, _ wanted: ([Character]) -> [[[Int]]]
    ) throws {
        let scenario = MatchingScenario(name: "", line: 1, rules: rule)
        let matcher = ReferenceMatcher(try #require(scenario.check().ruleset))
        for stream in EnumerationTests.streams(length) {
            let events = stream.enumerated().map { second, letter in
                ReferenceEvent(
                    type: String(letter),
                    time: MatchingScenario.zero + TimeSpan(seconds: Int64(second)),
                    id: "\(second)", fields: [])
            }
            let matches = matcher.allMatches(
                in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
            #expect(matches.map(\.bound) == wanted(Array(stream)), "\(stream)")
        }
    }

    @Test func eachEnumeratesAllTriples() throws {
        let rule = "rule r { \n when { \n a \n then each b \n then each c \n } \n skip none \n }"
        try expectMatches(rule) { stream in
            stream.indices.filter { stream[$0] == "c" }.flatMap { k in
                (0..<k).filter { stream[$0] == "a" }.flatMap { i in
                    (i..<k).filter { stream[$0] == "b" }.map { j in [[i], [j], [k]] }
                }
            }
        }
    }

    @Test func eachWithACountEnumeratesAllPairs() throws {
        let rule = "rule r { \n when { \n a \n then each 2 b \n } \n skip none \n }"
        try expectMatches(rule) { stream in
            stream.indices.filter { stream[$0] == "b" }.flatMap { k in
                (0..<k).filter { stream[$0] == "a" }.flatMap { i in
                    (i..<k).filter { stream[$0] == "b" }.map { j in [[i], [j, k]] }
                }
            }
        }
    }

    @Test func thenTakesTheFirstLaterEvent() throws {
        let rule =
            "rule r { \n when { \n a \n then b \n } \n skip none \n reset on c where n == 1 }"
        try expectMatches(rule) { stream in
            stream.indices.filter { stream[$0] == "b" }.flatMap { k in
                (0..<k).filter { i in
                    stream[i] == "a" && !stream[(i + 1)..<k].contains("b")
                }.map { [[$0], [k]] }
            }
        }
    }

    @Test func nextTakesTheVeryNextEvent() throws {
        let rule =
            "rule r { \n when { \n a \n then next b \n then next c \n } \n skip none \n }"
        try expectMatches(rule) { stream in
            stream.indices.dropFirst(2).filter { k in
                stream[k - 2] == "a" && stream[k - 1] == "b" && stream[k] == "c"
            }.map { [[$0 - 2], [$0 - 1], [$0]] }
        }
    }

    @Test func aThresholdIsASlidingWindow() throws {
        let rule = "rule r { \n when { 2 a in 2s } \n skip none \n reset on b where n == 1 }"
        try expectMatches(rule) { stream in
            stream.indices.flatMap { k -> [[[Int]]] in
                guard stream[k] == "a" else { return [] }
                let before = (0..<k).last { stream[$0] == "a" }
                guard let before, k - before <= 2 else { return [] }
                return [[[before, k]]]
            }
        }
    }

    @Test func anAbsenceIsAPauseOfThatLength() throws {
        let rule = "rule r { \n when { \n a \n then no b for 2s \n } \n skip none \n }"
        try expectMatches(rule) { stream in
            stream.indices.filter { i in
                stream[i] == "a" && !stream[i..<min(stream.count, i + 3)].contains("b")
            }.map { [[$0]] }
        }
    }

    @Test func allOfTakesItsBranchesInAnyOrder() throws {
        let rule = "rule r { \n when { \n all of { \n a, \n b \n } \n } \n skip none \n }"
        try expectMatches(rule) { stream in
            stream.indices.flatMap { k in
                (0..<k).filter { i in
                    stream[i] != "c" && stream[k] != "c" && stream[i] != stream[k]
                        && !stream[(i + 1)..<k].contains(stream[k])
                }.map { stream[$0] == "a" ? [[$0], [k]] : [[k], [$0]] }
            }
        }
    }
}
