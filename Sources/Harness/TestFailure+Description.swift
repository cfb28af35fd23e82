// SPDX-License-Identifier: Apache-2.0

package import EventModel
package import RuleLanguage

/// Failures as pictures: what was expected above what came, with what differs below.
///
///     expected at 3m alert { user: "ann", attempts: 5 }
///          got at 3m alert { user: "ann", attempts: 4 }
///       attempts: expected 5, got 4
package struct FailurePicture {
    private let test: CheckedTest
    private let text: CheckedText
    /// The rules whose matches are events, and no alerts.
    private let emitters: Set<String>

    /// - Precondition: `test` is of `ruleset`.
    package init(_ test: CheckedTest, in ruleset: CheckedRuleset) {
        self.test = test
        text = CheckedText(ruleset)
        emitters = ruleset.emitters
    }

    /// What the matches of a rule are.
    private func noun(_ rule: String?) -> String {
        rule.map { emitters.contains($0) } ?? false ? "event" : "alert"
    }

    private static let expected = "expected "
    private static let got = "     got "
    private static let why = "     why "
    private static let blank = "         "

    /// The lines of the picture.
    package func lines(_ failure: TestFailure, among alerts: [TestAlert]) -> [String] {
        switch failure.kind {
        case .missing(let expected, nil, _):
            return [
                Self.expected + text(of: expected),
                Self.got + (alerts.isEmpty ? "no " : "no other ") + noun(expected.rule),
            ] + failure.why.enumerated().map { ($0 == 0 ? Self.why : Self.blank) + $1 }
        case .missing(let expected, let alert?, let differences):
            return [Self.expected + text(of: expected), Self.got + text(of: alert, as: expected)]
                + differences.map(line)
        case .unexpected(let alert):
            return [
                Self.expected + (alerts.count > 1 ? "no other " : "no ") + noun(alert.rule),
                Self.got + text(of: alert),
            ]
        case .count(let count, let alerts):
            return [Self.expected + counted(count), Self.got + counted(alerts.count)]
                + alerts.map { "         \(text(of: $0))" }
        case .restart(let without, let with):
            return ["the case gives other alerts after a restart: this is a fault of martlet"]
                + ["without restarts: \(counted(without.count))"]
                + without.map { "  \(text(of: $0))" }
                + ["with restarts: \(counted(with.count))"] + with.map { "  \(text(of: $0))" }
        case .recording(let path, let problem): return ["cannot replay `\(path)`: \(problem)"]
        }
    }

    /// The failure in one line, without the details.
    package func summary(_ failure: TestFailure) -> String {
        switch failure.kind {
        case .missing(let expected, nil, _):
            "no \(noun(expected.rule)) for: \(text(of: expected))"
        case .missing(_, _?, let differences):
            differences.map { line($0).trimmingSpaces }.joined(separator: "; ")
        case .unexpected(let alert): "unexpected \(noun(alert.rule)): \(text(of: alert))"
        case .count(let count, let alerts):
            "expected \(counted(count)), got \(counted(alerts.count))"
        case .restart: "the case gives other alerts after a restart"
        case .recording(let path, let problem): "cannot replay `\(path)`: \(problem)"
        }
    }

    private func line(_ difference: TestFailure.Difference) -> String {
        let got = difference.got.map { text(of: $0, named: difference.name) } ?? "nothing"
        let expected = text(of: difference.expected, named: difference.name)
        return "       \(difference.name): expected \(expected), got \(got)"
    }

    // MARK: alerts

    private func text(of expected: ExpectedAlert) -> String {
        let at = expected.time.map { "at \(offset($0)) " } ?? ""
        return at + (expected.rule ?? "alert") + braces(expected.fields)
    }

    /// The alert with the fields that the expectation names.
    private func text(of alert: TestAlert, as expected: ExpectedAlert) -> String {
        let word = expected.rule == nil ? "alert" : alert.rule
        let fields = expected.fields.compactMap { field in
            alert.value(named: field.name).map { (name: field.name, value: $0) }
        }
        return "at \(offset(alert.moment)) \(word)\(braces(fields))"
    }

    /// The alert with its key and its own fields.
    func text(of alert: TestAlert) -> String {
        let own = alert.key.filter { part in !alert.fields.contains { $0.name == part.name } }
        var fields = (own + alert.fields).map { (name: $0.name, value: $0.value) }
        if alert.isResolved { fields.append((name: "status", value: .string("resolved"))) }
        let counts = [
            ("suppressed", alert.suppressed), ("limited", alert.limited),
            ("excepted", alert.excepted),
        ]
        for (name, count) in counts where count > 0 {
            fields.append((name: name, value: .int(Int64(count))))
        }
        return "at \(offset(alert.moment)) \(alert.rule)\(braces(fields))"
    }

    private func braces(_ fields: [(name: String, value: Value)]) -> String {
        guard !fields.isEmpty else { return "" }
        let parts = fields.map { "\($0.name): \(text(of: $0.value, named: $0.name))" }
        return " { \(parts.joined(separator: ", ")) }"
    }

    /// A value as the test would write it; times as offsets from the case's start.
    package func text(of value: Value, named name: String) -> String {
        switch value {
        case .time(let time): offset(time)
        case .string(let word) where name == "severity" || name == "status": word
        default: text.text(value)
        }
    }

    private func offset(_ time: StreamTime) -> String {
        let (span, isOver) = time.nanoseconds.subtractingReportingOverflow(test.start.nanoseconds)
        return isOver ? time.description : TimeSpan(nanoseconds: span).description
    }

    private func counted(_ count: Int) -> String { count == 1 ? "1 alert" : "\(count) alerts" }
}

extension String {
    fileprivate var trimmingSpaces: String { String(drop { $0 == " " }) }
}
