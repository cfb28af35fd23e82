// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import EventModel
internal import Harness
internal import RuleLanguage

/// The results of all cases, by the rules they test.
struct TestReport {
    /// The cases of all blocks that test the same rules, in order of the first block.
    struct Group {
        /// The rules' names as the block's head has them: `a, b`.
        var name: String
        var results: [CaseResult]

        var failedCount: Int { results.count { !$0.isPassed } }
    }

    let ruleset: CheckedRuleset
    private(set) var groups: [Group] = []

    init(_ ruleset: CheckedRuleset, _ results: [CaseResult]) {
        self.ruleset = ruleset
        for result in results {
            let name = result.test.rules.joined(separator: ", ")
            if let index = groups.firstIndex(where: { $0.name == name }) {
                groups[index].results.append(result)
            } else {
                groups.append(Group(name: name, results: [result]))
            }
        }
    }

    var caseCount: Int { groups.reduce(0) { $0 + $1.results.count } }
    var failedCount: Int { groups.reduce(0) { $0 + $1.failedCount } }

    /// `12 passed, 1 failed in 3 rules`.
    var summary: String {
        let names = groups.flatMap { $0.results.flatMap(\.test.rules) }
        let passed = "\(caseCount - failedCount) passed"
        let failed = failedCount > 0 ? ", \(failedCount) failed" : ""
        return "\(passed)\(failed) in \(counted(Set(names).count, "rule"))"
    }

    func picture(of result: CaseResult) -> FailurePicture {
        FailurePicture(result.test, in: ruleset)
    }

    // MARK: for people

    /// A line a rule; under it the cases that failed, each failure as a picture.
    func human(colour: Bool) -> String {
        groups.map { group in
            let failed = group.failedCount
            let cases = counted(group.results.count, "case")
            guard failed > 0 else {
                return "\(paint("✓", "32", colour)) \(group.name) (\(cases))\n"
            }
            let mark = paint("✗", "31", colour)
            let head = "\(mark) \(group.name) (\(failed) of \(cases) failed)\n"
            return head
                + group.results.filter { !$0.isPassed }.map { human($0, colour) }.joined()
        }.joined()
    }

    private func human(_ result: CaseResult, _ colour: Bool) -> String {
        let test = result.test
        let picture = picture(of: result)
        let name = paint(picture.text(of: .string(test.name), named: "case"), "1", colour)
        var lines = ["  case \(name)"]
        for failure in result.failures {
            let place = "\(failure.span.file.name):\(failure.span.line)"
            lines.append("    \(paint("-->", "1;34", colour)) \(place)")
            lines += picture.lines(failure, among: result.alerts).map { "    " + $0 }
        }
        if result.lateEventCount > 0 {
            lines.append("    note: \(counted(result.lateEventCount, "event")) came late: dropped")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func paint(_ text: String, _ style: String, _ isOn: Bool) -> String {
        isOn ? "\u{1b}[\(style)m\(text)\u{1b}[0m" : text
    }
}
