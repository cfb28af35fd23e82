// SPDX-License-Identifier: Apache-2.0
// Test results for programs: JSON Lines, JUnit's XML (as Jenkins and GitLab read it), GitHub's
// annotations. Nothing in them depends on how long a run took.

internal import Diagnostics
internal import EventModel
internal import Harness
internal import RuleLanguage

extension TestReport {
    // MARK: JSON

    /// One object a case.
    var json: String {
        groups.flatMap(\.results).map { result in
            let test = result.test
            let failures = result.failures.map { json($0, of: result) }
            let fields = [
                "\"rules\":[\(test.rules.map(quoted).joined(separator: ","))]",
                "\"case\":\(quoted(test.name))",
                "\"file\":\(quoted(test.span.file.name))",
                "\"line\":\(test.span.line)",
                "\"passed\":\(result.isPassed)",
                "\"alerts\":\(result.alerts.count)",
                "\"lateEvents\":\(result.lateEventCount)",
                "\"failures\":[\(failures.joined(separator: ","))]",
            ]
            return "{\(fields.joined(separator: ","))}\n"
        }.joined()
    }

    private func json(_ failure: TestFailure, of result: CaseResult) -> String {
        let picture = picture(of: result)
        var fields = [
            "\"kind\":\(quoted(failure.kind.word))",
            "\"file\":\(quoted(failure.span.file.name))",
            "\"line\":\(failure.span.line)",
            "\"message\":\(quoted(picture.summary(failure)))",
        ]
        if !failure.why.isEmpty {
            fields.append("\"why\":[\(failure.why.map(quoted).joined(separator: ","))]")
        }
        if case .missing(_, _?, let differences) = failure.kind {
            let list = differences.map { difference in
                let expected = picture.text(of: difference.expected, named: difference.name)
                let got = difference.got.map { picture.text(of: $0, named: difference.name) }
                return "{\"name\":\(quoted(difference.name)),\"expected\":\(quoted(expected)),"
                    + "\"got\":\(got.map(quoted) ?? "null")}"
            }
            fields.append("\"differences\":[\(list.joined(separator: ","))]")
        }
        return "{\(fields.joined(separator: ","))}"
    }

    private func quoted(_ text: String) -> String { Value.string(text).json }

    // MARK: JUnit

    var junit: String {
        let suites = groups.map { group in
            let cases = group.results.map { junit($0, in: group) }.joined()
            let counts = "tests=\"\(group.results.count)\" failures=\"\(group.failedCount)\""
            return "  <testsuite name=\"\(xml(group.name))\" \(counts) errors=\"0\" skipped=\"0\""
                + " time=\"0.000\">\n\(cases)  </testsuite>\n"
        }
        return TestReport.junit(
            suites.joined(), tests: caseCount, failures: failedCount, errors: 0)
    }

    private func junit(_ result: CaseResult, in group: Group) -> String {
        let test = result.test
        let head =
            "    <testcase classname=\"\(xml(group.name))\" name=\"\(xml(test.name))\""
            + " file=\"\(xml(test.span.file.name))\" line=\"\(test.span.line)\" time=\"0.000\""
        guard !result.isPassed else { return head + "/>\n" }
        let picture = picture(of: result)
        let failures = result.failures.map { failure in
            let place = "\(failure.span.file.name):\(failure.span.line)"
            let lines = [place] + picture.lines(failure, among: result.alerts)
            return "      <failure type=\"\(failure.kind.word)\""
                + " message=\"\(xml(picture.summary(failure)))\">"
                + "\(xml(lines.joined(separator: "\n")))</failure>\n"
        }
        return "\(head)>\n\(failures.joined())    </testcase>\n"
    }

    /// A report for rules that do not compile: one case, in error.
    static func junit(_ errors: [Diagnostic]) -> String {
        let items = errors.map { error in
            let place = "\(error.span.file.name):\(error.span.line):\(error.span.column)"
            return "      <error type=\"\(xml(error.code))\" message=\"\(xml(error.message))\">"
                + "\(xml(place))</error>\n"
        }
        let suite = """
              <testsuite name="rules" tests="1" failures="0" errors="1" skipped="0" time="0.000">
                <testcase classname="rules" name="the rules have no mistakes" time="0.000">
            \(items.joined())    </testcase>
              </testsuite>

            """
        return junit(suite, tests: 1, failures: 0, errors: 1)
    }

    private static func junit(
        _ suites: String, tests: Int, failures: Int, errors: Int
    ) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + "<testsuites name=\"martlet\" tests=\"\(tests)\" failures=\"\(failures)\""
            + " errors=\"\(errors)\" time=\"0.000\">\n\(suites)</testsuites>\n"
    }

    private func xml(_ text: String) -> String { TestReport.xml(text) }

    /// Text inside an element or a quoted attribute; what XML 1.0 cannot hold is replaced.
    static func xml(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result += "&#\(scalar.value);"
            case "\u{0}"..<"\u{20}", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    // MARK: GitHub

    /// An annotation for each failure, at the line it is about.
    var github: String {
        let diagnostics = groups.flatMap { group in
            group.results.flatMap { result in
                result.failures.map { failure in
                    let lines = picture(of: result).lines(failure, among: result.alerts)
                    let message = (["case \(result.test.name)"] + lines).joined(separator: "\n")
                    return Diagnostic(
                        code: "test \(group.name)", severity: .error, message, at: failure.span)
                }
            }
        }
        return DiagnosticRenderer.github(diagnostics)
    }
}

extension TestFailure.Kind {
    /// The kind's name for programs.
    fileprivate var word: String {
        switch self {
        case .missing: "missing_alert"
        case .unexpected: "unexpected_alert"
        case .count: "alert_count"
        case .restart: "restart"
        case .recording: "recording"
        }
    }
}
