// SPDX-License-Identifier: Apache-2.0
// Exercised by BacktestReportTests.

internal import Automata
package import Diagnostics
package import EventModel
internal import MatchCore
package import Pipeline
package import RuleLanguage

/// What a replay found, as one page: when which rules alerted, about whom, and on which events.
///
/// The same rules, events and options give the same bytes, whatever the number of threads: it holds
/// no time but that of events, and nothing that depends on the machine.
package struct BacktestReport {
    /// How the replay was asked for: names and what they were.
    package var arguments: [(name: String, values: [String])] = []
    /// Whether the replay ended before its input did.
    package var isPart = false
    /// The time of the first and the last event; nil: there was none.
    package var eventSpan: ClosedRange<StreamTime>?

    let ruleset: CheckedRuleset
    let explanations: [RuleExplanation]
    let listing: RuleListing
    let report: ReplayReport
    let recorder: BacktestRecorder
    /// The alerts that are shown, by id.
    let shownIDs: Set<String>
    private let title: String

    /// Rules up to which those without an alert are shown too.
    private static let silentRuleCap = 60
    private static let keysShown = 12

    /// - Precondition: the recorder's program was compiled from `ruleset`.
    package init(
        title: String, _ ruleset: CheckedRuleset, files: [SourceFile], report: ReplayReport,
        _ recorder: BacktestRecorder
    ) {
        self.title = title
        self.ruleset = ruleset
        self.report = report
        self.recorder = recorder
        listing = RuleListing(files)
        let filings = RuleFilings(recorder.program)
        explanations = zip(ruleset.rules, recorder.program.rules).map {
            RuleExplanation($0, $1, in: ruleset, filedIn: filings)
        }
        shownIDs = Set(recorder.rules.flatMap { $0.shown.map(\.id) })
    }

    // MARK: what is counted

    private var alertCount: Int { recorder.rules.reduce(0) { $0 + $1.count } }
    private var keptBack: Int {
        report.outcomes.reduce(0) { $0 + $1.suppressed + $1.excepted + $1.limited }
    }

    /// The bars that all plots have in common.
    private var frame: TimeFrame? {
        guard let first = recorder.first, let last = recorder.last else { return nil }
        return TimeFrame(
            recorder.buckets, first: min(first, eventSpan?.lowerBound ?? first),
            last: max(last, eventSpan?.upperBound ?? last))
    }

    // MARK: the page

    package var html: String {
        var page = Page(kind: "Backtest report", title: title, summary: Markup(writeSummary))
        page.footer =
            "Times are UTC. The same rules and events give the same page, byte for byte."
        page.add("time", "Alerts over time", writePlot)
        page.add("rules", "Rules", writeRules)
        if recorder.rules.contains(where: { !$0.keys.most(1).isEmpty }) {
            page.add("keys", "Keys with the most alerts", writeKeys)
        }
        let shown = ruleset.rules.indices.filter {
            recorder.rules[$0].count > 0 || ruleset.rules.count <= Self.silentRuleCap
        }
        page.add("alerts", "Rule by rule") { section in
            for rule in shown { writeRule(rule, to: &section) }
            let left = ruleset.rules.count - shown.count
            if left > 0 {
                let rules = Figures.counted(left, "rule")
                section.element(
                    "p", ["class": "quiet"], text: "\(rules) without an alert left out.")
            }
        }
        page.add("events", "Events read", writeReading)
        page.add("run", "How it was run", writeArguments)
        return page.html
    }

    private func writeSummary(_ page: inout MarkupWriter) {
        let events = Figures.counted(report.events, "event")
        var text = "\(Figures.counted(alertCount, "alert")) on \(events)"
        if let eventSpan {
            text += " from \(PlotScale.full(eventSpan.lowerBound))"
            text += " to \(PlotScale.full(eventSpan.upperBound))"
        }
        page.element("p", text: text + ".")
        if isPart {
            page.element(
                "p", ["class": "warning"],
                text: "The replay was interrupted: this is a part of what it would have found.")
        }
        var figures = Figures()
        figures.add(alertCount, alertCount == 1 ? "alert" : "alerts")
        let active = recorder.rules.count { $0.count > 0 }
        figures.add("\(active) of \(ruleset.rules.count)", "rules alerted")
        figures.add(report.events, "events")
        if keptBack > 0 { figures.add(keptBack, "matches kept back by policies") }
        let unread = report.late + report.undecodable
        if unread > 0 { figures.add(unread, "records not used", style: "bad") }
        figures.write(to: &page)
    }

    private func writePlot(_ section: inout MarkupWriter) {
        guard let frame else {
            return section.element("p", ["class": "quiet"], text: "No rule has alerted.")
        }
        let series = SeverityMark.names.indices.map { severity in
            TimePlot.Series(
                name: SeverityMark.names[severity], style: SeverityMark.style(severity),
                counts: recorder.overTime[severity].bars(of: recorder.buckets, in: frame))
        }
        TimePlot("alerts", start: frame.start, width: frame.width, series: series)
            .write(to: &section)
    }

    // MARK: rules

    /// A column of numbers that is left out where all are 0.
    private struct Column {
        var title: String
        /// Nil: there is none of that.
        var counts: [Int?]
    }

    private var columns: [Column] {
        let counters = report.counters
        let outcomes = report.outcomes
        let columns = [
            Column(title: "Attempts begun", counts: counters.map(\.attempts)),
            Column(title: "Most at once", counts: report.attemptPeaks),
            Column(title: "Refused by having", counts: counters.map(\.refused)),
            Column(title: "Matches", counts: report.matches.map(\.count)),
            Column(title: "Excepted", counts: outcomes.map(\.excepted)),
            Column(title: "Suppressed", counts: outcomes.map(\.suppressed)),
            Column(title: "Limited", counts: outcomes.map(\.limited)),
            Column(title: "Resolved", counts: outcomes.map(\.resolved)),
        ]
        return columns.filter { column in
            column.counts.count == ruleset.rules.count
                && (column.counts.contains { $0 ?? 0 > 0 } || column.title == "Matches")
        }
    }

    private func writeRules(_ section: inout MarkupWriter) {
        let columns = columns
        var table = PageTable(
            "Alerts of each rule",
            columns: [
                .init("Rule"), .init("Alerts", isNumber: true), .init("Severity"),
                .init("Over time"),
            ] + columns.map { .init($0.title, isNumber: true) })
        let order = ruleset.rules.indices.sorted {
            let (a, b) = (recorder.rules[$0].count, recorder.rules[$1].count)
            return a != b ? a > b : $0 < $1
        }
        for index in order {
            let rule = recorder.rules[index]
            var cells: [PageTable.Cell] = [
                .markup(ruleLink(index)),
                ruleset.rules[index].onlyEmits ? .text("emits") : .number(rule.count),
                .markup(severities(of: rule)), .markup(spark(of: rule)),
            ]
            cells += columns.map { column in
                column.counts[index].map { .number($0) } ?? .text("\u{2013}")
            }
            table.rows.append(.init(cells, style: rule.count == 0 ? "silent" : nil))
        }
        table.write(to: &section)
    }

    func ruleLink(_ index: Int) -> Markup {
        Markup { cell in
            let name = ruleset.rules[index].name
            let isShown =
                recorder.rules[index].count > 0 || ruleset.rules.count <= Self.silentRuleCap
            guard isShown else { return cell.element("code", text: name) }
            cell.element("a", ["href": "#rule-\(index + 1)"]) { $0.element("code", text: name) }
        }
    }

    /// The severity, or each with its number.
    private func severities(of rule: BacktestRecorder.Rule) -> Markup {
        Markup { cell in
            let used = rule.bySeverity.indices.reversed().filter { rule.bySeverity[$0] > 0 }
            for severity in used {
                cell.element("div", ["class": "unbroken"]) { line in
                    SeverityMark.write(severity, to: &line)
                    guard used.count > 1 else { return }
                    line.write(" \(Figures.grouped(rule.bySeverity[severity]))")
                }
            }
        }
    }

    /// The shape of its alerts over the time of the plot, each rule on a scale of its own.
    private func spark(of rule: BacktestRecorder.Rule) -> Markup {
        Markup { cell in
            guard let frame, let severity = rule.usualSeverity else { return }
            let bars = rule.overTime.bars(of: recorder.buckets, in: frame)
            let highest = max(bars.max() ?? 1, 1)
            var d = ""
            for (place, count) in bars.enumerated() where count > 0 {
                // Even one of many is to be seen.
                let height = max(2, Int((Double(count) / Double(highest) * 20).rounded()))
                d += "M\(place * 10) \(20 - height)h9v\(height)h-9z"
            }
            cell.element(
                "svg",
                [
                    "xmlns": "http://www.w3.org/2000/svg", "class": "spark", "width": "150",
                    "height": "20", "viewBox": "0 0 \(bars.count * 10) 20",
                    "preserveAspectRatio": "none", "role": "img",
                    "aria-label": "at most \(Figures.grouped(highest)) in \(frame.width)",
                ]
            ) { $0.element("path", ["class": SeverityMark.style(severity), "d": d]) }
        }
    }

    private func writeKeys(_ section: inout MarkupWriter) {
        var entries: [(rule: Int, entry: FrequentKeys.Entry)] = []
        for index in recorder.rules.indices {
            // What has come once says nothing.
            entries += recorder.rules[index].keys.most(Self.keysShown)
                .filter { $0.count > 1 }.map { (index, $0) }
        }
        guard !entries.isEmpty else {
            return section.element(
                "p", ["class": "quiet"], text: "No key has more than one alert of a rule.")
        }
        entries.sort {
            if $0.entry.count != $1.entry.count { return $0.entry.count > $1.entry.count }
            return $0.rule != $1.rule ? $0.rule < $1.rule : $0.entry.key < $1.entry.key
        }
        var table = PageTable(
            "Keys with the most alerts",
            columns: [.init("Key"), .init("Rule"), .init("By"), .init("Alerts", isNumber: true)])
        for (index, entry) in entries.prefix(Self.keysShown) {
            let names = ruleset.rules[index].key.map(\.name).joined(separator: ", ")
            let count = Figures.grouped(entry.count)
            let low = Figures.grouped(entry.count - entry.error)
            table.add(
                .code(entry.key), .markup(ruleLink(index)), .text(names),
                entry.error > 0 ? .text("\(low) to \(count)") : .text(count))
        }
        table.write(to: &section)
        if recorder.rules.contains(where: { !$0.keys.isExact }) {
            section.element(
                "p", ["class": "quiet"],
                text: "Some rules alerted for more keys than are counted one by one: where two "
                    + "numbers stand, the true one lies between them.")
        }
    }
}
