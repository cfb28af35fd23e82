// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import EventModel
internal import Harness
internal import Reporting

/// What the cases reached of their rules, for people and programs.
struct CoverageReport {
    let rules: [RuleCoverage]

    var outcomeCount: Int { rules.reduce(0) { $0 + $1.outcomeCount } }
    var reachedCount: Int { rules.reduce(0) { $0 + $1.reachedCount } }

    /// `41 of 50 outcomes reached in 6 rules`.
    var summary: String {
        "\(reachedCount) of \(counted(outcomeCount, "outcome")) reached in "
            + counted(rules.count, "rule")
    }

    // MARK: for people

    /// A rule's lines with a mark each, and under each what no case reached.
    func human(colour: Bool) -> String {
        rules.map { rule in
            let head = "\(rule.rule)  \(rule.reachedCount) of \(rule.outcomeCount) reached"
            let place = "\(rule.span.file.name):\(rule.span.line)"
            return "\(head)  \(place)\n" + lines(rule).map { human($0, colour) }.joined()
        }.joined()
    }

    /// The findings that stand on one line.
    struct Line {
        var number: Int
        var text: String
        var findings: [CoverageFinding]

        var mark: Mark {
            let reached = findings.reduce(0) { $0 + $1.reachedCount }
            if reached == findings.reduce(0, { $0 + $1.outcomes.count }) { return .whole }
            return reached == 0 ? .nothing : .part
        }
    }

    enum Mark: String { case whole, part, nothing }

    func lines(_ rule: RuleCoverage) -> [Line] {
        var lines: [Line] = []
        let ordered = rule.findings.enumerated().sorted {
            ($0.element.span.line, $0.offset) < ($1.element.span.line, $1.offset)
        }
        for (_, finding) in ordered {
            let number = finding.span.line
            if lines.last?.number != number {
                let text = finding.span.file.lineText(number)
                lines.append(Line(number: number, text: text, findings: []))
            }
            lines[lines.count - 1].findings.append(finding)
        }
        return lines
    }

    private func human(_ line: Line, _ colour: Bool) -> String {
        let (sign, style) =
            switch line.mark {
            case .whole: ("✓", "32")
            case .part: ("~", "33")
            case .nothing: ("✗", "31")
            }
        let number = String(line.number)
        let gap = String(repeating: " ", count: max(0, 5 - number.count))
        let mark = colour ? "\u{1b}[\(style)m\(sign)\u{1b}[0m" : sign
        let missed = line.findings.filter { !$0.missed.isEmpty }.map { finding in
            "          \(finding.text): never \(finding.missed.joined(separator: ", never "))\n"
        }
        return "\(gap)\(number) \(mark) \(line.text)\n" + missed.joined()
    }

    // MARK: for programs

    /// One object a finding.
    var json: String {
        rules.flatMap { rule in
            rule.findings.map { finding in
                let outcomes = finding.outcomes.map { "\(quoted($0.name)):\($0.isReached)" }
                let fields = [
                    "\"rule\":\(quoted(rule.rule))",
                    "\"kind\":\(quoted(finding.subject.rawValue))",
                    "\"text\":\(quoted(finding.text))",
                    "\"file\":\(quoted(finding.span.file.name))",
                    "\"line\":\(finding.span.line)", "\"column\":\(finding.span.column)",
                    "\"outcomes\":{\(outcomes.joined(separator: ","))}",
                ]
                return "{\(fields.joined(separator: ","))}\n"
            }
        }.joined()
    }

    private func quoted(_ text: String) -> String { Value.string(text).json }

    // MARK: as a page

    var html: String {
        var page = Page(
            kind: "Coverage", title: "Coverage",
            summary: Markup { $0.element("p", text: summary) })
        for (index, rule) in rules.enumerated() {
            page.add("rule-\(index + 1)", rule.rule) { section in
                let place = "\(rule.span.file.name):\(rule.span.line)"
                section.element(
                    "p", ["class": "quiet"],
                    text: "\(rule.reachedCount) of \(rule.outcomeCount) reached, \(place)")
                var table = PageTable(
                    "Lines of \(rule.rule)",
                    columns: [
                        .init("Line", isNumber: true), .init(""), .init("Rule"), .init("Never"),
                    ])
                for line in lines(rule) { table.rows.append(row(line)) }
                section.element("div", ["class": "lines"]) { table.write(to: &$0) }
            }
        }
        return page.html
    }

    /// Each mark is a sign as well as a colour.
    private func row(_ line: Line) -> PageTable.Row {
        let (style, sign, meaning) =
            switch line.mark {
            case .whole: ("whole", "✓", "all reached")
            case .part: ("part-reached", "~", "reached in part")
            case .nothing: ("nothing", "✗", "not reached")
            }
        let mark = Markup {
            $0.element("span", ["class": "sign", "title": meaning], text: sign)
        }
        let missed = Markup { cell in
            for finding in line.findings {
                for outcome in finding.missed {
                    cell.element("div", text: "\(finding.text): never \(outcome)")
                }
            }
        }
        let text = Markup { $0.element("pre", text: line.text) }
        return .init(
            [.text("\(line.number)"), .markup(mark), .markup(text), .markup(missed)], style: style)
    }
}
