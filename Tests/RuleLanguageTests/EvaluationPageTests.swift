// SPDX-License-Identifier: Apache-2.0
// Evaluates the examples of docs/reference/functions.md.

import EventModel
import Foundation
import RuleLanguage
import Testing

@Suite struct EvaluationPageTests {
    struct Example: CustomTestStringConvertible {
        let line: Int
        let expression: String
        let result: String
        var testDescription: String { "line \(line): \(expression)" }
    }

    static let page: [String] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/reference/functions.md")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }()

    /// Rows of the form | `expression` | `result` | or | `expression` | missing |.
    static let examples: [Example] = page.enumerated().compactMap { number, line in
        let cells = line.components(separatedBy: " | ")
        guard cells.count == 2, cells[0].hasPrefix("| `"), cells[0].hasSuffix("`") else {
            return nil
        }
        let result = cells[1].replacing(" |", with: "").replacing("`", with: "")
        guard result == "missing" || cells[1].hasPrefix("`") else { return nil }
        let expression = String(cells[0].dropFirst(3).dropLast())
        return Example(line: number + 1, expression: expression, result: result)
    }

    @Test(arguments: examples) func theExampleGivesWhatThePageSays(example: Example) throws {
        let value = try #require(ExampleReader.read(example.expression))
        let expected = try #require(ExampleReader.read(example.result))
        #expect(value == expected)
    }

    @Test func thePageShowsEveryFunctionAndAggregate() {
        let shown = Set(Self.examples.map { String($0.expression.prefix { $0 != "(" }) })
        for function in ScalarFunction.allCases {
            #expect(shown.contains(function.rawValue), "no example of \(function.rawValue)")
        }
        for name in ExampleReader.aggregates(parameter: 0).keys {
            #expect(shown.contains(name), "no example of \(name)")
        }
    }
}

/// Reads and evaluates what the page's examples are made of: literals, lists and calls. An
/// aggregate is a call with a list as its first argument.
struct ExampleReader {
    private var rest: Substring

    static func read(_ text: String) -> Value? {
        var reader = ExampleReader(rest: text[...])
        guard let value = reader.value(), reader.rest.isEmpty else { return nil }
        return value
    }

    static func aggregates(parameter: Double) -> [String: Aggregate] {
        [
            "count": .count, "sum": .sum, "avg": .average, "min": .minimum, "max": .maximum,
            "count_distinct": .countDistinct, "distinct": .distinct, "median": .median,
            "stddev": .standardDeviation, "percentile": .percentile(parameter),
            "ema": .exponentialMovingAverage(Int(parameter)),
        ]
    }

    private mutating func value() -> Value? {
        if rest.first == "\"" { return text() }
        if rest.first == "[" {
            rest.removeFirst()
            return elements(until: "]").map(Value.list)
        }
        let word = rest.prefix { !",()[] ".contains($0) }
        rest.removeFirst(word.count)
        guard rest.first == "(" else { return literal(String(word)) }
        rest.removeFirst()
        return elements(until: ")").flatMap { call(String(word), $0) }
    }

    private func call(_ name: String, _ arguments: [Value]) -> Value? {
        var parameter = 0.0
        if arguments.count == 2, case .int(let number) = arguments[1] { parameter = Double(number) }
        if case .list(let values)? = arguments.first,
            let aggregate = Self.aggregates(parameter: parameter)[name]
        {
            return aggregate.apply(values)
        }
        return ScalarFunction(rawValue: name)?.apply(arguments)
    }

    private mutating func elements(until end: Character) -> [Value]? {
        var values: [Value] = []
        while rest.first != end {
            guard let value = value() else { return nil }
            values.append(value)
            if rest.hasPrefix(", ") { rest.removeFirst(2) } else if rest.first != end { return nil }
        }
        rest.removeFirst()
        return values
    }

    private mutating func text() -> Value? {
        rest.removeFirst()
        let body = rest.prefix { $0 != "\"" }
        rest.removeFirst(body.count + 1)
        return .string(String(body).replacing("\\t", with: "\t").replacing("\\n", with: "\n"))
    }

    private func literal(_ word: String) -> Value? {
        if word == "missing" { return .missing }
        if word == "true" || word == "false" { return .bool(word == "true") }
        if let number = Int64(word) { return .int(number) }
        if let number = Double(word) { return .float(number) }
        if let time = time(word) { return .time(time) }
        if let address = IPAddress(word) { return .ip(address) }
        if let network = IPNetwork(word) { return .network(network) }
        return duration(word).map(Value.duration)
    }

    private func time(_ word: String) -> StreamTime? {
        let parts = word.split { !"0123456789".contains($0) }.compactMap { Int($0) }
        guard word.contains("-"), !word.hasPrefix("-"), parts.count == 3 || parts.count == 6 else {
            return nil
        }
        let clock = parts.count == 6 ? Array(parts[3...]) : [0, 0, 0]
        return CalendarTime(
            year: parts[0], month: parts[1], day: parts[2], hour: clock[0], minute: clock[1],
            second: clock[2]
        ).streamTime
    }

    private func duration(_ word: String) -> TimeSpan? {
        var rest = word.hasPrefix("-") ? word.dropFirst() : word[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber }
            let name = String(rest.dropFirst(digits.count).prefix { $0.isLetter })
            guard let number = Int64(String(digits)),
                let unit = TimeSpan.units.first(where: { $0.name == name })
            else { return nil }
            total += number * Int64(unit.nanoseconds)
            rest.removeFirst(digits.count + name.count)
        }
        return TimeSpan(nanoseconds: word.hasPrefix("-") ? -total : total)
    }
}
