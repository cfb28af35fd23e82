// SPDX-License-Identifier: Apache-2.0
// Reads fixtures/golden/matching/*.txt, whose README describes the format: rules, events and the
// matches they must give, for every implementation of the language.

import Diagnostics
package import EventModel
package import RuleLanguage

package struct MatchingScenario: Sendable {
    package struct Problem: Error, CustomStringConvertible {
        package let line: Int
        package let message: String
        package var description: String { "line \(line): \(message)" }
    }

    /// What the scenario shows, as a sentence.
    package var name: String
    /// The line of its file at which it starts.
    package var line: Int
    /// The text of the ruleset.
    package var rules: String
    /// In order of arrival.
    package var events: [ReferenceEvent] = []
    package var watchedFrom = MatchingScenario.zero
    /// Nil: the clock runs until no deadline is pending.
    package var drainUntil: StreamTime?
    /// One line a match, as `describe` writes them.
    package var expected: [String] = []

    package init(name: String, line: Int, rules: String) {
        self.name = name
        self.line = line
        self.rules = rules
    }

    /// The instant of `0s`.
    package static let zero = CheckedTest.zero

    /// The checked ruleset, or what is wrong with it.
    package func check() -> CheckResult {
        RuleChecker.check([RuleSyntax.parse(SourceFile(name: "scenario.martlet", text: rules))])
    }

    // MARK: Reading

    package static func read(_ text: String) throws(Problem) -> [MatchingScenario] {
        var reader = ScenarioReader()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            try reader.read(String(line), number: index + 1)
        }
        return reader.finished
    }

    // MARK: Writing

    /// The matches in the words of the fixture files.
    package func describe(_ matches: [ReferenceMatch], _ ruleset: CheckedRuleset) -> [String] {
        matches.map { describe($0, ruleset) }
    }

    private func describe(_ match: ReferenceMatch, _ ruleset: CheckedRuleset) -> String {
        var parts: [String] = []
        let rule = ruleset.rules.first { $0.name == match.rule }
        if ruleset.rules.count > 1 { parts.append(match.rule) }
        let word = match.isResolved ? "resolved " : match.isByClock ? "clock " : "at "
        parts.append(word + offset(match.moment))
        if !match.key.isEmpty {
            parts.append("key " + match.key.map(\.json).joined(separator: ", "))
        }
        for (index, events) in match.bound.enumerated() where !events.isEmpty {
            let step = rule?.steps[index].name ?? "_\(index + 1)"
            parts.append("\(step): " + events.map(reference).joined(separator: " "))
        }
        var text = parts.joined(separator: " | ")
        if let rule, case .template = rule.alertTitle { text += " | " + match.title.json }
        for field in match.fields { text += " | \(field.name) = \(field.value.json)" }
        if match.suppressed > 0 { text += " | suppressed \(match.suppressed)" }
        if match.limited > 0 { text += " | limited \(match.limited)" }
        if match.excepted > 0 { text += " | excepted \(match.excepted)" }
        return text
    }

    /// An event by its time; `#2` is the second to arrive of those with that time.
    private func reference(_ index: Int) -> String {
        // The alerts of rules are numbered in their order.
        if index < 0 { return "alert \(-index)" }
        let time = events[index].time
        let number = events[...index].count { $0.time == time }
        return offset(time) + (number == 1 ? "" : "#\(number)")
    }

    private func offset(_ time: StreamTime) -> String {
        let (span, _) = time.nanoseconds.subtractingReportingOverflow(
            MatchingScenario.zero.nanoseconds)
        return TimeSpan(nanoseconds: span).description
    }
}

/// Line by line, section by section.
private struct ScenarioReader {
    private enum Section { case none, rules, events, matches }

    var finished: [MatchingScenario] = []
    private var section = Section.none

    mutating func read(_ line: String, number: Int) throws(MatchingScenario.Problem) {
        let text = line.trimmed
        if line.hasPrefix("== ") {
            finished.append(
                MatchingScenario(name: String(line.dropFirst(3)), line: number, rules: ""))
            section = .rules
        } else if line.hasPrefix("-- ") {
            try mark(String(line.dropFirst(3)), number)
        } else if text.isEmpty || text.hasPrefix("#") {
            return
        } else {
            try content(line, text, number)
        }
    }

    private mutating func mark(_ text: String, _ number: Int) throws(MatchingScenario.Problem) {
        let words = text.split(separator: " ").map(String.init)
        guard let last = finished.indices.last, let word = words.first else {
            throw .init(line: number, message: "no scenario has begun")
        }
        let time =
            words.count == 2 ? TimeText.span(words[1]).map { MatchingScenario.zero + $0 } : nil
        switch (word, time) {
        case ("events", nil): section = .events
        case ("matches", nil): section = .matches
        case ("until", let time?): finished[last].drainUntil = time
        case ("watched", let time?): finished[last].watchedFrom = time
        default: throw .init(line: number, message: "no section `\(text)`")
        }
    }

    private mutating func content(
        _ line: String, _ text: String, _ number: Int
    ) throws(MatchingScenario.Problem) {
        guard let last = finished.indices.last else {
            throw .init(line: number, message: "no scenario has begun")
        }
        switch section {
        case .none, .rules: finished[last].rules += line + "\n"
        case .matches: finished[last].expected.append(text)
        case .events:
            for (time, type, fields) in try events(text, number) {
                let count = finished[last].events.count
                finished[last].events.append(
                    ReferenceEvent(type: type, time: time, id: "e\(count + 1)", fields: fields))
            }
        }
    }

    /// `a-b--` with a letter for a type and a column for a second, or `1s500ms login`; both with
    /// or without `{ fields }`.
    private func events(
        _ text: String, _ number: Int
    ) throws(MatchingScenario.Problem) -> [(StreamTime, String, [NamedValue])] {
        let split = text.firstIndex(of: "{") ?? text.endIndex
        let words = text[..<split].split(separator: " ").map(String.init)
        guard let fields = ScenarioLiterals.fields(String(text[split...])) else {
            throw .init(line: number, message: "no fields: `\(text[split...])`")
        }
        if words.count == 2, let time = TimeText.span(words[0]) {
            return [(MatchingScenario.zero + time, words[1], fields)]
        }
        guard words.count == 1 else {
            throw .init(line: number, message: "no events: `\(text)`")
        }
        return words[0].enumerated().compactMap { second, letter in
            if letter == "-" { return nil }
            let time = MatchingScenario.zero + TimeSpan(seconds: Int64(second))
            return (time, String(letter), fields)
        }
    }
}

extension StringProtocol {
    /// Without blanks at both ends.
    var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(start[...$0]) } ?? ""
    }
}
