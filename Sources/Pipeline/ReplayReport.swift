// SPDX-License-Identifier: Apache-2.0
// Exercised by ReplaySessionTests.

/// What a replay has done, for people.
package struct ReplayReport: Sendable {
    /// A number of things of one rule.
    package struct RuleCount: Hashable, Sendable {
        package var rule: String
        package var count: Int
        /// Whether there were more of them than `count` can say.
        package var hasMore = false
    }

    /// Records that became no event are quoted up to this many, of each kind.
    package static let reasonCap = 3

    package var lines = 0
    /// Events that reached the rules.
    package var events = 0
    /// Events of types that no rule reads.
    package var ignored = 0
    package var late = 0
    package var undecodable = 0
    /// Events outside of the times asked for.
    package var outside = 0
    /// The first few of each kind, `FILE:LINE: why`.
    package var lateReasons: [String] = []
    package var undecodableReasons: [String] = []
    /// Values that did not fit a field's type, by field.
    package var mismatched: [(field: String, count: Int)] = []
    package var unknownSeverities = 0
    /// Computations in rules whose result could not be represented.
    package var overflows = 0
    /// In the order of the rules, without those of none.
    package var lackingKey: [RuleCount] = []
    package var capped: [RuleCount] = []
    /// Of every rule, in order.
    package var matches: [RuleCount] = []

    package var matchCount: Int { ReplayReport.sum(matches.map(\.count)) }

    /// The sum, at most `Int.max`.
    static func sum(_ counts: some Sequence<Int>) -> Int {
        counts.reduce(0) { sum, count in
            let (result, isOver) = sum.addingReportingOverflow(count)
            return isOver ? .max : result
        }
    }

    /// Lines of `noun: number`, then the matches of each rule.
    package var text: String {
        var text =
            "\(ReplayReport.counted(events, "event")) from \(ReplayReport.counted(lines, "line"))\n"
        text += line("of types that no rule reads", ignored)
        text += line("outside of --from and --to", outside)
        text += line("late", late, lateReasons)
        text += line("undecodable", undecodable, undecodableReasons)
        for entry in mismatched {
            text += line("with a `\(entry.field)` of another type than the rules say", entry.count)
        }
        for entry in lackingKey { text += line("lacking the key of \(entry.rule)", entry.count) }
        for entry in capped {
            text += line("times a limit on what \(entry.rule) may hold was reached", entry.count)
        }
        text += line("computations beyond the range of numbers, taken as missing", overflows)
        text += line("alerts with an unknown severity, written as medium", unknownSeverities)
        text += "\(ReplayReport.counted(matchCount, "alert"))\n"
        for entry in matches {
            let more = entry.hasMore ? "more than " : ""
            text += "  \(entry.rule): \(more)\(ReplayReport.grouped(entry.count))\n"
        }
        return text
    }

    private func line(_ noun: String, _ count: Int, _ reasons: [String] = []) -> String {
        if count == 0 { return "" }
        var text = "  \(ReplayReport.grouped(count)) \(noun)\n"
        for reason in reasons { text += "    \(reason)\n" }
        if !reasons.isEmpty, reasons.count < count {
            text += "    … \(ReplayReport.grouped(count - reasons.count)) more\n"
        }
        return text
    }

    private static func counted(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `1,234,567`.
    package static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "-" : ""
        for (k, digit) in digits.enumerated() {
            if k > 0, (digits.count - k) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}
