// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Pipeline

/// What differs between two rulesets, for people and programs.
struct DiffReport {
    /// Signs of an old or a new text that are shown.
    private static let textCap = 200

    typealias ComparisonRule = RulesetComparison.Rule

    let result: RulesetComparison

    init(_ result: RulesetComparison) { self.result = result }

    // MARK: Human

    /// A block of lines for each rule whose alerts differ, one line for each other:
    ///
    ///     removed   port_scan
    ///
    ///     guessed_password: 1 lost, 1 changed, 3 the same
    ///       lost    2027-01-31T12:03:00.000Z high     ann: 5 failures
    ///               user=ann
    ///       changed 2027-01-31T12:09:00.000Z high     bob: 6 failures
    ///               severity: high
    ///                 was: medium
    func human(colour: Bool) -> String {
        var blocks: [String] = []
        let renames = result.rules.compactMap { line(of: $0.pair) }.joined()
        if !renames.isEmpty { blocks.append(renames) }
        for rule in result.rules where rule.hasDifferences {
            blocks.append(block(rule, colour: colour))
        }
        let equal = result.rules.filter {
            !$0.hasDifferences && $0.pair.old != nil && $0.pair.new != nil
        }
        if !equal.isEmpty {
            blocks.append(equal.map { "\(name($0.pair)): \(counts($0))\n" }.joined())
        }
        return blocks.joined(separator: "\n")
    }

    private func line(of pair: RulesetPairing.Pair) -> String? {
        guard let old = pair.old else { return "added    \(pair.name)\n" }
        guard let new = pair.new else { return "removed  \(pair.name)\n" }
        return old == new ? nil : "renamed  \(old) to \(new)\n"
    }

    func name(_ pair: RulesetPairing.Pair) -> String {
        pair.isRenamed ? "\(pair.name) (was \(pair.old ?? ""))" : pair.name
    }

    func counts(_ rule: RulesetComparison.Rule) -> String {
        DiffReport.counts(
            (rule.same, rule.lost, rule.new, rule.changed), always: !rule.hasDifferences)
    }

    /// `1 lost, 2 new, 3 changed, 4 the same`, without those of none.
    private static func counts(
        _ total: (same: Int, lost: Int, new: Int, changed: Int), always: Bool
    ) -> String {
        let parts = [
            (total.lost, "lost"), (total.new, "new"), (total.changed, "changed"),
            (total.same, "the same"),
        ].filter { $0.0 > 0 }.map { "\(ReplayReport.grouped($0.0)) \($0.1)" }
        return parts.isEmpty && always ? "no alerts" : parts.joined(separator: ", ")
    }

    private func block(_ rule: RulesetComparison.Rule, colour: Bool) -> String {
        var text = "\(name(rule.pair)): \(counts(rule))\n"
        for example in rule.examples {
            switch example {
            case .same: break
            case .lost(let alert): text += shown("lost", alert, style: colour ? "31" : nil)
            case .new(let alert): text += shown("new", alert, style: colour ? "32" : nil)
            case .changed(let old, let new):
                text += shown("changed", new, style: colour ? "33" : nil)
                let lines = old.changes(to: new).flatMap(lines)
                text += lines.map { "          \(printable($0))\n" }.joined()
            }
        }
        if let hidden = hiddenCounts(rule) { text += "  … and \(hidden)\n" }
        return text
    }

    /// How many more there are of each kind than are shown; nil: none.
    func hiddenCounts(_ rule: ComparisonRule) -> String? {
        let hidden = [(rule.lost, "lost"), (rule.new, "new"), (rule.changed, "changed")]
            .map { (max(0, $0.0 - result.exampleCount), $0.1) }.filter { $0.0 > 0 }
            .map { "\(ReplayReport.grouped($0.0)) \($0.1)" }
        return hidden.isEmpty ? nil : hidden.joined(separator: ", ")
    }

    private func shown(_ kind: String, _ alert: ComparedAlert, style: String?) -> String {
        let padding = String(repeating: " ", count: 8 - kind.count)
        let painted = style.map { "\u{1b}[\($0)m\(kind)\u{1b}[0m" } ?? kind
        let severity = alert.severity + String(repeating: " ", count: 8 - alert.severity.count)
        let title = TerminalText.printable(alert.title, upTo: DiffReport.textCap)
        let resolved = alert.isResolution ? "resolved: " : ""
        var text = "  \(painted)\(padding)\(alert.moment) \(severity) \(resolved)\(title)\n"
        if !alert.keyText.isEmpty { text += "          \(printable(alert.keyText))\n" }
        return text
    }

    /// What differs in one part, a line each.
    func lines(_ change: ComparedAlert.Change) -> [String] {
        guard change.part == "events" else {
            return ["\(change.part): \(change.new)", "  was: \(change.old)"]
        }
        return [("only now", change.new), ("only before", change.old)]
            .filter { !$0.1.isEmpty }.map { "bound \($0.0): \($0.1)" }
    }

    private func printable(_ text: String) -> String {
        TerminalText.printable(text, upTo: DiffReport.textCap)
    }

    /// The last lines on standard error.
    var summary: String {
        var text = ""
        if result.earlyCount > 0 {
            text +=
                "  \(ReplayReport.grouped(result.earlyCount)) alerts compared with those at hand: "
                + "too many had no partner yet\n"
        }
        let added = result.rules.count { $0.pair.old == nil }
        let removed = result.rules.count { $0.pair.new == nil }
        let renamed = result.rules.count(where: \.pair.isRenamed)
        let rules = [(added, "added"), (removed, "removed"), (renamed, "renamed")]
            .filter { $0.0 > 0 }.map { ", \(counted($0.0, "rule")) \($0.1)" }.joined()
        return text + "\(DiffReport.counts(result.total, always: true))\(rules)\n"
    }

    // MARK: JSON

    /// One object a rule.
    var json: String {
        result.rules.map { rule in
            let fields = [
                "\"rule\":\(quoted(rule.pair.name))",
                "\"state\":\(quoted(state(rule.pair)))",
                "\"old_name\":\(rule.pair.old.map(quoted) ?? "null")",
                "\"same\":\(rule.same)", "\"lost\":\(rule.lost)", "\"new\":\(rule.new)",
                "\"changed\":\(rule.changed)",
                "\"examples\":[\(rule.examples.map(json).joined(separator: ","))]",
            ]
            return "{\(fields.joined(separator: ","))}\n"
        }.joined()
    }

    func state(_ pair: RulesetPairing.Pair) -> String {
        if pair.old == nil { return "added" }
        if pair.new == nil { return "removed" }
        return pair.isRenamed ? "renamed" : "kept"
    }

    private func json(_ example: AlertDifference) -> String {
        switch example {
        case .same: return "{}"
        case .lost(let alert): return "{\"kind\":\"lost\",\"old\":\(alert.json)}"
        case .new(let alert): return "{\"kind\":\"new\",\"new\":\(alert.json)}"
        case .changed(let old, let new):
            let parts = old.changes(to: new).map { quoted($0.part) }.joined(separator: ",")
            return "{\"kind\":\"changed\",\"parts\":[\(parts)],\"old\":\(old.json),"
                + "\"new\":\(new.json)}"
        }
    }

    private func quoted(_ text: String) -> String { Value.string(text).json }
}
