// SPDX-License-Identifier: Apache-2.0
// The pictures of docs/reference/matching.md: a rule, a row of events, a row of matches.

internal import Diagnostics
package import EventModel
package import Oracle
internal import RuleLanguage

/// A rule with a stream and its matches, drawn so that a column is a second:
///
///     when within 3s { a then b }
///     events   a-b----a----b|
///     matches  --M----------|
///     bound    a-b----------|
///
/// - The lines above `events` are a ruleset, or the clauses of a rule.
/// - A letter is an event of that type; `|` stands where the clock stops.
/// - A further `events` row holds events that come after those above at the same second.
/// - A row of any other name gives the events of the row above a field: a digit is an int, a letter
///   a text.
/// - `M` is a match that ends there, `2`… so many of them.
/// - A `bound` row for each match, in order, shows the events that it bound.
package struct DocumentTimeline: Sendable {
    package struct Problem: Error, CustomStringConvertible {
        package let description: String
    }

    /// The text of the ruleset.
    package private(set) var rules = ""
    package private(set) var events: [ReferenceEvent] = []
    /// The second at which the clock stops.
    package private(set) var end = 0
    private var matches: [Character] = []
    private var bound: [[Character]] = []
    /// For each event its column, by index.
    private var columns: [Int] = []

    package var drainUntil: StreamTime { MatchingScenario.zero + TimeSpan(seconds: Int64(end)) }

    package init(_ text: String) throws(Problem) {
        var width: Int?
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard width != nil || words.first == "events" else {
                rules += line + "\n"
                continue
            }
            guard words.count == 2, words[1].last == "|" else {
                throw Problem(description: "no row of a picture: `\(line)`")
            }
            let row = Array(words[1].dropLast())
            guard width == nil || width == row.count else {
                throw Problem(description: "a row of another length: `\(line)`")
            }
            width = row.count
            try read(row, named: String(words[0]))
        }
        guard let width, !matches.isEmpty else {
            throw Problem(description: "a picture needs `events` and `matches`")
        }
        end = width - 1
        if !rules.hasPrefix("rule "), !rules.contains("\nrule ") {
            rules = "rule picture {\n\(rules)}\n"
        }
    }

    private mutating func read(_ row: [Character], named name: String) throws(Problem) {
        switch name {
        case "events":
            for (second, letter) in row.enumerated() where letter != "-" {
                columns.append(second)
                events.append(
                    ReferenceEvent(
                        type: String(letter),
                        time: MatchingScenario.zero + TimeSpan(seconds: Int64(second)),
                        id: "e\(events.count + 1)", fields: []))
            }
            rowStart = events.count - row.count { $0 != "-" }
        case "matches": matches = row
        case "bound": bound.append(row)
        default:
            for index in events.indices[rowStart...] {
                let sign = row[columns[index]]
                guard sign != "-" else { continue }
                let value = sign.wholeNumberValue.map { Value.int(Int64($0)) }
                events[index].fields.append(NamedValue(name, value ?? .string(String(sign))))
            }
        }
    }

    private var rowStart = 0

    /// The rows of these matches as the picture has them: `matches`, and `bound` if it has such.
    package func rows(of found: [ReferenceMatch]) -> [String] {
        var counts = Array(repeating: 0, count: end + 1)
        for match in found { counts[second(match.end)] += 1 }
        let row = counts.map { $0 == 0 ? "-" : $0 == 1 ? "M" : "\($0)" }.joined()
        return ["matches \(row)|"] + (bound.isEmpty ? [] : found.map(boundRow))
    }

    /// The rows as they are drawn.
    package var drawnRows: [String] {
        ["matches \(String(matches))|"] + bound.map { "bound \(String($0))|" }
    }

    private func second(_ time: StreamTime) -> Int {
        let span = time.nanoseconds - MatchingScenario.zero.nanoseconds
        return min(max(0, Int(span / 1_000_000_000)), end)
    }

    private func boundRow(_ match: ReferenceMatch) -> String {
        var row = Array(repeating: Character("-"), count: end + 1)
        for index in match.bound.joined() { row[columns[index]] = Character(events[index].type) }
        return "bound \(String(row))|"
    }

    // MARK: running

    /// What both implementations find: the engine, and the reference matcher.
    package func run() throws(Problem) -> (engine: [String], reference: [String]) {
        let checked = RuleChecker.check([
            RuleSyntax.parse(SourceFile(name: "picture.martlet", text: rules))
        ])
        guard let ruleset = checked.ruleset else {
            throw Problem(
                description: "the rule has mistakes: "
                    + checked.diagnostics.map { "\($0.code) \($0.message)" }.joined(separator: "; ")
            )
        }
        let zero = MatchingScenario.zero
        let engine = EngineSubject(ruleset)
            .matches(in: events, watchedFrom: zero, drainUntil: drainUntil)
        let reference = ReferenceMatcher(ruleset)
            .allMatches(in: events, watchedFrom: zero, drainUntil: drainUntil)
        return (rows(of: engine), rows(of: reference))
    }
}
