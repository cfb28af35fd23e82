// SPDX-License-Identifier: Apache-2.0
// Exercised by ReplaySessionTests.

package import MatchCore

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
    /// Events that began nothing because there was no memory left for more keys.
    package var refused: [RuleCount] = []
    /// What policies could not keep track of.
    package var forgotten: [RuleCount] = []
    /// Of every rule, in order.
    package var matches: [RuleCount] = []
    /// By the number of the rule: whether its matches are events for other rules, and no alerts.
    package var onlyEmits: [Bool] = []
    /// What became of them, rule by rule; empty where no alerts were written.
    package var outcomes: [RuleOutcome] = []

    /// What the engine has counted, rule by rule.
    package var counters: [RuleCounters] = []
    /// The most attempts that were under way at once, rule by rule, looked at behind each batch of
    /// events; nil for a rule that keeps none by itself. Empty where they were not counted.
    package var attemptPeaks: [Int?] = []

    /// What became of a rule's matches.
    package struct RuleOutcome: Hashable, Sendable {
        package var alerts = 0
        package var suppressed = 0
        package var excepted = 0
        package var limited = 0
        /// Notices that an alert is resolved.
        package var resolved = 0

        package init() {}

        /// Such as `12 alerts of 40 matches (25 suppressed, 2 excepted, 1 limited; 4 resolved)`;
        /// nil where every match is an alert, and that is all.
        ///
        /// - Parameter onlyEmits: whether what comes out are events for other rules.
        func text(matches: Int, onlyEmits: Bool) -> String? {
            let kept = [(suppressed, "suppressed"), (excepted, "excepted"), (limited, "limited")]
                .filter { $0.0 > 0 }.map { "\(ReplayReport.grouped($0.0)) \($0.1)" }
                .joined(separator: ", ")
            let ended = resolved > 0 ? ["\(ReplayReport.grouped(resolved)) resolved"] : []
            let parts = (kept.isEmpty ? [] : [kept]) + ended
            let alerts =
                onlyEmits
                ? "\(ReplayReport.grouped(alerts)) emitted"
                : ReplayReport.counted(alerts, "alert")
            if parts.isEmpty { return onlyEmits ? alerts : nil }
            let matches = ReplayReport.counted(matches, "match", plural: "matches")
            return "\(alerts) of \(matches) (\(parts.joined(separator: "; ")))"
        }
    }

    /// Alerts or, where none were written, matches that would be alerts.
    package var alertCount: Int {
        let counts = outcomes.isEmpty ? matches.map(\.count) : outcomes.map(\.alerts)
        return ReplayReport.sum(counts.indices.filter { !onlyEmits[$0] }.map { counts[$0] })
    }

    /// The sum, at most `Int.max`.
    static func sum(_ counts: some Sequence<Int>) -> Int {
        counts.reduce(0) { sum, count in
            let (result, isOver) = sum.addingReportingOverflow(count)
            return isOver ? .max : result
        }
    }

    /// Lines of `noun: number`, then the matches of each rule.
    package var text: String {
        var text = readingText
        text += "\(ReplayReport.counted(alertCount, "alert"))\n"
        for (index, entry) in matches.enumerated() {
            let more = entry.hasMore ? "more than " : ""
            let plain = "\(more)\(ReplayReport.grouped(entry.count))"
            let outcome =
                outcomes.isEmpty
                ? nil
                : outcomes[index].text(
                    matches: entry.count, onlyEmits: onlyEmits[index])
            text += "  \(entry.rule): \(outcome ?? plain)\n"
        }
        return text
    }

    /// What became of lines and events, without the matches.
    package var readingText: String {
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
        for entry in forgotten {
            text += line(
                "alerts or suppressed matches of \(entry.rule) beyond what is remembered",
                entry.count)
        }
        for entry in refused {
            text += line(
                "events that began nothing in \(entry.rule): --max-memory was reached",
                entry.count)
        }
        for entry in capped {
            text += line("times a limit on what \(entry.rule) may hold was reached", entry.count)
        }
        text += line("computations beyond the range of numbers, taken as missing", overflows)
        text += line("alerts with an unknown severity, written as medium", unknownSeverities)
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

    private static func counted(
        _ number: Int, _ noun: String, plural: String? = nil
    ) -> String {
        "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
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
