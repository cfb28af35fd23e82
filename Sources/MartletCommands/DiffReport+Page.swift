// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Pipeline
internal import Reporting

extension DiffReport {
    /// The differences as a page.
    ///
    /// - Parameters:
    ///   - old: what the old rules are called.
    ///   - new: what the new rules are called.
    func html(old: String, new: String) -> String {
        let total = result.total
        var page = Page(
            kind: "Two versions of rules", title: "\(old) → \(new)",
            summary: Markup { summary in
                var figures = Figures()
                figures.add(total.lost, "lost")
                figures.add(total.new, "new")
                figures.add(total.changed, "changed")
                figures.add(total.same, "the same")
                figures.write(to: &summary)
            })
        page.add("rules", "Rules") { rulesTable.write(to: &$0) }
        for (index, rule) in result.rules.enumerated() where rule.hasDifferences {
            page.add("rule-\(index + 1)", name(rule.pair)) { section in
                section.element("p", ["class": "quiet"], text: counts(rule))
                alertsTable(rule).write(to: &section)
                if let hidden = hiddenCounts(rule) {
                    section.element("p", ["class": "quiet"], text: "and \(hidden)")
                }
            }
        }
        if result.earlyCount > 0 {
            page.footer =
                "\(Figures.counted(result.earlyCount, "alert")) compared with those at hand: "
                + "too many had no partner yet"
        }
        return page.html
    }

    private var rulesTable: PageTable {
        var table = PageTable(
            "Rules and how many of their alerts differ",
            columns: [
                .init("Rule"), .init("State"), .init("Lost", isNumber: true),
                .init("New", isNumber: true), .init("Changed", isNumber: true),
                .init("The same", isNumber: true),
            ])
        for (index, rule) in result.rules.enumerated() {
            let head = Markup { cell in
                if rule.hasDifferences {
                    cell.element(
                        "a", ["href": "#rule-\(index + 1)"], text: name(rule.pair))
                } else {
                    cell.write(name(rule.pair))
                }
            }
            let state = state(rule.pair)
            table.add(
                .markup(head), .text(state == "kept" ? "" : state), .number(rule.lost),
                .number(rule.new), .number(rule.changed), .number(rule.same))
        }
        return table
    }

    private func alertsTable(_ rule: ComparisonRule) -> PageTable {
        var table = PageTable(
            "Alerts of \(name(rule.pair)) that differ",
            columns: [
                .init("Difference"), .init("Time"), .init("Severity"), .init("Alert"),
                .init("What differs, or what it bound"),
            ])
        for example in rule.examples {
            switch example {
            case .same: break
            case .lost(let alert): add(alert, "lost", [], to: &table)
            case .new(let alert): add(alert, "new", [], to: &table)
            case .changed(let old, let new):
                add(new, "changed", old.changes(to: new), to: &table)
            }
        }
        return table
    }

    private func add(
        _ alert: ComparedAlert, _ kind: String, _ changes: [ComparedAlert.Change],
        to table: inout PageTable
    ) {
        let severity = ComparedAlert.severities.firstIndex(of: alert.severity) ?? 2
        let what = Markup { cell in
            let resolved = alert.isResolution ? "resolved: " : ""
            cell.element("div", text: resolved + alert.title)
            cell.element("div", ["class": "quiet"], text: alert.keyText)
        }
        let differs = Markup { cell in
            for line in changes.flatMap(lines) { cell.element("div", text: line) }
            if changes.isEmpty {
                cell.element("div", ["class": "quiet"], text: alert.eventNames)
            }
        }
        table.add(
            .text(kind),
            .markup(
                Markup {
                    $0.element("span", ["class": "unbroken"], text: alert.moment.description)
                }),
            .markup(Markup { SeverityMark.write(severity, to: &$0) }), .markup(what),
            .markup(differs))
    }
}
