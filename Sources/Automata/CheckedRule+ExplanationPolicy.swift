// SPDX-License-Identifier: Apache-2.0

internal import RuleLanguage

extension RuleWords {
    /// What becomes of matches, where not each is an alert, as sentences with a blank before each.
    var policySentences: String {
        var text = ""
        for exception in rule.policy.exceptions {
            let end = exception.until.map { ", until \($0)" } ?? ""
            text += " Excepted where \(self.text(exception.condition)) (\(exception.reason)\(end))."
        }
        if let resolution = rule.policy.resolution {
            let quiet = resolution.quiet.map { " or \($0) without a match" } ?? ""
            text += " An alert stays open until \(some(resolution.filter))\(quiet)."
        }
        if let suppression = rule.policy.suppression {
            let alike =
                suppression.per.map { $0.map(self.text).joined(separator: ", ") }
                ?? (rule.key.isEmpty ? nil : "key")
            text += " At most one alert in \(suppression.duration)"
            text += alike.map { " for each \($0)." } ?? "."
        }
        if let limit = rule.policy.limit {
            let alerts = limit.count == 1 ? "alert" : "alerts"
            text += " At most \(limit.count) \(alerts) of the rule in \(limit.duration)."
        }
        if rule.onlyEmits { text += " Matches are events for other rules, and no alerts." }
        return text
    }
}
